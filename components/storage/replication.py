"""Replication of a bucket to another region: every new object and deletion, encrypted with that region's key.

Two buckets may replicate to each other: S3 doesn't replicate replicas, so nothing runs in a circle (S3, What does
Amazon S3 replicate?). Changed tags and ACLs of replicas aren't replicated (replica modification sync): ACLs are
disabled, and no role of the stacks may change tags.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.shared.environment import Environment
from components.shared.iam import allow, policy_document, via_service
from components.shared.service_principals import trust_policy
from components.storage.buckets import HardenedBucket

# With bucket keys the encryption context is the ARN of the bucket, not of the object.
CONTEXT = "kms:EncryptionContext:aws:s3:arn"
RULE = "everything"


@dataclass(frozen=True, kw_only=True)
class Replication:
    """The dimensions of a replication's CloudWatch metrics: bucket names and rule id.

    S3 publishes failures in the source's region, and what is pending in the destination's (S3, Using S3 Replication
    metrics).
    """

    source: str
    destination: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class Side:
    """Source or destination of a replication: a bucket, its key and its region."""

    bucket: HardenedBucket
    key_arn: pulumi.Input[str]
    region: str


def replicate_bucket(
    logical: str,
    source: Side,
    destination: Side,
    *,
    environment: Environment,
    parent: pulumi.Resource,
    description: str,
) -> Replication:
    """Replicate every new object and deletion. A wrong key fails without an error, so metrics are enabled.

    `logical` is the source's.
    """
    role, permission = _role(logical, source, destination, environment, parent, description)
    enabled = "Enabled"
    aws.s3.BucketReplicationConfig(
        logical,
        bucket=source.bucket.bucket.id,
        role=role.arn,
        rules=[
            aws.s3.BucketReplicationConfigRuleArgs(
                id=RULE,
                status=enabled,
                priority=0,
                filter=aws.s3.BucketReplicationConfigRuleFilterArgs(prefix=""),
                delete_marker_replication=aws.s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(status=enabled),
                source_selection_criteria=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
                    sse_kms_encrypted_objects=(
                        aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
                            status=enabled
                        )
                    )
                ),
                destination=aws.s3.BucketReplicationConfigRuleDestinationArgs(
                    bucket=destination.bucket.bucket.arn,
                    storage_class="STANDARD",
                    encryption_configuration=aws.s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
                        replica_kms_key_id=destination.key_arn
                    ),
                    metrics=aws.s3.BucketReplicationConfigRuleDestinationMetricsArgs(status=enabled),
                ),
            )
        ],
        region=source.bucket.region,
        opts=pulumi.ResourceOptions(
            parent=parent, depends_on=[source.bucket.versioning, destination.bucket.versioning, permission]
        ),
    )
    return Replication(source=source.bucket.name, destination=destination.bucket.name, rule=RULE)


def _role(
    logical: str, source: Side, destination: Side, environment: Environment, parent: pulumi.Resource, description: str
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    opts = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        f"{logical}-replication",
        description=description,
        assume_role_policy=trust_policy("s3.amazonaws.com", environment=environment),
        opts=opts,
    )
    reads = ("s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging")
    writes = ("s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags")
    permission = aws.iam.RolePolicy(
        f"{logical}-replication",
        role=role.id,
        policy=policy_document(
            allow("Watch", ["s3:GetReplicationConfiguration", "s3:ListBucket"], [source.bucket.arn]),
            allow("Read", reads, [f"{source.bucket.arn}/*"]),
            allow("Write", writes, [f"{destination.bucket.arn}/*"]),
            allow(
                "Decrypt",
                ["kms:Decrypt"],
                [source.key_arn],
                StringEquals={**via_service("s3", source.region), CONTEXT: source.bucket.arn},
            ),
            allow(
                "Encrypt",
                ["kms:Encrypt"],
                [destination.key_arn],
                StringEquals={**via_service("s3", destination.region), CONTEXT: destination.bucket.arn},
            ),
        ),
        opts=opts,
    )
    return role, permission
