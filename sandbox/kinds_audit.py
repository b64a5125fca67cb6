"""What AWS answers for the audit: CloudTrail, locks, streams, saved queries. kind.py says what a row means."""

from collections.abc import Mapping

from sandbox.kind import Kind

_TRAIL = "arn:aws:cloudtrail:{region}:{account}:trail/{name}"
_UUID = "{hex8}-{hex:.4}-4000-8000-{hex:.12}"

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
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": Kind(
        id="{in[bucket]}", defaults={"objectLockEnabled": "Enabled"}, tags=False
    ),
}
