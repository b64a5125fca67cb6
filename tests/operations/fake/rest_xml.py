"""AWS's REST protocol with XML (S3, S3 Control): requests and answers by the service model, both validated."""

import functools
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import botocore.session
from botocore.awsrequest import AWSPreparedRequest
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from tests.operations.fake.validate import require_valid

# The host of S3 has the bucket before this.
_S3_HOST = re.compile(r"^(?P<bucket>.+)\.s3[.-]")


@functools.cache
def operation_model(name: str) -> OperationModel:
    """Return the model of an operation: `s3control CreateJob`."""
    service, operation = name.split()
    return botocore.session.get_session().get_service_model(service).operation_model(operation)


def decoded(operation: OperationModel, request: AWSPreparedRequest) -> Mapping[str, Any]:
    """Return a request's parameters."""
    url = urlsplit(request.url)
    in_query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
    in_path = _labels(operation, url.netloc, unquote(url.path))
    root = None
    if operation.name == "CreateJob":
        root = ElementTree.fromstring(body_of(request))  # noqa: S314  (the command's own)
    values: dict[str, Any] = {}
    for name, shape in _shapes(cast("StructureShape", operation.input_shape)).items():
        location, wire_name = shape.serialization.get("location"), shape.serialization.get("name", name)
        if location == "uri" and wire_name in in_path:
            values[name] = in_path[wire_name]
        elif location == "querystring" and wire_name in in_query:
            values[name] = _scalar(shape, in_query[wire_name])
        elif location == "header" and wire_name in request.headers:
            values[name] = _scalar(shape, _text(request.headers[wire_name]))
        elif location is None and root is not None and (found := _child(root, wire_name)) is not None:
            values[name] = _value(shape, found)
    require_valid(operation.input_shape, values, f"request {operation.name}")
    return values


def encoded(operation: OperationModel, answer: Mapping[str, Any], *, checked: Mapping[str, Any] | None = None) -> str:
    """Return an answer as XML. `checked` is what the model allows, where S3 answers more than its model has."""
    require_valid(operation.output_shape, answer if checked is None else checked, f"answer {operation.name}")
    shape = cast("StructureShape", operation.output_shape)
    if payload := shape.serialization.get("payload"):
        return _element(_shapes(shape)[payload], payload, answer[payload])
    members = _members(shape, answer)
    return f"<{operation.name}Result>{members}</{operation.name}Result>"


def body_of(request: AWSPreparedRequest) -> bytes:
    """Return a request's body, sent as bytes or as a file, whole or in chunks with a checksum at the end."""
    body = cast("Any", request.body or b"")
    content = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else body.read()
    if "aws-chunked" not in _text(request.headers.get("Content-Encoding", "")):
        return content
    chunks = b""
    while size := int(content.partition(b"\r\n")[0], 16):
        start = content.index(b"\r\n") + 2
        chunks += content[start : start + size]
        content = content[start + size + 2 :]
    return chunks


def error(code: str, message: str) -> str:
    """Return an error's document."""
    return f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"


def _labels(operation: OperationModel, host: str, path: str) -> Mapping[str, str]:
    if operation.service_model.service_name == "s3":
        found = _S3_HOST.match(host)
        parts = ([found["bucket"]] if found else []) + [part for part in path[1:].split("/", 0 if found else 1) if part]
        return dict(zip(("Bucket", "Key"), parts, strict=False))
    template: str = operation.http["requestUri"].partition("?")[0]
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
    match = re.fullmatch(pattern, path)
    assert match, f"{path} is no path of {operation.name}"
    return match.groupdict()


def _shapes(shape: StructureShape | None) -> Mapping[str, Shape]:
    return cast("Mapping[str, Shape]", shape.members) if shape else {}


def _child(parent: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next((each for each in parent if each.tag.rpartition("}")[2] == name), None)


def _value(shape: Shape, element: ElementTree.Element) -> Any:
    if isinstance(shape, StructureShape):
        found = {
            name: (each, _child(element, each.serialization.get("name", name))) for name, each in _shapes(shape).items()
        }
        return {name: _value(each, child) for name, (each, child) in found.items() if child is not None}
    if isinstance(shape, ListShape):
        return [_value(shape.member, child) for child in element]
    return _scalar(shape, element.text or "")


def _scalar(shape: Shape, text: str) -> Any:
    if shape.type_name in {"integer", "long"}:
        return int(text)
    return text == "true" if shape.type_name == "boolean" else text


def _members(shape: StructureShape, value: Mapping[str, Any]) -> str:
    shapes = _shapes(shape)
    return "".join(
        _element(shapes[name], name, each)
        for name, each in value.items()
        if shapes[name].serialization.get("location") is None
    )


def _element(shape: Shape, name: str, value: Any) -> str:
    tag = shape.serialization.get("name", name)
    if isinstance(shape, ListShape) and shape.serialization.get("flattened"):
        return "".join(f"<{tag}>{_content(shape.member, each)}</{tag}>" for each in value)
    return f"<{tag}>{_content(shape, value)}</{tag}>"


def _content(shape: Shape, value: Any) -> str:
    assert not isinstance(shape, MapShape), f"no answer here has a map: {shape.name}"
    if isinstance(shape, StructureShape):
        return _members(shape, value)
    if isinstance(shape, ListShape):
        return "".join(f"<member>{_content(shape.member, each)}</member>" for each in value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03}Z"
    return str(value).lower() if isinstance(value, bool) else escape(str(value))


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
