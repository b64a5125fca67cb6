"""One change for each thing about storage that a rule guards. Data only."""

import json

from tests.policies.compliant.storage import (
    ACCOUNT,
    BUCKET,
    BUILDS,
    LIFECYCLE_POLICY,
    QUEUE,
    copying,
    destination,
    document,
    encryption,
    ending,
    lifecycle,
    of_bucket,
    replicating,
    selection,
    tls_only,
)
from tests.policies.mutations.database import PRODUCTION, each
from tests.policies.mutations.mutation import adds, all_of, removes, sets, told
from tests.policies.plan import REMOVED

FILES, LOGS = "files", "origin-logs"
NAME = f"taskflow-production-files-{ACCOUNT}"
ARN, INSIDE = of_bucket(NAME)
QUEUE_ARN = f"arn:aws:sqs:us-east-1:{ACCOUNT}:taskflow-production-jobs"
TLS = tls_only("s3", ARN, INSIDE)
OTHERS = "arn:aws:iam::111111111111:root"

PARTS = tuple(
    told(f"a bucket without {kind}", removes(f"Bucket{kind} {FILES}"), f"{rule}@{FILES}", stacks=PRODUCTION)
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
    told(
        "a block of another bucket",
        sets(f"BucketPublicAccessBlock {FILES}", "bucket", "somebody-elses"),
        f"storage-bucket-private@{FILES}",
        stacks=PRODUCTION,
    ),
    *each(
        f"storage-bucket-owned@{LOGS}",
        f"BucketOwnershipControls {LOGS}",
        ("objects of their writers", "rule", {"objectOwnership": "ObjectWriter"}),
        ("no rule of ownership", "rule", REMOVED),
    ),
    *each(
        f"storage-bucket-encrypted@{FILES}",
        f"BucketServerSideEncryptionConfiguration {FILES}",
        ("files under S3's key", "rules", encryption(None)),
        (
            "files under AWS's key",
            "rules",
            [
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"},
                    "bucketKeyEnabled": True,
                }
            ],
        ),
        (
            "a key asked for each file",
            "rules",
            [
                {
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": "aws:kms",
                        "kmsMasterKeyId": "arn:aws:kms:::key/1",
                    },
                }
            ],
        ),
        ("no rule of encryption", "rules", REMOVED),
        ("an empty rule of encryption", "rules", [dict[str, object]()]),
        stacks=PRODUCTION,
    ),
    *each(
        f"storage-bucket-encrypted@{LOGS}",
        f"BucketServerSideEncryptionConfiguration {LOGS}",
        ("logs under a key that a load balancer can't use", "rules", encryption("logs")),
    ),
    *each(
        f"storage-bucket-versioned@{FILES}",
        f"BucketVersioning {FILES}",
        ("versions suspended", "versioningConfiguration", {"status": "Suspended"}),
        ("no word of versions", "versioningConfiguration", REMOVED),
        stacks=PRODUCTION,
    ),
    *each(
        f"storage-deletion-final@{FILES}",
        f"BucketLifecycleConfiguration {FILES}",
        *(
            (label, "rules", ending(is_logs=False, **changed))
            for label, changed in (
                ("old versions for 86 days", {"noncurrentVersionExpiration": {"noncurrentDays": 86}}),
                ("old versions for ever", {"noncurrentVersionExpiration": None}),
                (
                    "some old versions for ever",
                    {
                        "noncurrentVersionExpiration": {"noncurrentDays": 60, "newerNoncurrentVersions": 3},
                    },
                ),
                ("an ending that is off", {"status": "Disabled"}),
                ("an ending of some files", {"filter": {"prefix": "tmp/"}}),
                ("an ending of files with a tag", {"filter": {"tag": {"key": "a", "value": "b"}}}),
                ("unfinished uploads for ever", {"abortIncompleteMultipartUpload": None}),
                ("files for a year", {"expiration": {"days": 365}}),
                ("marks of deletion for ever", {"expiration": None}),
            )
        ),
        ("a second ending", "rules", [*ending(is_logs=False), *ending(is_logs=False)]),
        ("no ending", "rules", REMOVED),
        stacks=PRODUCTION,
    ),
    *each(
        f"storage-deletion-final@{LOGS}",
        f"BucketLifecycleConfiguration {LOGS}",
        ("logs for a week", "rules", ending(is_logs=True, expiration={"days": 7})),
        ("logs for ever", "rules", ending(is_logs=True, expiration=None)),
    ),
    *each(
        "storage-deletion-final@config",
        "BucketLifecycleConfiguration config",
        ("Config's records for a year", "rules", ending(is_logs=False, expiration={"days": 365})),
        ("Config's records for ever", "rules", ending(is_logs=False)),
    ),
    *each(
        f"storage-bucket-tls@{FILES}",
        f"BucketPolicy {FILES}",
        *(
            (label, "policy", document({**TLS, **changed}))
            for label, changed in (
                ("plain text for the files", {"Resource": [ARN]}),
                ("plain text for the bucket", {"Resource": [INSIDE]}),
                ("plain text for reading", {"Action": "s3:PutObject"}),
                ("plain text for some", {"Principal": {"AWS": OTHERS}}),
                (
                    "plain text with a second condition",
                    {
                        "Condition": {
                            "Bool": {"aws:SecureTransport": "false"},
                            "StringEquals": {"aws:PrincipalOrgID": "o"},
                        },
                    },
                ),
                ("TLS refused", {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
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
                ("files for everybody", {"Principal": "*"}),
                ("files for another account", {"Principal": {"AWS": OTHERS}}),
                ("files for a service of any account", {"Principal": {"Service": "cloudfront.amazonaws.com"}}),
                ("files for all but somebody", {"NotPrincipal": {"AWS": OTHERS}}),
                ("files for a canonical user", {"Principal": {"CanonicalUser": "0123"}}),
                (
                    "files for everybody of any organisation",
                    {
                        "Principal": "*",
                        "Condition": {"StringLike": {"aws:PrincipalOrgID": "*"}},
                    },
                ),
            )
        ),
        stacks=PRODUCTION,
    ),
    told(
        "a bucket's policy without a document",
        sets(f"BucketPolicy {FILES}", "policy", REMOVED),
        f"storage-bucket-tls@{FILES}",
        f"storage-bucket-closed@{FILES}",
        stacks=PRODUCTION,
    ),
    *each(
        f"storage-bucket-kept@{LOGS}",
        f"Bucket {LOGS}",
        ("a bucket that goes with what is in it", "forceDestroy", True),
        ("a bucket with a list of its own", "acl", "public-read"),
        ("a bucket that is a web site", "website", {"indexDocument": "index.html"}),
        ("a bucket that says its policy itself", "policy", "{}"),
        ("a bucket with grants", "grants", [{"type": "Group", "permissions": ["READ"]}]),
    ),
    told(
        "a bucket without any part",
        adds(BUCKET, "added", bucket="taskflow-added", region="us-west-2"),
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

COPIES = (
    *each(
        f"storage-replicated@{FILES}",
        f"BucketReplicationConfig {FILES}",
        *(
            (label, "rules", replicating(**changed))
            for label, changed in (
                ("copies switched off", {"status": "Disabled"}),
                ("copies of some files", {"filter": {"prefix": "a/"}}),
                ("deletions that aren't copied", {"deleteMarkerReplication": {"status": "Disabled"}}),
                ("no word of deletions", {"deleteMarkerReplication": None}),
                ("encrypted files that aren't copied", {"sourceSelectionCriteria": None}),
                ("copies under S3's key", {"destination": destination(encryptionConfiguration=None)}),
                ("copies in somebody else's bucket", {"destination": destination(bucket="arn:aws:s3:::else")}),
                ("copies in no bucket", {"destination": destination(bucket=None)}),
            )
        ),
        ("no rule of copies", "rules", REMOVED),
        ("two rules of copies", "rules", [*replicating(), *replicating()]),
        stacks=PRODUCTION,
    ),
)


def _redrive(**changed: object) -> str:
    return json.dumps({"deadLetterTargetArn": f"{QUEUE_ARN}-dead", "maxReceiveCount": 5, **changed})


QUEUES = (
    *each(
        "storage-queue@jobs",
        "Queue jobs",
        ("a queue under SQS' key", "kmsMasterKeyId", REMOVED),
        ("a queue under AWS's key", "kmsMasterKeyId", "alias/aws/sqs"),
        ("a queue that says its policy itself", "policy", "{}"),
    ),
    told("a queue without a policy", removes("QueuePolicy jobs"), "storage-queue-tls@jobs"),
    told(
        "a queue that takes plain text",
        sets("QueuePolicy jobs", "policy", document(tls_only("sqs", "arn:aws:sqs:::another"))),
        "storage-queue-tls@jobs",
    ),
    told(
        "a queue for everybody",
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
        ("messages tried a hundred times", "redrivePolicy", _redrive(maxReceiveCount=100)),
        ("messages tried for ever", "redrivePolicy", json.dumps({"deadLetterTargetArn": f"{QUEUE_ARN}-dead"})),
        stacks=PRODUCTION,
    ),
    told(
        "dead letters in somebody else's queue",
        sets("Queue jobs", "redrivePolicy", _redrive(deadLetterTargetArn="arn:aws:sqs:::else")),
        "storage-queue-dead-letters@jobs",
        "storage-queue-dead-letters@jobs-dead-letters",
        stacks=PRODUCTION,
    ),
    told(
        "a queue without a dead-letter queue",
        sets("Queue jobs", "redrivePolicy", REMOVED),
        "storage-queue-dead-letters@jobs",
        "storage-queue-dead-letters@jobs-dead-letters",
    ),
    *each(
        "storage-queue-dead-letters@jobs-dead-letters",
        "Queue jobs-dead-letters",
        ("dead letters for a day", "messageRetentionSeconds", 86400),
        ("dead letters for AWS's default", "messageRetentionSeconds", REMOVED),
    ),
    told(
        "a queue of nobody's",
        all_of(adds(QUEUE, "added", kmsMasterKeyId="arn:aws:kms:::key/1")),
        "storage-queue-tls@added",
        "storage-queue-dead-letters@added",
        "resilience-protect@added",
    ),
)

REGISTRY = (
    *each(
        "registry-images@registry",
        "Repository registry",
        ("tags that move", "imageTagMutability", "MUTABLE"),
        ("tags that move but for some", "imageTagMutability", "IMMUTABLE_WITH_EXCLUSION"),
        ("no word of tags", "imageTagMutability", REMOVED),
        ("images that aren't scanned", "imageScanningConfiguration", {"scanOnPush": False}),
        ("no word of scanning", "imageScanningConfiguration", REMOVED),
        ("images under ECR's key", "encryptionConfigurations", [{"encryptionType": "AES256", "kmsKey": "arn:key"}]),
        ("images under AWS's key", "encryptionConfigurations", [{"encryptionType": "KMS"}]),
        ("no word of images' encryption", "encryptionConfigurations", REMOVED),
        ("images that go with their repository", "forceDelete", True),
        stacks=PRODUCTION,
    ),
    told(
        "a repository without a lifecycle policy",
        removes("LifecyclePolicy registry-copy"),
        "registry-lifecycles@registry-copy",
        stacks=PRODUCTION,
    ),
    told(
        "a lifecycle policy in another region",
        sets("LifecyclePolicy registry-copy", "region", "us-east-1"),
        "registry-lifecycles@registry-copy",
        stacks=PRODUCTION,
    ),
    *each(
        "registry-lifecycle@registry",
        "LifecyclePolicy registry",
        *(
            (label, "policy", lifecycle(*rules))
            for label, rules in (
                ("releases that aren't shielded", [BUILDS]),
                ("releases shielded too late", [BUILDS, selection("v*")]),
                ("releases shielded but for a few", [selection("v*", countNumber=10), BUILDS]),
                ("releases shielded by their age", [selection("v*", countType="sinceImagePushed"), BUILDS]),
                ("releases that have a second tag too", [selection("v*", tagPatternList=["v*", "prod-*"]), BUILDS]),
                ("images without a tag", [selection("v*"), {"tagStatus": "untagged", "countNumber": 1}]),
                ("any image", [selection("v*"), {"tagStatus": "any", "countNumber": 1}]),
                ("no rule for images", []),
            )
        ),
        ("a lifecycle without a policy", "policy", REMOVED),
        ("a lifecycle that can't be read", "policy", "expire all"),
        stacks=PRODUCTION,
    ),
    told(
        "a lifecycle of nothing",
        adds(LIFECYCLE_POLICY, "added", repository="another", policy=lifecycle(BUILDS)),
        "registry-lifecycle@added",
    ),
    told(
        "images in one region",
        removes("ReplicationConfiguration registry"),
        "registry-replicated@registry",
        stacks=PRODUCTION,
    ),
    told(
        "no repository made first",
        removes("Repository registry-copy", "LifecyclePolicy registry-copy"),
        "registry-replicated@registry",
        stacks=PRODUCTION,
    ),
    *each(
        "registry-replicated@registry",
        "ReplicationConfiguration registry",
        ("copies of other images", "replicationConfiguration", copying(repositoryFilters=[{"filter": "other"}])),
        (
            "copies in another region",
            "replicationConfiguration",
            copying(destinations=[{"region": "eu-west-1", "registryId": ACCOUNT}]),
        ),
        (
            "copies in another account",
            "replicationConfiguration",
            copying(destinations=[{"region": "us-west-2", "registryId": "111111111111"}]),
        ),
        ("copies in no region", "replicationConfiguration", REMOVED),
        stacks=PRODUCTION,
    ),
)

KINDS = tuple(
    told(f"a bucket as {kind}", adds(kind, "other"), "storage-bucket-kind@other")
    for kind in (
        "aws:s3/bucketV2:BucketV2",
        "aws:s3/directoryBucket:DirectoryBucket",
        "aws:s3tables/tableBucket:TableBucket",
        "aws:s3/vectorsVectorBucket:VectorsVectorBucket",
    )
)

CHANGES = (*KINDS, *BUCKETS, *COPIES, *QUEUES, *REGISTRY)
