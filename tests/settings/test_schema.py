"""The generated files are up to date: the editors' schema and the reference of the settings."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from settings import reference
from settings.reference import markdown, rows
from settings.schema import FILE, main, schema, text
from settings.secrets import SecretSetting
from settings.stack import keys
from tests.settings.breakages import BREAKAGES
from tests.settings.support import ROOT, STACKS, as_data

SECRET = SecretSetting(key="taskflow:originSecret", purpose="the header of CloudFront", stacks=("production",))

Schema = dict[str, object]


TYPES: Mapping[str, type] = {
    "null": type(None), "object": dict, "array": list, "string": str, "integer": int, "boolean": bool,
}  # fmt: skip


def violations(value: object, by: Schema, whole: Schema) -> list[str]:
    """Return a value's violations of a schema, for the part of JSON Schema that ours uses."""
    if "$ref" in by:
        name = str(by["$ref"]).rpartition("/")[2]
        return violations(value, cast("dict[str, Schema]", whole["$defs"])[name], whole)
    if "anyOf" in by:
        return min((violations(value, option, whole) for option in cast("list[Schema]", by["anyOf"])), key=len)
    constant = by.get("const", value)
    if value != constant or isinstance(value, bool) != isinstance(constant, bool):
        return [f"{value!r} isn't {by['const']}"]
    kind = by.get("type")
    if kind and (not isinstance(value, TYPES[str(kind)]) or isinstance(value, bool) != (kind == "boolean")):
        return [f"{value!r} isn't {kind}"]
    found = _inside(value, by, whole)
    if "enum" in by and value not in cast("list[object]", by["enum"]):
        found.append(f"{value!r} isn't in the list")
    return found


def _inside(value: object, by: Schema, whole: Schema) -> list[str]:
    if isinstance(value, dict):
        return _object_violations(cast("dict[str, object]", value), by, whole)
    if isinstance(value, list):
        items = cast("list[object]", value)
        within = cast("int", by.get("minItems", 0)) <= len(items) <= cast("int", by.get("maxItems", len(items)))
        found = [] if within else [f"{len(items)} items"]
        return found + [c for item in items for c in violations(item, cast("Schema", by.get("items", {})), whole)]
    if isinstance(value, str):
        long = len(value) > cast("int", by.get("maxLength", len(value)))
        return [f"{value!r}"] if long or not re.search(str(by.get("pattern", "")), value) else []
    if isinstance(value, int):
        within = cast("int", by.get("minimum", value)) <= value <= cast("int", by.get("maximum", value))
        return [] if within else [f"{value}"]
    return []


def _object_violations(value: dict[str, object], by: Schema, whole: Schema) -> list[str]:
    properties = cast("dict[str, Schema]", by.get("properties", {}))
    patterns = cast("dict[str, Schema]", by.get("patternProperties", {}))
    found = [f"{name} is missing" for name in cast("list[str]", by.get("required", [])) if name not in value]
    for name, entry in value.items():
        matching = (
            [properties[name]] if name in properties else [p for at, p in patterns.items() if re.search(at, name)]
        )
        if not matching and by.get("additionalProperties") is False:
            found.append(f"{name} is unknown")
        for one in matching:
            found += violations(entry, one, whole)
    return found


def test_the_committed_schema_is_up_to_date() -> None:
    """Run `make schema` after a change of the models."""
    assert FILE.read_text() == text()


@pytest.mark.parametrize("stack", STACKS)
def test_the_schema_accepts_the_committed_stack_files(stack: str) -> None:
    whole = schema()
    assert violations({"config": as_data(stack)}, whole, whole) == []


def test_the_schema_rejects_unknown_and_missing_names_at_every_depth() -> None:
    whole = schema()
    data = cast("dict[str, dict[str, object]]", as_data("production"))
    data["taskflow:network"]["flowLogs"] = {"retentionInDays": 60, "trafic": "ALL"}
    assert sorted(violations({"config": data, "extra": 1}, whole, whole)) == [
        "60 isn't in the list",
        "extra is unknown",
        "maxAggregationInterval is missing",
        "trafficType is missing",
        "trafic is unknown",
    ]


def test_the_schema_accepts_pulumis_own_properties() -> None:
    whole = schema()
    beside = {
        "secretsprovider": "awskms://alias/x",
        "encryptedkey": "x",
        "encryptionsalt": "v1:x",
        "environment": ["x"],
    }
    assert violations({"config": as_data("dr"), **beside}, whole, whole) == []


def test_a_secret_setting_is_an_encrypted_value_in_the_schema() -> None:
    whole = schema([SECRET])
    data: dict[str, object] = dict(as_data("production"))
    assert violations({"config": data | {SECRET.key: {"secure": "v1:x"}}}, whole, whole) == []
    assert violations({"config": data | {SECRET.key: "plain"}}, whole, whole) == ["'plain' isn't object"]


@pytest.mark.places
def test_every_setting_has_a_purpose_and_a_source() -> None:
    """Editors and docs/settings.md show the purpose."""

    def check(part: object, at: str) -> int:
        if not isinstance(part, dict):
            return 0
        entries = cast("dict[str, dict[str, object]]", part)
        properties = cast("dict[str, dict[str, object]]", entries.get("properties", {}))
        for name, entry in properties.items():
            assert "Source: " in str(entry["description"]), f"{at}.{name}"
        return len(properties) + sum(check(entry, f"{at}.{name}") for name, entry in properties.items())

    whole = schema()
    definitions = cast("dict[str, object]", whole["$defs"])
    config = cast("dict[str, dict[str, dict[str, dict[str, object]]]]", whole["properties"])["config"]["properties"]
    assert all("Source: " in str(config[key]["description"]) for key in keys())
    assert sum(check(definition, name) for name, definition in definitions.items()) > 12


def test_the_reference_has_a_row_for_every_setting_with_a_value() -> None:
    listed = list(rows([SECRET]))
    blocks = {at for at in BREAKAGES if any(other.startswith((f"{at}.", f"{at}[")) for other in BREAKAGES)}
    assert {row.path.replace("[]", "[0]") for row in listed} == set(BREAKAGES) - blocks | {SECRET.key}
    assert all(row.type and row.allowed and row.purpose for row in listed)
    # Written by hand: a setting that became optional by mistake would change the models and the page alike.
    optional = {
        "aws:profile",
        *(f"aws:assumeRoles[].{name}" for name in ("sessionName", "externalId", "sourceIdentity", "duration")),
        *(f"aws:assumeRoleWithWebIdentity.{name}" for name in ("sessionName", "duration")),
        "aws:stsRegion", "aws:maxRetries", "aws:retryMode", "aws:tokenBucketRateLimiterCapacity",
        "aws:useFipsEndpoint", "aws:useDualstackEndpoint", "aws:skipMetadataApiCheck", "aws:tagPolicyCompliance",
        "taskflow:rds.promoted", "taskflow:rds.successor.promoted",
        "taskflow:rds.successor.restored", "taskflow:rds.successor.standby",
        "taskflow:waf.webACL", "taskflow:waf.bodyLimit", "taskflow:loadBalancer.originTakesTraffic",
        "taskflow:alerts.silentUntil",
        "taskflow:backup.restoreTest.query",
    }  # fmt: skip
    assert {row.path for row in listed if row.default} == optional
    assert {row.within for row in listed} == {
        "",
        "aws:assumeRoles",
        "aws:assumeRoleWithWebIdentity",
        "taskflow:rds.source",
        "taskflow:rds.secrets",
        "taskflow:rds.successor",
        "taskflow:rds.successor.source",
        "taskflow:backup.recovery",
        "taskflow:releases.staging",
        "taskflow:storage.bucket.copyOf",
        "taskflow:baseline.account",
    }
    table = [line for line in markdown([SECRET]).splitlines() if line.startswith("| `")]
    assert len(table) == len(listed)
    assert all(line.count(" | ") == 4 for line in table), "no cell breaks the table"


def test_the_command_compares() -> None:
    """As a check of a commit would run it."""
    command = [sys.executable, "-m", "settings.schema", "--check"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    printed = "settings/stack.schema.json is up to date\ndocs/settings.md is up to date\n"
    assert (done.returncode, done.stdout) == (0, printed)


def test_the_command_reports_an_outdated_file_and_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / FILE.name
    monkeypatch.setattr("settings.schema.FILE", copy)
    monkeypatch.setattr("settings.reference.FILE", tmp_path / "settings.md")
    assert main(["--check"]) == 1, "there is no file"
    copy.write_text("{}")
    assert main(["--check"]) == 1, "it is outdated"
    assert "run `make schema`" in capsys.readouterr().err
    assert main([]) == 0
    assert json.loads(copy.read_text()) == schema()
    assert reference.FILE.read_text() == markdown()
    assert main(["--check"]) == 0
    assert main(["--chekc"]) == 2, "a misspelled option writes nothing"
