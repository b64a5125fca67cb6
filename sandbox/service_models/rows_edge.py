"""The API operations of CloudFront, web ACLs, certificates and DNS. See row.py."""

from collections.abc import Mapping
from typing import Final

from sandbox.service_models.row import NoRequest, Request, Row

# CloudFront requires the length of each list in a separate member.
_COUNTS: Final = frozenset({"*.Quantity"})
_DISTRIBUTION: Final = "DistributionConfig"
_RECORD: Final = "ChangeBatch.Changes.ResourceRecordSet"

EDGE: Mapping[str, Row] = {
    "aws:acm/certificate:Certificate": Request(
        service="acm", operation="RequestCertificate", names={"validationOptions": "DomainValidationOptions"}
    ),
    "aws:acm/certificateValidation:CertificateValidation": NoRequest(
        reason="the provider waits for the certificate and creates nothing"
    ),
    "aws:cloudfront/cachePolicy:CachePolicy": Request(
        service="cloudfront",
        operation="CreateCachePolicy",
        names={
            name: f"CachePolicyConfig.{member}"
            for name, member in {
                "name": "Name",
                "comment": "Comment",
                "minTtl": "MinTTL",
                "defaultTtl": "DefaultTTL",
                "maxTtl": "MaxTTL",
                "parametersInCacheKeyAndForwardedToOrigin": "ParametersInCacheKeyAndForwardedToOrigin",
            }.items()
        },
        set_by_provider=_COUNTS,
    ),
    "aws:cloudfront/distribution:Distribution": Request(
        service="cloudfront",
        operation="CreateDistribution",
        names={
            **{
                name: f"{_DISTRIBUTION}.{member}"
                for name, member in {
                    "aliases": "Aliases",
                    "comment": "Comment",
                    "customErrorResponses": "CustomErrorResponses",
                    "defaultCacheBehavior": "DefaultCacheBehavior",
                    "defaultRootObject": "DefaultRootObject",
                    "enabled": "Enabled",
                    "httpVersion": "HttpVersion",
                    "isIpv6Enabled": "IsIPV6Enabled",
                    "loggingConfig": "Logging",
                    "orderedCacheBehaviors": "CacheBehaviors",
                    "origins": "Origins",
                    "originGroups": "OriginGroups",
                    "priceClass": "PriceClass",
                    "restrictions": "Restrictions",
                    "viewerCertificate": "ViewerCertificate",
                    "webAclId": "WebACLId",
                }.items()
            },
            "*.allowedMethods": "AllowedMethods.Items",
            "*.cachedMethods": "AllowedMethods.CachedMethods.Items",
            "*.restrictionType": "RestrictionType",
            "*.locations": "Items",
            "origins.originId": "Id",
            "originGroups.originId": "Id",
            "originGroups.members.originId": "OriginId",
            "origins.customHeaders.name": "HeaderName",
            "origins.customHeaders.value": "HeaderValue",
            "tags": "TagResource:Tags.Items",
            "waitForDeployment": None,
            "retainOnDelete": None,
            "staging": f"{_DISTRIBUTION}.Staging",
        },
        set_by_provider=_COUNTS | {f"{_DISTRIBUTION}.CallerReference", "TagResource:Resource"},
        # The secret header that CloudFront sends to the load balancer.
        sensitive=frozenset({"origins.customHeaders.value"}),
    ),
    "aws:cloudfront/function:Function": Request(
        service="cloudfront",
        operation="CreateFunction",
        names={
            "code": "FunctionCode",
            "comment": "FunctionConfig.Comment",
            "runtime": "FunctionConfig.Runtime",
            "keyValueStoreAssociations": "FunctionConfig.KeyValueStoreAssociations.Items.KeyValueStoreARN",
            # It decides whether PublishFunction is called.
            "publish": None,
        },
        set_by_provider=_COUNTS,
    ),
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription": Request(
        service="cloudfront", operation="CreateMonitoringSubscription"
    ),
    "aws:cloudfront/originAccessControl:OriginAccessControl": Request(
        service="cloudfront",
        operation="CreateOriginAccessControl",
        names={
            name: f"OriginAccessControlConfig.{name[:1].upper()}{name[1:]}"
            for name in ("name", "description", "signingProtocol", "signingBehavior", "originAccessControlOriginType")
        },
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": Request(
        service="cloudfront",
        operation="CreateResponseHeadersPolicy",
        names={
            name: f"ResponseHeadersPolicyConfig.{name[:1].upper()}{name[1:]}"
            for name in (
                "name",
                "comment",
                "corsConfig",
                "securityHeadersConfig",
                "serverTimingHeadersConfig",
                "customHeadersConfig",
                "removeHeadersConfig",
            )
        },
        set_by_provider=_COUNTS,
    ),
    "aws:route53/healthCheck:HealthCheck": Request(
        service="route53",
        operation="CreateHealthCheck",
        names={
            **{
                name: f"HealthCheckConfig.{member}"
                for name, member in {
                    "childHealthchecks": "ChildHealthChecks",
                    "childHealthThreshold": "HealthThreshold",
                    "cloudwatchAlarmName": "AlarmIdentifier.Name",
                    "cloudwatchAlarmRegion": "AlarmIdentifier.Region",
                    "disabled": "Disabled",
                    "enableSni": "EnableSNI",
                    "failureThreshold": "FailureThreshold",
                    "fqdn": "FullyQualifiedDomainName",
                    "insufficientDataHealthStatus": "InsufficientDataHealthStatus",
                    "invertHealthcheck": "Inverted",
                    "ipAddress": "IPAddress",
                    "measureLatency": "MeasureLatency",
                    "port": "Port",
                    "regions": "Regions",
                    "requestInterval": "RequestInterval",
                    "resourcePath": "ResourcePath",
                    "searchString": "SearchString",
                    "type": "Type",
                }.items()
            },
            "referenceName": None,
            "tags": "ChangeTagsForResource:AddTags",
        },
        set_by_provider=frozenset(
            {"CallerReference", "ChangeTagsForResource:ResourceType", "ChangeTagsForResource:ResourceId"}
        ),
    ),
    "aws:route53/record:Record": Request(
        service="route53",
        operation="ChangeResourceRecordSets",
        names={
            "zoneId": "HostedZoneId",
            **{
                name: f"{_RECORD}.{member}"
                for name, member in {
                    "name": "Name",
                    "type": "Type",
                    "ttl": "TTL",
                    "setIdentifier": "SetIdentifier",
                    "healthCheckId": "HealthCheckId",
                    "aliases": "AliasTarget",
                }.items()
            },
            "failoverRoutingPolicies": _RECORD,
            "failoverRoutingPolicies.type": "Failover",
            "weightedRoutingPolicies": _RECORD,
            "latencyRoutingPolicies": _RECORD,
            "records": f"{_RECORD}.ResourceRecords.Value",
            "aliases.name": "DNSName",
            "aliases.zoneId": "HostedZoneId",
            "allowOverwrite": None,
        },
        set_by_provider=frozenset({"ChangeBatch.Changes.Action"}),
    ),
    "aws:wafv2/webAcl:WebAcl": Request(
        service="wafv2",
        operation="CreateWebACL",
        names={
            "associationConfig.requestBodies": "",
            **{
                f"associationConfig.requestBodies.{name}": f"RequestBody.{key}"
                for name, key in {
                    "apiGateway": "API_GATEWAY",
                    "appRunnerService": "APP_RUNNER_SERVICE",
                    "cloudfront": "CLOUDFRONT",
                    "cognitoUserPool": "COGNITO_USER_POOL",
                    "verifiedAccessInstance": "VERIFIED_ACCESS_INSTANCE",
                }.items()
            },
        },
        # The secret header that CloudFront sends to the load balancer.
        sensitive=frozenset({"*.searchString"}),
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Request(service="wafv2", operation="AssociateWebACL"),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Request(
        service="wafv2",
        operation="PutLoggingConfiguration",
        names={
            "resourceArn": "LoggingConfiguration.ResourceArn",
            "logDestinationConfigs": "LoggingConfiguration.LogDestinationConfigs",
            "redactedFields": "LoggingConfiguration.RedactedFields",
            "loggingFilter": "LoggingConfiguration.LoggingFilter",
        },
    ),
}
