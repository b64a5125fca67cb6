"""Reads recorded or exported inputs for the tables, and puts values into words."""

import json
from collections.abc import Mapping
from typing import TypeAlias

from sandbox.structs import SIGNATURE
from sandbox.values import Value

# Type, logical name, inputs and outputs.
Made: TypeAlias = tuple[str, str, Mapping[str, Value], Mapping[str, Value]]
Object: TypeAlias = Mapping[str, Value]


def as_object(value: Value) -> Object:
    return value if isinstance(value, dict) else {}


def as_list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else [value]


def words(value: Value) -> str:
    return ", ".join(map(str, as_list(value)))


def only(value: Value) -> Object:
    (one,) = as_list(value)
    return as_object(one)


def number(value: Value) -> str:
    return f"{float(str(value)):.15g}"


def opened(value: Value, secrets: Mapping[str, str]) -> Value:
    """Open what is secret, and say which one it is."""
    if isinstance(value, dict):
        if SIGNATURE in value:
            # As recorded by mocks, or as a state shows it.
            return opened(value["value"] if "value" in value else json.loads(str(value["plaintext"])), secrets)
        return {key: opened(each, secrets) for key, each in value.items()}
    if isinstance(value, list):
        return [opened(each, secrets) for each in value]
    return secrets.get(value, value) if isinstance(value, str) else value
