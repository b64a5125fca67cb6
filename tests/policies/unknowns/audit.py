"""What of the audit a preview may not know: the rule that has to say so, and the place. Data only."""

from tests.policies.compliant.audit import AUDIT_TRAIL, DELIVERY, RECORDS, locked
from tests.policies.plan import Ref
from tests.policies.unknowns.unknown_value import doubt

TEXT = Ref(to="LogGroup flow-logs")
BUCKETS = Ref(to="Bucket files", via=("Bucket files", "Bucket audit-archive"))
GROUPS = Ref(to="LogGroup audit-records", output="arn", via=("LogGroup audit-records", "LogGroup audit-trail"))
ROLES = Ref(to="Role roles-task", output="arn", via=("Role roles-task", "Role roles-access"))
KEYS = Ref(to="Key keys-logs", output="arn", via=("Key keys-logs", "Key keys-audit"))
FIELDS = "advancedEventSelectors.0.fieldSelectors"
LOCK, LIFE = "BucketObjectLockConfiguration audit-archive", "BucketLifecycleConfiguration audit-archive"
SUBSCRIBED = "LogSubscriptionFilter audit-records"
QUERY = "QueryDefinition audit-error"

DOUBTS = (
    doubt("audit-trail", AUDIT_TRAIL, "isMultiRegionTrail", TEXT),
    doubt("audit-trail", AUDIT_TRAIL, "eventSelectors", TEXT),
    doubt("audit-trail", AUDIT_TRAIL, "name", TEXT),
    doubt("audit-trail-leads", AUDIT_TRAIL, "s3BucketName", BUCKETS),
    doubt("audit-trail-leads", AUDIT_TRAIL, "cloudWatchLogsGroupArn", GROUPS),
    doubt("audit-trail-leads", AUDIT_TRAIL, "cloudWatchLogsRoleArn", ROLES),
    doubt("audit-trail-events", AUDIT_TRAIL, "advancedEventSelectors", TEXT),
    doubt("audit-trail-events", AUDIT_TRAIL, "advancedEventSelectors.0", TEXT),
    doubt("audit-trail-events", AUDIT_TRAIL, FIELDS, TEXT),
    doubt("audit-trail-events", AUDIT_TRAIL, f"{FIELDS}.0.field", TEXT),
    doubt("audit-trail-events", AUDIT_TRAIL, f"{FIELDS}.0.equals", TEXT),
    doubt("audit-trail-events", AUDIT_TRAIL, f"{FIELDS}.0.equals.0", TEXT),
    doubt("audit-trail-events", "Bucket files", "bucket", TEXT),
    doubt("audit-trail-key", AUDIT_TRAIL, "kmsKeyId", KEYS),
    doubt("audit-trail-key", "Key keys-audit", "policy", TEXT),
    doubt("audit-archive", "Bucket audit-archive", "bucket", TEXT, "taskflow-production.bucket"),
    doubt("audit-archive-locked", "Bucket audit-archive", "objectLockEnabled", TEXT),
    doubt("audit-archive-locked", LOCK, "rule", TEXT),
    doubt("audit-archive-locked", LOCK, "bucket", BUCKETS),
    doubt("audit-archive-ages", LIFE, "rules", TEXT),
    doubt("audit-archive-ages", LIFE, "rules", locked(expiration={"days": TEXT}), "rules.0.expiration.days"),
    doubt("audit-archive-ages", LIFE, "rules", locked(transitions=TEXT), "rules.0.transitions"),
    doubt("audit-archive-closed", "BucketPolicy audit-archive", "policy", TEXT),
    doubt("audit-records", RECORDS, "name", TEXT),
    doubt("audit-records-archived", RECORDS, "name", TEXT),
    doubt("audit-records-archived", SUBSCRIBED, "logGroup", GROUPS),
    doubt("audit-records-archived", SUBSCRIBED, "filterPattern", TEXT),
    doubt("audit-records-archived", SUBSCRIBED, "roleArn", ROLES),
    doubt("audit-stream", DELIVERY, "serverSideEncryption", TEXT),
    doubt("audit-stream-leads", DELIVERY, "extendedS3Configuration.bucketArn", BUCKETS),
    doubt("audit-queries", QUERY, "queryString", TEXT),
    doubt("audit-queries", QUERY, "logGroupNames", GROUPS),
    doubt("audit-queries", RECORDS, "name", TEXT),
)

# They ask which resources there are, and that is always known.
NEVER_IN_DOUBT = {"audit-trail-one"}
