"""Alarms on use of root and of the emergency roles, on personal data in logs, and on stuck audit records.

Sections: Emergency Access, Audit Logging, Data Handling (No PII in logs). EventBridge's default rules don't see
AssumeRole, so the stack with the trail counts identities in the trail's log group.
"""

from collections.abc import Iterator, Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.alerting.alarms import Alarm, AlarmMetric, above
from components.audit.audit import AuditOutputs
from components.shared.environment import Environment
from components.shared.log_groups import NamedLogGroup
from components.shared.metrics import metric_queries

# Seconds that a record may wait for the archive, four times the stream's buffering interval; periods of five minutes.
MAX_AGE, MAX_AGE_PERIODS, PERIOD = 3600, 3, 300

# Root used by a person: AWS services act for an account under that name too.
ROOT = (
    '{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != "AwsServiceEvent") }'
)


def audit_alarms(
    name_prefix: str,
    *,
    environment: Environment,
    audit: AuditOutputs,
    emergency_roles: Sequence[str],
    masked_log_groups: Mapping[str, NamedLogGroup],
    parent: pulumi.Resource,
) -> Iterator[Alarm]:
    """Yield all alarms on the audit trail, the records and the masked log groups; create the metrics that they need."""
    if audit.trail_log_group:
        yield from _identity_alarms(
            name_prefix,
            environment=environment,
            trail=audit.trail_log_group,
            emergency_roles=emergency_roles,
            parent=parent,
        )
    yield _delivery_alarm(audit.delivery_stream)
    yield from _personal_data_alarms(masked_log_groups)


def _identity_alarms(
    name_prefix: str,
    *,
    environment: Environment,
    trail: NamedLogGroup,
    emergency_roles: Sequence[str],
    parent: pulumi.Resource,
) -> Iterator[Alarm]:
    """Count the uses of root and of the emergency roles in the trail; yield an alarm on each."""
    arns = map(environment.role_arn, emergency_roles)
    uses = " || ".join(f'($.requestParameters.roleArn = "{arn}")' for arn in arns)
    namespace = f"{environment.application}/Audit"
    for name, metric, description, pattern in (
        (
            "root-usage",
            "RootUsage",
            (
                "The account's root user was used: daily work never needs it. Ask its owners; if none of them used it, "
                "change password and MFA, delete its keys"
            ),
            ROOT,
        ),
        (
            "emergency-access",
            "EmergencyAccess",
            (
                f"An emergency role ({' or '.join(emergency_roles)}) was assumed, or an attempt was denied: this needs "
                "an incident. If there is none, revoke the role's sessions"
            ),
            f'{{ ($.eventName = "AssumeRole*") && ({uses}) }}',
        ),
    ):
        aws.cloudwatch.LogMetricFilter(
            f"{name_prefix}-{name}",
            name=f"{environment.name}-{name}",
            log_group_name=trail.group.name,
            pattern=pattern,
            metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                namespace=namespace, name=metric, value="1", unit="Count"
            ),
            opts=pulumi.ResourceOptions(parent=parent),
        )
        yield Alarm(
            name=name,
            description=description,
            severity="High",
            command=f"logs filter-log-events --log-group-name {trail.name} --filter-pattern '{pattern}'",
            metric=AlarmMetric(namespace, metric, {}, "Sum"),
            condition=above(0),
            periods=1,
            missing_data="notBreaching",
        )


def _delivery_alarm(stream: str) -> Alarm:
    """Watch the age of the oldest undelivered record: the stream drops records after a day."""
    return Alarm(
        name="audit-delivery",
        description=f"Audit records have waited for the archive for more than {MAX_AGE // 60} minutes in {stream}: "
        "after 24 hours they are dropped. Read the stream's error log",
        severity="Warning",
        command=f"firehose describe-delivery-stream --delivery-stream-name {stream}",
        metric=AlarmMetric("AWS/Firehose", "DeliveryToS3.DataFreshness", {"DeliveryStreamName": stream}, "Maximum"),
        condition=above(MAX_AGE),
        periods=MAX_AGE_PERIODS,
        missing_data="notBreaching",
        period=PERIOD,
    )


def _personal_data_alarms(log_groups: Mapping[str, NamedLogGroup]) -> Iterator[Alarm]:
    """Watch for personal data that CloudWatch finds in the log groups, by what writes to them."""
    for purpose, log_group in log_groups.items():
        dimensions = {"LogGroupName": log_group.group.name}
        metric = ("AWS/Logs", "LogEventsWithFindings")
        yield Alarm(
            name=f"personal-data-{purpose}",
            description=f"Personal data found in the log group {log_group.name}: it is masked, but it must not be "
            "written. Find the code or statement that writes it",
            severity="Warning",
            command=f"logs get-data-protection-policy --log-group-identifier {log_group.name}",
            metric=metric_queries(
                # AWS doesn't document the dimensions; either sum sets it off.
                "FILL(whole, 0) + FILL(audited, 0)",
                "Records with personal data",
                {
                    "whole": (*metric, dimensions, "Sum"),
                    "audited": (*metric, {**dimensions, "DataProtectionOperation": "Audit"}, "Sum"),
                },
            ),
            condition=above(0),
            periods=1,
            missing_data="notBreaching",
            runbook="personal-data",
        )
