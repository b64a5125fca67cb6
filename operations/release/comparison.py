"""`--watch`: error rate and latency after a release, compared with the same time before it.

The metrics are those of the alerts on error rate and P95 latency, read from the alarms themselves. Section: Deployment
Checklist, Post-Deployment (30 min).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from operations.frame.context import Context, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.release.service import Deployment

if TYPE_CHECKING:
    from types_boto3_cloudwatch.type_defs import MetricAlarmTypeDef, MetricDataQueryUnionTypeDef

MINUTE = timedelta(minutes=1)
RESULT = "watched"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One compared metric: its alarm, how its values are shown, and the increase that counts as worse."""

    alarm: str
    title: str
    unit: str
    factor: float
    # Both must be exceeded: a doubled rate of next to nothing is noise.
    ratio: float
    increase: float


MEASURES = (
    Measure(alarm="error-rate", title="Error rate", unit="%", factor=1, ratio=2.0, increase=0.1),
    Measure(alarm="p95-latency", title="P95 latency", unit="ms", factor=1000, ratio=1.25, increase=50),
)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Watches a stack's error rate and latency."""

    context: Context

    def watch(self, deployment: Deployment | None) -> None:
        """Wait for the minutes of the settings, then compare with the time before the deployment.

        OperationError if it got worse, has no data any more, or an alarm fires that was quiet before.
        """
        minutes = self.context.settings.releases.watch
        began = self.context.clock.now()
        alarms = self._alarms()
        known = self._firing()
        progress = Progress(context=self.context)

        def quiet() -> bool | None:
            if new := sorted(self._firing() - known):
                raise OperationError(
                    f"Alarm {new[0]} fires after the release",
                    code=ExitCode.CHECK_FAILED,
                    advice="Run `taskflow rollback`.",
                )
            left = minutes - (self.context.clock.now() - began) // MINUTE
            progress.show(f"Watching error rate and latency: {left} minutes left")
            return None

        if known:
            self.context.report.warning(f"In ALARM before the watch, and so no sign of the release: {', '.join(known)}")
        poll(self.context.clock, quiet, limit=minutes * MINUTE, interval=MINUTE.total_seconds())
        end = self.context.clock.now()
        released = deployment.created_at if deployment else began
        before = {measure.alarm: self._mean(alarms[measure.alarm], released, minutes) for measure in MEASURES}
        after = {measure.alarm: self._mean(alarms[measure.alarm], end, minutes) for measure in MEASURES}
        self._judge(before, after)

    def _alarms(self) -> "Mapping[str, MetricAlarmTypeDef]":
        prefix = self.context.environment.name
        names = {f"{prefix}-{measure.alarm}": measure.alarm for measure in MEASURES}
        answer = self.context.aws.cloudwatch.describe_alarms(AlarmNames=list(names))
        found = {names[each.get("AlarmName", "")]: each for each in answer["MetricAlarms"]}
        if missing := [name for name, alarm in names.items() if alarm not in found]:
            raise OperationError(f"There is no alarm {missing[0]}", code=ExitCode.REFUSED)
        return found

    def _firing(self) -> set[str]:
        """Return the watched alarms that are in ALARM."""
        names = [f"{self.context.environment.name}-{measure.alarm}" for measure in MEASURES]
        answer = self.context.aws.cloudwatch.describe_alarms(AlarmNames=names, StateValue="ALARM")
        return {each.get("AlarmName", "") for each in answer["MetricAlarms"]}

    def _mean(self, alarm: "MetricAlarmTypeDef", end: datetime, minutes: int) -> float | None:
        """Return the mean of a metric's minutes; None without data."""
        values: list[float] = []
        pages = self.context.aws.cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=_queries(alarm), StartTime=end - minutes * MINUTE, EndTime=end
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                values += result.get("Values", [])
        return sum(values) / len(values) if values else None

    def _judge(self, before: Mapping[str, float | None], after: Mapping[str, float | None]) -> None:
        worse: list[str] = []
        rows: list[Sequence[str]] = []
        for measure in MEASURES:
            old, new = before[measure.alarm], after[measure.alarm]
            is_worse = _is_worse(measure, old, new)
            worse += [measure.title] if is_worse else []
            rows.append(
                (measure.title, _shown(measure, old), _shown(measure, new), "worse" if is_worse else "as before")
            )
        self.context.report.table(("", "before", "after", ""), rows)
        if worse:
            raise OperationError(
                f"Worse than before the release: {', '.join(worse)}",
                code=ExitCode.CHECK_FAILED,
                advice="Run `taskflow rollback`, or find another cause first.",
            )
        self.context.report.done("Error rate and latency are as before")


def _is_worse(measure: Measure, old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        # Requests that reach no task have no latency.
        return old is not None
    before, after = old * measure.factor, new * measure.factor
    return after > before * measure.ratio and after > before + measure.increase


def _shown(measure: Measure, value: float | None) -> str:
    return "no data" if value is None else f"{value * measure.factor:.4g} {measure.unit}"


def _queries(alarm: "MetricAlarmTypeDef") -> "list[MetricDataQueryUnionTypeDef]":
    """Return an alarm's metric as a query: its expression, or its one metric with its statistic."""
    metrics = alarm.get("Metrics", [])
    if metrics:
        return [*metrics]
    return [
        {
            "Id": RESULT,
            "MetricStat": {
                "Metric": {
                    "Namespace": alarm.get("Namespace", ""),
                    "MetricName": alarm.get("MetricName", ""),
                    "Dimensions": alarm.get("Dimensions", []),
                },
                "Period": alarm.get("Period", 60),
                "Stat": alarm.get("ExtendedStatistic") or alarm.get("Statistic", ""),
            },
        }
    ]
