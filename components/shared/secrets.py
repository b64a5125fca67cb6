"""A generated secret: made by Pulumi once, kept in Secrets Manager, and from then on changed from outside only.

A rotation gives the secret a new value without Pulumi. Nothing here is ever written back: not by an `up`, which ignores
those properties, and not after a refresh. Secrets Manager drops a version that has no label left; the version made here
has one of its own beside AWS's, so that it stays, and is never made anew with an old value.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random

# Letters and digits alone: RDS refuses some other characters, ElastiCache most, and URLs change them.
LENGTH = 48
# AWS's label of the version in force, and the one that keeps the first version.
LABELS = ("AWSCURRENT", "INITIAL")
RECOVERY_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Copy:
    """Where a secret is copied to: a region, and the ARN of the key there."""

    region: str
    key_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Credential:
    """A generated secret: its value (secret), and the ARN of where it is kept."""

    value: pulumi.Output[str]
    secret_arn: pulumi.Output[str]


def generated(
    logical: str,
    *,
    name: str,
    description: str,
    field: str,
    beside: Mapping[str, str] | None = None,
    key_arn: pulumi.Input[str],
    copy: Copy | None = None,
    parent: pulumi.Resource,
) -> Credential:
    """Generate a secret and keep it under `name`, as the member `field` of a JSON object with `beside`'s members."""
    password = random.RandomPassword(
        logical, length=LENGTH, special=False, opts=pulumi.ResourceOptions(parent=parent, protect=True)
    )
    secret = aws.secretsmanager.Secret(
        logical,
        name=name,
        description=description,
        kms_key_id=key_arn,
        recovery_window_in_days=RECOVERY_DAYS,
        replicas=(
            [aws.secretsmanager.SecretReplicaArgs(region=copy.region, kms_key_id=copy.key_arn)] if copy else None
        ),
        opts=pulumi.ResourceOptions(parent=parent, protect=True),
    )

    def document(value: str) -> str:
        return json.dumps({**(beside or {}), field: value})

    aws.secretsmanager.SecretVersion(
        logical,
        secret_id=secret.id,
        secret_string=password.result.apply(document),
        version_stages=list(LABELS),
        opts=pulumi.ResourceOptions(parent=parent, protect=True, ignore_changes=["secretString", "versionStages"]),
    )
    return Credential(value=password.result, secret_arn=secret.arn)
