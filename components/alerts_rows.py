"""What an alarm says beyond its measure: how urgent it is, where to read on, what to type first; and how it is made.

Sections: Alert Configuration, Incident Response (Severity Levels).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alerts_channels import Topics
from components.naming import Environment
from settings.alerts import Alerts, SeverityName

MINUTE = 60

# Severity Levels: the document's level, and within what time somebody answers.
RESPONSES: Mapping[SeverityName, tuple[str, str]] = {
    "Critical": ("SEV1", "15 min"),
    "High": ("SEV2", "30 min"),
    "Warning": ("SEV3", "2 hours"),
}

Dimensions = Mapping[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One alarm.

    `name` follows `alerts-` in its logical name and the environment's in its physical one, `page` is its runbook's,
    `says` what is the matter, `command` what to type first (after `aws --region …`). `periods` of `period` seconds must
    all be beyond the threshold. `placeholder`: what runs before the first release sets it off. `symptom`: users feel
    it, so it is told together with the others of its severity.
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

    `symptoms` are those made so far that don't tell by themselves, since others of their severity tell the same.
    """

    symptoms: dict[SeverityName, list[aws.cloudwatch.MetricAlarm]]

    def __init__(
        self, name: str, *, environment: Environment, settings: Alerts, topics: Topics, parent: pulumi.Resource
    ) -> None:
        self._name_prefix = name
        self._environment = environment
        self._settings = settings
        self._topics = topics
        self._parent = parent
        self.symptoms = {}

    def make(self, row: Row) -> aws.cloudwatch.MetricAlarm:
        """Make a row's alarm."""
        environment, until = self._environment, self._settings.silent_until
        silent = until if row.placeholder else None
        told = None if row.symptom and silent is None else [self._topics[row.severity].arn]
        simple = row.queries is None
        alarm = aws.cloudwatch.MetricAlarm(
            f"{self._name_prefix}-{row.name}",
            name=f"{environment.name}-{row.name}",
            alarm_description=description(
                row.says,
                severity=row.severity,
                page=row.page,
                command=row.command,
                environment=environment,
                settings=self._settings,
            ),
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
            opts=pulumi.ResourceOptions(parent=self._parent),
        )
        if told is None:
            self.symptoms.setdefault(row.severity, []).append(alarm)
        return alarm


def description(
    says: str, *, severity: SeverityName, page: str, command: str, environment: Environment, settings: Alerts
) -> str:
    """Give an alarm's text: what is the matter, how urgent it is, where to read on, what to type first."""
    level, within = RESPONSES[severity]
    return "\n".join(
        (
            says,
            f"{severity}: {level}, answer within {within}",
            f"Runbook: {settings.runbooks}/{page}.md",
            f"Start with: aws --region {environment.region} {command}",
        )
    )


def queries(
    expression: str, label: str, metrics: Mapping[str, tuple[str, str, Dimensions, str]]
) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    """Give an expression over metrics, each by id: namespace, name, dimensions and statistic of a minute."""
    query = aws.cloudwatch.MetricAlarmMetricQueryArgs
    return [
        query(id="result", expression=expression, label=label, return_data=True),
        *(
            query(
                id=id_,
                return_data=False,
                metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                    namespace=namespace, metric_name=metric, dimensions=dimensions, stat=statistic, period=MINUTE
                ),
            )
            for id_, (namespace, metric, dimensions, statistic) in metrics.items()
        ),
    ]
