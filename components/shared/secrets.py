"""A secret that Pulumi generates once and stores in Secrets Manager; only rotations change it afterwards.

A rotation sets a new value without Pulumi. No `up` writes the old value back, not even after a refresh: the properties
are ignored. Secrets Manager deletes a version without staging labels; the label INITIAL keeps the first version, so
that Pulumi never creates it again with the old value.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_random as random

# Letters and digits only: RDS rejects some other characters, ElastiCache most, and URLs need them escaped.
LENGTH = 48
# AWS's label of the current version, and the label that keeps the first version.
LABELS = ("AWSCURRENT", "INITIAL")
RECOVERY_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class SecretReplica:
    """The region of a secret's replica, and the ARN of the key there."""

    region: str
    key_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class GeneratedSecret:
    """A generated value (a Pulumi secret), and the ARN of the secret that stores it."""

    value: pulumi.Output[str]
    secret_arn: pulumi.Output[str]


def generate_secret(
    logical: str,
    *,
    name: str,
    description: str,
    field: str,
    other_fields: Mapping[str, str] | None = None,
    key_arn: pulumi.Input[str],
    replica: SecretReplica | None = None,
    parent: pulumi.Resource,
) -> GeneratedSecret:
    """Generate a value and store it in the secret `name`: a JSON object of `other_fields` and `field`, the value."""
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
            [aws.secretsmanager.SecretReplicaArgs(region=replica.region, kms_key_id=replica.key_arn)]
            if replica
            else None
        ),
        opts=pulumi.ResourceOptions(parent=parent, protect=True),
    )

    def with_other_fields(value: str) -> str:
        return json.dumps({**(other_fields or {}), field: value})

    aws.secretsmanager.SecretVersion(
        logical,
        secret_id=secret.id,
        secret_string=password.result.apply(with_other_fields),
        version_stages=list(LABELS),
        opts=pulumi.ResourceOptions(parent=parent, protect=True, ignore_changes=["secretString", "versionStages"]),
    )
    return GeneratedSecret(value=password.result, secret_arn=secret.arn)
