"""Composite alarms: one outage pages once (decision 0026).

Section: Incident Response. For each severity, one composite alarm notifies for all user-facing alarms. It is suppressed
while the next more severe one is in ALARM.
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.alerting.alarms import RESPONSES, AlarmContext
from settings.alerts import SeverityName

# Seconds: how much later a more severe alarm may start than a milder one, and how much earlier it may end.
WAIT_PERIOD, EXTENSION_PERIOD = 120, 180


def composite_alarms(
    members: Mapping[SeverityName, Sequence[aws.cloudwatch.MetricAlarm]], context: AlarmContext
) -> list[aws.cloudwatch.CompositeAlarm]:
    """Create a composite alarm for each severity that has members, the most severe first."""
    composites: list[aws.cloudwatch.CompositeAlarm] = []
    for severity in RESPONSES:
        if members.get(severity):
            suppressor = composites[-1] if composites else None
            composites.append(_composite_alarm(severity, members[severity], suppressor, context))
    return composites


def _composite_alarm(
    severity: SeverityName,
    members: Sequence[aws.cloudwatch.MetricAlarm],
    suppressor: aws.cloudwatch.CompositeAlarm | None,
    context: AlarmContext,
) -> aws.cloudwatch.CompositeAlarm:
    environment, name = context.environment.name, f"outage-{severity.lower()}"
    actions = [context.topics[severity].arn]
    return aws.cloudwatch.CompositeAlarm(
        f"{context.name_prefix}-{name}",
        alarm_name=f"{environment}-{name}",
        alarm_description=context.description(
            "Users are affected: one or more user-facing alarms are in ALARM. List them and follow their runbooks",
            severity=severity,
            runbook="outage",
            command=f"cloudwatch describe-alarms --state-value ALARM --alarm-name-prefix {environment}-",
        ),
        alarm_rule=_any_of(members),
        alarm_actions=actions,
        ok_actions=actions,
        actions_suppressor=(
            aws.cloudwatch.CompositeAlarmActionsSuppressorArgs(
                alarm=suppressor.arn, wait_period=WAIT_PERIOD, extension_period=EXTENSION_PERIOD
            )
            if suppressor
            else None
        ),
        tags={"Severity": severity},
        opts=pulumi.ResourceOptions(parent=context.parent, depends_on=list(context.running)),
    )


def _any_of(alarms: Sequence[aws.cloudwatch.MetricAlarm]) -> pulumi.Output[str]:
    return pulumi.Output.all(*(alarm.name for alarm in alarms)).apply(
        lambda names: " OR ".join(f'ALARM("{name}")' for name in names)
    )
