"""The compliant audit as plain data: trail, archive, and records. No rule is used."""

from collections.abc import Mapping, Sequence

from tests.policies.compliant.access import ROLE, document
from tests.policies.compliant.data import ACCOUNT, LOG_GROUP, REGIONS, key, policy_statements
from tests.policies.compliant.storage import BUCKET, encryption, of_bucket, part, tls_only
from tests.policies.plan import STACKS, Plan, Ref

TRAIL = "aws:cloudtrail/trail:Trail"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
SUBSCRIPTION = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter"
QUERY = "aws:cloudwatch/queryDefinition:QueryDefinition"

# The keys of the plan (type's last part and name) that changes name most.
AUDIT_TRAIL, ARCHIVE, RECORDS = "Trail audit-trail", "Bucket audit-archive", "LogGroup audit-records"
DELIVERY, KEY = "FirehoseDeliveryStream audit-archive", "Key keys-audit"

TRAIL_ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/taskflow-production"
OF_FILES = ("s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectRetention")
OF_BUCKET = ("s3:DeleteBucket", "s3:PutBucketObjectLockConfiguration", "s3:PutLifecycleConfiguration")
EVENTS = ("authentication", "data_access", "configuration_change", "error")
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

Statement = dict[str, object]


def add_audit(plan: Plan) -> None:
    """Add a stack's archive and records, and production's trail."""
    _key(plan)
    _bucket(plan)
    _records(plan)
    if plan.stack != "dr":
        _trail(plan)


def archive(stack: str) -> str:
    """The name in S3 of a stack's archive."""
    return f"taskflow-{stack}-audit-archive-{ACCOUNT}"


def lock(**changed: object) -> dict[str, object]:
    """How long what is new in an archive is locked, with something else in it."""
    return {"mode": "GOVERNANCE", "days": 2557, **changed}


def locked(**changed: object) -> list[dict[str, object]]:
    """The rules of an archive's life, with something else in the only one."""
    rule: dict[str, object] = {
        "id": "ending",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "transitions": [{"days": 90, "storageClass": "GLACIER_IR"}, {"days": 365, "storageClass": "DEEP_ARCHIVE"}],
        "expiration": {"days": 2557},
        "noncurrentVersionExpiration": {"noncurrentDays": 1},
        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
    }
    return [{name: value for name, value in {**rule, **changed}.items() if value is not None}]


def undeletable(stack: str, **changed: object) -> Statement:
    """The statement that keeps everybody from deleting files, with something else in it."""
    return _refusal("RecordsStay", OF_FILES, of_bucket(archive(stack))[1], changed)


def unlockable(stack: str, **changed: object) -> Statement:
    """The statement that keeps everybody from taking the lock off, with something else in it."""
    return _refusal("LockStays", OF_BUCKET, of_bucket(archive(stack))[0], changed)


def _refusal(sid: str, actions: Sequence[str], resource: str, changed: Mapping[str, object]) -> Statement:
    whole = {"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": list(actions), "Resource": resource, **changed}
    return {name: value for name, value in whole.items() if value is not None}


def trailing(stack: str, action: str, **changed: object) -> Statement:
    """The statement by which CloudTrail does something with an archive, with something else in it."""
    bucket, objects = of_bucket(archive(stack))
    whole: Statement = {
        "Sid": action.partition(":")[2],
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": action,
        "Resource": bucket if action == "s3:GetBucketAcl" else objects,
        "Condition": {"StringEquals": {"aws:SourceArn": TRAIL_ARN}},
    }
    return {name: value for name, value in {**whole, **changed}.items() if value is not None}


def guarding(stack: str) -> list[Statement]:
    """What the policy of a stack's archive says."""
    statements = [tls_only("s3", *of_bucket(archive(stack))), undeletable(stack), unlockable(stack)]
    if stack != "dr":
        statements += [trailing(stack, action) for action in ("s3:GetBucketAcl", "s3:PutObject")]
    return statements


def encrypting(**changed: object) -> Statement:
    """The statement of the key by which the trail encrypts, with something else in it."""
    whole: Statement = {
        "Sid": "Trail",
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceArn": TRAIL_ARN}},
    }
    return {name: value for name, value in {**whole, **changed}.items() if value is not None}


def selecting(**fields: Sequence[str] | dict[str, object]) -> dict[str, object]:
    """A selector of the trail: fields with the values that they have, or with another comparison."""
    names = {"category": "eventCategory", "type": "resources.type", "arn": "resources.ARN", "readonly": "readOnly"}
    return {
        "fieldSelectors": [
            {"field": names[name], **(value if isinstance(value, dict) else {"equals": list(value)})}
            for name, value in fields.items()
        ]
    }


def selectors() -> list[dict[str, object]]:
    """All of the trail's: each call, each file of the buckets, and of the archive what is only read."""
    archives = [f"arn:aws:s3:::{archive(each)}/" for each in STACKS]
    files = {"category": ["Data"], "type": ["AWS::S3::Object"]}
    return [
        selecting(category=["Management"]),
        selecting(**files, arn={"startsWiths": ["arn:aws:s3:::taskflow-"], "notStartsWiths": archives}),
        selecting(**files, arn={"startsWiths": archives}, readonly=["true"]),
    ]


def _key(plan: Plan) -> None:
    statements = [*policy_statements("audit"), *([] if plan.stack == "dr" else [encrypting()])]
    planned = plan.add(
        "aws:kms/key:Key",
        "keys-audit",
        None,
        description="Encrypts the audit",
        enableKeyRotation=True,
        deletionWindowInDays=30,
        isEnabled=True,
        policy=document(*statements),
    )
    planned.protect = True
    region = REGIONS.get(plan.stack, "us-east-1")
    planned.computed = {"arn": f"arn:aws:kms:{region}:{ACCOUNT}:key/audit", "keyId": "audit"}


def _bucket(plan: Plan) -> None:
    named = archive(plan.stack)
    bucket = plan.add(BUCKET, "audit-archive", None, bucket=named, forceDestroy=False, objectLockEnabled=True)
    bucket.protect = True
    bucket.computed = {"arn": of_bucket(named)[0]}
    own = Ref(to=bucket.key)
    controls = {"objectOwnership": "BucketOwnerEnforced"}
    kept = plan.add(LOCK, "audit-archive", None, bucket=own, rule={"defaultRetention": lock()})
    kept.protect = True
    for kind, inputs in (
        ("PublicAccessBlock", dict.fromkeys(BLOCKS, True)),
        ("OwnershipControls", {"rule": controls}),
        ("ServerSideEncryptionConfiguration", {"rules": encryption("audit")}),
        ("Versioning", {"versioningConfiguration": {"status": "Enabled"}}),
        ("LifecycleConfiguration", {"rules": locked()}),
        ("Policy", {"policy": document(*guarding(plan.stack))}),
    ):
        plan.add(part(kind), "audit-archive", None, bucket=own, **inputs)


# Of the services that take a role here, only these are documented to send what they act for.
SOURCES = {
    "config.amazonaws.com": {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}},
    "logs.amazonaws.com": {"Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:*"}}},
}


def _role(plan: Plan, name: str, service: str) -> Ref:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        **SOURCES.get(service, {}),
    }
    role = plan.add(ROLE, name, None, name=f"taskflow-{name}-{plan.stack}", assumeRolePolicy=document(trust))
    role.computed = {"arn": f"arn:aws:iam::{ACCOUNT}:role/taskflow-{name}-{plan.stack}"}
    return Ref(to=role.key, output="arn")


def _group(plan: Plan, name: str, named: str) -> None:
    group = plan.add(LOG_GROUP, name, None, name=named, retentionInDays=90, kmsKeyId=key("logs"))
    group.protect = True
    arn = f"arn:aws:logs:::log-group:{named}"
    group.computed = {"arn": arn, "all": f"{arn}:*"}


def _records(plan: Plan) -> None:
    _group(plan, "audit-records", "/taskflow/audit")
    stream = plan.add(
        STREAM,
        "audit-archive",
        None,
        name=f"taskflow-{plan.stack}-audit-archive",
        destination="extended_s3",
        serverSideEncryption={"enabled": True, "keyType": "CUSTOMER_MANAGED_CMK", "keyArn": key("audit")},
        extendedS3Configuration={
            "bucketArn": of_bucket(archive(plan.stack))[0],
            "roleArn": _role(plan, "audit-delivery", "firehose.amazonaws.com"),
            "prefix": "records/",
        },
    )
    stream.protect = True
    stream.computed = {"arn": f"arn:aws:firehose:::deliverystream/{plan.stack}"}
    role = _role(plan, "audit-subscription", "logs.amazonaws.com")
    for group in (RECORDS, *database_groups(plan)):
        plan.add(
            SUBSCRIPTION,
            group.partition(" ")[2],
            None,
            name="archive",
            logGroup=plan.resources[group].inputs["name"],
            filterPattern="",
            destinationArn=Ref(to=stream.key, output="arn"),
            roleArn=role,
        )
    for kind in EVENTS:
        plan.add(
            QUERY,
            f"audit-{kind}",
            None,
            name=f"taskflow-{plan.stack}/{kind}",
            logGroupNames=["/taskflow/audit"],
            queryString=f'fields @timestamp, @message | filter event_type = "{kind}" | sort @timestamp desc',
        )


def database_groups(plan: Plan) -> list[str]:
    """The keys of the groups that the databases write what they log to."""
    groups = (planned for planned in plan.resources.values() if planned.type == LOG_GROUP)
    return [group.key for group in groups if str(group.inputs["name"]).endswith("/postgresql")]


def _trail(plan: Plan) -> None:
    _group(plan, "audit-trail", "/taskflow/production/trail")
    trail = plan.add(
        TRAIL,
        "audit-trail",
        None,
        name="taskflow-production",
        s3BucketName=Ref(to=ARCHIVE),
        isMultiRegionTrail=True,
        includeGlobalServiceEvents=True,
        enableLogFileValidation=True,
        enableLogging=True,
        kmsKeyId=key("audit"),
        cloudWatchLogsGroupArn=Ref(to="LogGroup audit-trail", output="all"),
        cloudWatchLogsRoleArn=_role(plan, "audit-trail", "cloudtrail.amazonaws.com"),
        advancedEventSelectors=selectors(),
    )
    trail.protect = True
