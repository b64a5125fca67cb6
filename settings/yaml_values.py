"""Turns a stack file into the values that Pulumi hands to the program, by the rules of Pulumi's YAML, not Python's.

Pulumi reads the file with Go's yaml.v3: only `true` and `false` are booleans, `04:00` is text, a leading 0 means octal
where it can, a date is a date. Then it writes a block or list as JSON and anything else as text.
A test compares this with the output of the real CLI.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import TypeAlias

import yaml

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

# The decrypted form of every `secure:` value.
DECRYPTED = "decrypted-0e6f2c"

INTEGER = re.compile(r"([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
DATE = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:(?P<t>[Tt ])(\d\d?):(\d\d?):(\d\d?)(?P<fraction>\.\d+)?(?P<zone>Z|[+-]\d\d:\d\d)?)?"
)


def as_pulumi(text: str) -> tuple[dict[str, str], set[str]]:
    """Return the values under full keys, and the secret keys, of a stack file's text."""
    values: dict[str, str] = {}
    secret_keys: set[str] = set()
    for key, node in _entries(_config(text)):
        values[key] = config_value(_value(node))
        if _has_secret(node):
            secret_keys.add(key)
    return values, secret_keys


def settings_in(text: str) -> dict[str, Json]:
    """Return a stack file's settings as data, as Pulumi reads them."""
    return {key: _value(node) for key, node in _entries(_config(text))}


def config_value(value: Json) -> str:
    """Return one setting as the program gets it."""
    if isinstance(value, str):
        return value
    return "" if value is None else _json(value)


def plain(text: str) -> Json:
    """Return the value that yaml.v3 reads from a scalar without quotes."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text.lower() in ("true", "false") and text in (text.lower(), text.upper(), text.capitalize()):
        return text.lower() == "true"
    date = DATE.fullmatch(text)
    return go_date(date) if date else _number(text)


def go_date(found: re.Match[str]) -> str:
    """Return a date in Go's form."""
    zone = found["zone"]
    year, month, day, hour, minute, second = (int(found[n] or 0) for n in (1, 2, 3, 5, 6, 7))
    offset = timedelta(0)
    if zone and zone != "Z":
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:])) * (-1 if zone[0] == "-" else 1)
    moment = datetime(year, month, day, hour, minute, second, tzinfo=timezone(offset) if offset else UTC)
    name = moment.strftime("%z") if offset else "UTC"
    return f"{moment:%Y-%m-%d %H:%M:%S}{(found['fraction'] or '').rstrip('0')} {moment:%z} {name}"


def _number(text: str) -> Json:
    if text[0] not in "+-.0123456789":
        return text
    digits = text.replace("_", "")
    whole = INTEGER.fullmatch(digits)
    if whole:
        sign, magnitude = whole.groups()
        octal = re.fullmatch(r"0[0-7]+", magnitude)
        number = int(sign + magnitude, 8 if octal else 0)
        if -(2**63) <= number < 2**64:
            return number
    if not FLOAT.fullmatch(digits):
        return text
    number = float(digits)
    return int(number) if number.is_integer() and abs(number) < 1e21 else number


def _json(value: Json) -> str:
    # Go writes the number 1e-7, Python 1e-07. Strings that look like it are matched first, and kept.
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return re.sub(r'"(?:[^"\\]|\\.)*"|e-0(\d)\b', lambda found: f"e-{found[1]}" if found[1] else found[0], text)


def _config(text: str) -> yaml.Node | None:
    root = yaml.SafeLoader(text).get_single_node()
    return dict(_entries(root)).get("config")


def _entries(node: yaml.Node | None) -> list[tuple[str, yaml.Node]]:
    return [(str(key.value), value) for key, value in node.value] if isinstance(node, yaml.MappingNode) else []


def _value(node: yaml.Node) -> Json:
    if isinstance(node, yaml.MappingNode):
        entries = dict(_entries(node))
        return DECRYPTED if _is_secret(entries) else {key: _value(value) for key, value in entries.items()}
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    quoted = isinstance(node, yaml.ScalarNode) and node.style
    return str(node.value) if quoted else plain(str(node.value))


def _is_secret(entries: Mapping[str, yaml.Node]) -> bool:
    return list(entries) == ["secure"]


def _has_secret(node: yaml.Node) -> bool:
    if isinstance(node, yaml.MappingNode):
        entries = dict(_entries(node))
        return _is_secret(entries) or any(map(_has_secret, entries.values()))
    return isinstance(node, yaml.SequenceNode) and any(map(_has_secret, node.value))
