"""The compliant audit as plain data: trail, archive, and records."""

from collections.abc import Mapping, Sequence

from tests.policies.compliant.access import ROLE, document
from tests.policies.compliant.data import ACCOUNT, LOG_GROUP, REGIONS, database_log_groups, key, policy_statements
from tests.policies.compliant.storage import BUCKET, bucket_arns, bucket_part, encryption_rules, tls_only
from tests.policies.plan import STACKS, Plan, Ref

TRAIL = "aws:cloudtrail/trail:Trail"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
SUBSCRIPTION = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter"
QUERY = "aws:cloudwatch/queryDefinition:QueryDefinition"
TABLE, WORKGROUP = "aws:glue/catalogTable:CatalogTable", "aws:athena/workgroup:Workgroup"

# Keys of the plan.
AUDIT_TRAIL, ARCHIVE, RECORDS = "Trail audit-trail", "Bucket audit-archive", "LogGroup audit-records"
SEARCH, SEARCHED = "Workgroup audit-search", "CatalogTable audit-search"
DELIVERY, KEY = "FirehoseDeliveryStream audit-archive", "Key keys-audit"

TRAIL_ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/taskflow-production"
OBJECT_ACTIONS = ("s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectRetention")
BUCKET_ACTIONS = ("s3:DeleteBucket", "s3:PutBucketObjectLockConfiguration", "s3:PutLifecycleConfiguration")
EVENT_TYPES = ("authentication", "data_access", "configuration_change", "error", "operation")
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

Statement = dict[str, object]


def add_audit(plan: Plan) -> None:
    """Add a stack's archive and records, and production's trail."""
    _key(plan)
    _bucket(plan)
    _records(plan)
    _search(plan)
    if plan.stack != "dr":
        _trail(plan)


def archive_name(stack: str) -> str:
    """Return the bucket name of a stack's archive."""
    return f"taskflow-{stack}-audit-archive-{ACCOUNT}"


def processors(*types: str) -> list[dict[str, object]]:
    """Return the processors of the delivery stream, or others."""
    return [{"type": type_} for type_ in types or ("Decompression", "AppendDelimiterToRecord")]


def table_parameters(stack: str, **changed: object) -> dict[str, object]:
    """Return the parameters of the archive's table, with some changed; `.` in their names is `__` here."""
    whole: dict[str, object] = {
        "projection__enabled": "true",
        "projection__datehour__type": "date",
        "projection__datehour__format": "yyyy/MM/dd/HH",
        "projection__datehour__range": "NOW-2558DAYS,NOW",
        "projection__datehour__interval": "1",
        "projection__datehour__interval__unit": "HOURS",
        "storage__location__template": f"s3://{archive_name(stack)}/records/${{datehour}}/",
        "read_restored_glacier_objects": "true",
        **changed,
    }
    return {name.replace("__", "."): value for name, value in whole.items() if value is not None}


def default_retention(**changed: object) -> dict[str, object]:
    """Return the default retention of an archive, with some values changed."""
    return {"mode": "GOVERNANCE", "days": 2557, **changed}


def lifecycle_rules(**changed: object) -> list[dict[str, object]]:
    """Return the lifecycle rules of an archive, with the only one changed."""
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


def object_denial(stack: str, **changed: object) -> Statement:
    """Return the statement that denies everyone to delete objects, with some elements changed."""
    return _denial("RecordsStay", OBJECT_ACTIONS, bucket_arns(archive_name(stack))[1], changed)


def bucket_denial(stack: str, **changed: object) -> Statement:
    """Return the statement that denies everyone to unlock the bucket, with some elements changed."""
    return _denial("LockStays", BUCKET_ACTIONS, bucket_arns(archive_name(stack))[0], changed)


def _denial(sid: str, actions: Sequence[str], resource: str, changed: Mapping[str, object]) -> Statement:
    whole = {"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": list(actions), "Resource": resource, **changed}
    return {name: value for name, value in whole.items() if value is not None}


def trail_statement(stack: str, action: str, **changed: object) -> Statement:
    """Return the statement that allows CloudTrail an action on an archive, with some elements changed."""
    bucket, objects = bucket_arns(archive_name(stack))
    whole: Statement = {
        "Sid": action.partition(":")[2],
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": action,
        "Resource": bucket if action == "s3:GetBucketAcl" else objects,
        "Condition": {"StringEquals": {"aws:SourceArn": TRAIL_ARN}},
    }
    return {name: value for name, value in {**whole, **changed}.items() if value is not None}


def archive_statements(stack: str) -> list[Statement]:
    """Return the statements in the policy of a stack's archive."""
    statements = [tls_only("s3", *bucket_arns(archive_name(stack))), object_denial(stack), bucket_denial(stack)]
    if stack != "dr":
        statements += [trail_statement(stack, action) for action in ("s3:GetBucketAcl", "s3:PutObject")]
    return statements


def trail_key_statement(**changed: object) -> Statement:
    """Return the statement of the key's policy that allows the trail to encrypt, with some elements changed."""
    whole: Statement = {
        "Sid": "Trail",
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceArn": TRAIL_ARN}},
    }
    return {name: value for name, value in {**whole, **changed}.items() if value is not None}


def event_selector(**fields: Sequence[str] | dict[str, object]) -> dict[str, object]:
    """Return a selector of the trail: its fields with the values that they equal, or with another comparison."""
    names = {"category": "eventCategory", "type": "resources.type", "arn": "resources.ARN", "readonly": "readOnly"}
    return {
        "fieldSelectors": [
            {"field": names[name], **(value if isinstance(value, dict) else {"equals": list(value)})}
            for name, value in fields.items()
        ]
    }


def event_selectors() -> list[dict[str, object]]:
    """Return the trail's selectors: management events, object events of the buckets, and reads of the archives."""
    archives = [f"arn:aws:s3:::{archive_name(each)}/" for each in STACKS]
    files = {"category": ["Data"], "type": ["AWS::S3::Object"]}
    return [
        event_selector(category=["Management"]),
        event_selector(**files, arn={"startsWiths": ["arn:aws:s3:::taskflow-"], "notStartsWiths": archives}),
        event_selector(**files, arn={"startsWiths": archives}, readonly=["true"]),
    ]


def _key(plan: Plan) -> None:
    statements = [*policy_statements("audit"), *([] if plan.stack == "dr" else [trail_key_statement()])]
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
    name = archive_name(plan.stack)
    bucket = plan.add(BUCKET, "audit-archive", None, bucket=name, forceDestroy=False, objectLockEnabled=True)
    bucket.protect = True
    bucket.computed = {"arn": bucket_arns(name)[0]}
    reference = Ref(to=bucket.key)
    controls = {"objectOwnership": "BucketOwnerEnforced"}
    lock = plan.add(LOCK, "audit-archive", None, bucket=reference, rule={"defaultRetention": default_retention()})
    lock.protect = True
    for kind, inputs in (
        ("PublicAccessBlock", dict.fromkeys(BLOCKS, True)),
        ("OwnershipControls", {"rule": controls}),
        ("ServerSideEncryptionConfiguration", {"rules": encryption_rules("audit")}),
        ("Versioning", {"versioningConfiguration": {"status": "Enabled"}}),
        ("LifecycleConfiguration", {"rules": lifecycle_rules()}),
        ("Policy", {"policy": document(*archive_statements(plan.stack))}),
    ):
        plan.add(bucket_part(kind), "audit-archive", None, bucket=reference, **inputs)


# Only these of the services that assume a role here are documented to send the source that they act for.
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


def _log_group(plan: Plan, name: str, physical_name: str) -> None:
    group = plan.add(LOG_GROUP, name, None, name=physical_name, retentionInDays=90, kmsKeyId=key("logs"))
    group.protect = True
    arn = f"arn:aws:logs:::log-group:{physical_name}"
    group.computed = {"arn": arn, "all": f"{arn}:*"}


def _records(plan: Plan) -> None:
    _log_group(plan, "audit-records", "/taskflow/audit")
    stream = plan.add(
        STREAM,
        "audit-archive",
        None,
        name=f"taskflow-{plan.stack}-audit-archive",
        destination="extended_s3",
        serverSideEncryption={"enabled": True, "keyType": "CUSTOMER_MANAGED_CMK", "keyArn": key("audit")},
        extendedS3Configuration={
            "bucketArn": bucket_arns(archive_name(plan.stack))[0],
            "roleArn": _role(plan, "audit-delivery", "firehose.amazonaws.com"),
            "prefix": "records/!{timestamp:yyyy/MM/dd/HH}/",
            "compressionFormat": "GZIP",
            "fileExtension": ".json.gz",
            "processingConfiguration": {"enabled": True, "processors": processors()},
        },
    )
    stream.protect = True
    stream.computed = {"arn": f"arn:aws:firehose:::deliverystream/{plan.stack}"}
    role = _role(plan, "audit-subscription", "logs.amazonaws.com")
    for group in (RECORDS, *database_log_groups(plan)):
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
    for kind in EVENT_TYPES:
        plan.add(
            QUERY,
            f"audit-{kind}",
            None,
            name=f"taskflow-{plan.stack}/{kind}",
            logGroupNames=["/taskflow/audit"],
            queryString=f'fields @timestamp, @message | filter event_type = "{kind}" | sort @timestamp desc',
        )


def _search(plan: Plan) -> None:
    plan.add(
        TABLE,
        "audit-search",
        None,
        name="records",
        databaseName=f"taskflow_{plan.stack}_audit",
        parameters=table_parameters(plan.stack),
        partitionKeys=[{"name": "datehour", "type": "string"}],
        storageDescriptor={
            "location": f"s3://{archive_name(plan.stack)}/records/",
            "serDeInfo": {"serializationLibrary": "org.apache.hive.hcatalog.data.JsonSerDe"},
        },
    )
    plan.add(
        WORKGROUP,
        "audit-search",
        None,
        name=f"taskflow-{plan.stack}-audit",
        configuration={
            "enforceWorkgroupConfiguration": True,
            "bytesScannedCutoffPerQuery": 100 * 1024**3,
            "engineVersion": {"selectedEngineVersion": "Athena engine version 3"},
            "managedQueryResultsConfiguration": {
                "enabled": True,
                "encryptionConfiguration": {"kmsKey": key("audit")},
            },
        },
    )


def _trail(plan: Plan) -> None:
    _log_group(plan, "audit-trail", "/taskflow/production/trail")
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
        advancedEventSelectors=event_selectors(),
    )
    trail.protect = True
