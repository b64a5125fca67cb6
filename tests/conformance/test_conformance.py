"""Every row of the conformance table holds in both stacks after an `up` over the stand-ins."""

import fnmatch
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from operations.cli import app
from policies.rules import RULES
from sandbox.__main__ import PROJECT, STACKS
from sandbox.values import Value
from tests.engine.both import BothStacks

pytestmark = pytest.mark.xdist_group("both-stacks")
TABLE = Path(__file__).parent / "rows.yaml"
REFERENCE = re.compile(r"\{(\S+) (\S+)\}")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of the table; the head of rows.yaml describes the fields."""

    section: str
    requirement: str
    stacks: Sequence[str] = STACKS
    find: Mapping[str, str] = field(default_factory=dict[str, str])
    each: Mapping[str, Value] = field(default_factory=dict[str, Value])
    count: int | None = None
    absent: bool = False
    output: str = ""
    # `is` in the file, a reserved word here.
    is_: Value = None
    policy: str = ""
    decision: str = ""
    held_by: str = ""


def rows() -> list[Row]:
    return [
        Row(**{("is_" if key == "is" else key): value for key, value in row.items()})
        for row in yaml.safe_load(TABLE.read_text())
    ]


Resources = Sequence[Mapping[str, Value]]


def found(resources: Resources, type_: str, name: str) -> list[Mapping[str, Value]]:
    return [r for r in resources if r["type"] == type_ and fnmatch.fnmatchcase(str(r["urn"]).rsplit("::", 1)[-1], name)]


def property_of(resource: Mapping[str, Value], path: str) -> Value:
    value: Value = resource.get("inputs") if isinstance(resource.get("inputs"), dict) else None
    for key in path.split("."):
        if isinstance(value, str) and value.startswith(("[", "{")):
            value = json.loads(value)
        if isinstance(value, list):
            value = value[int(key)] if int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def expected(resources: Resources, value: Value) -> Value:
    """Return the id of a reference such as `{aws:ec2/vpc:Vpc taskflow-*}`; any other value unchanged."""
    reference = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if reference is None:
        return value
    matches = found(resources, *reference.groups())
    assert len(matches) == 1, f"{value} refers to {len(matches)} resources"
    return matches[0]["id"]


@pytest.mark.parametrize(
    ("row", "stack"), [(row, stack) for row in rows() if not row.held_by for stack in row.stacks], ids=str
)
def test_row_holds(both: BothStacks, row: Row, stack: str) -> None:
    resources = both[stack].resources
    if row.output:
        (root,) = found(resources, "pulumi:pulumi:Stack", "*")
        outputs = root["outputs"]
        assert isinstance(outputs, dict)
        assert outputs.get(row.output) == row.is_
        return
    matches = found(resources, row.find["type"], row.find["name"])
    if row.absent:
        assert [m["urn"] for m in matches] == []
        return
    assert matches, f"no resource {row.find['type']} {row.find['name']}"
    assert row.count is None or len(matches) == row.count
    for match in matches:
        for path, value in row.each.items():
            assert property_of(match, path) == expected(resources, value), f"{match['urn']}: {path}"


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.requirement)
def test_row_refers_to_an_existing_rule_and_decision(row: Row) -> None:
    """A row tests something, and its rule and decision exist."""
    assert row.held_by or row.output or row.absent or row.each or row.count
    rules = {rule.id for rule in RULES}
    assert not row.policy or row.policy in rules
    # What is in backticks is a rule, an output of the stacks, a role of the database, or a command.
    outputs, roles = ((PROJECT / file).read_text() for file in ("outputs.py", "operations/database/roles.sql"))
    for name in re.findall(r"`([^`]+)`", row.held_by):
        assert name in rules or f'"{name}"' in outputs or name in roles or _is_command(name), name
    assert not row.decision or (PROJECT / "docs" / "decisions" / row.decision).exists()


def _is_command(name: str) -> bool:
    """Whether a text is a command, such as `taskflow release --watch`."""
    commands = {each.callback.__name__ for each in app.registered_commands if each.callback}
    groups = {each.typer_instance.info.name for each in app.registered_groups if each.typer_instance}
    return name.startswith("taskflow ") and name.split()[1] in commands | groups
