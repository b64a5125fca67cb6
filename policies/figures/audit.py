"""Figures of audit logging: the trail, the archive and the records."""

from policies.figures.common import ACCOUNT, APPLICATION, STACKS

# Audit Logging: CloudTrail logs all AWS API calls. One stack has the account's multi-region trail.
TRAIL_SERVICE = "cloudtrail.amazonaws.com"
TRAIL = "taskflow-production"
TRAIL_ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/{TRAIL}"

# Data Handling: data retention, 7 years with two leap days.
ARCHIVE_DAYS = 2557
ARCHIVE_BUCKET_ENDING = f"-audit-archive-{ACCOUNT}"
ARCHIVES = tuple(f"{APPLICATION}-{stack}{ARCHIVE_BUCKET_ENDING}" for stack in STACKS)
LOCK_MODES = ("GOVERNANCE", "COMPLIANCE")

# Storage classes for data that is rarely read, each cheaper than the one before. ONEZONE_IA is missing: it is lost with
# its zone.
ARCHIVE_STORAGE_CLASSES = ("STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")

# Actions that delete, hide or release a record before its time: on the objects, and on the bucket.
ARCHIVE_OBJECT_ACTIONS = (
    "s3:bypassgovernanceretention",
    "s3:deleteobject",
    "s3:deleteobjectversion",
    "s3:putobjectretention",
)
ARCHIVE_BUCKET_ACTIONS = ("s3:deletebucket", "s3:putbucketobjectlockconfiguration", "s3:putlifecycleconfiguration")

# Audit Logging: the log group, and the types of events that the application writes there.
RECORDS_GROUP = "/taskflow/audit"
EVENT_FIELD = "event_type"
EVENT_TYPES = ("authentication", "data_access", "configuration_change", "error", "operation")

# Audit Logging: "all queries are logged and audited" (Database Access): the log groups of pgaudit.
DATABASE_LOGS = "/aws/rds/instance/*/postgresql"

# Audit Logging: "query audit logs", of all years. Athena's table and workgroup: a line of a file is a batch.
LINE_PROCESSORS = ("Decompression", "AppendDelimiterToRecord")
PARTITION_KEY = "datehour"
SERDE = "org.apache.hive.hcatalog.data.JsonSerDe"
ENGINE = "Athena engine version 3"
# Bytes that a query may read: Athena's minimum, and 1 TiB, which costs about 35 dollars with its retrieval.
SEARCH_BYTES = (10_000_000, 1024**4)
