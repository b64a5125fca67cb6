"""Which changed properties replace a resource of the edge. replacements.py says how."""

from collections.abc import Mapping

from sandbox.replacements.replacement import Replacement, row

EDGE: Mapping[str, Replacement] = {
    "aws:cloudfront/cachePolicy:CachePolicy": row(
        "cloudfront/cache_policy.go: no ForceNew, as of version 4; another name is UpdateCachePolicy"
    ),
    "aws:cloudfront/distribution:Distribution": row(
        "cloudfront/distribution.go: ForceNew on staging alone, as of version 5; origins, behaviours and aliases are "
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
        "unknown or another service's, which is said here of every one. deliveryDestinationType, which was computed "
        "then, by the documentation of version 6",
        "deliveryDestinationConfiguration.destinationResourceArn", "name", "outputFormat",
        kept=frozenset({"deliveryDestinationType"}),
    ),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": row(
        "logs/delivery_source.go: RequiresReplace on all but the tags", "logType", "name", "resourceArn"
    ),
    "aws:route53/healthCheck:HealthCheck": row(
        "route53/health_check.go: ForceNew; whom it asks, for what, and whether it is inverted are UpdateHealthCheck",
        "measureLatency", "referenceName", "requestInterval", "routingControlArn", "type",
    ),
}  # fmt: skip
