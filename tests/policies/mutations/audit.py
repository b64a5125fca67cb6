"""One change for each thing about the audit that a rule guards. Data only."""

from collections.abc import Sequence

from tests.policies.compliant.access import document
from tests.policies.compliant.audit import (
    ARCHIVE,
    AUDIT_TRAIL,
    DELIVERY,
    EVENTS,
    KEY,
    OF_BUCKET,
    OF_FILES,
    RECORDS,
    TRAIL,
    TRAIL_ARN,
    archive,
    encrypting,
    lock,
    locked,
    selecting,
    selectors,
    trailing,
    undeletable,
    unlockable,
)
from tests.policies.compliant.data import ACCOUNT, policy_statements
from tests.policies.compliant.storage import encryption, of_bucket, tls_only
from tests.policies.mutations.database import DR, PRODUCTION, each
from tests.policies.mutations.mutation import Change, adds, removes, sets, told
from tests.policies.plan import REMOVED, STACKS, Plan, Ref

OTHER_TRAIL = {"StringEquals": {"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT.replace('9', '1')}:trail/x"}}
SELECTORS = "advancedEventSelectors"
MANAGEMENT, FILES, READS = selectors()
INSIDE = "arn:aws:s3:::taskflow-"
ARCHIVES_INSIDE = [f"arn:aws:s3:::{archive(stack)}/" for stack in STACKS]


def unprotected(key: str) -> Change:
    def change(plan: Plan) -> None:
        plan.resources[key].protect = False

    return change


TRAILS = (
    *each(
        "audit-trail@audit-trail",
        AUDIT_TRAIL,
        *(
            (f"a trail with {key} {'left out' if value is REMOVED else 'off'}", key, value)
            for key in ("isMultiRegionTrail", "enableLogFileValidation")
            for value in (False, REMOVED)
        ),
        ("a trail without global events", "includeGlobalServiceEvents", False),
        ("a trail that is off", "enableLogging", False),
        ("a trail under a name that its key doesn't know", "name", "other"),
        ("a trail with simple selectors", "eventSelectors", [{"readWriteType": "All"}]),
        stacks=PRODUCTION,
    ),
    told(
        "a trail under S3's key",
        sets(AUDIT_TRAIL, "kmsKeyId", REMOVED),
        "audit-trail@audit-trail",
        stacks=PRODUCTION,
    ),
    told(
        "a trail without a role",
        sets(AUDIT_TRAIL, "cloudWatchLogsRoleArn", REMOVED),
        "audit-trail@audit-trail",
        "audit-trail-leads@audit-trail",
        stacks=PRODUCTION,
    ),
    told("an unprotected trail", unprotected(AUDIT_TRAIL), "audit-trail@audit-trail", stacks=PRODUCTION),
    told("no trail", removes(AUDIT_TRAIL), "audit-trail-one@taskflow-production", stacks=PRODUCTION),
    told(
        "dr's trail",
        adds(TRAIL, "added"),
        *(f"{rule}@added" for rule in ("audit-trail", "audit-trail-one", "audit-trail-leads", "audit-trail-events")),
        stacks=DR,
    ),
    told(
        "a second trail",
        adds(TRAIL, "second"),
        *(f"{rule}@second" for rule in ("audit-trail", "audit-trail-one", "audit-trail-leads", "audit-trail-events")),
        stacks=PRODUCTION,
    ),
    *each(
        "audit-trail-leads@audit-trail",
        AUDIT_TRAIL,
        ("a trail into another bucket", "s3BucketName", Ref(to="Bucket files")),
        ("a trail into somebody's bucket", "s3BucketName", "somebodys"),
        ("a trail into no bucket", "s3BucketName", REMOVED),
        ("a trail into somebody's group", "cloudWatchLogsGroupArn", f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:x:*"),
        ("a trail without a group", "cloudWatchLogsGroupArn", REMOVED),
        ("a group's name for its ARN", "cloudWatchLogsGroupArn", "/taskflow/production/trail"),
        ("a role of somebody's", "cloudWatchLogsRoleArn", f"arn:aws:iam::{ACCOUNT}:role/somebodys"),
        stacks=PRODUCTION,
    ),
)


def _files(**changed: Sequence[str] | dict[str, object]) -> list[dict[str, object]]:
    """The trail's selectors, with something else in the one of the files."""
    whole: dict[str, Sequence[str] | dict[str, object]] = {
        "category": ["Data"],
        "type": ["AWS::S3::Object"],
        "arn": {"startsWiths": [INSIDE], "notStartsWiths": ARCHIVES_INSIDE},
    }
    return [MANAGEMENT, selecting(**{**whole, **changed}), READS]


EVENTS_SEEN = each(
    "audit-trail-events@audit-trail",
    AUDIT_TRAIL,
    ("no selectors", SELECTORS, REMOVED),
    ("no calls", SELECTORS, [FILES, READS]),
    ("calls that change alone", SELECTORS, [selecting(category=["Management"], readonly=["false"]), FILES, READS]),
    ("calls that read alone", SELECTORS, [selecting(category=["Management"], readonly=["true"]), FILES, READS]),
    ("no files", SELECTORS, [MANAGEMENT, READS]),
    ("files that are read alone", SELECTORS, _files(readonly=["true"])),
    ("files that are changed alone", SELECTORS, _files(readonly=["false"])),
    (
        "files of some buckets",
        SELECTORS,
        _files(arn={"startsWiths": [f"{INSIDE}production-files-{ACCOUNT}/"]}),
    ),
    ("functions for files", SELECTORS, _files(type=["AWS::Lambda::Function"])),
    ("some files' names", SELECTORS, _files(arn={"endsWiths": [".pdf"]})),
    (
        "all but some files",
        SELECTORS,
        _files(arn={"notStartsWiths": [f"{INSIDE}production-files-{ACCOUNT}/", *ARCHIVES_INSIDE]}),
    ),
    ("the archive's readers unseen", SELECTORS, [MANAGEMENT, FILES]),
    *(
        (f"a trail that feeds {what}", SELECTORS, _files(arn={"startsWiths": [INSIDE], "notStartsWiths": left}))
        for what, left in (("itself", ARCHIVES_INSIDE[1:]), ("on dr's archive", ARCHIVES_INSIDE[:1]))
    ),
    ("archives with their writers", SELECTORS, [MANAGEMENT, selecting(category=["Data"], type=["AWS::S3::Object"])]),
    stacks=PRODUCTION,
)

KEYS = (
    told(
        "a key that CloudTrail can't use",
        sets(KEY, "policy", document(*policy_statements("audit"))),
        "audit-trail-key@keys-audit",
        stacks=PRODUCTION,
    ),
    told(
        "a key for any trail of the account",
        sets(
            KEY,
            "policy",
            document(
                *policy_statements("audit"), encrypting(Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})
            ),
        ),
        "audit-trail-key@keys-audit",
        stacks=PRODUCTION,
    ),
    told(
        "a key by which CloudTrail only reads",
        sets(KEY, "policy", document(*policy_statements("audit"), encrypting(Action="kms:Decrypt"))),
        "audit-trail-key@keys-audit",
        stacks=PRODUCTION,
    ),
    told(
        "somebody's key for the trail",
        sets(AUDIT_TRAIL, "kmsKeyId", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/somebodys"),
        "audit-trail-key@audit-trail",
        stacks=PRODUCTION,
    ),
)


def _guarding(*statements: dict[str, object]) -> Change:
    """The archive's policy with these statements beside those about TLS and CloudTrail."""
    return lambda plan: plan.set(
        "BucketPolicy audit-archive",
        "policy",
        document(tls_only("s3", *of_bucket(archive(plan.stack))), *statements),
    )


def _deny(**changed: object) -> Change:
    return lambda plan: _guarding(undeletable(plan.stack, **changed), unlockable(plan.stack))(plan)


def _hold(**changed: object) -> Change:
    return lambda plan: _guarding(undeletable(plan.stack), unlockable(plan.stack, **changed))(plan)


def _let(**changed: object) -> Change:
    def change(plan: Plan) -> None:
        written = {**trailing(plan.stack, "s3:PutObject"), **changed}
        _guarding(undeletable(plan.stack), unlockable(plan.stack), written)(plan)

    return change


LOCKS = "BucketObjectLockConfiguration audit-archive"
LIFE = "BucketLifecycleConfiguration audit-archive"
VERSIONED, ENCRYPTION = "storage-bucket-versioned", "storage-bucket-encrypted"
ENCRYPTED = "BucketServerSideEncryptionConfiguration audit-archive"
DEAR = {"days": 90, "storageClass": "STANDARD"}
ARCHIVES = (
    *each(
        "audit-archive-locked@audit-archive",
        ARCHIVE,
        ("a bucket that can't lock", "objectLockEnabled", False),
        ("no word of a lock", "objectLockEnabled", REMOVED),
    ),
    told("an unprotected lock", unprotected(LOCKS), "audit-archive-locked@audit-archive"),
    told("an archive without a lock", removes(LOCKS), "audit-archive-locked@audit-archive"),
    *each(
        "audit-archive-locked@audit-archive",
        LOCKS,
        ("a lock of six years", "rule.defaultRetention", lock(days=2191)),
        ("a lock that doesn't end", "rule.defaultRetention", lock(days=None)),
        ("a lock of no kind", "rule.defaultRetention", lock(mode=None)),
        ("a lock without a rule", "rule", REMOVED),
        ("a lock of another bucket", "bucket", "somebodys"),
    ),
    *each(
        "audit-archive-ages@audit-archive",
        LIFE,
        ("records that go after six years", "rules", locked(expiration={"days": 2191})),
        ("records that stay for ever", "rules", locked(expiration=None)),
        ("records that go on one day", "rules", locked(expiration={"days": 2557, "date": "2030-01-01"})),
        ("an archive as dear as files", "rules", locked(transitions=None)),
        ("a transition to the same", "rules", locked(transitions=[DEAR])),
        ("an archive in one zone", "rules", locked(transitions=[{"days": 90, "storageClass": "ONEZONE_IA"}])),
    ),
    *each(
        "storage-deletion-final@audit-archive",
        LIFE,
        ("an archive that doesn't age", "rules", locked(status="Disabled")),
        ("a part of an archive that ages", "rules", locked(filter={"prefix": "records/"})),
        ("unfinished uploads for ever", "rules", locked(abortIncompleteMultipartUpload=None)),
    ),
    told("an archive without versions", removes("BucketVersioning audit-archive"), f"{VERSIONED}@audit-archive"),
    told("an archive under S3's key", sets(ENCRYPTED, "rules", encryption(None)), f"{ENCRYPTION}@audit-archive"),
    told("an unprotected archive", unprotected(ARCHIVE), "resilience-protect@audit-archive"),
    told("no statement about deletion", _guarding(), "audit-archive-closed@audit-archive"),
    *(
        told(
            f"an archive that lets {action}",
            deny(Action=[other for other in actions if other != action]),
            "audit-archive-closed@audit-archive",
        )
        for deny, actions in ((_deny, OF_FILES), (_hold, OF_BUCKET))
        for action in actions
    ),
    *(
        told(label, _deny(**changed), "audit-archive-closed@audit-archive")
        for label, changed in (
            ("a deletion by root alone", {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}),
            ("a deletion of other files", {"Resource": "arn:aws:s3:::somebodys/*"}),
            ("a deletion from elsewhere", {"Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}),
            (
                "a deletion by any role",
                {"Condition": {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}}},
            ),
            (
                "a deletion by somebody",
                {"Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/x"}}},
            ),
        )
    ),
    *(
        told(label, _let(**changed), "audit-archive-closed@audit-archive", stacks=PRODUCTION)
        for label, changed in (
            ("people who write to the archive", {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}),
            ("CloudTrail that reads the archive", {"Action": "s3:GetObject"}),
            ("any trail of the account", {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}),
            ("an archive of another trail", {"Condition": {"StringEquals": {"aws:SourceArn": f"{TRAIL_ARN}-2"}}}),
            ("CloudTrail that does all but read", {"Action": None, "NotAction": "s3:GetObject"}),
        )
    ),
    told(
        "a trail of another account",
        _let(Condition=OTHER_TRAIL),
        "audit-archive-closed@audit-archive",
        "storage-bucket-closed@audit-archive",
        stacks=PRODUCTION,
    ),
    told(
        "an archive of another name",
        sets(ARCHIVE, "bucket", f"taskflow-dr-archive-{ACCOUNT}"),
        "audit-archive@taskflow-dr",
        "audit-stream-leads@audit-archive",
        "storage-bucket-tls@audit-archive",
        "storage-deletion-final@audit-archive",
        stacks=DR,
    ),
)

ARCHIVED = "LogSubscriptionFilter audit-records"
RECORDED = (
    told(
        "records under another name",
        sets(RECORDS, "name", "/taskflow/production/audit"),
        "audit-records@taskflow-production",
        stacks=PRODUCTION,
    ),
    told("records that are kept for a month", sets(RECORDS, "retentionInDays", 30), "logs-retention@audit-records"),
    told("records under AWS's key", sets(RECORDS, "kmsKeyId", REMOVED), "encryption-logs@audit-records"),
    told("unprotected records", unprotected(RECORDS), "resilience-protect@audit-records"),
    told("an unprotected stream", unprotected(DELIVERY), "audit-stream@audit-archive"),
    told("records that nobody archives", removes(ARCHIVED), "audit-records-archived@audit-records"),
    told(
        "some of the database's lines",
        sets("LogSubscriptionFilter database-postgresql", "filterPattern", "AUDIT"),
        "audit-records-archived@database-postgresql",
    ),
    told(
        "a database whose queries nobody archives",
        removes("LogSubscriptionFilter database-postgresql"),
        "audit-records-archived@database-postgresql",
    ),
    *each(
        "audit-records-archived@audit-records",
        ARCHIVED,
        ("some of the records", "filterPattern", "ERROR"),
        ("records for somebody", "destinationArn", f"arn:aws:firehose:us-east-1:{ACCOUNT}:deliverystream/x"),
        ("records for nobody", "destinationArn", REMOVED),
        ("records by somebody", "roleArn", f"arn:aws:iam::{ACCOUNT}:role/x"),
        ("records by nobody", "roleArn", REMOVED),
        ("another group's records", "logGroup", "somebodys"),
    ),
    *each(
        "audit-stream@audit-archive",
        DELIVERY,
        ("a stream into a search", "destination", "opensearch"),
        ("a stream in plain text", "serverSideEncryption.enabled", False),
        ("no word of a stream's encryption", "serverSideEncryption", REMOVED),
        ("a stream under AWS's key", "serverSideEncryption.keyType", "AWS_OWNED_CMK"),
        ("a stream without its key", "serverSideEncryption.keyArn", REMOVED),
    ),
    *each(
        "audit-stream-leads@audit-archive",
        DELIVERY,
        ("a stream into somebody's bucket", "extendedS3Configuration.bucketArn", "arn:aws:s3:::somebodys"),
        (
            "a stream into the load balancer's logs",
            "extendedS3Configuration.bucketArn",
            Ref(to="Bucket origin-logs", output="arn"),
        ),
        ("a stream into nothing", "extendedS3Configuration.bucketArn", REMOVED),
    ),
    *(
        told(f"no question about {kind}", removes(f"QueryDefinition audit-{kind}"), "audit-queries@audit-records")
        for kind in EVENTS
    ),
    *each(
        "audit-queries@audit-records",
        "QueryDefinition audit-error",
        ("a question of another group", "logGroupNames", ["/taskflow/other"]),
        ("a question of no group", "logGroupNames", REMOVED),
        ("a question of another field", "queryString", 'filter kind = "error"'),
        ("a question without words", "queryString", REMOVED),
        ("a question without a filter", "queryString", "fields event_type, error"),
        ("a question about a field's name", "queryString", "filter event_type = error_code"),
    ),
)

CHANGES = (*TRAILS, *EVENTS_SEEN, *KEYS, *ARCHIVES, *RECORDED)
