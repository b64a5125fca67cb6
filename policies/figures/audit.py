"""What the pack knows of the document's audit logging by itself: the trail, the archive, and the records.

As in `figures`, no other module's words are read.
"""

from policies.figures.common import ACCOUNT, APPLICATION, STACKS

# Audit Logging: CloudTrail logs all AWS API calls. A trail of all regions is one for the account, and one stack's.
TRAIL_SERVICE = "cloudtrail.amazonaws.com"
TRAIL = "taskflow-production"
TRAIL_ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/{TRAIL}"

# Data Handling: data retention, 7 years of which two may be leap years.
ARCHIVE_DAYS = 2557
ARCHIVE_BUCKET_ENDING = f"-audit-archive-{ACCOUNT}"
ARCHIVES = tuple(f"{APPLICATION}-{stack}{ARCHIVE_BUCKET_ENDING}" for stack in STACKS)
LOCK_MODES = ("GOVERNANCE", "COMPLIANCE")

# Each costs less than the one before; an archive that nobody reads belongs in one of them. The cheaper one of a single
# zone, ONEZONE_IA, isn't among them: the zone's loss would take it along.
CHEAPER = ("STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")

# By each of them something in an archive is lost, hidden or let go before its time: of its files, and of the bucket.
OF_FILES = ("s3:bypassgovernanceretention", "s3:deleteobject", "s3:deleteobjectversion", "s3:putobjectretention")
OF_BUCKET = ("s3:deletebucket", "s3:putbucketobjectlockconfiguration", "s3:putlifecycleconfiguration")

# Audit Logging: the group that the document asks, and the kinds of events that the application writes there.
RECORDS = "/taskflow/audit"
EVENT_FIELD = "event_type"
EVENTS = ("authentication", "data_access", "configuration_change", "error")

# Audit Logging: "all queries are logged and audited" (Database Access): where pgaudit's lines stand.
DATABASE_LOGS = "/aws/rds/instance/*/postgresql"
