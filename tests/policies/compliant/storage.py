"""Plan the compliant buckets with their parts, queues and image registry."""

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


def add_storage(plan: Plan) -> None:
    """Add the logs and queues of a stack; in production also files and images, with their copies."""
    is_dr = plan.stack == "dr"
    _bucket(plan, "origin-logs", f"taskflow-{plan.stack}-load-balancer-logs-{ACCOUNT}", is_logs=True)
    _bucket(plan, "config", f"taskflow-{plan.stack}-config-{ACCOUNT}", days=2557)
    _bucket(plan, "restores", f"taskflow-{plan.stack}-restores-{ACCOUNT}", days=30)
    if not is_dr:
        _bucket(plan, "files", f"taskflow-{plan.stack}-files-{ACCOUNT}")
        _bucket(plan, "files-copy", f"taskflow-{plan.stack}-files-copy-{ACCOUNT}", region=COPY_REGION)
        _replication(plan)
        _registry(plan)
    _queues(plan)


def bucket_part(kind: str) -> str:
    """Return the type of a bucket's part."""
    return f"aws:s3/bucket{kind}:Bucket{kind}"


def tls_only(service: str, *arns: str) -> dict[str, object]:
    """Return the statement that rejects requests without TLS."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": f"{service}:*",
        "Resource": list(arns),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def bucket_arns(name: str) -> tuple[str, str]:
    """Return the ARNs of a bucket and of its objects."""
    return f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"


def lifecycle_rules(*, is_logs: bool, **changed: object) -> list[dict[str, object]]:
    """Return a lifecycle of one rule with changed properties; None removes one."""
    rule: dict[str, object] = {
        "id": "ending",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "expiration": {"days": 90} if is_logs else {"expiredObjectDeleteMarker": True},
        "noncurrentVersionExpiration": {"noncurrentDays": 1 if is_logs else 60},
        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
    }
    return [{name: value for name, value in {**rule, **changed}.items() if value is not None}]


def encryption_rules(plan_key: str | None) -> list[dict[str, object]]:
    """Return the rules of a bucket's encryption, with a key of the plan or S3's."""
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
    bucket_input: dict[str, object] = {"bucket": Ref(to=bucket.key), **where}
    blocks = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    plan.add(bucket_part("PublicAccessBlock"), name, None, **bucket_input, **dict.fromkeys(blocks, True))
    plan.add(
        bucket_part("OwnershipControls"), name, None, **bucket_input, rule={"objectOwnership": "BucketOwnerEnforced"}
    )
    plan_key = None if is_logs else "assets-copy" if region else "assets"
    plan.add(
        bucket_part("ServerSideEncryptionConfiguration"), name, None, **bucket_input, rules=encryption_rules(plan_key)
    )
    plan.add(bucket_part("Versioning"), name, None, **bucket_input, versioningConfiguration={"status": "Enabled"})
    end: dict[str, object] = {"expiration": {"days": days}} if days else {}
    plan.add(
        bucket_part("LifecycleConfiguration"), name, None, **bucket_input, rules=lifecycle_rules(is_logs=is_logs, **end)
    )
    statements = [tls_only("s3", *bucket_arns(physical))]
    if is_logs:
        statements.append(
            {
                "Effect": "Allow",
                "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::{physical}/access/AWSLogs/{ACCOUNT}/*",
            }
        )
    plan.add(bucket_part("Policy"), name, None, **bucket_input, policy=document(*statements))


def replication_rules(**changed: object) -> list[dict[str, object]]:
    """Return a replication of one rule with changed properties; None removes one."""
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
    """Return the destination of the files' replication with changed properties."""
    whole: dict[str, object] = {
        "bucket": Ref(to="Bucket files-copy", output="arn"),
        "encryptionConfiguration": {"replicaKmsKeyId": key("assets-copy")},
        "metrics": {"status": "Enabled"},
    }
    return {name: value for name, value in {**whole, **changed}.items() if value is not None}


def destination_back(**changed: object) -> dict[str, object]:
    """Return the destination of the replication of the files' copy with changed properties."""
    own = {
        "bucket": Ref(to="Bucket files", output="arn"),
        "encryptionConfiguration": {"replicaKmsKeyId": key("assets")},
    }
    return destination(**{**own, **changed})


def _replication(plan: Plan) -> None:
    for name, rules, where in (
        ("files", replication_rules(), {}),
        ("files-copy", replication_rules(destination=destination_back()), {"region": COPY_REGION}),
    ):
        role = f"arn:aws:iam::{ACCOUNT}:role/{name}-replication"
        bucket = Ref(to=f"Bucket {name}")
        plan.add(bucket_part("ReplicationConfig"), name, None, bucket=bucket, role=role, rules=rules, **where)


def _queues(plan: Plan) -> None:
    arn = f"arn:aws:sqs:{REGIONS.get(plan.stack, 'us-east-1')}:{ACCOUNT}:taskflow-{plan.stack}-jobs"
    redrive = json.dumps({"deadLetterTargetArn": f"{arn}-dead-letters", "maxReceiveCount": 5})
    for name, queue_arn, more in (
        ("jobs", arn, {"redrivePolicy": redrive, "messageRetentionSeconds": 345600}),
        ("jobs-dead-letters", f"{arn}-dead-letters", {"messageRetentionSeconds": 1209600}),
    ):
        physical = queue_arn.rpartition(":")[2]
        queue = plan.add(QUEUE, name, None, name=physical, kmsMasterKeyId=key("messages"), **more)
        queue.protect = True
        queue.computed = {"arn": queue_arn, "url": f"https://sqs/{physical}"}
        plan.add(
            QUEUE_POLICY,
            name,
            None,
            queueUrl=Ref(to=queue.key, output="url"),
            policy=document(tls_only("sqs", queue_arn)),
        )


def lifecycle_policy(*rules: Mapping[str, object]) -> str:
    """Return a lifecycle policy of these selections, in this order."""
    return json.dumps(
        {
            "rules": [
                {"rulePriority": n, "selection": selection, "action": {"type": "expire"}}
                for n, selection in enumerate(rules, start=1)
            ]
        }
    )


def selection(pattern: str, **changed: object) -> dict[str, object]:
    """Return the selection of images by a tag pattern and a count that is never reached."""
    whole = {
        "tagStatus": "tagged",
        "tagPatternList": [pattern],
        "countType": "imageCountMoreThan",
        "countNumber": 100000,
    }
    return {name: value for name, value in {**whole, **changed}.items() if value is not None}


BUILDS = selection("build-*", countType="sinceImagePushed", countUnit="days", countNumber=30)


def registry_replication(**changed: object) -> dict[str, object]:
    """Return a registry replication of one rule with changed properties."""
    rule: dict[str, object] = {
        "destinations": [{"region": COPY_REGION, "registryId": ACCOUNT}],
        "repositoryFilters": [
            {"filter": repository, "filterType": "PREFIX_MATCH"} for repository in ("taskflow-api", "taskflow-tools")
        ],
    }
    return {"rules": [{**rule, **changed}]}


def _registry(plan: Plan) -> None:
    copy = {"region": COPY_REGION}
    for name, physical, where, plan_key in (
        ("registry", "taskflow-api", {}, "assets"),
        ("registry-copy", "taskflow-api", copy, "assets-copy"),
        ("registry-tools", "taskflow-tools", {}, "assets"),
        ("registry-tools-copy", "taskflow-tools", copy, "assets-copy"),
    ):
        repository = plan.add(
            REPOSITORY,
            name,
            None,
            name=physical,
            imageTagMutability="IMMUTABLE",
            imageScanningConfiguration={"scanOnPush": True},
            encryptionConfigurations=[{"encryptionType": "KMS", "kmsKey": key(plan_key)}],
            **where,
        )
        repository.protect = True
        plan.add(
            LIFECYCLE_POLICY,
            name,
            None,
            repository=physical,
            policy=lifecycle_policy(selection("v*"), BUILDS),
            **where,
        )
    plan.add(REPLICATION, "registry", None, replicationConfiguration=registry_replication())
