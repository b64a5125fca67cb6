"""The editors' schema and the table of settings are the models', and say what the models say."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from settings.schema import FILE, main, schema, text
from settings.secrets import SecretSetting
from settings.stack import keys
from settings.table import markdown, rows
from tests.settings.breakages import BREAKAGES
from tests.settings.support import ROOT, STACKS, as_data

SECRET = SecretSetting(key="taskflow:originSecret", purpose="what CloudFront shows", stacks=("production",))

Schema = dict[str, object]


TYPES: Mapping[str, type] = {
    "null": type(None), "object": dict, "array": list, "string": str, "integer": int, "boolean": bool,
}  # fmt: skip


def complaints(value: object, by: Schema, whole: Schema) -> list[str]:
    """Give what a schema finds wrong with a value: the part of JSON Schema that ours uses."""
    if "$ref" in by:
        name = str(by["$ref"]).rpartition("/")[2]
        return complaints(value, cast("dict[str, Schema]", whole["$defs"])[name], whole)
    if "anyOf" in by:
        return min((complaints(value, option, whole) for option in cast("list[Schema]", by["anyOf"])), key=len)
    if by.get("const", value) is not value:
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
        return _object_complaints(cast("dict[str, object]", value), by, whole)
    if isinstance(value, list):
        items = cast("list[object]", value)
        within = cast("int", by.get("minItems", 0)) <= len(items) <= cast("int", by.get("maxItems", len(items)))
        found = [] if within else [f"{len(items)} items"]
        return found + [c for item in items for c in complaints(item, cast("Schema", by.get("items", {})), whole)]
    if isinstance(value, str):
        long = len(value) > cast("int", by.get("maxLength", len(value)))
        return [f"{value!r}"] if long or not re.search(str(by.get("pattern", "")), value) else []
    if isinstance(value, int):
        within = cast("int", by.get("minimum", value)) <= value <= cast("int", by.get("maximum", value))
        return [] if within else [f"{value}"]
    return []


def _object_complaints(value: dict[str, object], by: Schema, whole: Schema) -> list[str]:
    properties = cast("dict[str, Schema]", by.get("properties", {}))
    patterns = cast("dict[str, Schema]", by.get("patternProperties", {}))
    found = [f"{name} lacks" for name in cast("list[str]", by.get("required", [])) if name not in value]
    for name, entry in value.items():
        matching = (
            [properties[name]] if name in properties else [p for at, p in patterns.items() if re.search(at, name)]
        )
        if not matching and by.get("additionalProperties") is False:
            found.append(f"{name} is unknown")
        for one in matching:
            found += complaints(entry, one, whole)
    return found


def test_the_committed_schema_is_the_models() -> None:
    """Run `make schema` after a change to the models."""
    assert FILE.read_text() == text()


@pytest.mark.parametrize("stack", STACKS)
def test_the_schema_accepts_the_committed_stack_files(stack: str) -> None:
    whole = schema()
    assert complaints({"config": as_data(stack)}, whole, whole) == []


def test_the_schema_refuses_unknown_names_at_every_depth_and_what_lacks() -> None:
    whole = schema()
    data = cast("dict[str, dict[str, object]]", as_data("production"))
    data["taskflow:network"]["flowLogs"] = {"retentionInDays": 60, "trafic": "ALL"}
    assert sorted(complaints({"config": data, "extra": 1}, whole, whole)) == [
        "60 isn't in the list",
        "extra is unknown",
        "maxAggregationInterval lacks",
        "trafficType lacks",
        "trafic is unknown",
    ]


def test_the_schema_takes_what_pulumi_keeps_beside_the_settings() -> None:
    whole = schema()
    beside = {
        "secretsprovider": "awskms://alias/x",
        "encryptedkey": "x",
        "encryptionsalt": "v1:x",
        "environment": ["x"],
    }
    assert complaints({"config": as_data("dr"), **beside}, whole, whole) == []


def test_a_secret_setting_is_an_encrypted_value_in_the_schema() -> None:
    whole = schema([SECRET])
    data: dict[str, object] = dict(as_data("production"))
    assert complaints({"config": data | {SECRET.key: {"secure": "v1:x"}}}, whole, whole) == []
    assert complaints({"config": data | {SECRET.key: "plain"}}, whole, whole) == ["'plain' isn't object"]


def test_every_setting_says_what_it_is_for_and_where_it_comes_from() -> None:
    """Editors show it, and the README's table is made of it."""

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


def test_the_table_has_a_row_for_every_single_setting() -> None:
    listed = list(rows([SECRET]))
    blocks = {at for at in BREAKAGES if any(other.startswith((f"{at}.", f"{at}[")) for other in BREAKAGES)}
    assert {row.path.replace("[]", "[0]") for row in listed} == set(BREAKAGES) - blocks | {SECRET.key}
    assert all(row.type and row.description for row in listed)
    optional = [
        "aws:profile",
        *(f"aws:assumeRoles[].{name}" for name in ("sessionName", "externalId", "sourceIdentity", "duration")),
        *(f"aws:assumeRoleWithWebIdentity.{name}" for name in ("sessionName", "duration")),
        "aws:stsRegion", "aws:maxRetries", "aws:retryMode", "aws:tokenBucketRateLimiterCapacity",
        "aws:useFipsEndpoint", "aws:useDualstackEndpoint", "aws:skipMetadataApiCheck", "aws:tagPolicyCompliance",
        "taskflow:rds.promoted", "taskflow:rds.successor.promoted",
        "taskflow:waf.webACL", "taskflow:waf.bodyLimit", "taskflow:loadBalancer.originTakesTraffic",
        "taskflow:alerts.silentUntil",
    ]  # fmt: skip
    assert [row.path for row in listed if row.default] == optional
    assert {row.within for row in listed} == {
        "",
        "aws:assumeRoles",
        "aws:assumeRoleWithWebIdentity",
        "taskflow:rds.source",
        "taskflow:rds.secrets",
        "taskflow:rds.successor",
        "taskflow:backup.recovery",
        "taskflow:storage.bucket.copyOf",
        "taskflow:baseline.account",
    }
    table = markdown([SECRET]).splitlines()
    assert len(table) == len(listed) + 2
    assert all(line.count(" | ") == 3 for line in table if "`" in line), "no cell breaks the table"


def test_the_command_compares() -> None:
    """As a check of a commit would run it."""
    command = [sys.executable, "-m", "settings.schema", "--check"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "settings/stack.schema.json is current\n")


def test_the_command_tells_of_a_stale_file_and_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / FILE.name
    monkeypatch.setattr("settings.schema.FILE", copy)
    assert main(["--check"]) == 1, "there is none"
    copy.write_text("{}")
    assert main(["--check"]) == 1, "it is another"
    assert "run `make schema`" in capsys.readouterr().err
    assert main([]) == 0
    assert json.loads(copy.read_text()) == schema()
    assert main(["--check"]) == 0
    assert main(["--chekc"]) == 2, "a misspelt option writes nothing"
