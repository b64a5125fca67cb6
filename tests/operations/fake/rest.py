"""AWS's REST protocol with JSON: a request's parameters from path, query string and body, by the service model."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from botocore.model import OperationModel, Shape

# A label of the path, escaped: {backupVaultName}.
LABEL = re.compile(r"\\\{(\w+)(?:\\\+)?\\\}")


def decoded(operation: OperationModel, url: str, body: str) -> Mapping[str, Any]:
    """Return a request's parameters. Header members aren't decoded: no operation here has any."""
    template: str = operation.http["requestUri"].partition("?")[0]
    parts = urlsplit(url)
    pattern = LABEL.sub(r"(?P<\1>[^/]+)", re.escape(template))
    found = re.fullmatch(pattern, parts.path)
    assert found, f"{parts.path} is no path of {operation.name}"
    in_path, in_query = found.groupdict(), dict(parse_qsl(parts.query))
    in_body: Mapping[str, Any] = json.loads(body or "{}")
    values: dict[str, Any] = {}
    members = cast("Mapping[str, Shape]", operation.input_shape.members if operation.input_shape else {})
    for name, shape in members.items():
        wire_name = shape.serialization.get("name", name)
        location = shape.serialization.get("location")
        if location == "uri":
            values[name] = unquote(in_path[wire_name])
        elif location == "querystring" and wire_name in in_query:
            values[name] = _scalar(shape, in_query[wire_name])
        elif location is None and wire_name in in_body:
            values[name] = in_body[wire_name]
    return values


def _scalar(shape: Shape, text: str) -> object:
    if shape.type_name in {"integer", "long"}:
        return int(text)
    if shape.type_name == "boolean":
        return text == "true"
    return datetime.fromisoformat(text) if shape.type_name == "timestamp" else text
