"""AWS's query protocol: a request as a form, an answer as XML, both by the service model."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from xml.sax.saxutils import escape

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape


def decoded(shape: Shape | None, form: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a request's parameters."""
    return _value(shape, form, "") if shape else {}


def encoded(operation: OperationModel, body: Mapping[str, Any]) -> str:
    """Return an answer or an error (`__type`, `message`) as XML."""
    if "__type" in body:
        code, message = escape(body["__type"]), escape(body["message"])
        return f"<E><Error><Code>{code}</Code><Message>{message}</Message></Error></E>"
    shape, name = operation.output_shape, operation.name
    members = _members(shape, body) if shape else ""
    wrapper = (shape.serialization if shape else {}).get("resultWrapper", f"{name}Result")
    return f"<{name}Response><{wrapper}>{members}</{wrapper}></{name}Response>"


def _value(shape: Shape, form: Mapping[str, str], path: str) -> Any:
    if isinstance(shape, StructureShape):
        members = cast("Mapping[str, Shape]", shape.members)
        prefix = f"{path}." if path else ""
        paths = {name: f"{prefix}{member.serialization.get('name', name)}" for name, member in members.items()}
        return {name: _value(members[name], form, at) for name, at in paths.items() if _has(form, at)}
    if isinstance(shape, ListShape):
        item = shape.member.serialization.get("name", "member")
        paths_of_items = [f"{path}.{item}.{number}" for number in range(1, len(form) + 1)]
        return [_value(shape.member, form, at) for at in paths_of_items if _has(form, at)]
    text = form[path]
    if shape.type_name == "boolean":
        return text == "true"
    if shape.type_name in {"integer", "long"}:
        return int(text)
    if shape.type_name == "timestamp":
        return datetime.fromisoformat(text)
    return text


def _has(form: Mapping[str, str], path: str) -> bool:
    return any(key == path or key.startswith(f"{path}.") for key in form)


def _members(shape: StructureShape, value: Mapping[str, Any]) -> str:
    members = cast("Mapping[str, Shape]", shape.members)
    return "".join(_element(members[name], name, each) for name, each in value.items())


def _element(shape: Shape, name: str, value: Any) -> str:
    tag = shape.serialization.get("name", name)
    return f"<{tag}>{_content(shape, value)}</{tag}>"


def _content(shape: Shape, value: Any) -> str:
    if isinstance(shape, StructureShape):
        return _members(shape, value)
    if isinstance(shape, ListShape):
        item = shape.member.serialization.get("name", "member")
        return "".join(f"<{item}>{_content(shape.member, each)}</{item}>" for each in value)
    if isinstance(shape, MapShape):
        raise TypeError(f"no operation here answers with a map: {shape.name}")
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else escape(str(value))
