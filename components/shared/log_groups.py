"""What outlasts the thing it belongs to: its log groups, and its last snapshot."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random


@dataclass(frozen=True, kw_only=True)
class NamedGroup:
    """A log group with the name that it has: plain, for what is told to people."""

    name: str
    group: aws.cloudwatch.LogGroup


def log_group(
    logical: str, *, name: str, retention_in_days: int, key_arn: pulumi.Input[str], parent: pulumi.Resource
) -> aws.cloudwatch.LogGroup:
    """Make a log group before AWS makes it, which would give it neither a key nor an end. It is kept if it goes."""
    return aws.cloudwatch.LogGroup(
        logical,
        name=name,
        retention_in_days=retention_in_days,
        kms_key_id=key_arn,
        opts=pulumi.ResourceOptions(parent=parent, protect=True, retain_on_delete=True),
    )


def final_snapshot(logical: str, *, of: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Give a name that no other snapshot of the thing `of` can have: with a fixed one, only one could ever be made."""
    ending = random.RandomId(logical, byte_length=4, opts=pulumi.ResourceOptions(parent=parent))
    return ending.hex.apply(lambda hex_: f"{of}-final-{hex_}")
