"""Alarms on what must not happen unseen: root, the emergency role, personal data in a log, records that get stuck.

Sections: Emergency Access, Audit Logging, Data Handling (No PII in logs). EventBridge's default rules don't see who
takes a role, so identities are counted in the trail's own log group, by the stack that has it.
"""

from collections.abc import Iterator, Mapping

import pulumi
import pulumi_aws as aws

from components.alerting.alarms import ABOVE, Row
from components.shared.environment import Environment
from components.shared.log_groups import NamedGroup
from components.shared.metrics import queries

# Seconds that a record may wait for the archive: four times as long as a delivery collects. Periods of five minutes.
WAITING, WAITING_PERIODS, PERIOD = 3600, 3, 300

# Root by a person: what AWS does for an account under that name isn't meant.
ROOT = (
    '{ ($.userIdentity.type = "Root") && ($.userIdentity.invokedBy NOT EXISTS) && ($.eventType != "AwsServiceEvent") }'
)


def identity_rows(
    name: str, *, environment: Environment, trail: NamedGroup, emergency_role: str, parent: pulumi.Resource
) -> Iterator[Row]:
    """Count the uses of root and of the emergency role in the trail, and watch each."""
    role = f"arn:aws:iam::{environment.account}:role/{emergency_role}"
    for purpose, metric, says, pattern in (
        ("root-usage", "RootUsage", "Somebody has used the account's root user", ROOT),
        (
            "emergency-access",
            "EmergencyAccess",
            f"Somebody has taken the emergency role {emergency_role}, or tried to",
            f'{{ ($.eventName = "AssumeRole*") && ($.requestParameters.roleArn = "{role}") }}',
        ),
    ):
        namespace = f"{environment.application}/Audit"
        aws.cloudwatch.LogMetricFilter(
            f"{name}-{purpose}",
            name=f"{environment.name}-{purpose}",
            log_group_name=trail.group.name,
            pattern=pattern,
            metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                namespace=namespace, name=metric, value="1", unit="Count"
            ),
            opts=pulumi.ResourceOptions(parent=parent),
        )
        yield Row(
            name=purpose,
            page=purpose,
            says=says,
            severity="High",
            command=f"logs filter-log-events --log-group-name {trail.name} --filter-pattern '{pattern}'",
            comparison=ABOVE,
            threshold=0,
            periods=1,
            missing="notBreaching",
            namespace=namespace,
            metric=metric,
            dimensions={},
            statistic="Sum",
        )


def delivery_row(stream: str) -> Row:
    """Watch how long records have been waiting for the archive: after a day the stream gives them up."""
    return Row(
        name="audit-delivery",
        page="audit-delivery",
        says=f"Records for the archive have been waiting for more than {WAITING // 60} minutes in {stream}",
        severity="Warning",
        command=f"firehose describe-delivery-stream --delivery-stream-name {stream}",
        comparison=ABOVE,
        threshold=WAITING,
        periods=WAITING_PERIODS,
        missing="notBreaching",
        namespace="AWS/Firehose",
        metric="DeliveryToS3.DataFreshness",
        dimensions={"DeliveryStreamName": stream},
        statistic="Maximum",
        period=PERIOD,
    )


def finding_rows(watched: Mapping[str, NamedGroup]) -> Iterator[Row]:
    """Watch for personal data in each log group that is looked through."""
    for purpose, named in watched.items():
        own = {"LogGroupName": named.group.name}
        metric = ("AWS/Logs", "LogEventsWithFindings")
        yield Row(
            name=f"personal-data-{purpose}",
            page="personal-data",
            says=f"Personal data has got into the log {named.name}",
            severity="Warning",
            command=f"logs get-data-protection-policy --log-group-identifier {named.name}",
            comparison=ABOVE,
            threshold=0,
            periods=1,
            missing="notBreaching",
            queries=queries(
                # AWS's pages don't say under which dimensions; either makes it fire.
                "FILL(whole, 0) + FILL(audited, 0)",
                "Records with personal data",
                {
                    "whole": (*metric, own, "Sum"),
                    "audited": (*metric, {**own, "DataProtectionOperation": "Audit"}, "Sum"),
                },
            ),
        )
