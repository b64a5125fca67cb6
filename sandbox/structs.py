"""Conversion of property values between protobuf's Struct and plain Python."""

from collections.abc import Mapping

from google.protobuf import struct_pb2

from sandbox.values import Value

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  (Pulumi's public marker for a secret, not a secret)
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"


def to_python(struct: struct_pb2.Struct) -> dict[str, Value]:
    """Convert a Struct to plain Python; secrets become their plain values, whole numbers ints."""
    return {name: _value(value) for name, value in struct.fields.items()}


def to_struct(values: Mapping[str, Value]) -> struct_pb2.Struct:
    """Convert plain Python to a Struct."""
    struct = struct_pb2.Struct()
    for name, value in values.items():
        _set(struct.fields[name], value)
    return struct


def _value(value: struct_pb2.Value) -> Value:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = value.struct_value.fields
        if SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET:
            return _value(fields["value"])
        return {name: _value(item) for name, item in fields.items()}
    if kind == "list_value":
        return [_value(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return value.string_value if kind == "string_value" else value.bool_value if kind == "bool_value" else None


def _set(into: struct_pb2.Value, value: Value) -> None:
    if value is None:
        into.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, bool):
        into.bool_value = value
    elif isinstance(value, str):
        into.string_value = value
    elif isinstance(value, (int, float)):
        into.number_value = value
    elif isinstance(value, list):
        into.list_value.SetInParent()
        for item in value:
            _set(into.list_value.values.add(), item)
    else:
        into.struct_value.SetInParent()
        for name, item in value.items():
            _set(into.struct_value.fields[name], item)
