"""How a bucket is copied to another region: every new object and every deletion, under that region's key."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.shared.environment import Environment
from components.shared.iam import allow, document, through
from components.shared.service_principals import trust
from components.storage.buckets import ClosedBucket

# With bucket keys the encryption context is the bucket, not the object.
CONTEXT = "kms:EncryptionContext:aws:s3:arn"
RULE = "everything"


@dataclass(frozen=True, kw_only=True)
class Replication:
    """What CloudWatch measures a replication by, in the source's region: both buckets' names, and the rule's id."""

    source: str
    destination: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side of a replication: a bucket, its key and its region."""

    bucket: ClosedBucket
    key_arn: pulumi.Input[str]
    region: str


def replicated(
    logical: str, own: Side, copy: Side, *, environment: Environment, parent: pulumi.Resource, description: str
) -> Replication:
    """Copy every new object and every deletion; a wrong key would fail without a word, so metrics are on."""
    role, permission = _role(logical, own, copy, environment, parent, description)
    enabled = "Enabled"
    aws.s3.BucketReplicationConfig(
        logical,
        bucket=own.bucket.bucket.id,
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
                    bucket=copy.bucket.bucket.arn,
                    storage_class="STANDARD",
                    encryption_configuration=aws.s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
                        replica_kms_key_id=copy.key_arn
                    ),
                    metrics=aws.s3.BucketReplicationConfigRuleDestinationMetricsArgs(status=enabled),
                ),
            )
        ],
        opts=pulumi.ResourceOptions(
            parent=parent, depends_on=[own.bucket.versioning, copy.bucket.versioning, permission]
        ),
    )
    return Replication(source=own.bucket.name, destination=copy.bucket.name, rule=RULE)


def _role(
    logical: str, own: Side, copy: Side, environment: Environment, parent: pulumi.Resource, description: str
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    opts = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        f"{logical}-replication",
        description=description,
        assume_role_policy=trust("s3.amazonaws.com", environment=environment),
        opts=opts,
    )
    reads = ("s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging")
    writes = ("s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags")
    permission = aws.iam.RolePolicy(
        f"{logical}-replication",
        role=role.id,
        policy=document(
            allow("Watch", ["s3:GetReplicationConfiguration", "s3:ListBucket"], [own.bucket.arn]),
            allow("Read", reads, [f"{own.bucket.arn}/*"]),
            allow("Write", writes, [f"{copy.bucket.arn}/*"]),
            allow(
                "Decrypt",
                ["kms:Decrypt"],
                [own.key_arn],
                StringEquals={**through("s3", own.region), CONTEXT: own.bucket.arn},
            ),
            allow(
                "Encrypt",
                ["kms:Encrypt"],
                [copy.key_arn],
                StringEquals={**through("s3", copy.region), CONTEXT: copy.bucket.arn},
            ),
        ),
        opts=opts,
    )
    return role, permission
