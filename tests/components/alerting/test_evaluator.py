"""The evaluator agrees with AWS's published examples of missing data and rules of metric math."""

import pytest

from tests.components.alerting.evaluator import Alarm, Feed, State, Treatment, evaluate, parse_alarm
from tests.components.alerting.expressions import Series, evaluate_expression

# AWS's two tables, row by row: the points (0 within, X breaching, - missing; the newest last), the number of filled
# points, and the state for missing, ignore, breaching and notBreaching. "kept" is the previous state. Three periods are
# evaluated, five are retrieved.
KEPT = "kept"
INSUFFICIENT = "INSUFFICIENT_DATA"
THREE_OF_THREE = (
    ("0 - X - X", 0, "OK", "OK", "OK", "OK"),
    ("0 - - - -", 2, "OK", "OK", "OK", "OK"),
    ("- - - - -", 3, INSUFFICIENT, KEPT, "ALARM", "OK"),
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
STATES: tuple[State, ...] = ("OK", "ALARM", INSUFFICIENT)
ROWS = [
    *(pytest.param(3, *row, id=f"3 of 3: {row[0]}") for row in THREE_OF_THREE),
    *(pytest.param(2, *row, id=f"2 of 3: {row[0]}") for row in TWO_OF_THREE),
]


def points(text: str) -> list[bool | None]:
    return [{"0": False, "X": True, "-": None}[mark] for mark in text.split()]


@pytest.mark.parametrize(("datapoints", "text", "filled", "missing", "ignore", "breaching", "not_breaching"), ROWS)
def test_published_row(
    datapoints: int, text: str, filled: int, missing: str, ignore: str, breaching: str, not_breaching: str
) -> None:
    """Each published row, from every previous state."""
    real = [point for point in points(text) if point is not None]
    assert max(3 - len(real), 0) == filled
    for treatment, expected in zip(TREATMENTS, (missing, ignore, breaching, not_breaching), strict=True):
        for before in STATES:
            found = evaluate(points(text), 3, datapoints, treatment, before)
            assert found == (before if expected == KEPT else expected), f"{treatment}, {before} before"


@pytest.mark.parametrize("text", ["- - - - X", "- - - X -", "- - - X 0", "- - X - 0"])
def test_no_premature_alarm(text: str) -> None:
    """AWS's further examples: a breach that is too recent, and one followed by a good point."""
    assert evaluate(points(text), 3, 3, "missing") == "OK"


def test_a_good_point_outside_the_evaluation_range_changes_nothing() -> None:
    assert evaluate(points("0 X X"), 2, 2, "missing") == "ALARM"
    assert evaluate(points("0 X X"), 3, 3, "missing") == "OK"


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
    """A missing point counts as 0 beside an existing one; a division by zero is dropped."""
    values: dict[str, Series] = {"a": (1.0, 2.0, None, None), "b": (3.0, None, None, 1.0)}
    assert evaluate_expression(expression, values) == expected


@pytest.mark.parametrize(
    "expression", ["RATE(a)", "a.real", "__import__('os')", "c + 1", "[a, a]", "1 + 1", "a if a else a"]
)
def test_unsupported_metric_math_is_rejected(expression: str) -> None:
    with pytest.raises(ValueError, match=r"unsupported|expected one series"):
        evaluate_expression(expression, {"a": (1.0,)})


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


def _alarm(**changed: object) -> Alarm:
    return parse_alarm({**PLAIN, **changed})


def _feed(*minutes: list[float]) -> Feed:
    return {("N", "M"): minutes}


@pytest.mark.parametrize(
    ("statistic", "expected"), [("Sum", 10), ("Average", 2.5), ("Minimum", 1), ("Maximum", 4), ("SampleCount", 4)]
)
def test_statistics(statistic: str, expected: float) -> None:
    assert _alarm(statistic=statistic).points(_feed([1, 2, 3, 4], [])) == (expected, None)


def test_a_percentile_is_a_rank() -> None:
    alarm = _alarm(statistic=None, extendedStatistic="p95")
    assert alarm.points(_feed([float(number) for number in range(1, 101)])) == (95.0,)


def test_a_longer_period_combines_minutes() -> None:
    """The newest period ends with the newest minute; minutes that fill no period are dropped."""
    assert _alarm(period=120).points(_feed([100], [1], [2], [3], [])) == (3.0, 3.0)


def test_the_threshold_itself_does_not_breach() -> None:
    assert _alarm().state(_feed([10], [10], [10])) == "OK"
    assert _alarm().state(_feed([11], [10], [11])) == "ALARM"
    assert _alarm(comparisonOperator="GreaterThanOrEqualToThreshold").state(_feed([10], [10], [10])) == "ALARM"
    assert _alarm(comparisonOperator="LessThanThreshold").state(_feed([9], [9], [9])) == "ALARM"


def test_all_points_must_breach_by_default() -> None:
    assert _alarm(datapointsToAlarm=None).state(_feed([11], [10], [11])) == "OK"


def test_a_percentile_of_few_samples_is_ignored() -> None:
    """For p95, fewer than 200 samples in the evaluated periods: the alarm keeps its state."""
    alarm = _alarm(statistic=None, extendedStatistic="p95", evaluateLowSampleCountPercentiles="ignore")
    assert alarm.state(_feed([20.0] * 66, [20.0] * 66, [20.0] * 66)) == "OK"
    assert alarm.state(_feed([20.0] * 67, [20.0] * 67, [20.0] * 67)) == "ALARM"


def test_expressions_in_any_order() -> None:
    metric = {"namespace": "N", "metricName": "M", "stat": "Sum", "period": 60}
    alarm = parse_alarm(
        {
            **{key: PLAIN[key] for key in ("comparisonOperator", "threshold", "evaluationPeriods")},
            "metricQueries": [
                {"id": "share", "expression": "100 * half", "returnData": True},
                {"id": "half", "expression": "m / 2", "returnData": False},
                {"id": "m", "metric": metric, "returnData": False},
            ],
        }
    )
    assert alarm.points(_feed([4])) == (200.0,)


def test_a_metric_without_samples_is_an_error() -> None:
    with pytest.raises(KeyError):
        _alarm(namespace="AWS/Elsewhere").state(_feed([1]))
