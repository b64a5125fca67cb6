"""The text of an error in a terminal."""

import pytest

from settings.errors import NoValue, Problem, format_value, nearest, render
from tests.settings.support import Change, as_data, changed, settings_error

WHOLE = """\
Pulumi.production.yaml: 4 invalid settings

  1. taskflow:environment.domain
     value:   not set
     allowed: a domain name in lower case of at most 56 characters, such as taskflow.app

  2. taskflow:network.cidrBlock
     value:   10.1
     allowed: a private IPv4 range from /16 to /28 (in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16),
              such as 10.20.0.0/16
     hint:    YAML reads this as a number, which Pulumi rewrites (15.10 to 15.1, 0987 to 987): quote
              it

  3. taskflow:network.flowLogs.trafficType
     value:   "all"
     allowed: one of ALL, ACCEPT, REJECT
     hint:    did you mean ALL?

  4. taskflow:network.ports.servce
     value:   unknown setting
     allowed: service, database, cache
     hint:    did you mean service?"""


def test_the_whole_text() -> None:
    """Count, number, path, value, allowed values and a hint, no wider than a terminal."""
    changes: dict[str, Change] = {
        "taskflow:environment": {"hostedZone": "Z0000000TASKFLOWAPP", "hostedZoneName": "taskflow.app"},
        "taskflow:network.cidrBlock": 10.10,
        "taskflow:network.flowLogs.trafficType": "all",
        "taskflow:network.ports": {"servce": 3001, "database": 5432, "cache": 6379},
    }
    text = str(settings_error(changed(as_data("production"), changes)))
    assert text == WHOLE
    assert max(map(len, text.splitlines())) <= 100


def test_one_problem_is_in_the_singular() -> None:
    problem = Problem(file="f", path="p", value=1, allowed="2")
    assert render("f", [problem]) == "f: 1 invalid setting\n\n  1. p\n     value:   1\n     allowed: 2"


def test_ten_and_more_stay_aligned() -> None:
    lines = render("f", [Problem(file="f", path=f"p{n}", value=n, allowed="x") for n in range(10)]).splitlines()
    assert "   9. p8" in lines
    assert "  10. p9" in lines


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("15.10", '"15.10"'),
        (15.1, "15.1"),
        (None, "null"),
        (True, "true"),
        (["a", 1], '["a", 1]'),
        (NoValue.NOT_SET, "not set"),
        ("a\x1b[31mred\u202e\n", r'"a\u001b[31mred\u202e\n"'),
        ("\ud800", r'"\ud800"'),
        (object(), "(object that can't be shown)"),
    ],
)
def test_a_value_is_shown_with_quotes_and_escapes(value: object, text: str) -> None:
    assert format_value(value) == text


def test_a_value_without_a_text_is_shown_as_its_type() -> None:
    deep: list[object] = []
    for _ in range(200_000):
        deep = [deep]
    assert format_value(deep) == "(list that can't be shown)"
    assert format_value(10**5000) == "(int that can't be shown)"


def test_a_long_value_is_cut_short() -> None:
    text = format_value("x" * 5000)
    assert len(text) < 160
    assert text.endswith("… (5002 characters)")


def test_a_long_name_is_cut_short() -> None:
    error = settings_error(
        changed(as_data("production"), {f"taskflow:environment.{'x' * 5000}": 1, f"taskflow:{'y' * 5000}": 1})
    )
    assert max(map(len, str(error).splitlines())) <= 120


@pytest.mark.parametrize(
    ("name", "known"),
    [("cidr_block", "cidrBlock"), ("CIDRBLOCK", "cidrBlock"), ("cidrblok", "cidrBlock"), ("natGateways", None)],
)
def test_the_nearest_name(name: str, known: str | None) -> None:
    """Case and underscores don't matter; a name may have no near one."""
    assert nearest(name, ["cidrBlock", "availabilityZones"]) == known
