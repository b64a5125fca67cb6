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
class Measured:
    """One metric's means before and after a deployment (None: no data), and whether its alarm fires."""

    measure: Measure
    before: float | None
    after: float | None
    is_firing: bool = False

    @property
    def is_worse(self) -> bool:
        """Whether it got worse."""
        return _is_worse(self.measure, self.before, self.after)

    @property
    def words(self) -> str:
        """Both means: `0.02 %, before 0.02 %`."""
        return f"{_shown(self.measure, self.after)}, before {_shown(self.measure, self.before)}"


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
            progress.show(f"Watching error rate and latency: {_left(left)}")
            return None

        if known:
            self.context.report.warning(f"In ALARM before the watch, and so no sign of the release: {', '.join(known)}")
        poll(self.context.clock, quiet, limit=minutes * MINUTE, interval=MINUTE.total_seconds())
        end = self.context.clock.now()
        released = deployment.created_at if deployment else began
        self._judge(
            [
                Measured(
                    measure=measure,
                    before=self._mean(alarms[measure.alarm], released, minutes),
                    after=self._mean(alarms[measure.alarm], end, minutes),
                )
                for measure in MEASURES
            ]
        )

    def since(self, deployment: Deployment, *, waits: bool) -> Mapping[str, Measured] | None:
        """Compare the minutes after a deployment with those before it, by alarm.

        What is left of the minutes is waited for, unless an alarm fires meanwhile; without `waits`, return None then.
        """
        minutes = self.context.settings.releases.watch
        end = (deployment.finished_at or deployment.created_at) + minutes * MINUTE
        left = end - self.context.clock.now()
        if left > timedelta(0):
            if not waits:
                return None
            progress = Progress(context=self.context)

            def over() -> bool | None:
                missing = -((self.context.clock.now() - end) // MINUTE)
                progress.show(f"Watching error rate and latency: {_left(missing)}")
                return True if self._firing() or missing <= 0 else None

            poll(self.context.clock, over, limit=left, interval=min(left, MINUTE).total_seconds())
        alarms, firing = self._alarms(), self._firing()
        end = min(end, self.context.clock.now())
        return {
            measure.alarm: Measured(
                measure=measure,
                before=self._mean(alarms[measure.alarm], deployment.created_at, minutes),
                after=self._mean(alarms[measure.alarm], end, minutes),
                is_firing=f"{self.context.environment.name}-{measure.alarm}" in firing,
            )
            for measure in MEASURES
        }

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

    def _judge(self, measured: Sequence[Measured]) -> None:
        worse = [each.measure.title for each in measured if each.is_worse]
        rows = [
            (
                each.measure.title,
                _shown(each.measure, each.before),
                _shown(each.measure, each.after),
                "worse" if each.is_worse else "as before",
            )
            for each in measured
        ]
        self.context.report.table(("", "before", "after", ""), rows)
        if worse:
            raise OperationError(
                f"Worse than before the release: {', '.join(worse)}",
                code=ExitCode.CHECK_FAILED,
                advice="Run `taskflow rollback`, or find another cause first.",
            )
        self.context.report.done("Error rate and latency are as before")


def _left(minutes: int) -> str:
    return f"{minutes} {'minute' if minutes == 1 else 'minutes'} left" if minutes > 0 else "less than a minute left"


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
