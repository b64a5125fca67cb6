"""Replacements for CloudFront, web ACLs, certificates, DNS and log delivery. See table.py."""

from collections.abc import Mapping

from sandbox.replacements.replacement import Replacement, row

EDGE: Mapping[str, Replacement] = {
    "aws:acm/certificate:Certificate": row(
        "acm/certificate.go: ForceNew; certificateBody, certificateChain and privateKey are imported again, in place",
        "certificateAuthorityArn", "validationOptions",
        unless_removed=frozenset({"domainName", "keyAlgorithm", "subjectAlternativeNames", "validationMethod"}),
    ),
    "aws:acm/certificateValidation:CertificateValidation": row(
        "acm/certificate_validation.go: ForceNew on both; it has no Update", "certificateArn", "validationRecordFqdns"
    ),
    "aws:cloudfront/cachePolicy:CachePolicy": row(
        "cloudfront/cache_policy.go: no ForceNew, as of version 4; another name is UpdateCachePolicy"
    ),
    "aws:cloudfront/distribution:Distribution": row(
        "cloudfront/distribution.go: ForceNew on staging alone, as of version 5; origins, behaviors and aliases are "
        "UpdateDistribution",
        "staging",
    ),
    "aws:cloudfront/function:Function": row(
        "cloudfront/function.go: ForceNew; code and runtime are UpdateFunction and PublishFunction", "name"
    ),
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription": row(
        "cloudfront/monitoring_subscription.go: ForceNew; the subscription itself is created again in place",
        "distributionId",
    ),
    "aws:cloudfront/originAccessControl:OriginAccessControl": row(
        "cloudfront/origin_access_control.go: no ForceNew, as of version 4; another name is UpdateOriginAccessControl"
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": row(
        "cloudfront/response_headers_policy.go: no ForceNew, as of version 3; another name is "
        "UpdateResponseHeadersPolicy"
    ),
    "aws:cloudwatch/logDelivery:LogDelivery": row(
        "logs/delivery.go: RequiresReplace, as of version 5; fields and path are UpdateDeliveryConfiguration",
        "deliveryDestinationArn", "deliverySourceName",
    ),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": row(
        "logs/delivery_destination.go: RequiresReplace, as of version 5; another destination replaces where it is "
        "unknown or another service's; here every one replaces. deliveryDestinationType, which was computed "
        "then, by the documentation of version 6",
        "deliveryDestinationConfiguration.destinationResourceArn", "name", "outputFormat",
        unless_removed=frozenset({"deliveryDestinationType"}),
    ),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": row(
        "logs/delivery_source.go: RequiresReplace on all but the tags", "logType", "name", "resourceArn"
    ),
    "aws:route53/healthCheck:HealthCheck": row(
        "route53/health_check.go: ForceNew; the target, the path and the inversion are UpdateHealthCheck",
        "measureLatency", "referenceName", "requestInterval", "routingControlArn", "type",
    ),
    "aws:route53/record:Record": row(
        "route53/record.go: ForceNew; another type or set identifier is a delete and a create within an update",
        "name", "zoneId",
    ),
    "aws:wafv2/webAcl:WebAcl": row(
        "wafv2/web_acl.go: ForceNew; rules, default action and description are UpdateWebACL",
        "scope",
        unless_removed=frozenset({"name", "namePrefix"}),
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": row(
        "wafv2/web_acl_association.go: ForceNew on both, as of version 5; it has no Update", "resourceArn", "webAclArn"
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": row(
        "wafv2/web_acl_logging_configuration.go: ForceNew; filter and redacted fields change in place",
        "logDestinationConfigs", "resourceArn",
    ),
}  # fmt: skip
