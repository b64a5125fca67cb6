"""What AWS answers for the edge: CloudFront, delivery of logs, health checks. kind.py says what a row means."""

from collections.abc import Mapping

from sandbox.kinds.kind import Kind

_UUID = "{hex8}-{hex:.4}-4000-8000-{hex:.12}"
_GLOBAL = "arn:aws:cloudfront::{account}"
_LOGS = "arn:aws:logs:{region}:{account}"


def _policy(kind: str, resource: str, **more: object) -> Kind:
    """Give a kind of CloudFront's policies, which go by an id and have a name of their own in the account."""
    return Kind(
        id=_UUID,
        outputs={"arn": f"{_GLOBAL}:{resource}/{_UUID}", "etag": "E{number}"},
        autoname="name",
        autoname_max=128,
        unique="name",
        unique_scope="account",
        collision=f"{kind}AlreadyExists: A resource with the name {{name}} already exists.",
        regional=False,
        tags=False,
        **more,  # pyright: ignore[reportArgumentType] (Kind's own fields)
    )


EDGE: Mapping[str, Kind] = {
    "aws:cloudfront/cachePolicy:CachePolicy": _policy(
        "CachePolicy", "cache-policy", defaults={"defaultTtl": 86400, "maxTtl": 31536000}
    ),
    "aws:cloudfront/distribution:Distribution": Kind(
        id="E{number}",
        outputs={
            "arn": _GLOBAL + ":distribution/E{number}",
            "callerReference": "terraform-{hex}",
            "domainName": "d{hex:.13}.cloudfront.net",
            "etag": "E{number}",
            "hostedZoneId": "Z2FDTNDATAQYW2",
            "inProgressValidationBatches": 0,
            "lastModifiedTime": "2026-01-01 00:00:00 +0000 UTC",
            "loggingV1Enabled": False,
            "status": "Deployed",
        },
        defaults={
            "httpVersion": "http2",
            "isIpv6Enabled": False,
            "priceClass": "PriceClass_All",
            "retainOnDelete": False,
            "staging": False,
            "waitForDeployment": True,
        },
        absent=frozenset({"trustedKeyGroups", "trustedSigners"}),
        # One name is one distribution's, in all accounts of the world.
        unique="aliases",
        unique_scope="account",
        collision="CNAMEAlreadyExists: One or more of the CNAMEs you provided are already associated with a different "
        "resource.",
        regional=False,
    ),
    "aws:cloudfront/function:Function": Kind(
        id="{name}",
        outputs={
            "arn": _GLOBAL + ":function/{name}",
            "etag": "E{number}",
            "liveStageEtag": "E{number}",
            "status": "DEPLOYED",
        },
        defaults={"publish": True},
        autoname="name",
        autoname_max=64,
        unique="name",
        unique_scope="account",
        collision="FunctionAlreadyExists: A function with the same name already exists in this AWS account.",
        regional=False,
    ),
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription": Kind(
        id="{in[distributionId]}", regional=False, tags=False
    ),
    "aws:cloudfront/originAccessControl:OriginAccessControl": _policy("OriginAccessControl", "origin-access-control"),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": _policy(
        "ResponseHeadersPolicy", "response-headers-policy"
    ),
    "aws:cloudwatch/logDelivery:LogDelivery": Kind(
        id="{hex:.16}",
        outputs={"arn": _LOGS + ":delivery:{hex:.16}"},
        answers={"fieldDelimiter": ""},
        unique="deliverySourceName",
        unique_within="deliveryDestinationArn",
        collision="ConflictException: This delivery already exists.",
    ),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": Kind(
        id="{name}",
        outputs={"arn": _LOGS + ":delivery-destination:{name}"},
        answers={"deliveryDestinationType": "S3"},
        autoname="name",
        autoname_max=60,
    ),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": Kind(
        id="{name}",
        outputs={"arn": _LOGS + ":delivery-source:{name}", "service": "cloudfront"},
        autoname="name",
        autoname_max=60,
        # AWS takes one source for each kind of log of a thing.
        unique="resourceArn",
        unique_within="logType",
        collision="ConflictException: A delivery source already exists for this resource and log type.",
    ),
    "aws:route53/healthCheck:HealthCheck": Kind(
        id=_UUID,
        outputs={"arn": "arn:aws:route53:::healthcheck/" + _UUID},
        answers={"triggers": {}},
        defaults={"disabled": False, "measureLatency": False},
        regional=False,
    ),
}
