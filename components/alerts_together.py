"""One outage pages once: composite alarms that tell of what users feel, each for all alarms of a severity.

Section: Incident Response. One cause sets several alarms off: requests fail, are slow, tasks are ill. Alone each would
page; so none of them tells anybody by itself, and the composite of their severity does. While a more severe one is on,
those below it are silent: somebody is at it already (decision 0026).
"""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.alerts_channels import Topics
from components.alerts_rows import description
from components.naming import Environment
from settings.alerts import Alerts, SeverityName

# From the most severe on.
SEVERITIES: Sequence[SeverityName] = ("Critical", "High", "Warning")

# Seconds: how much later a more severe alarm may come than a milder one, and how much earlier it may go.
WAIT, EXTENSION = 120, 180


def together(
    name: str,
    symptoms: Mapping[SeverityName, Sequence[aws.cloudwatch.MetricAlarm]],
    *,
    environment: Environment,
    settings: Alerts,
    topics: Topics,
    parent: pulumi.Resource,
) -> Sequence[aws.cloudwatch.CompositeAlarm]:
    """Make a composite for each severity that has alarms, silenced by the next more severe one there is."""
    made: list[aws.cloudwatch.CompositeAlarm] = []
    for severity in SEVERITIES:
        alarms = symptoms.get(severity)
        if alarms:
            made.append(
                aws.cloudwatch.CompositeAlarm(
                    f"{name}-outage-{severity.lower()}",
                    alarm_name=f"{environment.name}-outage-{severity.lower()}",
                    alarm_description=description(
                        "Users feel it; the alarms that are on say what it is",
                        severity=severity,
                        page="outage",
                        command="cloudwatch describe-alarms --state-value ALARM "
                        f"--alarm-name-prefix {environment.name}-",
                        environment=environment,
                        settings=settings,
                    ),
                    alarm_rule=_any_of(alarms),
                    alarm_actions=[topics[severity].arn],
                    ok_actions=[topics[severity].arn],
                    actions_suppressor=_suppressor(made[-1]) if made else None,
                    tags={"Severity": severity},
                    opts=pulumi.ResourceOptions(parent=parent),
                )
            )
    return made


def _any_of(alarms: Sequence[aws.cloudwatch.MetricAlarm]) -> pulumi.Output[str]:
    return pulumi.Output.all(*(alarm.name for alarm in alarms)).apply(
        lambda names: " OR ".join(f'ALARM("{name}")' for name in names)
    )


def _suppressor(more_severe: aws.cloudwatch.CompositeAlarm) -> aws.cloudwatch.CompositeAlarmActionsSuppressorArgs:
    return aws.cloudwatch.CompositeAlarmActionsSuppressorArgs(
        alarm=more_severe.arn, wait_period=WAIT, extension_period=EXTENSION
    )
