"""What AWS answers for ECS, the load balancer and auto scaling. See kind.py."""

from collections.abc import Mapping

from sandbox.kinds.kind import Kind

_UUID = "{hex8}-{hex:.4}-4000-8000-{hex:.12}"
_LOAD_BALANCING = "arn:aws:elasticloadbalancing:{region}:{account}"
_NUMBER = "{hex32:.16}"
# A listener's or rule's ARN contains the load balancer's name and number, which a template can't extract.
_LISTENER = "app/{hex8}/" + _NUMBER + "/{hex:.16}"

SERVICE: Mapping[str, Kind] = {
    "aws:appautoscaling/policy:Policy": Kind(
        id="{name}",
        outputs={
            "arn": "arn:aws:autoscaling:{region}:{account}:scalingPolicy:" + _UUID + ":resource/{in[serviceNamespace]}"
            "/{in[resourceId]}:policyName/{name}"
        },
        empty_outputs=frozenset({"alarmArns"}),
        provider_defaults={"policyType": "StepScaling"},
        autoname="name",
        has_tags=False,
    ),
    "aws:appautoscaling/target:Target": Kind(
        id="{in[resourceId]}",
        outputs={"arn": "arn:aws:application-autoscaling:{region}:{account}:scalable-target/{hex32}"},
        aws_defaults={
            "roleArn": "arn:aws:iam::{account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
            "AWSServiceRoleForApplicationAutoScaling_ECSService"
        },
    ),
    "aws:ecs/cluster:Cluster": Kind(
        id="arn:aws:ecs:{region}:{account}:cluster/{name}",
        outputs={"arn": "arn:aws:ecs:{region}:{account}:cluster/{name}"},
        autoname="name",
    ),
    "aws:ecs/service:Service": Kind(
        id="{in[cluster]}/{name}",
        # The real ARN also contains the cluster's name, which a template can't extract from the cluster's ARN.
        outputs={"arn": "arn:aws:ecs:{region}:{account}:service/{name}"},
        aws_defaults={"iamRole": "/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", "triggers": {}},
        provider_defaults={
            "deploymentMaximumPercent": 200,
            "deploymentMinimumHealthyPercent": 100,
            "enableEcsManagedTags": False,
            "enableExecuteCommand": False,
            "schedulingStrategy": "REPLICA",
            "waitForSteadyState": False,
        },
        autoname="name",
        unique="name",
        unique_within="cluster",
        collision_error="InvalidParameterException: Creation of service was not idempotent.",
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Kind(
        id="{in[family]}",
        outputs={
            "arn": "arn:aws:ecs:{region}:{account}:task-definition/{in[family]}:{count}",
            "arnWithoutRevision": "arn:aws:ecs:{region}:{account}:task-definition/{in[family]}",
            "revision": 1,
        },
        revision="revision",
        aws_defaults={"enableFaultInjection": False},
        provider_defaults={"skipDestroy": False, "trackLatest": False},
    ),
    "aws:lb/listener:Listener": Kind(
        id=_LOAD_BALANCING + ":listener/" + _LISTENER,
        outputs={"arn": _LOAD_BALANCING + ":listener/" + _LISTENER},
        aws_defaults={"protocol": "HTTP", "routingHttpResponseServerEnabled": True},
    ),
    "aws:lb/listenerRule:ListenerRule": Kind(
        id=_LOAD_BALANCING + ":listener-rule/" + _LISTENER,
        outputs={"arn": _LOAD_BALANCING + ":listener-rule/" + _LISTENER},
        unique="priority",
        unique_within="listenerArn",
        collision_error="PriorityInUse: Priority '{name}' is currently in use",
    ),
    "aws:lb/loadBalancer:LoadBalancer": Kind(
        id=_LOAD_BALANCING + ":loadbalancer/app/{name}/" + _NUMBER,
        outputs={
            "arn": _LOAD_BALANCING + ":loadbalancer/app/{name}/" + _NUMBER,
            "arnSuffix": "app/{name}/" + _NUMBER,
            "dnsName": "{name}-{number}.{region}.elb.amazonaws.com",
            "vpcId": "vpc-{hex}",
            "zoneId": "Z35SXDOTRQ7X7K",
        },
        aws_defaults={"ipAddressType": "ipv4"},
        provider_defaults={
            "clientKeepAlive": 3600,
            "desyncMitigationMode": "defensive",
            "dropInvalidHeaderFields": False,
            "enableDeletionProtection": False,
            "enableHttp2": True,
            "enableTlsVersionAndCipherSuiteHeaders": False,
            "enableWafFailOpen": False,
            "enableXffClientPort": False,
            "enableZonalShift": False,
            "idleTimeout": 60,
            "loadBalancerType": "application",
            "preserveHostHeader": False,
            "xffHeaderProcessingMode": "append",
        },
        autoname="name",
        autoname_max=32,
        unique="name",
        collision_error="DuplicateLoadBalancerName: A load balancer with the same name '{name}' exists, but with "
        "different settings",
        deletion_guard="enableDeletionProtection",
        deletion_error="OperationNotPermitted: Load balancer cannot be deleted because deletion protection is enabled",
    ),
    "aws:lb/targetGroup:TargetGroup": Kind(
        id=_LOAD_BALANCING + ":targetgroup/{name}/" + _NUMBER,
        outputs={
            "arn": _LOAD_BALANCING + ":targetgroup/{name}/" + _NUMBER,
            "arnSuffix": "targetgroup/{name}/" + _NUMBER,
        },
        aws_defaults={
            "ipAddressType": "ipv4",
            "loadBalancingAlgorithmType": "round_robin",
            "loadBalancingAnomalyMitigation": "off",
            "loadBalancingCrossZoneEnabled": "use_load_balancer_configuration",
            "protocolVersion": "HTTP1",
        },
        provider_defaults={
            "deregistrationDelay": 300,
            "lambdaMultiValueHeadersEnabled": False,
            "proxyProtocolV2": False,
            "slowStart": 0,
            "targetType": "instance",
        },
        empty_outputs=frozenset({"loadBalancerArns"}),
        autoname="name",
        autoname_max=32,
        unique="name",
        collision_error="DuplicateTargetGroupName: A target group with the same name '{name}' exists, but with "
        "different settings",
    ),
}
