"""Says what state a CloudWatch alarm goes to, from its inputs as a state holds them and from what was measured.

Sources: CloudWatch's user guide, "Alarm evaluation", "Configuring how CloudWatch alarms treat missing data" and
"Percentile-based alarms and low data samples". How far CloudWatch looks back is published for examples only: two
periods more than are evaluated; `spare` says so, and a test may say otherwise.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from tests.components.alerting.expressions import Series, calculated

State: TypeAlias = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
Treatment: TypeAlias = Literal["missing", "ignore", "breaching", "notBreaching"]
# What was measured under a namespace and a metric's name: the samples of each minute, the newest last.
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
    """What is measured; `statistic` is a plain one or a percentile (p95), `period` is in seconds."""

    namespace: str
    name: str
    statistic: str
    period: int

    def series(self, feed: Feed) -> Series:
        """One value for each whole period; what isn't fed at all is a mistake of the test or of the alarm."""
        minutes = feed[self.namespace, self.name]
        step = self.period // MINUTE
        start = len(minutes) % step
        periods = [minutes[at : at + step] for at in range(start, len(minutes), step)]
        return tuple(_statistic(self.statistic, [sample for minute in each for sample in minute]) for each in periods)


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm as CloudWatch evaluates it: `needed` out of `periods`."""

    comparison: str
    threshold: float
    periods: int
    needed: int
    missing: Treatment
    ignores_few_samples: bool
    metrics: Mapping[str, Metric]
    expressions: Mapping[str, str]
    returned: str

    def points(self, feed: Feed) -> Series:
        """The series that is compared with the threshold."""
        series = {name: metric.series(feed) for name, metric in self.metrics.items()}
        waiting = dict(self.expressions)
        while waiting:
            # An expression may name another one, in any order.
            ready = [name for name, text in waiting.items() if not _names(text) & waiting.keys()]
            for name in ready:
                series[name] = calculated(waiting.pop(name), series)
        return series[self.returned]

    def state(self, feed: Feed, before: State = "OK", *, spare: int = SPARE) -> State:
        """The state after the newest point, where it was `before` until then."""
        if self.ignores_few_samples and self._has_few_samples(feed):
            return before
        compare = _COMPARISONS[self.comparison]
        points = self.points(feed)[-(self.periods + spare) :]
        breaches = [None if point is None else compare(point, self.threshold) for point in points]
        return verdict(breaches, self.periods, self.needed, self.missing, before)

    def _has_few_samples(self, feed: Feed) -> bool:
        metric = self.metrics[self.returned]
        share = float(metric.statistic[1:]) / 100
        minutes = self.periods * metric.period // MINUTE
        found = sum(len(samples) for samples in feed[metric.namespace, metric.name][-minutes:])
        return found < 10 / (1 - share if share >= 0.5 else share)


def verdict(
    points: Sequence[bool | None], periods: int, needed: int, missing: Treatment, before: State = "OK"
) -> State:
    """The state that follows from the points of the evaluation range: breaching or not, or missing (None)."""
    real = [point for point in points if point is not None]
    lacking = max(periods - len(real), 0)
    breaches = sum(real[-periods:]) + (lacking if missing == "breaching" else 0)
    if breaches >= needed:
        return "ALARM"
    if not lacking or missing in ("breaching", "notBreaching"):
        return "OK"
    if not real:
        return "INSUFFICIENT_DATA" if missing == "missing" else before
    if all(real) and len(points) - list(points).index(True) >= needed:
        # One breach, old enough, and nothing since: CloudWatch doesn't wait for a point that may never come.
        return "ALARM" if missing == "missing" else before
    return "OK"


def read(inputs: Mapping[str, object]) -> Alarm:
    """The alarm in a metric alarm's inputs."""
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
        returned = ["own"]
        percentile = inputs.get("extendedStatistic")
        metrics["own"] = _metric(inputs, "extendedStatistic" if percentile else "statistic")
    assert len(returned) == 1, f"an alarm has one series, not {returned}"
    periods = _number(inputs["evaluationPeriods"])
    return Alarm(
        comparison=str(inputs["comparisonOperator"]),
        threshold=float(cast("float", inputs["threshold"])),
        periods=periods,
        needed=_number(inputs.get("datapointsToAlarm") or periods),
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
    assert statistic.startswith("p"), f"the statistic {statistic} isn't known here"
    rank = math.ceil(float(statistic[1:]) / 100 * len(samples))
    return float(sorted(samples)[max(rank, 1) - 1])
