"""Helpers of the tables: read recorded or exported inputs, format values."""

import json
from collections.abc import Mapping
from typing import TypeAlias

from sandbox.structs import SIGNATURE
from sandbox.values import Value

# Type, logical name, inputs and outputs.
ResourceRow: TypeAlias = tuple[str, str, Mapping[str, Value], Mapping[str, Value]]
Object: TypeAlias = Mapping[str, Value]


def as_object(value: Value) -> Object:
    return value if isinstance(value, dict) else {}


def as_list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else [value]


def joined(value: Value) -> str:
    return ", ".join(map(str, as_list(value)))


def single_object(value: Value) -> Object:
    (one,) = as_list(value)
    return as_object(one)


def format_number(value: Value) -> str:
    return f"{float(str(value)):.15g}"


def reveal_secrets(value: Value, secrets: Mapping[str, str]) -> Value:
    """Replace secret values by their labels in `secrets`."""
    if isinstance(value, dict):
        if SIGNATURE in value:
            # Mocks record `value`, an exported state has `plaintext`.
            return reveal_secrets(value["value"] if "value" in value else json.loads(str(value["plaintext"])), secrets)
        return {key: reveal_secrets(each, secrets) for key, each in value.items()}
    if isinstance(value, list):
        return [reveal_secrets(each, secrets) for each in value]
    return secrets.get(value, value) if isinstance(value, str) else value
