"""Replacements for ECS, the load balancer and auto scaling. See table.py."""

from collections.abc import Mapping

from sandbox.replacements.replacement import Replacement, row

SERVICE: Mapping[str, Replacement] = {
    "aws:appautoscaling/policy:Policy": row(
        "appautoscaling/policy.go: ForceNew; another policyType and the configurations are PutScalingPolicy again",
        "name", "resourceId", "scalableDimension", "serviceNamespace",
    ),
    "aws:appautoscaling/target:Target": row(
        "appautoscaling/target.go: ForceNew, as of version 5; the counts are RegisterScalableTarget again",
        "resourceId", "scalableDimension", "serviceNamespace",
    ),
    "aws:ecs/cluster:Cluster": row("ecs/cluster.go: ForceNew; the rest is UpdateCluster", "name"),
    "aws:ecs/service:Service": row(
        "ecs/service.go: ForceNew; another deploymentController is UpdateService. CustomizeDiff rejects other "
        "capacityProviderStrategies without forceNewDeployment, and replaces for none",
        "name", "schedulingStrategy",
        unless_removed=frozenset({"cluster", "iamRole", "launchType"}),
    ),
    "aws:ecs/taskDefinition:TaskDefinition": row(
        "ecs/task_definition.go: ForceNew on all but tags, skip_destroy and track_latest, as of version 5. Container "
        "definitions with the same meaning are no change (DiffSuppressFunc), not modelled here",
        "containerDefinitions", "cpu", "ephemeralStorage", "executionRoleArn", "family", "ipcMode", "memory", "pidMode",
        "placementConstraints", "proxyConfiguration", "requiresCompatibilities", "runtimePlatform", "taskRoleArn",
        "volumes",
        unless_removed=frozenset({"enableFaultInjection", "networkMode"}),
    ),
    "aws:lb/listener:Listener": row(
        "elbv2/listener.go: ForceNew, as of version 5; port, protocol, certificate and actions are ModifyListener",
        "loadBalancerArn",
    ),
    "aws:lb/listenerRule:ListenerRule": row(
        "elbv2/listener_rule.go: ForceNew; another priority is SetRulePriorities, in place", "listenerArn"
    ),
    "aws:lb/loadBalancer:LoadBalancer": row(
        "elbv2/load_balancer.go: ForceNew, and CustomizeDiff for a subnet mapping that changes (one more or one less "
        "is in place). Its rules for network load balancers' subnets and groups are not modelled here",
        "customerOwnedIpv4Pool", "loadBalancerType", "subnetMappings.allocationId", "subnetMappings.ipv6Address",
        "subnetMappings.privateIpv4Address", "subnetMappings.subnetId",
        unless_removed=frozenset({"internal", "name", "namePrefix"}),
    ),
    "aws:lb/targetGroup:TargetGroup": row(
        "elbv2/target_group.go: ForceNew; health check, stickiness and attributes change in place. A Lambda's port, "
        "protocol and VPC are no change (DiffSuppressFunc), not modelled here. targetControlPort is newer: by its pull "
        "request, 45270",
        "port", "protocol", "targetControlPort", "targetType", "vpcId",
        unless_removed=frozenset({"ipAddressType", "name", "namePrefix", "protocolVersion"}),
    ),
}  # fmt: skip
