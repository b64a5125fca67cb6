"""Evaluates a row of the conformance table against the state of a stack."""

import fnmatch
import json
import re
from collections.abc import Mapping, Sequence
from typing import cast

from reports.conformance.rows import Row
from reports.states import Recorded, State

_REFERENCE = re.compile(r"\{(\S+) ([^\s}]+)\}(?:\.(\w+))?")


def problems(row: Row, state: State) -> Sequence[str]:
    """Return what of a row doesn't hold in a state; nothing if it holds."""
    if row.output:
        value = _stack(state).outputs.get(row.output)
        return [] if value == row.is_ else [f"the output {row.output} is {value!r}, not {row.is_!r}"]
    matches = found(state, row.find["type"], row.find["name"])
    if row.absent:
        return [f"{match.name} exists" for match in matches]
    if not matches:
        return [f"no resource {row.find['type']} {row.find['name']}"]
    wrong = [] if row.count in (None, len(matches)) else [f"{len(matches)} resources, not {row.count}"]
    for match in matches:
        for path, value in row.each.items():
            actual, required = property_of(match, path), _resolved(state, value)
            if actual != required:
                wrong.append(f"{match.name}: {path} is {actual!r}, not {required!r}")
    return wrong


def found(state: State, type_: str, name: str) -> Sequence[Recorded]:
    """Return the resources of a type whose logical name fits; `*` is a wildcard."""
    everything = (*state.resources, *state.providers)
    return [each for each in everything if each.type == type_ and fnmatch.fnmatchcase(each.name, name)]


def property_of(resource: Recorded, path: str) -> object:
    """Return an input by its path: a number is an index, `*` every item that has the rest; JSON texts are read."""
    return _at(resource.inputs, path.split("."))


def _at(value: object, path: Sequence[str]) -> object:
    if isinstance(value, str) and path and value.startswith(("[", "{")):
        value = cast("object", json.loads(value))
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(value, list):
        items = cast("list[object]", value)
        if key == "*":
            return [each for each in (_at(item, rest) for item in items) if each is not None]
        return _at(items[int(key)], rest) if int(key) < len(items) else None
    return _at(cast("Mapping[str, object]", value).get(key), rest) if isinstance(value, Mapping) else None


def _resolved(state: State, value: object) -> object:
    """Return the id, or an output, of a reference such as `{aws:ec2/vpc:Vpc taskflow-*}.arn`; else the value."""
    if isinstance(value, list):
        return [_resolved(state, each) for each in cast("list[object]", value)]
    reference = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if reference is None:
        return value
    type_, name, output = reference.groups()
    matches = found(state, type_, name)
    if len(matches) != 1:
        return f"{value}, which is {len(matches)} resources"
    return matches[0].outputs.get(output) if output else matches[0].id


def _stack(state: State) -> Recorded:
    (stack,) = found(state, "pulumi:pulumi:Stack", "*")
    return stack
