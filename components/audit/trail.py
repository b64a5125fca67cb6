"""The account's CloudTrail: API calls in every region, and object-level events of the application's buckets.

Section: Audit Logging. Of the archives it records reads only: otherwise each file that it writes there would be an
event in the next file.
"""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.iam import allow, policy_document
from components.shared.log_groups import NamedLogGroup, create_log_group
from components.shared.service_principals import trust_policy
from components.storage.buckets import PrivateBucket


def create_trail(
    logical: str,
    *,
    environment: Environment,
    retention: int,
    bucket: PrivateBucket,
    archives: Sequence[str],
    keys: KeysOutputs,
    parent: pulumi.Resource,
) -> NamedLogGroup:
    """Create the trail and its log group; return the log group. Of the buckets `archives` it records reads only."""
    name = environment.log_group_name("trail")
    group = create_log_group(logical, name=name, retention_in_days=retention, key_arn=keys.logs, parent=parent)
    role, permission = _role(logical, environment, name, parent)
    aws.cloudtrail.Trail(
        logical,
        name=environment.name,
        s3_bucket_name=bucket.bucket.bucket,
        kms_key_id=keys.audit,
        is_multi_region_trail=True,
        include_global_service_events=True,
        enable_log_file_validation=True,
        # CloudTrail requires the ARN of the group's streams.
        cloud_watch_logs_group_arn=group.arn.apply(lambda arn: f"{arn}:*"),
        cloud_watch_logs_role_arn=role.arn,
        advanced_event_selectors=_selectors(environment, archives),
        opts=pulumi.ResourceOptions(parent=parent, protect=True, depends_on=[bucket.policy, permission]),
    )
    return NamedLogGroup(name=name, group=group)


def _role(
    logical: str, environment: Environment, group: str, parent: pulumi.Resource
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    opts = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        logical,
        description="Allows CloudTrail to write its events to their log group",
        assume_role_policy=trust_policy("cloudtrail.amazonaws.com", environment=environment),
        opts=opts,
    )
    # CloudTrail's names for its streams.
    prefix = f"{environment.account}_CloudTrail_{environment.region}"
    streams = environment.arn("logs", f"log-group:{group}:log-stream:{prefix}*")
    policy = policy_document(allow("Write", ["logs:CreateLogStream", "logs:PutLogEvents"], [streams]))
    return role, aws.iam.RolePolicy(logical, role=role.id, policy=policy, opts=opts)


def _selectors(
    environment: Environment, archives: Sequence[str]
) -> Sequence[aws.cloudtrail.TrailAdvancedEventSelectorArgs]:
    """Select buckets by name prefix: a bucket that is added later is covered immediately."""
    archive_arns = [f"arn:aws:s3:::{archive}/" for archive in archives]
    object_events = [_equals("eventCategory", "Data"), _equals("resources.type", "AWS::S3::Object")]
    field = aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs
    application_buckets = field(
        field="resources.ARN",
        starts_withs=[f"arn:aws:s3:::{environment.application}-"],
        not_starts_withs=archive_arns,
    )
    archive_reads = [field(field="resources.ARN", starts_withs=archive_arns), _equals("readOnly", "true")]
    selector = aws.cloudtrail.TrailAdvancedEventSelectorArgs
    return [
        selector(name="Management events", field_selectors=[_equals("eventCategory", "Management")]),
        selector(name="Object events of the files bucket", field_selectors=[*object_events, application_buckets]),
        selector(name="Read events of the audit archives", field_selectors=[*object_events, *archive_reads]),
    ]


def _equals(field: str, value: str) -> aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs:
    return aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(field=field, equals=[value])
