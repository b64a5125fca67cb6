"""Evaluate a CloudWatch alarm: the state that follows from its inputs and from samples of its metrics.

Sources: CloudWatch's user guide, "Alarm evaluation", "Configuring how CloudWatch alarms treat missing data" and
"Percentile-based alarms and low data samples". AWS publishes how far CloudWatch looks back for examples only: two
periods more than are evaluated (`spare`).
"""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from tests.components.alerting.expressions import Series, evaluate_expression

State: TypeAlias = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
Treatment: TypeAlias = Literal["missing", "ignore", "breaching", "notBreaching"]
# By namespace and metric name: the samples of each minute, the newest last.
Feed: TypeAlias = Mapping[tuple[str, str], Sequence[Sequence[float]]]

SPARE = 2
MINUTE = 60

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A metric; `statistic` is a plain one or a percentile (p95), `period` is in seconds."""

    namespace: str
    name: str
    statistic: str
    period: int

    def series(self, feed: Feed) -> Series:
        """Return one value for each whole period; a metric without samples in the feed raises KeyError."""
        minutes = feed[self.namespace, self.name]
        step = self.period // MINUTE
        start = len(minutes) % step
        periods = [minutes[at : at + step] for at in range(start, len(minutes), step)]
        return tuple(_statistic(self.statistic, [sample for minute in each for sample in minute]) for each in periods)


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm as CloudWatch evaluates it: `datapoints` out of `periods` must breach."""

    comparison: str
    threshold: float
    periods: int
    datapoints: int
    missing: Treatment
    ignores_few_samples: bool
    metrics: Mapping[str, Metric]
    expressions: Mapping[str, str]
    returned: str

    def points(self, feed: Feed) -> Series:
        """Return the series that is compared with the threshold."""
        series = {name: metric.series(feed) for name, metric in self.metrics.items()}
        pending = dict(self.expressions)
        while pending:
            # An expression may use another one, in any order.
            ready = [name for name, text in pending.items() if not _names(text) & pending.keys()]
            for name in ready:
                series[name] = evaluate_expression(pending.pop(name), series)
        return series[self.returned]

    def state(self, feed: Feed, before: State = "OK", *, spare: int = SPARE) -> State:
        """Return the state after the newest point; `before` is the previous state."""
        if self.ignores_few_samples and self._has_few_samples(feed):
            return before
        compare = _COMPARISONS[self.comparison]
        points = self.points(feed)[-(self.periods + spare) :]
        breaches = [None if point is None else compare(point, self.threshold) for point in points]
        return evaluate(breaches, self.periods, self.datapoints, self.missing, before)

    def _has_few_samples(self, feed: Feed) -> bool:
        metric = self.metrics[self.returned]
        percentile = float(metric.statistic[1:]) / 100
        minutes = self.periods * metric.period // MINUTE
        found = sum(len(samples) for samples in feed[metric.namespace, metric.name][-minutes:])
        return found < 10 / (1 - percentile if percentile >= 0.5 else percentile)


def evaluate(
    points: Sequence[bool | None], periods: int, datapoints: int, missing: Treatment, before: State = "OK"
) -> State:
    """Return the state that follows from the points of the evaluation range: breaching or not, or missing (None)."""
    real = [point for point in points if point is not None]
    missing_count = max(periods - len(real), 0)
    breaches = sum(real[-periods:]) + (missing_count if missing == "breaching" else 0)
    if breaches >= datapoints:
        return "ALARM"
    if not missing_count or missing in ("breaching", "notBreaching"):
        return "OK"
    if not real:
        return "INSUFFICIENT_DATA" if missing == "missing" else before
    if all(real) and len(points) - list(points).index(True) >= datapoints:
        # One breach, old enough, and no point since: CloudWatch doesn't wait for the next one.
        return "ALARM" if missing == "missing" else before
    return "OK"


def parse_alarm(inputs: Mapping[str, object]) -> Alarm:
    """Return the alarm of a metric alarm's inputs."""
    metrics: dict[str, Metric] = {}
    expressions: dict[str, str] = {}
    queries = cast("list[Mapping[str, object]]", inputs.get("metricQueries") or [])
    returned = [str(query["id"]) for query in queries if query.get("returnData")]
    for query in queries:
        if query.get("expression"):
            expressions[str(query["id"])] = str(query["expression"])
        else:
            metrics[str(query["id"])] = _metric(cast("Mapping[str, object]", query["metric"]), "stat")
    if not queries:
        returned = ["metric"]
        percentile = inputs.get("extendedStatistic")
        metrics["metric"] = _metric(inputs, "extendedStatistic" if percentile else "statistic")
    assert len(returned) == 1, f"an alarm returns one series, not {returned}"
    periods = _number(inputs["evaluationPeriods"])
    return Alarm(
        comparison=str(inputs["comparisonOperator"]),
        threshold=float(cast("float", inputs["threshold"])),
        periods=periods,
        datapoints=_number(inputs.get("datapointsToAlarm") or periods),
        missing=cast("Treatment", inputs.get("treatMissingData") or "missing"),
        ignores_few_samples=inputs.get("evaluateLowSampleCountPercentiles") == "ignore",
        metrics=metrics,
        expressions=expressions,
        returned=returned[0],
    )


def _metric(inputs: Mapping[str, object], statistic: str) -> Metric:
    return Metric(
        namespace=str(inputs["namespace"]),
        name=str(inputs["metricName"]),
        statistic=str(inputs[statistic]),
        period=_number(inputs["period"]),
    )


def _number(value: object) -> int:
    return int(cast("float", value))


def _names(expression: str) -> set[str]:
    return set(re.findall(r"[a-z]\w*", expression))


_STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    "Average": lambda samples: sum(samples) / len(samples),
    "Minimum": min,
    "Maximum": max,
    "SampleCount": len,
}


def _statistic(statistic: str, samples: Sequence[float]) -> float | None:
    if not samples:
        return None
    if statistic in _STATISTICS:
        return float(_STATISTICS[statistic](samples))
    assert statistic.startswith("p"), f"unknown statistic: {statistic}"
    rank = math.ceil(float(statistic[1:]) / 100 * len(samples))
    return float(sorted(samples)[max(rank, 1) - 1])
