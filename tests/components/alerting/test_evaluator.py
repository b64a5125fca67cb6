"""The evaluator is held to what AWS publishes: its examples of missing data, and its rules of metric math."""

import pytest

from tests.components.alerting.evaluator import Alarm, Feed, State, Treatment, read, verdict
from tests.components.alerting.expressions import Series, calculated

# AWS's two tables, row by row: the points (0 within, X breaching, - missing; the newest last), how many had to be
# filled, and the state for missing, ignore, breaching and notBreaching. "kept" is the state from before. Three periods
# are evaluated, and five are looked at.
KEPT = "kept"
SHORT = "INSUFFICIENT_DATA"
THREE_OF_THREE = (
    ("0 - X - X", 0, "OK", "OK", "OK", "OK"),
    ("0 - - - -", 2, "OK", "OK", "OK", "OK"),
    ("- - - - -", 3, SHORT, KEPT, "ALARM", "OK"),
    ("0 X X - X", 0, "ALARM", "ALARM", "ALARM", "ALARM"),
    ("- - X - -", 2, "ALARM", KEPT, "ALARM", "OK"),
)
TWO_OF_THREE = (
    ("0 - X - X", 0, "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 0 X 0 X", 0, "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 - X - -", 1, "OK", "OK", "ALARM", "OK"),
    ("- - - - 0", 2, "OK", "OK", "ALARM", "OK"),
    ("- - - X -", 2, "ALARM", KEPT, "ALARM", "OK"),
)
TREATMENTS: tuple[Treatment, ...] = ("missing", "ignore", "breaching", "notBreaching")
STATES: tuple[State, ...] = ("OK", "ALARM", SHORT)
ROWS = [
    *(pytest.param(3, *row, id=f"3 of 3: {row[0]}") for row in THREE_OF_THREE),
    *(pytest.param(2, *row, id=f"2 of 3: {row[0]}") for row in TWO_OF_THREE),
]


def points(text: str) -> list[bool | None]:
    return [{"0": False, "X": True, "-": None}[mark] for mark in text.split()]


@pytest.mark.parametrize(("needed", "text", "filled", "missing", "ignore", "breaching", "not_breaching"), ROWS)
def test_published_row(
    needed: int, text: str, filled: int, missing: str, ignore: str, breaching: str, not_breaching: str
) -> None:
    """Each published row, whatever the state was before."""
    real = [point for point in points(text) if point is not None]
    assert max(3 - len(real), 0) == filled
    for treatment, expected in zip(TREATMENTS, (missing, ignore, breaching, not_breaching), strict=True):
        for before in STATES:
            found = verdict(points(text), 3, needed, treatment, before)
            assert found == (before if expected == KEPT else expected), f"{treatment}, {before} before"


@pytest.mark.parametrize("text", ["- - - - X", "- - - X -", "- - - X 0", "- - X - 0"])
def test_no_alarm_before_its_time(text: str) -> None:
    """AWS's further examples: a breach that is too young, and one that a good point follows."""
    assert verdict(points(text), 3, 3, "missing") == "OK"


def test_a_good_point_that_was_not_evaluated_changes_nothing() -> None:
    assert verdict(points("0 X X"), 2, 2, "missing") == "ALARM"
    assert verdict(points("0 X X"), 3, 3, "missing") == "OK"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + b", (4.0, 2.0, None, 1.0)),
        ("a - 1", (0.0, 1.0, None, None)),
        ("-a * 2", (-2.0, -4.0, None, None)),
        ("a / b", (1 / 3, None, None, 0.0)),
        ("FILL(b, 0) / a", (3.0, 0.0, None, None)),
        ("FILL(a, REPEAT)", (1.0, 2.0, 2.0, 2.0)),
        ("a >= 2", (0.0, 1.0, None, None)),
        ("a >= 1 AND FILL(b, 0) == 0", (0.0, 1.0, 0.0, 0.0)),
        ("a > 1 || b > 1", (1.0, 1.0, None, 0.0)),
        ("IF(a > 1, 10, FILL(b, 7))", (3.0, 10.0, None, None)),
        ("IF(a > 1, a)", (None, 2.0, None, None)),
        ("SUM([a, b])", (4.0, 2.0, None, 1.0)),
        ("MAX([a, FILL(b, 0)]) ^ 2", (9.0, 4.0, 0.0, 1.0)),
        ("100 * (FILL(a, 0) + FILL(b, 0)) / 2", (200.0, 100.0, 0.0, 50.0)),
    ],
)
def test_metric_math(expression: str, expected: Series) -> None:
    """A missing point is 0 beside one that is there; what is divided by zero is dropped."""
    values: dict[str, Series] = {"a": (1.0, 2.0, None, None), "b": (3.0, None, None, 1.0)}
    assert calculated(expression, values) == expected


@pytest.mark.parametrize(
    "expression", ["RATE(a)", "a.real", "__import__('os')", "c + 1", "[a, a]", "1 + 1", "a if a else a"]
)
def test_metric_math_refuses_what_it_does_not_know(expression: str) -> None:
    with pytest.raises(ValueError, match=r"not known|needs one series"):
        calculated(expression, {"a": (1.0,)})


PLAIN: dict[str, object] = {
    "comparisonOperator": "GreaterThanThreshold",
    "threshold": 10,
    "namespace": "N",
    "metricName": "M",
    "statistic": "Sum",
    "period": 60,
    "evaluationPeriods": 3,
    "datapointsToAlarm": 2,
}


def _of(**changed: object) -> Alarm:
    return read({**PLAIN, **changed})


def _fed(*minutes: list[float]) -> Feed:
    return {("N", "M"): minutes}


@pytest.mark.parametrize(
    ("statistic", "expected"), [("Sum", 10), ("Average", 2.5), ("Minimum", 1), ("Maximum", 4), ("SampleCount", 4)]
)
def test_statistics(statistic: str, expected: float) -> None:
    assert _of(statistic=statistic).points(_fed([1, 2, 3, 4], [])) == (expected, None)


def test_percentile_is_a_rank() -> None:
    alarm = _of(statistic=None, extendedStatistic="p95")
    assert alarm.points(_fed([float(number) for number in range(1, 101)])) == (95.0,)


def test_a_longer_period_takes_the_minutes_together() -> None:
    """The newest period ends with the newest minute; minutes that fill none are left out."""
    assert _of(period=120).points(_fed([100], [1], [2], [3], [])) == (3.0, 3.0)


def test_threshold_itself_is_within() -> None:
    assert _of().state(_fed([10], [10], [10])) == "OK"
    assert _of().state(_fed([11], [10], [11])) == "ALARM"
    assert _of(comparisonOperator="GreaterThanOrEqualToThreshold").state(_fed([10], [10], [10])) == "ALARM"
    assert _of(comparisonOperator="LessThanThreshold").state(_fed([9], [9], [9])) == "ALARM"


def test_all_points_are_needed_where_nothing_is_said() -> None:
    assert _of(datapointsToAlarm=None).state(_fed([11], [10], [11])) == "OK"


def test_few_samples_say_nothing_of_a_percentile() -> None:
    """Of p95, fewer than 200 samples in the evaluated periods: the alarm stays as it is."""
    alarm = _of(statistic=None, extendedStatistic="p95", evaluateLowSampleCountPercentiles="ignore")
    assert alarm.state(_fed([20.0] * 66, [20.0] * 66, [20.0] * 66)) == "OK"
    assert alarm.state(_fed([20.0] * 67, [20.0] * 67, [20.0] * 67)) == "ALARM"


def test_expressions_may_stand_in_any_order() -> None:
    metric = {"namespace": "N", "metricName": "M", "stat": "Sum", "period": 60}
    alarm = read(
        {
            **{key: PLAIN[key] for key in ("comparisonOperator", "threshold", "evaluationPeriods")},
            "metricQueries": [
                {"id": "share", "expression": "100 * half", "returnData": True},
                {"id": "half", "expression": "m / 2", "returnData": False},
                {"id": "m", "metric": metric, "returnData": False},
            ],
        }
    )
    assert alarm.points(_fed([4])) == (200.0,)


def test_what_nobody_measures_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        _of(namespace="AWS/Elsewhere").state(_fed([1]))
