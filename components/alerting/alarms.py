"""The specification of an alarm, and how an alarm is created from it.

Sections: Alert Configuration, Incident Response (Severity Levels).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import pulumi
import pulumi_aws as aws

from components.alerting.channels import Topics
from components.shared.environment import Environment
from components.shared.metrics import MINUTE, Dimensions
from settings.alerts import Alerts, SeverityName

MissingData: TypeAlias = Literal["missing", "breaching", "notBreaching"]

# Severity Levels: level and response time by severity, the most severe first.
RESPONSES: Mapping[SeverityName, tuple[str, str]] = {
    "Critical": ("SEV1", "15 min"),
    "High": ("SEV2", "30 min"),
    "Warning": ("SEV3", "2 hours"),
}


class AlarmMetric(NamedTuple):
    """A metric and the statistic of each period: a plain one, such as Average, or a percentile, such as p95."""

    namespace: str
    name: str
    dimensions: Dimensions
    statistic: str


class Condition(NamedTuple):
    """How a value is compared with the threshold."""

    comparison: str
    threshold: float


def above(threshold: float) -> Condition:
    """Return the condition that a value is greater than the threshold."""
    return Condition("GreaterThanThreshold", threshold)


def at_least(threshold: float) -> Condition:
    """Return the condition that a value is greater than the threshold or equal to it."""
    return Condition("GreaterThanOrEqualToThreshold", threshold)


def below(threshold: float) -> Condition:
    """Return the condition that a value is less than the threshold."""
    return Condition("LessThanThreshold", threshold)


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """The specification of an alarm; its name follows the environment's in the physical name.

    `command` is the first command of the runbook, after `aws --region …`. All of `periods` periods of `period` seconds
    must meet the condition. `runbook` is the name of the page in docs/runbooks, if it isn't the alarm's name.
    `user_facing`: users are affected; such alarms are created once tasks run, and notify through a composite alarm.
    `placeholder`: the container before the first release sets it off.
    """

    name: str
    description: str
    severity: SeverityName
    command: str
    metric: AlarmMetric | list[aws.cloudwatch.MetricAlarmMetricQueryArgs]
    condition: Condition
    periods: int
    missing_data: MissingData
    period: int = MINUTE
    runbook: str | None = None
    user_facing: bool = False
    placeholder: bool = False


@dataclass(frozen=True, kw_only=True)
class AlarmContext:
    """What the alarms of a stack share; `running` are the resources that are complete once tasks run."""

    name_prefix: str
    environment: Environment
    settings: Alerts
    topics: Topics
    running: Sequence[pulumi.Resource]
    parent: pulumi.Resource

    def silent_until(self, alarm: Alarm) -> str | None:
        """Return the day until which an alarm is silent, None if it is not."""
        return self.settings.silent_until if alarm.placeholder else None

    def is_composite_member(self, alarm: Alarm) -> bool:
        """Return whether an alarm notifies through its severity's composite alarm; a silent one must not set it off."""
        return alarm.user_facing and self.silent_until(alarm) is None

    def description(self, text: str, *, severity: SeverityName, runbook: str, command: str) -> str:
        """Return an alarm's whole description: text, severity, runbook and first command, a line each."""
        level, response_time = RESPONSES[severity]
        return "\n".join(
            (
                text,
                f"{severity}: {level}, respond within {response_time}",
                f"Runbook: {self.settings.runbooks}/{runbook}.md",
                f"First command: aws --region {self.environment.region} {command}",
            )
        )


def create_alarm(alarm: Alarm, context: AlarmContext) -> aws.cloudwatch.MetricAlarm:
    """Create an alarm that notifies the topic of its severity, of the recovery too."""
    silent_until = context.silent_until(alarm)
    actions = None if context.is_composite_member(alarm) else [context.topics[alarm.severity].arn]
    metric, queries = (alarm.metric, None) if isinstance(alarm.metric, AlarmMetric) else (None, alarm.metric)
    has_percentile = metric is not None and metric.statistic.startswith("p")
    return aws.cloudwatch.MetricAlarm(
        f"{context.name_prefix}-{alarm.name}",
        name=f"{context.environment.name}-{alarm.name}",
        alarm_description=context.description(
            alarm.description, severity=alarm.severity, runbook=alarm.runbook or alarm.name, command=alarm.command
        ),
        actions_enabled=silent_until is None,
        alarm_actions=actions,
        ok_actions=actions,
        comparison_operator=alarm.condition.comparison,
        threshold=alarm.condition.threshold,
        evaluation_periods=alarm.periods,
        datapoints_to_alarm=alarm.periods,
        treat_missing_data=alarm.missing_data,
        namespace=metric and metric.namespace,
        metric_name=metric and metric.name,
        dimensions=metric and metric.dimensions,
        statistic=metric.statistic if metric and not has_percentile else None,
        extended_statistic=metric.statistic if metric and has_percentile else None,
        # Of a few requests, a percentile is the slowest one.
        evaluate_low_sample_count_percentiles="ignore" if has_percentile else None,
        period=alarm.period if metric else None,
        metric_queries=queries,
        tags={"Severity": alarm.severity, **({"SilentUntil": silent_until} if silent_until else {})},
        # The first `up` takes tens of minutes until tasks run; no one must be paged meanwhile.
        opts=pulumi.ResourceOptions(
            parent=context.parent, depends_on=list(context.running) if alarm.user_facing else None
        ),
    )
