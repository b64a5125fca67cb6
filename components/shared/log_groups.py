"""Log groups and final snapshots that are retained on deletion."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random


@dataclass(frozen=True, kw_only=True)
class NamedLogGroup:
    """A log group and its name as plain text, for messages to people."""

    name: str
    group: aws.cloudwatch.LogGroup


def create_log_group(
    logical: str,
    *,
    name: str,
    retention_in_days: int,
    key_arn: pulumi.Input[str],
    parent: pulumi.Resource,
    exists: bool = False,
) -> aws.cloudwatch.LogGroup:
    """Create a log group before AWS creates it without key and retention, or import the one that `exists`.

    Its logs are retained on deletion.
    """
    return aws.cloudwatch.LogGroup(
        logical,
        name=name,
        retention_in_days=retention_in_days,
        kms_key_id=key_arn,
        opts=pulumi.ResourceOptions(
            parent=parent, protect=True, retain_on_delete=True, import_=name if exists else None
        ),
    )


def final_snapshot_name(logical: str, *, identifier: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Return a unique name for the final snapshot of `identifier`: with a fixed name, the second deletion fails."""
    suffix = random.RandomId(logical, byte_length=4, opts=pulumi.ResourceOptions(parent=parent))
    return suffix.hex.apply(lambda hex_: f"{identifier}-final-{hex_}")
