"""The account's CloudTrail: each call of AWS's API in every region, and each use of the application's files.

Section: Audit Logging. Of the archives it writes down who reads, and nothing else: each file that it writes there would
otherwise be an event for the next file.
"""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.iam import allow, document
from components.shared.log_groups import NamedGroup, log_group
from components.shared.service_principals import trust
from components.storage.buckets import PrivateBucket


def trail(
    logical: str,
    *,
    environment: Environment,
    retention: int,
    bucket: PrivateBucket,
    archives: Sequence[str],
    keys: KeysOutputs,
    parent: pulumi.Resource,
) -> NamedGroup:
    """Make the trail with the log group in which it can be searched; give that group.

    `archives` are the names of the buckets of which it only writes down who reads.
    """
    name = environment.log_group("trail")
    group = log_group(logical, name=name, retention_in_days=retention, key_arn=keys.logs, parent=parent)
    role, permission = _role(logical, environment, name, parent)
    aws.cloudtrail.Trail(
        logical,
        name=environment.name,
        s3_bucket_name=bucket.bucket.bucket,
        kms_key_id=keys.audit,
        is_multi_region_trail=True,
        include_global_service_events=True,
        enable_log_file_validation=True,
        # CloudTrail wants the group's streams.
        cloud_watch_logs_group_arn=group.arn.apply(lambda arn: f"{arn}:*"),
        cloud_watch_logs_role_arn=role.arn,
        advanced_event_selectors=_selectors(environment, archives),
        opts=pulumi.ResourceOptions(parent=parent, protect=True, depends_on=[bucket.policy, permission]),
    )
    return NamedGroup(name=name, group=group)


def _role(
    logical: str, environment: Environment, group: str, parent: pulumi.Resource
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    opts = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        logical,
        description="Lets CloudTrail write its events to their log group",
        assume_role_policy=trust("cloudtrail.amazonaws.com", environment=environment),
        opts=opts,
    )
    # As CloudTrail names its streams.
    stream = f"{environment.account}_CloudTrail_{environment.region}"
    streams = environment.arn("logs", f"log-group:{group}:log-stream:{stream}*")
    policy = document(allow("Write", ["logs:CreateLogStream", "logs:PutLogEvents"], [streams]))
    return role, aws.iam.RolePolicy(logical, role=role.id, policy=policy, opts=opts)


def _selectors(
    environment: Environment, archives: Sequence[str]
) -> Sequence[aws.cloudtrail.TrailAdvancedEventSelectorArgs]:
    """Select by names alone: a bucket that is added later is watched from its first day."""
    archived = [f"arn:aws:s3:::{archive}/" for archive in archives]
    files = [_field("eventCategory", "Data"), _field("resources.type", "AWS::S3::Object")]
    field = aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs
    own = field(
        field="resources.ARN",
        starts_withs=[f"arn:aws:s3:::{environment.application}-"],
        not_starts_withs=archived,
    )
    read = [field(field="resources.ARN", starts_withs=archived), _field("readOnly", "true")]
    selector = aws.cloudtrail.TrailAdvancedEventSelectorArgs
    return [
        selector(name="Management events", field_selectors=[_field("eventCategory", "Management")]),
        selector(name="Object events of the files bucket", field_selectors=[*files, own]),
        selector(name="Read events of the audit archives", field_selectors=[*files, *read]),
    ]


def _field(name: str, value: str) -> aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs:
    return aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs(field=name, equals=[value])
