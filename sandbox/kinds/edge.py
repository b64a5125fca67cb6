"""What AWS answers for CloudFront, web ACLs, certificates, DNS and log delivery. See kind.py."""

from collections.abc import Mapping

from sandbox.kinds.kind import Kind

_UUID = "{hex8}-{hex:.4}-4000-8000-{hex:.12}"
_CLOUDFRONT = "arn:aws:cloudfront::{account}"
_LOGS = "arn:aws:logs:{region}:{account}"


def _policy(kind: str, resource: str, **fields: object) -> Kind:
    """Return the row of a CloudFront policy, whose name is unique in the account."""
    return Kind(
        id=_UUID,
        outputs={"arn": f"{_CLOUDFRONT}:{resource}/{_UUID}", "etag": "E{number}"},
        autoname="name",
        autoname_max=128,
        unique="name",
        unique_scope="account",
        collision_error=f"{kind}AlreadyExists: A resource with the name {{name}} already exists.",
        is_regional=False,
        has_tags=False,
        **fields,  # pyright: ignore[reportArgumentType] (fields of Kind)
    )


EDGE: Mapping[str, Kind] = {
    "aws:acm/certificate:Certificate": Kind(
        id="arn:aws:acm:{region}:{account}:certificate/" + _UUID,
        outputs={
            "arn": "arn:aws:acm:{region}:{account}:certificate/" + _UUID,
            # ACM's validation record for a name is the same in every region of an account.
            "domainValidationOptions": [
                {
                    "domainName": "{in[domainName]}",
                    "resourceRecordName": "_{account}.{in[domainName]}.",
                    "resourceRecordType": "CNAME",
                    "resourceRecordValue": "_{account}.acm-validations.aws.",
                }
            ],
            "notAfter": "",
            "notBefore": "",
            "pendingRenewal": False,
            "renewalEligibility": "INELIGIBLE",
            "status": "PENDING_VALIDATION",
            "type": "AMAZON_ISSUED",
        },
        aws_defaults={"keyAlgorithm": "RSA_2048"},
        empty_outputs=frozenset({"renewalSummaries", "validationEmails"}),
    ),
    "aws:acm/certificateValidation:CertificateValidation": Kind(
        id="2026-01-01 00:00:00 +0000 UTC{hex8}", has_tags=False
    ),
    "aws:cloudfront/cachePolicy:CachePolicy": _policy(
        "CachePolicy", "cache-policy", provider_defaults={"defaultTtl": 86400, "maxTtl": 31536000}
    ),
    "aws:cloudfront/distribution:Distribution": Kind(
        id="E{number}",
        outputs={
            "arn": _CLOUDFRONT + ":distribution/E{number}",
            "callerReference": "terraform-{hex}",
            "domainName": "d{hex:.13}.cloudfront.net",
            "etag": "E{number}",
            "hostedZoneId": "Z2FDTNDATAQYW2",
            "inProgressValidationBatches": 0,
            "lastModifiedTime": "2026-01-01 00:00:00 +0000 UTC",
            "loggingV1Enabled": False,
            "status": "Deployed",
        },
        provider_defaults={
            "httpVersion": "http2",
            "isIpv6Enabled": False,
            "priceClass": "PriceClass_All",
            "retainOnDelete": False,
            "staging": False,
            "waitForDeployment": True,
        },
        empty_outputs=frozenset({"trustedKeyGroups", "trustedSigners"}),
        # A CNAME belongs to one distribution, across all AWS accounts.
        unique="aliases",
        unique_scope="account",
        collision_error="CNAMEAlreadyExists: One or more of the CNAMEs you provided are already associated with a "
        "different resource.",
        is_regional=False,
    ),
    "aws:cloudfront/function:Function": Kind(
        id="{name}",
        outputs={
            "arn": _CLOUDFRONT + ":function/{name}",
            "etag": "E{number}",
            "liveStageEtag": "E{number}",
            "status": "DEPLOYED",
        },
        provider_defaults={"publish": True},
        autoname="name",
        autoname_max=64,
        unique="name",
        unique_scope="account",
        collision_error="FunctionAlreadyExists: A function with the same name already exists in this AWS account.",
        is_regional=False,
    ),
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription": Kind(
        id="{in[distributionId]}", is_regional=False, has_tags=False
    ),
    "aws:cloudfront/originAccessControl:OriginAccessControl": _policy("OriginAccessControl", "origin-access-control"),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": _policy(
        "ResponseHeadersPolicy", "response-headers-policy"
    ),
    "aws:cloudwatch/logDelivery:LogDelivery": Kind(
        id="{hex:.16}",
        outputs={"arn": _LOGS + ":delivery:{hex:.16}"},
        aws_defaults={"fieldDelimiter": ""},
        unique="deliverySourceName",
        unique_within="deliveryDestinationArn",
        collision_error="ConflictException: This delivery already exists.",
    ),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": Kind(
        id="{name}",
        outputs={"arn": _LOGS + ":delivery-destination:{name}"},
        aws_defaults={"deliveryDestinationType": "S3"},
        autoname="name",
        autoname_max=60,
    ),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": Kind(
        id="{name}",
        outputs={"arn": _LOGS + ":delivery-source:{name}", "service": "cloudfront"},
        autoname="name",
        autoname_max=60,
        # AWS allows one source per resource and log type.
        unique="resourceArn",
        unique_within="logType",
        collision_error="ConflictException: A delivery source already exists for this resource and log type.",
    ),
    "aws:route53/healthCheck:HealthCheck": Kind(
        id=_UUID,
        outputs={"arn": "arn:aws:route53:::healthcheck/" + _UUID},
        aws_defaults={"triggers": {}},
        provider_defaults={"disabled": False, "measureLatency": False},
        is_regional=False,
    ),
    "aws:route53/record:Record": Kind(
        id="{in[zoneId]}_{in[name]}_{in[type]}{half}",
        outputs={"fqdn": "{in[name]}"},
        has_tags=False,
        is_regional=False,
    ),
    "aws:wafv2/webAcl:WebAcl": Kind(
        id=_UUID,
        outputs={
            "arn": "arn:aws:wafv2:{region}:{account}:{reach}/webacl/{name}/" + _UUID,
            "applicationIntegrationUrl": "",
            "capacity": 1150,
            "lockToken": _UUID,
        },
        autoname="name",
        autoname_max=128,
        unique="name",
        unique_within="scope",
        collision_error="WAFDuplicateItemException: AWS WAF couldn't perform the operation because some resource in "
        "your request is a duplicate of an existing one.",
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Kind(id="{in[webAclArn]},{in[resourceArn]}", has_tags=False),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Kind(id="{in[resourceArn]}", has_tags=False),
}
