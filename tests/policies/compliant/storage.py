"""The compliant storage as plain data: buckets with their parts, queues, and the registry of images."""

import json
from collections.abc import Mapping

from tests.policies.compliant.access import document
from tests.policies.compliant.data import ACCOUNT, COPY_REGION, REGIONS, key
from tests.policies.plan import Plan, Ref

BUCKET = "aws:s3/bucket:Bucket"
QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
REPOSITORY = "aws:ecr/repository:Repository"
LIFECYCLE_POLICY = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REPLICATION = "aws:ecr/replicationConfiguration:ReplicationConfiguration"

EVERYBODY: dict[str, object] = {"Principal": "*"}


def add_storage(plan: Plan) -> None:
    """Add what a stack keeps: production files and images with their copies, each stack its logs and queues."""
    is_dr = plan.stack == "dr"
    _bucket(plan, "origin-logs", f"taskflow-{plan.stack}-load-balancer-logs-{ACCOUNT}", is_logs=True)
    _bucket(plan, "config", f"taskflow-{plan.stack}-config-{ACCOUNT}", days=2557)
    if not is_dr:
        _bucket(plan, "files", f"taskflow-{plan.stack}-files-{ACCOUNT}")
        _bucket(plan, "files-copy", f"taskflow-{plan.stack}-files-copy-{ACCOUNT}", region=COPY_REGION)
        _replication(plan)
        _registry(plan)
    _queues(plan)


def part(kind: str) -> str:
    """The type of a bucket's part."""
    return f"aws:s3/bucket{kind}:Bucket{kind}"


def tls_only(service: str, *arns: str) -> dict[str, object]:
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": f"{service}:*",
        "Resource": list(arns),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def of_bucket(name: str) -> tuple[str, str]:
    """The ARNs of a bucket and of what is in it."""
    return f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"


def ending(*, is_logs: bool, **changed: object) -> list[dict[str, object]]:
    """The rules of a bucket's life, with something else in the only one."""
    rule: dict[str, object] = {
        "id": "ending",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "expiration": {"days": 90} if is_logs else {"expiredObjectDeleteMarker": True},
        "noncurrentVersionExpiration": {"noncurrentDays": 1 if is_logs else 60},
        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
    }
    return [{name: value for name, value in {**rule, **changed}.items() if value is not None}]


def encryption(plan_key: str | None) -> list[dict[str, object]]:
    """The rules of a bucket's encryption, by a key of the plan or by S3's own."""
    if plan_key is None:
        return [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]
    by_default = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key(plan_key)}
    return [{"applyServerSideEncryptionByDefault": by_default, "bucketKeyEnabled": True}]


def _bucket(
    plan: Plan,
    name: str,
    physical: str,
    *,
    is_logs: bool = False,
    region: str | None = None,
    days: int | None = None,
) -> None:
    where: dict[str, object] = {"region": region} if region else {}
    bucket = plan.add(BUCKET, name, None, bucket=physical, forceDestroy=False, **where)
    bucket.protect = True
    bucket.computed = {"arn": f"arn:aws:s3:::{physical}"}
    own: dict[str, object] = {"bucket": Ref(to=bucket.key), **where}
    blocks = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    plan.add(part("PublicAccessBlock"), name, None, **own, **dict.fromkeys(blocks, True))
    plan.add(part("OwnershipControls"), name, None, **own, rule={"objectOwnership": "BucketOwnerEnforced"})
    plan_key = None if is_logs else "assets-copy" if region else "assets"
    plan.add(part("ServerSideEncryptionConfiguration"), name, None, **own, rules=encryption(plan_key))
    plan.add(part("Versioning"), name, None, **own, versioningConfiguration={"status": "Enabled"})
    end: dict[str, object] = {"expiration": {"days": days}} if days else {}
    plan.add(part("LifecycleConfiguration"), name, None, **own, rules=ending(is_logs=is_logs, **end))
    statements = [tls_only("s3", *of_bucket(physical))]
    if is_logs:
        statements.append(
            {
                "Effect": "Allow",
                "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::{physical}/access/AWSLogs/{ACCOUNT}/*",
            }
        )
    plan.add(part("Policy"), name, None, **own, policy=document(*statements))


def replicating(**changed: object) -> list[dict[str, object]]:
    """The rules of the files' replication, with something else in the only one."""
    enabled = {"status": "Enabled"}
    rule: dict[str, object] = {
        "id": "everything",
        "status": "Enabled",
        "priority": 0,
        "filter": {"prefix": ""},
        "deleteMarkerReplication": enabled,
        "sourceSelectionCriteria": {"sseKmsEncryptedObjects": enabled},
        "destination": destination(),
    }
    return [{name: value for name, value in {**rule, **changed}.items() if value is not None}]


def destination(**changed: object) -> dict[str, object]:
    """Where the files are copied to, with something else in it."""
    whole: dict[str, object] = {
        "bucket": Ref(to="Bucket files-copy", output="arn"),
        "encryptionConfiguration": {"replicaKmsKeyId": key("assets-copy")},
    }
    return {name: value for name, value in {**whole, **changed}.items() if value is not None}


def _replication(plan: Plan) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/files-replication"
    plan.add(part("ReplicationConfig"), "files", None, bucket=Ref(to="Bucket files"), role=role, rules=replicating())


def _queues(plan: Plan) -> None:
    arn = f"arn:aws:sqs:{REGIONS.get(plan.stack, 'us-east-1')}:{ACCOUNT}:taskflow-{plan.stack}-jobs"
    redrive = json.dumps({"deadLetterTargetArn": f"{arn}-dead-letters", "maxReceiveCount": 5})
    for name, own_arn, more in (
        ("jobs", arn, {"redrivePolicy": redrive, "messageRetentionSeconds": 345600}),
        ("jobs-dead-letters", f"{arn}-dead-letters", {"messageRetentionSeconds": 1209600}),
    ):
        physical = own_arn.rpartition(":")[2]
        queue = plan.add(QUEUE, name, None, name=physical, kmsMasterKeyId=key("messages"), **more)
        queue.protect = True
        queue.computed = {"arn": own_arn, "url": f"https://sqs/{physical}"}
        plan.add(
            QUEUE_POLICY,
            name,
            None,
            queueUrl=Ref(to=queue.key, output="url"),
            policy=document(tls_only("sqs", own_arn)),
        )


def lifecycle(*rules: Mapping[str, object]) -> str:
    """A lifecycle policy of these selections, in their order."""
    return json.dumps(
        {
            "rules": [
                {"rulePriority": n, "selection": selection, "action": {"type": "expire"}}
                for n, selection in enumerate(rules, start=1)
            ]
        }
    )


def selection(pattern: str, **changed: object) -> dict[str, object]:
    """Images of a tag's pattern, more than can be."""
    whole = {
        "tagStatus": "tagged",
        "tagPatternList": [pattern],
        "countType": "imageCountMoreThan",
        "countNumber": 100000,
    }
    return {name: value for name, value in {**whole, **changed}.items() if value is not None}


BUILDS = selection("build-*", countType="sinceImagePushed", countUnit="days", countNumber=30)


def copying(**changed: object) -> dict[str, object]:
    """The configuration by which images are copied, with something else in its only rule."""
    rule: dict[str, object] = {
        "destinations": [{"region": COPY_REGION, "registryId": ACCOUNT}],
        "repositoryFilters": [{"filter": "taskflow-api", "filterType": "PREFIX_MATCH"}],
    }
    return {"rules": [{**rule, **changed}]}


def _registry(plan: Plan) -> None:
    for name, where, plan_key in (
        ("registry", {}, "assets"),
        ("registry-copy", {"region": COPY_REGION}, "assets-copy"),
    ):
        repository = plan.add(
            REPOSITORY,
            name,
            None,
            name="taskflow-api",
            imageTagMutability="IMMUTABLE",
            imageScanningConfiguration={"scanOnPush": True},
            encryptionConfigurations=[{"encryptionType": "KMS", "kmsKey": key(plan_key)}],
            **where,
        )
        repository.protect = True
        plan.add(
            LIFECYCLE_POLICY, name, None, repository="taskflow-api", policy=lifecycle(selection("v*"), BUILDS), **where
        )
    plan.add(REPLICATION, "registry", None, replicationConfiguration=copying())
