"""The helper that reads stack files like Pulumi, compared with the output of the real CLI (3.259)."""

import json

import pytest

from settings.yaml_values import DECRYPTED, Json, as_pulumi, config_value

# (as written in a block, as it came out of `pulumi config --json`)
IN_A_BLOCK: tuple[tuple[str, Json], ...] = (
    ("15.10", 15.1),
    ("0987", 987),
    ("012345670123", 1402433619),
    ("0o17", 15),
    ("2026-01-01", "2026-01-01 00:00:00 +0000 UTC"),
    ("2026-01-01T04:00:00Z", "2026-01-01 04:00:00 +0000 UTC"),
    ("2026-01-01 04:00:00", "2026-01-01 04:00:00 +0000 UTC"),
    ("2026-01-01T04:00:00+02:00", "2026-01-01 04:00:00 +0200 +0200"),
    ("04:00", "04:00"),
    ("NO", "NO"),
    ("on", "on"),
    ("yes", "yes"),
    ("true", True),
    ("True", True),
    ("null", None),
    ("~", None),
    ('""', ""),
    ("0x1F", 31),
    ("0b101", 5),
    ("1e3", 1000),
    ("1_000", 1000),
    (".5", 0.5),
    ("1.0", 1),
    ("3000000.0", 3000000),
    ("-0", 0),
    ("1e21", 1e21),
    ("12345678901234567890123", 1.2345678901234568e22),
    ('"0987"', "0987"),
    ("987654321098", 987654321098),
)
# (as written at the top, as it came out)
AT_THE_TOP = (
    ("15.10", "15.1"),
    ("0987", "987"),
    ("012345670123", "1402433619"),
    ("2026-01-01", "2026-01-01 00:00:00 +0000 UTC"),
    ("04:00", "04:00"),
    ("NO", "NO"),
    ("true", "true"),
    ("null", ""),
    ('""', ""),
    ("0x1F", "31"),
    ("1e3", "1000"),
    ("12345678901234567890123", "1.2345678901234568e+22"),
    ('"0987"', "0987"),
)


@pytest.mark.parametrize(("written", "came_out"), IN_A_BLOCK)
def test_a_value_in_a_block_is_what_pulumi_makes_of_it(written: str, came_out: Json) -> None:
    values, _ = as_pulumi(f"config:\n  taskflow:block:\n    value: {written}\n    1: x\n")
    assert json.loads(values["taskflow:block"]) == {"value": came_out, "1": "x"}
    assert type(json.loads(values["taskflow:block"])["value"]) is type(came_out), (
        "15 and 15.0 are equal, and not the same"
    )


@pytest.mark.parametrize(("written", "came_out"), AT_THE_TOP)
def test_a_value_at_the_top_becomes_text(written: str, came_out: str) -> None:
    assert as_pulumi(f"config:\n  taskflow:value: {written}\n")[0] == {"taskflow:value": came_out}


def test_a_secret_in_a_block_makes_the_whole_block_secret() -> None:
    values, secret_keys = as_pulumi(
        "config:\n  taskflow:a: {b: [{secure: v1}]}\n  taskflow:c: {secure: v1}\n  taskflow:d: x\n"
    )
    assert secret_keys == {"taskflow:a", "taskflow:c"}
    assert json.loads(values["taskflow:a"]) == {"b": [DECRYPTED]}
    assert values["taskflow:c"] == DECRYPTED


def test_numbers_are_written_as_go_writes_them_and_texts_stay_as_they_are() -> None:
    value: Json = {"number": 1e-7, "text": "1e-07", 'a "key" e-00': ["a0000000e-00", -2.5e-9, "\\"]}
    assert config_value(value) == '{"number":1e-7,"text":"1e-07","a \\"key\\" e-00":["a0000000e-00",-2.5e-9,"\\\\"]}'
