"""What AWS answers for CloudTrail, log groups, streams, saved queries and the archive's search. See kind.py."""

from collections.abc import Mapping

from sandbox.kinds.kind import Kind

_TRAIL = "arn:aws:cloudtrail:{region}:{account}:trail/{name}"
_UUID = "{hex8}-{hex:.4}-4000-8000-{hex:.12}"
_STREAM = "arn:aws:firehose:{region}:{account}:deliverystream/{name}"

AUDIT: Mapping[str, Kind] = {
    "aws:athena/workgroup:Workgroup": Kind(
        id="{name}",
        outputs={"arn": "arn:aws:athena:{region}:{account}:workgroup/{name}"},
        provider_defaults={"forceDestroy": False, "state": "ENABLED"},
        autoname="name",
        autoname_max=128,
        unique="name",
        collision_error="InvalidRequestException: WorkGroup is already created",
    ),
    "aws:cloudtrail/trail:Trail": Kind(
        id=_TRAIL,
        outputs={"arn": _TRAIL, "homeRegion": "{region}"},
        empty_outputs=frozenset({"snsTopicArn"}),
        provider_defaults={
            "enableLogFileValidation": False,
            "enableLogging": True,
            "includeGlobalServiceEvents": True,
            "isMultiRegionTrail": False,
            "isOrganizationTrail": False,
        },
        autoname="name",
        autoname_max=128,
        unique="name",
        collision_error="TrailAlreadyExistsException: Trail {name} already exists for customer: {account}",
    ),
    "aws:cloudwatch/logGroup:LogGroup": Kind(
        id="{name}",
        outputs={"arn": "arn:aws:logs:{region}:{account}:log-group:{name}"},
        aws_defaults={"logGroupClass": "STANDARD"},
        autoname="name",
        autoname_max=512,
        unique="name",
        collision_error="ResourceAlreadyExistsException: The specified log group already exists",
        is_stateful=True,
    ),
    "aws:cloudwatch/logStream:LogStream": Kind(
        id="{name}",
        outputs={"arn": "arn:aws:logs:{region}:{account}:log-group:{in[logGroupName]}:log-stream:{name}"},
        autoname="name",
        autoname_max=512,
        unique="name",
        unique_within="logGroupName",
        collision_error="ResourceAlreadyExistsException: The specified log stream already exists",
        has_tags=False,
    ),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": Kind(
        id="cwlsf-{number}",
        aws_defaults={"applyOnTransformedLogs": False},
        provider_defaults={"distribution": "ByLogStream"},
        autoname="name",
        autoname_max=512,
        # AWS overwrites a filter of the same name: no collision.
        has_tags=False,
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": Kind(
        id=_UUID,
        outputs={
            "arn": "arn:aws:logs:{region}:{account}:query-definition:" + _UUID,
            "queryDefinitionId": _UUID,
        },
        autoname="name",
        autoname_max=255,
        has_tags=False,
    ),
    "aws:glue/catalogDatabase:CatalogDatabase": Kind(
        id="{account}:{name}",
        outputs={"arn": "arn:aws:glue:{region}:{account}:database/{name}"},
        aws_defaults={"catalogId": "{account}"},
        autoname="name",
        autoname_max=255,
        unique="name",
        collision_error="AlreadyExistsException: Database already exists.",
    ),
    "aws:glue/catalogTable:CatalogTable": Kind(
        id="{account}:{in[databaseName]}:{name}",
        outputs={"arn": "arn:aws:glue:{region}:{account}:table/{in[databaseName]}/{name}"},
        aws_defaults={"catalogId": "{account}"},
        autoname="name",
        autoname_max=255,
        unique="name",
        unique_within="databaseName",
        collision_error="AlreadyExistsException: Table already exists.",
        has_tags=False,
    ),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": Kind(
        id=_STREAM,
        aws_defaults={"arn": _STREAM, "destinationId": "destinationId-000000000001", "versionId": "1"},
        autoname="name",
        autoname_max=64,
        unique="name",
        collision_error="ResourceInUseException: Firehose {name} under accountId {account} already exists",
    ),
}
