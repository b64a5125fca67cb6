"""S3's protocol: an answer as XML by the service model, with lists that have no element around them."""

import functools
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast
from xml.sax.saxutils import escape

import botocore.session
from botocore.model import ListShape, ServiceModel, Shape, StructureShape

from tests.operations.fake.validate import require_valid


def encoded(operation: str, body: Mapping[str, Any]) -> str:
    """Return an answer of S3 as XML. Members in headers aren't encoded: no operation here has any."""
    shape = cast("StructureShape", _model().operation_model(operation).output_shape)
    require_valid(shape, body, f"answer s3 {operation}")
    payload = shape.serialization.get("payload")
    if payload:
        return "".join(_element(shape.members[payload], payload, body[payload]))
    return f"<Result>{''.join(_members(shape, body))}</Result>"


@functools.cache
def _model() -> ServiceModel:
    """Return the model of S3, which takes a third of a second to read."""
    return botocore.session.get_session().get_service_model("s3")


def _members(shape: StructureShape, value: Mapping[str, Any]) -> Iterator[str]:
    members = cast("Mapping[str, Shape]", shape.members)
    for name, each in value.items():
        yield from _element(members[name], name, each)


def _element(shape: Shape, name: str, value: Any) -> Iterator[str]:
    tag = shape.serialization.get("name", name)
    if isinstance(shape, ListShape):
        assert shape.serialization.get("flattened"), f"{shape.name} has an element around it"
        for each in value:
            yield from _element(shape.member, tag, each)
    elif isinstance(shape, StructureShape):
        yield f"<{tag}>{''.join(_members(shape, value))}</{tag}>"
    elif isinstance(value, datetime):
        yield f"<{tag}>{value:%Y-%m-%dT%H:%M:%S.000Z}</{tag}>"
    else:
        yield f"<{tag}>{str(value).lower() if isinstance(value, bool) else escape(str(value))}</{tag}>"
