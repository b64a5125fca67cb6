"""Changes that violate the rules about the audit. Data only."""

from collections.abc import Sequence

from tests.policies.compliant.access import document
from tests.policies.compliant.audit import (
    ARCHIVE,
    AUDIT_TRAIL,
    BUCKET_ACTIONS,
    DELIVERY,
    EVENT_TYPES,
    KEY,
    OBJECT_ACTIONS,
    RECORDS,
    TRAIL,
    TRAIL_ARN,
    archive_name,
    bucket_denial,
    default_retention,
    event_selector,
    event_selectors,
    lifecycle_rules,
    object_denial,
    trail_key_statement,
    trail_statement,
)
from tests.policies.compliant.data import ACCOUNT, policy_statements
from tests.policies.compliant.storage import bucket_arns, encryption_rules, tls_only
from tests.policies.mutations.database import DR, PRODUCTION, each
from tests.policies.mutations.mutation import Change, adds, mutation, removes, sets, unprotects
from tests.policies.plan import REMOVED, STACKS, Plan, Ref

TRAIL_RULES = ("audit-trail", "audit-trail-one", "audit-trail-destinations", "audit-trail-events")

OTHER_TRAIL = {"StringEquals": {"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT.replace('9', '1')}:trail/x"}}
SELECTORS = "advancedEventSelectors"
MANAGEMENT, FILES, READS = event_selectors()
INSIDE = "arn:aws:s3:::taskflow-"
ARCHIVES_INSIDE = [f"arn:aws:s3:::{archive_name(stack)}/" for stack in STACKS]


TRAILS = (
    *each(
        "audit-trail@audit-trail",
        AUDIT_TRAIL,
        *(
            (f"a trail with {key} {'removed' if value is REMOVED else 'off'}", key, value)
            for key in ("isMultiRegionTrail", "enableLogFileValidation")
            for value in (False, REMOVED)
        ),
        ("a trail without global events", "includeGlobalServiceEvents", False),
        ("a trail with logging off", "enableLogging", False),
        ("a trail under another name", "name", "other"),
        ("a trail with simple selectors", "eventSelectors", [{"readWriteType": "All"}]),
        stacks=PRODUCTION,
    ),
    mutation(
        "a trail without a customer managed key",
        sets(AUDIT_TRAIL, "kmsKeyId", REMOVED),
        "audit-trail@audit-trail",
        stacks=PRODUCTION,
    ),
    mutation(
        "a trail without a role",
        sets(AUDIT_TRAIL, "cloudWatchLogsRoleArn", REMOVED),
        "audit-trail@audit-trail",
        "audit-trail-destinations@audit-trail",
        stacks=PRODUCTION,
    ),
    mutation("an unprotected trail", unprotects(AUDIT_TRAIL), "audit-trail@audit-trail", stacks=PRODUCTION),
    mutation("no trail", removes(AUDIT_TRAIL), "audit-trail-one@taskflow-production", stacks=PRODUCTION),
    mutation(
        "dr's trail",
        adds(TRAIL, "added"),
        *(
            f"{rule}@added"
            for rule in ("audit-trail", "audit-trail-one", "audit-trail-destinations", "audit-trail-events")
        ),
        stacks=DR,
    ),
    mutation(
        "a second trail",
        adds(TRAIL, "second"),
        *(
            f"{rule}@second"
            for rule in ("audit-trail", "audit-trail-one", "audit-trail-destinations", "audit-trail-events")
        ),
        stacks=PRODUCTION,
    ),
    *each(
        "audit-trail-destinations@audit-trail",
        AUDIT_TRAIL,
        ("a trail to another bucket", "s3BucketName", Ref(to="Bucket files")),
        ("a trail to a bucket outside the stack", "s3BucketName", "elsewhere"),
        ("a trail without a bucket", "s3BucketName", REMOVED),
        (
            "a trail to a log group outside the stack",
            "cloudWatchLogsGroupArn",
            f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:x:*",
        ),
        ("a trail without a log group", "cloudWatchLogsGroupArn", REMOVED),
        ("a log group's name instead of its ARN", "cloudWatchLogsGroupArn", "/taskflow/production/trail"),
        ("a trail with a role outside the stack", "cloudWatchLogsRoleArn", f"arn:aws:iam::{ACCOUNT}:role/elsewhere"),
        stacks=PRODUCTION,
    ),
)


def _object_events(**changed: Sequence[str] | dict[str, object]) -> list[dict[str, object]]:
    """Return the trail's selectors, with some fields of the one for object events changed."""
    whole: dict[str, Sequence[str] | dict[str, object]] = {
        "category": ["Data"],
        "type": ["AWS::S3::Object"],
        "arn": {"startsWiths": [INSIDE], "notStartsWiths": ARCHIVES_INSIDE},
    }
    return [MANAGEMENT, event_selector(**{**whole, **changed}), READS]


EVENTS_SEEN = each(
    "audit-trail-events@audit-trail",
    AUDIT_TRAIL,
    ("no selectors", SELECTORS, REMOVED),
    ("no management events", SELECTORS, [FILES, READS]),
    (
        "only management events that write",
        SELECTORS,
        [event_selector(category=["Management"], readonly=["false"]), FILES, READS],
    ),
    (
        "only management events that read",
        SELECTORS,
        [event_selector(category=["Management"], readonly=["true"]), FILES, READS],
    ),
    ("no object events", SELECTORS, [MANAGEMENT, READS]),
    ("only object events that read", SELECTORS, _object_events(readonly=["true"])),
    ("only object events that write", SELECTORS, _object_events(readonly=["false"])),
    (
        "object events of one bucket",
        SELECTORS,
        _object_events(arn={"startsWiths": [f"{INSIDE}production-files-{ACCOUNT}/"]}),
    ),
    ("function events instead of object events", SELECTORS, _object_events(type=["AWS::Lambda::Function"])),
    ("object events of some names", SELECTORS, _object_events(arn={"endsWiths": [".pdf"]})),
    (
        "object events except of one bucket",
        SELECTORS,
        _object_events(arn={"notStartsWiths": [f"{INSIDE}production-files-{ACCOUNT}/", *ARCHIVES_INSIDE]}),
    ),
    ("no read events of the archives", SELECTORS, [MANAGEMENT, FILES]),
    *(
        (
            f"write events of {archive}",
            SELECTORS,
            _object_events(arn={"startsWiths": [INSIDE], "notStartsWiths": excluded}),
        )
        for archive, excluded in (("its archive", ARCHIVES_INSIDE[1:]), ("dr's archive", ARCHIVES_INSIDE[:1]))
    ),
    (
        "write events of the archives",
        SELECTORS,
        [MANAGEMENT, event_selector(category=["Data"], type=["AWS::S3::Object"])],
    ),
    stacks=PRODUCTION,
)

KEYS = (
    mutation(
        "a key without permission for CloudTrail",
        sets(KEY, "policy", document(*policy_statements("audit"))),
        "audit-trail-key@keys-audit",
        stacks=PRODUCTION,
    ),
    mutation(
        "a key for any trail of the account",
        sets(
            KEY,
            "policy",
            document(
                *policy_statements("audit"),
                trail_key_statement(Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
            ),
        ),
        "audit-trail-key@keys-audit",
        stacks=PRODUCTION,
    ),
    mutation(
        "a key that CloudTrail can only decrypt with",
        sets(KEY, "policy", document(*policy_statements("audit"), trail_key_statement(Action="kms:Decrypt"))),
        "audit-trail-key@keys-audit",
        stacks=PRODUCTION,
    ),
    mutation(
        "a trail with a key outside the stack",
        sets(AUDIT_TRAIL, "kmsKeyId", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/elsewhere"),
        "audit-trail-key@audit-trail",
        "encryption-keys-own@audit-trail",
        stacks=PRODUCTION,
    ),
)


def _archive_policy(*statements: dict[str, object]) -> Change:
    """Replace the statements of the archive's policy, except the one about TLS."""
    return lambda plan: plan.set(
        "BucketPolicy audit-archive",
        "policy",
        document(tls_only("s3", *bucket_arns(archive_name(plan.stack))), *statements),
    )


def _object_denial(**changed: object) -> Change:
    return lambda plan: _archive_policy(object_denial(plan.stack, **changed), bucket_denial(plan.stack))(plan)


def _bucket_denial(**changed: object) -> Change:
    return lambda plan: _archive_policy(object_denial(plan.stack), bucket_denial(plan.stack, **changed))(plan)


def _trail_access(**changed: object) -> Change:
    def change(plan: Plan) -> None:
        statement = {**trail_statement(plan.stack, "s3:PutObject"), **changed}
        _archive_policy(object_denial(plan.stack), bucket_denial(plan.stack), statement)(plan)

    return change


LOCKS = "BucketObjectLockConfiguration audit-archive"
LIFECYCLE = "BucketLifecycleConfiguration audit-archive"
VERSIONED, ENCRYPTION = "storage-bucket-versioned", "storage-bucket-encrypted"
ENCRYPTED = "BucketServerSideEncryptionConfiguration audit-archive"
STANDARD_CLASS = {"days": 90, "storageClass": "STANDARD"}
ARCHIVES = (
    *each(
        "audit-archive-locked@audit-archive",
        ARCHIVE,
        ("a bucket with object lock off", "objectLockEnabled", False),
        ("a bucket without object lock", "objectLockEnabled", REMOVED),
    ),
    mutation("an unprotected lock", unprotects(LOCKS), "audit-archive-locked@audit-archive"),
    mutation("an archive without a lock", removes(LOCKS), "audit-archive-locked@audit-archive"),
    *each(
        "audit-archive-locked@audit-archive",
        LOCKS,
        ("a lock of six years", "rule.defaultRetention", default_retention(days=2191)),
        ("a lock without days", "rule.defaultRetention", default_retention(days=None)),
        ("a lock without a mode", "rule.defaultRetention", default_retention(mode=None)),
        ("a lock without a rule", "rule", REMOVED),
        ("a lock of another bucket", "bucket", "elsewhere"),
    ),
    *each(
        "audit-archive-ages@audit-archive",
        LIFECYCLE,
        ("records that expire after six years", "rules", lifecycle_rules(expiration={"days": 2191})),
        ("records that never expire", "rules", lifecycle_rules(expiration=None)),
        ("records that expire on a date", "rules", lifecycle_rules(expiration={"days": 2557, "date": "2030-01-01"})),
        ("an archive without transitions", "rules", lifecycle_rules(transitions=None)),
        ("a transition to the same class", "rules", lifecycle_rules(transitions=[STANDARD_CLASS])),
        ("an archive in one zone", "rules", lifecycle_rules(transitions=[{"days": 90, "storageClass": "ONEZONE_IA"}])),
    ),
    *each(
        "storage-deletion-final@audit-archive",
        LIFECYCLE,
        ("an archive with its lifecycle off", "rules", lifecycle_rules(status="Disabled")),
        ("a lifecycle of a part of the archive", "rules", lifecycle_rules(filter={"prefix": "records/"})),
        ("unfinished uploads that are kept", "rules", lifecycle_rules(abortIncompleteMultipartUpload=None)),
    ),
    mutation("an archive without versions", removes("BucketVersioning audit-archive"), f"{VERSIONED}@audit-archive"),
    mutation(
        "an archive without a customer managed key",
        sets(ENCRYPTED, "rules", encryption_rules(None)),
        f"{ENCRYPTION}@audit-archive",
    ),
    mutation("an unprotected archive", unprotects(ARCHIVE), "resilience-protect@audit-archive"),
    mutation("a policy without denials", _archive_policy(), "audit-archive-closed@audit-archive"),
    *(
        mutation(
            f"an archive that doesn't deny {action}",
            deny(Action=[other for other in actions if other != action]),
            "audit-archive-closed@audit-archive",
        )
        for deny, actions in ((_object_denial, OBJECT_ACTIONS), (_bucket_denial, BUCKET_ACTIONS))
        for action in actions
    ),
    *(
        mutation(label, _object_denial(**changed), "audit-archive-closed@audit-archive")
        for label, changed in (
            ("a denial for root only", {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}),
            ("a denial for other objects", {"Resource": "arn:aws:s3:::elsewhere/*"}),
            ("a denial with a condition on addresses", {"Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}),
            (
                "a denial except for all roles",
                {"Condition": {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}}},
            ),
            (
                "a denial except for a role of another account",
                {"Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/x"}}},
            ),
        )
    ),
    *(
        mutation(label, _trail_access(**changed), "audit-archive-closed@audit-archive", stacks=PRODUCTION)
        for label, changed in (
            ("an archive that people can write to", {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}),
            ("an archive that CloudTrail can read", {"Action": "s3:GetObject"}),
            ("any trail of the account", {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}),
            ("an archive for another trail", {"Condition": {"StringEquals": {"aws:SourceArn": f"{TRAIL_ARN}-2"}}}),
            ("an archive with all actions but one for CloudTrail", {"Action": None, "NotAction": "s3:GetObject"}),
        )
    ),
    mutation(
        "a trail of another account",
        _trail_access(Condition=OTHER_TRAIL),
        "audit-archive-closed@audit-archive",
        "storage-bucket-closed@audit-archive",
        stacks=PRODUCTION,
    ),
    mutation(
        "an archive of another name",
        sets(ARCHIVE, "bucket", f"taskflow-dr-archive-{ACCOUNT}"),
        "audit-archive@taskflow-dr",
        "audit-stream-destination@audit-archive",
        "storage-bucket-tls@audit-archive",
        "storage-deletion-final@audit-archive",
        stacks=DR,
    ),
)

ARCHIVED = "LogSubscriptionFilter audit-records"
RECORDED = (
    mutation(
        "records under another name",
        sets(RECORDS, "name", "/taskflow/production/audit"),
        "audit-records@taskflow-production",
        stacks=PRODUCTION,
    ),
    mutation(
        "records that are retained for 30 days", sets(RECORDS, "retentionInDays", 30), "logs-retention@audit-records"
    ),
    mutation(
        "records without a customer managed key", sets(RECORDS, "kmsKeyId", REMOVED), "encryption-logs@audit-records"
    ),
    mutation("unprotected records", unprotects(RECORDS), "resilience-protect@audit-records"),
    mutation("an unprotected stream", unprotects(DELIVERY), "audit-stream@audit-archive"),
    mutation("records that aren't archived", removes(ARCHIVED), "audit-records-archived@audit-records"),
    mutation(
        "a part of the database's logs",
        sets("LogSubscriptionFilter database-postgresql", "filterPattern", "AUDIT"),
        "audit-records-archived@database-postgresql",
    ),
    mutation(
        "database logs that aren't archived",
        removes("LogSubscriptionFilter database-postgresql"),
        "audit-records-archived@database-postgresql",
    ),
    *each(
        "audit-records-archived@audit-records",
        ARCHIVED,
        ("a part of the records", "filterPattern", "ERROR"),
        (
            "a subscription to a stream outside the stack",
            "destinationArn",
            f"arn:aws:firehose:us-east-1:{ACCOUNT}:deliverystream/x",
        ),
        ("a subscription without a destination", "destinationArn", REMOVED),
        ("a subscription with a role outside the stack", "roleArn", f"arn:aws:iam::{ACCOUNT}:role/x"),
        ("a subscription without a role", "roleArn", REMOVED),
        ("a subscription of another log group", "logGroup", "elsewhere"),
    ),
    *each(
        "audit-stream@audit-archive",
        DELIVERY,
        ("a stream to OpenSearch", "destination", "opensearch"),
        ("a stream in plain text", "serverSideEncryption.enabled", False),
        ("a stream without encryption settings", "serverSideEncryption", REMOVED),
        ("a stream under an AWS owned key", "serverSideEncryption.keyType", "AWS_OWNED_CMK"),
        ("a stream without its key", "serverSideEncryption.keyArn", REMOVED),
    ),
    *each(
        "audit-stream-destination@audit-archive",
        DELIVERY,
        ("a stream to a bucket outside the stack", "extendedS3Configuration.bucketArn", "arn:aws:s3:::elsewhere"),
        (
            "a stream to the load balancer's log bucket",
            "extendedS3Configuration.bucketArn",
            Ref(to="Bucket origin-logs", output="arn"),
        ),
        ("a stream without a bucket", "extendedS3Configuration.bucketArn", REMOVED),
    ),
    *(
        mutation(
            f"no saved query about {kind}", removes(f"QueryDefinition audit-{kind}"), "audit-queries@audit-records"
        )
        for kind in EVENT_TYPES
    ),
    *each(
        "audit-queries@audit-records",
        "QueryDefinition audit-error",
        ("a query of another log group", "logGroupNames", ["/taskflow/other"]),
        ("a query without a log group", "logGroupNames", REMOVED),
        ("a query of another field", "queryString", 'filter kind = "error"'),
        ("a query without a text", "queryString", REMOVED),
        ("a query without a filter", "queryString", "fields event_type, error"),
        ("a query about another kind", "queryString", "filter event_type = error_code"),
    ),
)

CHANGES = (*TRAILS, *EVENTS_SEEN, *KEYS, *ARCHIVES, *RECORDED)
