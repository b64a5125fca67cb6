"""What AWS answers for the audit: CloudTrail, locks, streams, saved queries. kind.py says what a row means."""

from collections.abc import Mapping

from sandbox.kinds.kind import Kind

_TRAIL = "arn:aws:cloudtrail:{region}:{account}:trail/{name}"
_UUID = "{hex8}-{hex:.4}-4000-8000-{hex:.12}"
_STREAM = "arn:aws:firehose:{region}:{account}:deliverystream/{name}"

AUDIT: Mapping[str, Kind] = {
    "aws:cloudtrail/trail:Trail": Kind(
        id=_TRAIL,
        outputs={"arn": _TRAIL, "homeRegion": "{region}"},
        absent=frozenset({"snsTopicArn"}),
        defaults={
            "enableLogFileValidation": False,
            "enableLogging": True,
            "includeGlobalServiceEvents": True,
            "isMultiRegionTrail": False,
            "isOrganizationTrail": False,
        },
        autoname="name",
        autoname_max=128,
        unique="name",
        collision="TrailAlreadyExistsException: Trail {name} already exists for customer: {account}",
    ),
    "aws:cloudwatch/logStream:LogStream": Kind(
        id="{name}",
        outputs={"arn": "arn:aws:logs:{region}:{account}:log-group:{in[logGroupName]}:log-stream:{name}"},
        autoname="name",
        autoname_max=512,
        unique="name",
        unique_within="logGroupName",
        collision="ResourceAlreadyExistsException: The specified log stream already exists",
        tags=False,
    ),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": Kind(
        id="cwlsf-{number}",
        answers={"applyOnTransformedLogs": False},
        defaults={"distribution": "ByLogStream"},
        autoname="name",
        autoname_max=512,
        # AWS overwrites one of the same name.
        tags=False,
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": Kind(
        id=_UUID,
        outputs={
            "arn": "arn:aws:logs:{region}:{account}:query-definition:" + _UUID,
            "queryDefinitionId": _UUID,
        },
        autoname="name",
        autoname_max=255,
        tags=False,
    ),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": Kind(
        id=_STREAM,
        answers={"arn": _STREAM, "destinationId": "destinationId-000000000001", "versionId": "1"},
        autoname="name",
        autoname_max=64,
        unique="name",
        collision="ResourceInUseException: Firehose {name} under accountId {account} already exists",
    ),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": Kind(
        id="{in[bucket]}", defaults={"objectLockEnabled": "Enabled"}, tags=False
    ),
}
