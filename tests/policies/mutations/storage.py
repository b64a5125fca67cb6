"""Mutations of buckets, queues and the registry: one for each property that a rule judges. Data only."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.policies.compliant.data import key
from tests.policies.compliant.storage import (
    ACCOUNT,
    BUCKET,
    BUILDS,
    LIFECYCLE_POLICY,
    QUEUE,
    bucket_arns,
    destination,
    destination_back,
    document,
    encryption_rules,
    lifecycle_policy,
    lifecycle_rules,
    registry_replication,
    replication_rules,
    selection,
    tls_only,
)
from tests.policies.mutations.database import PRODUCTION, each
from tests.policies.mutations.mutation import Change, adds, all_of, mutation, removes, sets
from tests.policies.plan import REMOVED, Ref

FILES, LOGS = "files", "origin-logs"
NAME = f"taskflow-production-files-{ACCOUNT}"
ARN, INSIDE = bucket_arns(NAME)
QUEUE_ARN = f"arn:aws:sqs:us-east-1:{ACCOUNT}:taskflow-production-jobs"
TLS = tls_only("s3", ARN, INSIDE)
OTHERS = "arn:aws:iam::111111111111:root"

PARTS = tuple(
    mutation(f"a bucket without {kind}", removes(f"Bucket{kind} {FILES}"), f"{rule}@{FILES}", stacks=PRODUCTION)
    for kind, rule in (
        ("PublicAccessBlock", "storage-bucket-private"),
        ("OwnershipControls", "storage-bucket-owned"),
        ("ServerSideEncryptionConfiguration", "storage-bucket-encrypted"),
        ("Versioning", "storage-bucket-versioned"),
        ("LifecycleConfiguration", "storage-deletion-final"),
        ("Policy", "storage-bucket-tls"),
        ("ReplicationConfig", "storage-replicated"),
    )
)

BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
BUCKETS = (
    *PARTS,
    *each(
        f"storage-bucket-private@{LOGS}",
        f"BucketPublicAccessBlock {LOGS}",
        *((f"a bucket without {block}", block, value) for block in BLOCKS for value in (False, REMOVED)),
    ),
    mutation(
        "a public access block of another bucket",
        sets(f"BucketPublicAccessBlock {FILES}", "bucket", "other"),
        f"storage-bucket-private@{FILES}",
        stacks=PRODUCTION,
    ),
    *each(
        f"storage-bucket-owned@{LOGS}",
        f"BucketOwnershipControls {LOGS}",
        ("objects owned by their writers", "rule", {"objectOwnership": "ObjectWriter"}),
        ("no ownership rule", "rule", REMOVED),
    ),
    *each(
        f"storage-bucket-encrypted@{FILES}",
        f"BucketServerSideEncryptionConfiguration {FILES}",
        ("files under S3's key", "rules", encryption_rules(None)),
        (
            "files under the AWS managed key",
            "rules",
            [
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"},
                    "bucketKeyEnabled": True,
                }
            ],
        ),
        (
            "no bucket key",
            "rules",
            [
                {
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": "aws:kms",
                        "kmsMasterKeyId": key("assets"),
                    },
                }
            ],
        ),
        ("no encryption rule", "rules", REMOVED),
        ("an empty encryption rule", "rules", [dict[str, object]()]),
        stacks=PRODUCTION,
    ),
    *each(
        f"storage-bucket-encrypted@{LOGS}",
        f"BucketServerSideEncryptionConfiguration {LOGS}",
        ("load balancer logs under a customer managed key", "rules", encryption_rules("logs")),
    ),
    *each(
        f"storage-bucket-versioned@{FILES}",
        f"BucketVersioning {FILES}",
        ("versions suspended", "versioningConfiguration", {"status": "Suspended"}),
        ("versioning unset", "versioningConfiguration", REMOVED),
        stacks=PRODUCTION,
    ),
    *each(
        f"storage-deletion-final@{FILES}",
        f"BucketLifecycleConfiguration {FILES}",
        *(
            (label, "rules", lifecycle_rules(is_logs=False, **changed))
            for label, changed in (
                ("old versions for 80 days", {"noncurrentVersionExpiration": {"noncurrentDays": 80}}),
                ("old versions that never expire", {"noncurrentVersionExpiration": None}),
                (
                    "newer old versions that never expire",
                    {
                        "noncurrentVersionExpiration": {"noncurrentDays": 60, "newerNoncurrentVersions": 3},
                    },
                ),
                ("a disabled lifecycle rule", {"status": "Disabled"}),
                ("a lifecycle rule for a prefix", {"filter": {"prefix": "tmp/"}}),
                ("a lifecycle rule for a tag", {"filter": {"tag": {"key": "a", "value": "b"}}}),
                ("uploads that are never aborted", {"abortIncompleteMultipartUpload": None}),
                ("files that expire after a year", {"expiration": {"days": 365}}),
                ("delete markers that never expire", {"expiration": None}),
            )
        ),
        ("a second lifecycle rule", "rules", [*lifecycle_rules(is_logs=False), *lifecycle_rules(is_logs=False)]),
        ("no lifecycle rule", "rules", REMOVED),
        stacks=PRODUCTION,
    ),
    *each(
        f"storage-deletion-final@{LOGS}",
        f"BucketLifecycleConfiguration {LOGS}",
        ("logs that expire after a week", "rules", lifecycle_rules(is_logs=True, expiration={"days": 7})),
        ("logs that never expire", "rules", lifecycle_rules(is_logs=True, expiration=None)),
    ),
    *each(
        "storage-deletion-final@config",
        "BucketLifecycleConfiguration config",
        (
            "AWS Config's records that expire after a year",
            "rules",
            lifecycle_rules(is_logs=False, expiration={"days": 365}),
        ),
        ("AWS Config's records that never expire", "rules", lifecycle_rules(is_logs=False)),
    ),
    *each(
        "storage-deletion-final@restores",
        "BucketLifecycleConfiguration restores",
        (
            "lists of restored files that expire after a year",
            "rules",
            lifecycle_rules(is_logs=False, expiration={"days": 365}),
        ),
        ("lists of restored files that never expire", "rules", lifecycle_rules(is_logs=False)),
    ),
    *each(
        f"storage-bucket-tls@{FILES}",
        f"BucketPolicy {FILES}",
        *(
            (label, "policy", document({**TLS, **changed}))
            for label, changed in (
                ("plain HTTP for the files", {"Resource": [ARN]}),
                ("plain HTTP for the bucket", {"Resource": [INSIDE]}),
                ("plain HTTP for reads", {"Action": "s3:PutObject"}),
                ("plain HTTP for some principals", {"Principal": {"AWS": OTHERS}}),
                (
                    "a refusal with a second condition",
                    {
                        "Condition": {
                            "Bool": {"aws:SecureTransport": "false"},
                            "StringEquals": {"aws:PrincipalOrgID": "o"},
                        },
                    },
                ),
                ("TLS rejected", {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
            )
        ),
        stacks=PRODUCTION,
    ),
    *each(
        f"storage-bucket-closed@{FILES}",
        f"BucketPolicy {FILES}",
        *(
            (label, "policy", document(TLS, {"Effect": "Allow", "Action": "s3:GetObject", "Resource": INSIDE, **who}))
            for label, who in (
                ("files for everyone", {"Principal": "*"}),
                ("files for another account", {"Principal": {"AWS": OTHERS}}),
                ("files for a service of any account", {"Principal": {"Service": "cloudfront.amazonaws.com"}}),
                ("files for all principals but one", {"NotPrincipal": {"AWS": OTHERS}}),
                (
                    "every action on files for a role",
                    {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/taskflow-a"}, "Action": "s3:*"},
                ),
                ("files for a canonical user", {"Principal": {"CanonicalUser": "0123"}}),
                (
                    "files for everyone of any organization",
                    {
                        "Principal": "*",
                        "Condition": {"StringLike": {"aws:PrincipalOrgID": "*"}},
                    },
                ),
            )
        ),
        stacks=PRODUCTION,
    ),
    mutation(
        "a bucket policy without a document",
        sets(f"BucketPolicy {FILES}", "policy", REMOVED),
        f"storage-bucket-tls@{FILES}",
        f"storage-bucket-closed@{FILES}",
        stacks=PRODUCTION,
    ),
    *each(
        f"storage-bucket-kept@{LOGS}",
        f"Bucket {LOGS}",
        ("a bucket that is deleted with its objects", "forceDestroy", True),
        ("a bucket with an ACL", "acl", "public-read"),
        ("a bucket with a website", "website", {"indexDocument": "index.html"}),
        ("a bucket with an inline policy", "policy", "{}"),
        ("a bucket with grants", "grants", [{"type": "Group", "permissions": ["READ"]}]),
    ),
    mutation(
        "a bucket without any part",
        # One for copies of assets: any other one in this region would have to be replicated back.
        adds(BUCKET, "added", bucket=f"taskflow-assets-copy-{ACCOUNT}", region="us-west-2"),
        *(
            f"storage-{rule}@added"
            for rule in (
                "bucket-private",
                "bucket-owned",
                "bucket-encrypted",
                "bucket-versioned",
                "deletion-final",
                "bucket-tls",
            )
        ),
        "resilience-protect@added",
    ),
)


# The changes of a rule that are reported in either direction; `destination` is that of the direction.
def _changed_rules(destination: Callable[..., dict[str, object]]) -> Iterator[tuple[str, str, object]]:
    for label, changed in (
        ("replication disabled", {"status": "Disabled"}),
        ("replication without a status", {"status": None}),
        ("replication of a prefix", {"filter": {"prefix": "a/"}}),
        ("delete markers that aren't replicated", {"deleteMarkerReplication": {"status": "Disabled"}}),
        ("delete marker replication unset", {"deleteMarkerReplication": None}),
        ("encrypted files that aren't replicated", {"sourceSelectionCriteria": None}),
        ("encrypted files left out", {"sourceSelectionCriteria": {"sseKmsEncryptedObjects": {"status": "Disabled"}}}),
        ("replicas under S3's key", {"destination": destination(encryptionConfiguration=None)}),
        ("replication without metrics", {"destination": destination(metrics=None)}),
        ("replication metrics disabled", {"destination": destination(metrics={"status": "Disabled"})}),
        ("replication to a bucket outside the stack", {"destination": destination(bucket="arn:aws:s3:::else")}),
        ("replication without a destination", {"destination": destination(bucket=None)}),
    ):
        yield label, "rules", replication_rules(**{"destination": destination(), **changed})
    rules = replication_rules(destination=destination())
    yield "no replication rule", "rules", REMOVED
    yield "two replication rules", "rules", [*rules, *rules]


def _other_id(key: str, destination: dict[str, object]) -> Change:
    return sets(key, "rules", replication_rules(id="other", destination=destination))


FORTH, BACK = f"BucketReplicationConfig {FILES}", f"BucketReplicationConfig {FILES}-copy"
COPIES = (
    *each(f"storage-replicated@{FILES}", FORTH, *_changed_rules(destination), stacks=PRODUCTION),
    *(
        replace(case, label=f"{case.label}, back")
        for case in each(f"storage-replicated@{FILES}-copy", BACK, *_changed_rules(destination_back), stacks=PRODUCTION)
    ),
    mutation("no replication back", removes(BACK), f"storage-replicated@{FILES}-copy", stacks=PRODUCTION),
    # The alarm in production, the recovery stack's alarm and the commands name the rule.
    mutation(
        "a replication rule with another id",
        _other_id(FORTH, destination()),
        f"storage-replicated@{FILES}",
        f"alerting-replications@{FILES}",
        stacks=PRODUCTION,
    ),
    mutation(
        "a replication rule back with another id",
        _other_id(BACK, destination_back()),
        f"storage-replicated@{FILES}-copy",
        stacks=PRODUCTION,
    ),
    mutation(
        "files replicated to the copy of the assets",
        sets(FORTH, "rules.0.destination", destination(bucket=Ref(to="Bucket edge-assets-copy", output="arn"))),
        f"storage-replicated@{FILES}",
        f"alerting-replications@{FILES}",
        stacks=PRODUCTION,
    ),
    mutation(
        "files replicated back to the assets",
        sets(BACK, "rules.0.destination", destination_back(bucket=Ref(to="Bucket edge-assets", output="arn"))),
        f"storage-replicated@{FILES}-copy",
        stacks=PRODUCTION,
    ),
    mutation(
        "a copy replicated within its region",
        sets(BACK, "rules.0.destination", destination_back(bucket=Ref(to="Bucket edge-assets-copy", output="arn"))),
        f"storage-replicated@{FILES}-copy",
        "storage-replicated@edge-assets-copy",
        stacks=PRODUCTION,
    ),
)


def _redrive(**changed: object) -> str:
    return json.dumps({"deadLetterTargetArn": f"{QUEUE_ARN}-dead-letters", "maxReceiveCount": 5, **changed})


QUEUES = (
    *each(
        "storage-queue@jobs",
        "Queue jobs",
        ("a queue without a key", "kmsMasterKeyId", REMOVED),
        ("a queue with an inline policy", "policy", "{}"),
    ),
    mutation(
        "a queue under the AWS managed key",
        sets("Queue jobs", "kmsMasterKeyId", "alias/aws/sqs"),
        "storage-queue@jobs",
        "encryption-keys-own@jobs",
    ),
    mutation("a queue without a policy", removes("QueuePolicy jobs"), "storage-queue-tls@jobs"),
    mutation(
        "a queue that accepts plain HTTP",
        sets("QueuePolicy jobs", "policy", document(tls_only("sqs", "arn:aws:sqs:::another"))),
        "storage-queue-tls@jobs",
    ),
    mutation(
        "a queue for everyone",
        sets(
            "QueuePolicy jobs",
            "policy",
            document(
                tls_only("sqs", QUEUE_ARN),
                {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE_ARN},
            ),
        ),
        "storage-queue-closed@jobs",
        stacks=PRODUCTION,
    ),
    *each(
        "storage-queue-dead-letters@jobs",
        "Queue jobs",
        ("a hundred receives", "redrivePolicy", _redrive(maxReceiveCount=100)),
        ("maxReceiveCount unset", "redrivePolicy", json.dumps({"deadLetterTargetArn": f"{QUEUE_ARN}-dead-letters"})),
        stacks=PRODUCTION,
    ),
    mutation(
        "dead letters in a queue outside the stack",
        sets("Queue jobs", "redrivePolicy", _redrive(deadLetterTargetArn="arn:aws:sqs:::else")),
        "storage-queue-dead-letters@jobs",
        "storage-queue-dead-letters@jobs-dead-letters",
        stacks=PRODUCTION,
    ),
    mutation(
        "a queue without a dead-letter queue",
        sets("Queue jobs", "redrivePolicy", REMOVED),
        "storage-queue-dead-letters@jobs",
        "storage-queue-dead-letters@jobs-dead-letters",
    ),
    *each(
        "storage-queue-dead-letters@jobs-dead-letters",
        "Queue jobs-dead-letters",
        ("dead letters for a day", "messageRetentionSeconds", 86400),
        ("dead letters for AWS's default retention", "messageRetentionSeconds", REMOVED),
    ),
    mutation(
        "a queue without a policy and dead-letter queue",
        all_of(adds(QUEUE, "added", kmsMasterKeyId=key("messages"))),
        "storage-queue-tls@added",
        "storage-queue-dead-letters@added",
        "resilience-protect@added",
    ),
)

REGISTRY = (
    *each(
        "registry-images@registry",
        "Repository registry",
        ("mutable tags", "imageTagMutability", "MUTABLE"),
        ("mutable tags but for some", "imageTagMutability", "IMMUTABLE_WITH_EXCLUSION"),
        ("tag mutability unset", "imageTagMutability", REMOVED),
        ("images that aren't scanned", "imageScanningConfiguration", {"scanOnPush": False}),
        ("scanning unset", "imageScanningConfiguration", REMOVED),
        ("images under ECR's key", "encryptionConfigurations", [{"encryptionType": "AES256", "kmsKey": key("assets")}]),
        ("images under the AWS managed key", "encryptionConfigurations", [{"encryptionType": "KMS"}]),
        ("image encryption unset", "encryptionConfigurations", REMOVED),
        ("images that are deleted with their repository", "forceDelete", True),
        stacks=PRODUCTION,
    ),
    mutation(
        "mutable tags of the tools image",
        sets("Repository registry-tools-copy", "imageTagMutability", "MUTABLE"),
        "registry-images@registry-tools-copy",
        stacks=PRODUCTION,
    ),
    mutation(
        "a repository without a lifecycle policy",
        removes("LifecyclePolicy registry-copy"),
        "registry-lifecycles@registry-copy",
        stacks=PRODUCTION,
    ),
    mutation(
        "a lifecycle policy in another region",
        sets("LifecyclePolicy registry-copy", "region", "us-east-1"),
        "registry-lifecycles@registry-copy",
        stacks=PRODUCTION,
    ),
    *each(
        "registry-lifecycle@registry",
        "LifecyclePolicy registry",
        *(
            (label, "policy", lifecycle_policy(*rules))
            for label, rules in (
                ("no rule for releases", [BUILDS]),
                ("a rule for releases after another", [BUILDS, selection("v*")]),
                ("a rule for a few releases", [selection("v*", countNumber=10), BUILDS]),
                ("a rule for releases by age", [selection("v*", countType="sinceImagePushed"), BUILDS]),
                ("a rule for releases with a second tag", [selection("v*", tagPatternList=["v*", "prod-*"]), BUILDS]),
                ("a rule for untagged images", [selection("v*"), {"tagStatus": "untagged", "countNumber": 1}]),
                ("a rule for any image", [selection("v*"), {"tagStatus": "any", "countNumber": 1}]),
                ("no lifecycle rules", []),
            )
        ),
        ("a lifecycle policy without a document", "policy", REMOVED),
        ("an unreadable lifecycle policy", "policy", "expire all"),
        stacks=PRODUCTION,
    ),
    mutation(
        "a lifecycle policy of an unknown repository",
        adds(LIFECYCLE_POLICY, "added", repository="another", policy=lifecycle_policy(BUILDS)),
        "registry-lifecycle@added",
    ),
    mutation(
        "images in one region",
        removes("ReplicationConfiguration registry"),
        "registry-replicated@registry",
        "registry-replicated@registry-tools",
        stacks=PRODUCTION,
    ),
    *(
        mutation(
            f"no repository {name} in the recovery region",
            removes(f"Repository {name}-copy", f"LifecyclePolicy {name}-copy"),
            f"registry-replicated@{name}",
            stacks=PRODUCTION,
        )
        for name in ("registry", "registry-tools")
    ),
    *(
        mutation(
            f"no repository {name}",
            removes(f"Repository {name}", f"LifecyclePolicy {name}"),
            "registry-replicated@",
            stacks=PRODUCTION,
        )
        for name in ("registry", "registry-tools")
    ),
    *each(
        "registry-replicated@registry",
        "ReplicationConfiguration registry",
        *(
            (
                f"replication of {filter_} alone",
                "replicationConfiguration",
                registry_replication(repositoryFilters=[{"filter": filter_}]),
            )
            for filter_ in ("other", "taskflow-api", "taskflow-tools")
        ),
        (
            "replication to another region",
            "replicationConfiguration",
            registry_replication(destinations=[{"region": "eu-west-1", "registryId": ACCOUNT}]),
        ),
        (
            "replication to another account",
            "replicationConfiguration",
            registry_replication(destinations=[{"region": "us-west-2", "registryId": "111111111111"}]),
        ),
        ("no replication rules", "replicationConfiguration", REMOVED),
        stacks=PRODUCTION,
    ),
)

KINDS = tuple(
    mutation(f"a bucket as {kind}", adds(kind, "other"), "storage-bucket-kind@other")
    for kind in (
        "aws:s3/bucketV2:BucketV2",
        "aws:s3/directoryBucket:DirectoryBucket",
        "aws:s3tables/tableBucket:TableBucket",
        "aws:s3/vectorsVectorBucket:VectorsVectorBucket",
    )
)

CHANGES = (*KINDS, *BUCKETS, *COPIES, *QUEUES, *REGISTRY)
