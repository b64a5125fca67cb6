"""Unknown values of the audit: the rule that reports each, and its path. Data only."""

from tests.policies.compliant.audit import (
    AUDIT_TRAIL,
    DELIVERY,
    RECORDS,
    SEARCH,
    SEARCHED,
    lifecycle_rules,
    table_parameters,
)
from tests.policies.plan import Ref
from tests.policies.unknowns.unknown_value import unknown_value

TEXT = Ref(to="LogGroup flow-logs")
BUCKETS = Ref(to="Bucket files", via=("Bucket files", "Bucket audit-archive"))
GROUPS = Ref(to="LogGroup audit-records", output="arn", via=("LogGroup audit-records", "LogGroup audit-trail"))
ROLES = Ref(to="Role roles-task", output="arn", via=("Role roles-task", "Role roles-access"))
KEYS = Ref(to="Key keys-logs", output="arn", via=("Key keys-logs", "Key keys-audit"))
FIELDS = "advancedEventSelectors.0.fieldSelectors"
LOCK, LIFECYCLE = "BucketObjectLockConfiguration audit-archive", "BucketLifecycleConfiguration audit-archive"
SUBSCRIBED = "LogSubscriptionFilter audit-records"
QUERY = "QueryDefinition audit-error"
PROCESSING = "extendedS3Configuration.processingConfiguration"

UNKNOWNS = (
    unknown_value("audit-trail", AUDIT_TRAIL, "isMultiRegionTrail", TEXT),
    unknown_value("audit-trail", AUDIT_TRAIL, "eventSelectors", TEXT),
    unknown_value("audit-trail", AUDIT_TRAIL, "name", TEXT),
    unknown_value("audit-trail-destinations", AUDIT_TRAIL, "s3BucketName", BUCKETS),
    unknown_value("audit-trail-destinations", AUDIT_TRAIL, "cloudWatchLogsGroupArn", GROUPS),
    unknown_value("audit-trail-destinations", AUDIT_TRAIL, "cloudWatchLogsRoleArn", ROLES),
    unknown_value("audit-trail-events", AUDIT_TRAIL, "advancedEventSelectors", TEXT),
    unknown_value("audit-trail-events", AUDIT_TRAIL, "advancedEventSelectors.0", TEXT),
    unknown_value("audit-trail-events", AUDIT_TRAIL, FIELDS, TEXT),
    unknown_value("audit-trail-events", AUDIT_TRAIL, f"{FIELDS}.0.field", TEXT),
    unknown_value("audit-trail-events", AUDIT_TRAIL, f"{FIELDS}.0.equals", TEXT),
    unknown_value("audit-trail-events", AUDIT_TRAIL, f"{FIELDS}.0.equals.0", TEXT),
    unknown_value("audit-trail-events", "Bucket files", "bucket", TEXT),
    unknown_value("audit-trail-key", AUDIT_TRAIL, "kmsKeyId", KEYS),
    unknown_value("audit-trail-key", "Key keys-audit", "policy", TEXT),
    unknown_value("audit-archive", "Bucket audit-archive", "bucket", TEXT, "taskflow-production.bucket"),
    unknown_value("audit-archive-locked", "Bucket audit-archive", "objectLockEnabled", TEXT),
    unknown_value("audit-archive-locked", LOCK, "rule", TEXT),
    unknown_value("audit-archive-locked", LOCK, "bucket", BUCKETS),
    unknown_value("audit-archive-ages", LIFECYCLE, "rules", TEXT),
    unknown_value(
        "audit-archive-ages", LIFECYCLE, "rules", lifecycle_rules(expiration={"days": TEXT}), "rules.0.expiration.days"
    ),
    unknown_value("audit-archive-ages", LIFECYCLE, "rules", lifecycle_rules(transitions=TEXT), "rules.0.transitions"),
    unknown_value("audit-archive-closed", "BucketPolicy audit-archive", "policy", TEXT),
    unknown_value("audit-records", RECORDS, "name", TEXT),
    unknown_value("audit-records-archived", RECORDS, "name", TEXT),
    unknown_value("audit-records-archived", SUBSCRIBED, "logGroup", GROUPS),
    unknown_value("audit-records-archived", SUBSCRIBED, "filterPattern", TEXT),
    unknown_value("audit-records-archived", SUBSCRIBED, "roleArn", ROLES),
    unknown_value("audit-stream", DELIVERY, "serverSideEncryption", TEXT),
    unknown_value("audit-stream-destination", DELIVERY, "extendedS3Configuration.bucketArn", BUCKETS),
    unknown_value("audit-queries", QUERY, "queryString", TEXT),
    unknown_value("audit-queries", QUERY, "logGroupNames", GROUPS),
    unknown_value("audit-queries", RECORDS, "name", TEXT),
    unknown_value("audit-archive-lines", DELIVERY, f"{PROCESSING}.enabled", TEXT),
    unknown_value("audit-archive-lines", DELIVERY, f"{PROCESSING}.processors", TEXT),
    unknown_value("audit-archive-lines", DELIVERY, f"{PROCESSING}.processors.0.type", TEXT),
    unknown_value("audit-archive-lines", DELIVERY, "extendedS3Configuration.compressionFormat", TEXT),
    unknown_value("audit-archive-lines", DELIVERY, "extendedS3Configuration.fileExtension", TEXT),
    unknown_value("audit-archive-search", DELIVERY, "extendedS3Configuration.prefix", TEXT),
    unknown_value("audit-archive-search", SEARCHED, "storageDescriptor.location", TEXT),
    unknown_value("audit-archive-search", SEARCHED, "storageDescriptor.serDeInfo", TEXT),
    unknown_value("audit-archive-search", SEARCHED, "parameters", TEXT),
    unknown_value(
        "audit-archive-search",
        SEARCHED,
        "parameters",
        table_parameters("production", projection__datehour__range=TEXT),
        "parameters.projection.datehour.range",
    ),
    unknown_value("audit-archive-workgroup", SEARCH, "configuration", TEXT),
    unknown_value("audit-archive-workgroup", SEARCH, "configuration.bytesScannedCutoffPerQuery", TEXT),
    unknown_value("audit-archive-workgroup", SEARCH, "configuration.engineVersion.selectedEngineVersion", TEXT),
)

# It judges which resources exist, and that is always known.
NEVER_UNKNOWN = {"audit-trail-one"}
