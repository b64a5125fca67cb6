"""What an alarm says beyond its measure: how urgent it is, where to read on, what to type first; and how it is made.

Sections: Alert Configuration, Incident Response (Severity Levels).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alerting.channels import Topics
from components.shared.environment import Environment
from components.shared.metrics import MINUTE, Dimensions
from settings.alerts import Alerts, SeverityName

ABOVE, AT_LEAST, BELOW = "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold"

# Seconds: how much later a more severe alarm may come than a milder one, and how much earlier it may go.
WAIT, EXTENSION = 120, 180

# Severity Levels, the most severe first: the document's level, and within what time somebody answers.
RESPONSES: Mapping[SeverityName, tuple[str, str]] = {
    "Critical": ("SEV1", "15 min"),
    "High": ("SEV2", "30 min"),
    "Warning": ("SEV3", "2 hours"),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One alarm.

    `name` follows `alerts-` in its logical name and the environment's in its physical one, `page` is its runbook's,
    `says` what is the matter, `command` what to type first (after `aws --region …`). `periods` of `period` seconds must
    all be beyond the threshold. `placeholder`: what runs before the first release sets it off. `symptom`: users feel
    it, so it is told together with the others of its severity, and isn't made before the service runs.
    """

    name: str
    page: str
    says: str
    severity: SeverityName
    command: str
    comparison: str
    threshold: float
    periods: int
    missing: str
    namespace: str | None = None
    metric: str | None = None
    dimensions: Dimensions | None = None
    statistic: str | None = None
    percentile: str | None = None
    period: int = MINUTE
    queries: list[aws.cloudwatch.MetricAlarmMetricQueryArgs] | None = None
    placeholder: bool = False
    symptom: bool = False


class Alarms:
    """Makes alarms that tell the people of their severity, of a recovery too.

    What users feel doesn't tell by itself: `together` makes what tells of it, once all of it is made (decision 0026).
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Alerts,
        topics: Topics,
        running: Sequence[pulumi.Resource],
        parent: pulumi.Resource,
    ) -> None:
        self._name_prefix = name
        self._environment = environment
        self._settings = settings
        self._topics = topics
        self._running = running
        self._parent = parent
        self._symptoms: dict[SeverityName, list[aws.cloudwatch.MetricAlarm]] = {}

    def make(self, row: Row) -> aws.cloudwatch.MetricAlarm:
        """Make a row's alarm."""
        until = self._settings.silent_until
        silent = until if row.placeholder else None
        told = None if row.symptom and silent is None else [self._topics[row.severity].arn]
        simple = row.queries is None
        alarm = aws.cloudwatch.MetricAlarm(
            f"{self._name_prefix}-{row.name}",
            name=f"{self._environment.name}-{row.name}",
            alarm_description=self._description(row.says, severity=row.severity, page=row.page, command=row.command),
            actions_enabled=silent is None,
            alarm_actions=told,
            ok_actions=told,
            comparison_operator=row.comparison,
            threshold=row.threshold,
            evaluation_periods=row.periods,
            datapoints_to_alarm=row.periods,
            treat_missing_data=row.missing,
            namespace=row.namespace,
            metric_name=row.metric,
            dimensions=row.dimensions,
            statistic=row.statistic,
            extended_statistic=row.percentile,
            # Of a handful of requests, a percentile is the slowest one.
            evaluate_low_sample_count_percentiles="ignore" if row.percentile else None,
            period=row.period if simple else None,
            metric_queries=row.queries,
            # Whoever wonders about the silence finds its end here.
            tags={"Severity": row.severity, **({"SilentUntil": silent} if silent else {})},
            # On the first `up` tasks run only after tens of minutes, which must not page anyone.
            opts=pulumi.ResourceOptions(parent=self._parent, depends_on=list(self._running) if row.symptom else None),
        )
        if told is None:
            self._symptoms.setdefault(row.severity, []).append(alarm)
        return alarm

    def together(self) -> Sequence[aws.cloudwatch.CompositeAlarm]:
        """Make an alarm of alarms for each severity of what users feel, silenced by the next more severe one."""
        made: list[aws.cloudwatch.CompositeAlarm] = []
        for severity in RESPONSES:
            if severity in self._symptoms:
                made.append(self._outage(severity, made[-1] if made else None))
        return made

    def _outage(
        self, severity: SeverityName, more_severe: aws.cloudwatch.CompositeAlarm | None
    ) -> aws.cloudwatch.CompositeAlarm:
        own_alarms, name = self._environment.name, f"outage-{severity.lower()}"
        told = [self._topics[severity].arn]
        suppressor = aws.cloudwatch.CompositeAlarmActionsSuppressorArgs
        return aws.cloudwatch.CompositeAlarm(
            f"{self._name_prefix}-{name}",
            alarm_name=f"{own_alarms}-{name}",
            alarm_description=self._description(
                "Users feel it; the alarms that are on say what it is",
                severity=severity,
                page="outage",
                command=f"cloudwatch describe-alarms --state-value ALARM --alarm-name-prefix {own_alarms}-",
            ),
            alarm_rule=_any_of(self._symptoms[severity]),
            alarm_actions=told,
            ok_actions=told,
            actions_suppressor=(
                suppressor(alarm=more_severe.arn, wait_period=WAIT, extension_period=EXTENSION) if more_severe else None
            ),
            tags={"Severity": severity},
            opts=pulumi.ResourceOptions(parent=self._parent, depends_on=list(self._running)),
        )

    def _description(self, says: str, *, severity: SeverityName, page: str, command: str) -> str:
        level, within = RESPONSES[severity]
        return "\n".join(
            (
                says,
                f"{severity}: {level}, answer within {within}",
                f"Runbook: {self._settings.runbooks}/{page}.md",
                f"Start with: aws --region {self._environment.region} {command}",
            )
        )


def _any_of(alarms: Sequence[aws.cloudwatch.MetricAlarm]) -> pulumi.Output[str]:
    return pulumi.Output.all(*(alarm.name for alarm in alarms)).apply(
        lambda names: " OR ".join(f'ALARM("{name}")' for name in names)
    )
