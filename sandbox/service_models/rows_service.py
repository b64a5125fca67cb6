"""The API operations of ECS, the load balancer and auto scaling. See row.py."""

from collections.abc import Mapping
from typing import Final

from sandbox.service_models.row import Request, Row

_ACTIONS: Final[Mapping[str, str | None]] = {
    "*.fixedResponse": "FixedResponseConfig",
    "*.redirect": "RedirectConfig",
    "*.forward": "ForwardConfig",
    "*.authenticateOidc": "AuthenticateOidcConfig",
    "*.authenticateCognito": "AuthenticateCognitoConfig",
}

# Attributes are name and text; the model limits only their length.
_LOAD_BALANCER_ATTRIBUTES: Final = (
    "accessLogs", "clientKeepAlive", "connectionLogs", "desyncMitigationMode", "dropInvalidHeaderFields",
    "enableDeletionProtection", "enableHttp2", "enableTlsVersionAndCipherSuiteHeaders", "enableWafFailOpen",
    "enableXffClientPort", "enableZonalShift", "idleTimeout", "preserveHostHeader", "xffHeaderProcessingMode",
)  # fmt: skip
_TARGET_GROUP_ATTRIBUTES: Final = (
    "deregistrationDelay", "lambdaMultiValueHeadersEnabled", "proxyProtocolV2", "slowStart",
)  # fmt: skip

SERVICE: Mapping[str, Row] = {
    "aws:appautoscaling/policy:Policy": Request(
        service="application-autoscaling", operation="PutScalingPolicy", names={"name": "PolicyName"}
    ),
    "aws:appautoscaling/target:Target": Request(service="application-autoscaling", operation="RegisterScalableTarget"),
    "aws:ecs/cluster:Cluster": Request(service="ecs", operation="CreateCluster", names={"name": "clusterName"}),
    "aws:ecs/service:Service": Request(
        service="ecs",
        operation="CreateService",
        names={
            "name": "serviceName",
            "iamRole": "role",
            "deploymentCircuitBreaker": "deploymentConfiguration.deploymentCircuitBreaker",
            "deploymentMaximumPercent": "deploymentConfiguration.maximumPercent",
            "deploymentMinimumHealthyPercent": "deploymentConfiguration.minimumHealthyPercent",
            "alarms": "deploymentConfiguration.alarms",
            "networkConfiguration": "networkConfiguration.awsvpcConfiguration",
            "networkConfiguration.assignPublicIp": None,  # a boolean here, ENABLED or DISABLED in the API
            "waitForSteadyState": None,
            "forceNewDeployment": None,
            "forceDelete": None,
        },
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Request(
        service="ecs",
        operation="RegisterTaskDefinition",
        names={"skipDestroy": None, "trackLatest": None},
    ),
    "aws:lb/listener:Listener": Request(
        service="elbv2",
        operation="CreateListener",
        names={"certificateArn": "Certificates.CertificateArn", **_ACTIONS},
    ),
    "aws:lb/listenerRule:ListenerRule": Request(
        service="elbv2",
        operation="CreateRule",
        names={
            **_ACTIONS,
            "conditions.hostHeader": "HostHeaderConfig",
            "conditions.pathPattern": "PathPatternConfig",
            "conditions.httpHeader": "HttpHeaderConfig",
            "conditions.httpRequestMethod": "HttpRequestMethodConfig",
            "conditions.queryStrings": "QueryStringConfig.Values",
            "conditions.sourceIp": "SourceIpConfig",
        },
        # The provider uses the next free priority.
        set_by_provider=frozenset({"Priority"}),
        # The secret header that CloudFront sends.
        sensitive=frozenset({"conditions.httpHeader.values"}),
    ),
    "aws:lb/loadBalancer:LoadBalancer": Request(
        service="elbv2",
        operation="CreateLoadBalancer",
        names={"loadBalancerType": "Type", "internal": None, **dict.fromkeys(_LOAD_BALANCER_ATTRIBUTES)},
    ),
    "aws:lb/targetGroup:TargetGroup": Request(
        service="elbv2",
        operation="CreateTargetGroup",
        names={
            **dict.fromkeys(_TARGET_GROUP_ATTRIBUTES),
            "healthCheck": "",
            "healthCheck.enabled": "HealthCheckEnabled",
            "healthCheck.path": "HealthCheckPath",
            "healthCheck.port": "HealthCheckPort",
            "healthCheck.protocol": "HealthCheckProtocol",
            "healthCheck.interval": "HealthCheckIntervalSeconds",
            "healthCheck.timeout": "HealthCheckTimeoutSeconds",
            "healthCheck.healthyThreshold": "HealthyThresholdCount",
            "healthCheck.unhealthyThreshold": "UnhealthyThresholdCount",
            "healthCheck.matcher": "Matcher.HttpCode",
        },
    ),
}
