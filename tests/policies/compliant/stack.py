"""A compliant stack as plain data: the network here, the other chapters in the other modules. It uses no
rule but the table of implied alarms.
"""

import functools
import json
import pickle
from collections.abc import Mapping

from tests.policies.compliant.access import add_access
from tests.policies.compliant.alerting import add_alerting
from tests.policies.compliant.audit import add_audit
from tests.policies.compliant.baseline import add_baseline
from tests.policies.compliant.compute import add_compute
from tests.policies.compliant.data import add_data_tier
from tests.policies.compliant.edge import add_edge
from tests.policies.compliant.names import add_names
from tests.policies.compliant.origin import add_origin
from tests.policies.compliant.restore_tests import add_restore_tests
from tests.policies.compliant.storage import add_storage
from tests.policies.plan import Plan, Planned, Ref

REGIONS = {"production": "us-east-1", "dr": "us-west-2"}
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
VPC = "Vpc main"
COMPONENT = "Vpc network"
OWN_ACCOUNT = {"Condition": {"StringEquals": {"aws:PrincipalAccount": "987654321098"}}}
SUBNETS = tuple(f"Subnet {tier}-{n}" for tier in ("public", "private", "data") for n in (1, 2))


def compliant(stack: str = "production") -> Plan:
    """Return a compliant stack, production or dr; any other name has production's resources."""
    return pickle.loads(_compliant(stack))  # noqa: S301  (pickled below; the fastest deep copy)


@functools.cache
def _compliant(stack: str) -> bytes:
    plan = Plan(stack)
    region = REGIONS.get(stack, "us-east-1")
    plan.add("pulumi:pulumi:Stack", f"taskflow-{stack}")
    plan.add(
        "pulumi:providers:aws",
        "default_7_51_1",
        region=region,
        allowedAccountIds=json.dumps(["987654321098"]),
        defaultTags=json.dumps({"tags": default_tags(stack)}),
        version="7.51.1",
    )
    # The engine's own providers: of the component from another process, and of its outputs that are resources.
    plan.add("pulumi:providers:awsx", "default_3_11_0", version="3.11.0")
    plan.add("pulumi:providers:pulumi", "default")
    plan.add("taskflow:network:ProductionVpc", "network", f"Stack taskflow-{stack}")
    plan.add("awsx:ec2:Vpc", "network", "ProductionVpc network")
    _subnets(plan, region)
    _groups(plan)
    _flow_logs(plan, stack)
    _endpoints(plan, region)
    add_data_tier(plan)
    add_origin(plan)
    add_edge(plan)
    add_names(plan)
    add_access(plan)
    add_storage(plan)
    add_compute(plan)
    add_restore_tests(plan)
    add_alerting(plan)
    add_audit(plan)
    add_baseline(plan)
    return pickle.dumps(plan)


def default_tags(stack: str) -> dict[str, str]:
    """Return the default tags of the stack's provider."""
    return {
        "Application": "taskflow",
        "Environment": stack,
        "Owner": "platform",
        "ManagedBy": "pulumi",
        "DataClassification": "confidential",
        "CostCenter": "taskflow",
        "Extra": "not required",
    }


def endpoint_policy(*conditions: Mapping[str, object]) -> str:
    """Return the policy of an endpoint: a statement that lets everything through, for each of the changes."""
    through = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**through, **each} for each in conditions]})


def image_layers(region: str) -> Mapping[str, object]:
    """Return what the statement about ECR's layers has of its own."""
    return {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::prod-{region}-starport-layer-bucket/*"}


def component_output(to: str, output: str = "id") -> Ref:
    """Return a reference to an output of awsx's component: its sources are the component and all subnets."""
    return Ref(to=to, output=output, via=(COMPONENT, *SUBNETS))


def _subnets(plan: Plan, region: str) -> None:
    second = 30 if plan.stack == "dr" else 20
    vpc = plan.add("aws:ec2/vpc:Vpc", "main", COMPONENT, cidrBlock=f"10.{second}.0.0/16", tags={"Name": "taskflow"})
    vpc.computed = {"arn": "arn:vpc", "mainRouteTableId": "rtb-main", "defaultSecurityGroupId": "sg-default"}
    gateway = plan.add("aws:ec2/internetGateway:InternetGateway", "main", VPC, vpcId=Ref(to=VPC))
    for index, (tier, kind) in enumerate((("public", "Public"), ("private", "Private"), ("data", "Isolated"))):
        for n, letter in ((1, "a"), (2, "b")):
            name = f"{tier}-{n}"
            subnet = plan.add(
                "aws:ec2/subnet:Subnet",
                name,
                VPC,
                vpcId=Ref(to=VPC),
                availabilityZone=f"{region}{letter}",
                cidrBlock=f"10.{second}.{index * 32 + n}.0/24",
                mapPublicIpOnLaunch=False,
                assignIpv6AddressOnCreation=False,
                tags={"Name": name, "SubnetType": kind},
            )
            table = plan.add(
                "aws:ec2/routeTable:RouteTable", name, subnet.key, vpcId=Ref(to=VPC), tags={"SubnetType": kind}
            )
            plan.add(
                "aws:ec2/routeTableAssociation:RouteTableAssociation",
                name,
                table.key,
                subnetId=Ref(to=subnet.key),
                routeTableId=Ref(to=table.key),
            )
            if tier == "public":
                address = plan.add("aws:ec2/eip:Eip", name, subnet.key, tags={"Name": name})
                plan.add(
                    "aws:ec2/natGateway:NatGateway",
                    f"nat-{n}",
                    subnet.key,
                    subnetId=Ref(to=subnet.key),
                    allocationId=Ref(to=address.key),
                )
                target = {"gatewayId": Ref(to=gateway.key)}
            else:
                target = {"natGatewayId": Ref(to=f"NatGateway nat-{n}")}
            if tier != "data":
                plan.add(
                    "aws:ec2/route:Route",
                    name,
                    table.key,
                    routeTableId=Ref(to=table.key),
                    destinationCidrBlock="0.0.0.0/0",
                    **target,
                )


def _groups(plan: Plan) -> None:
    vpc = component_output(VPC)
    for role in ("alb", "service", "database", "cache", "endpoints"):
        group = plan.add(
            GROUP, role, "ProductionVpc network", vpcId=vpc, tags={"Name": f"taskflow-{plan.stack}-{role}"}
        )
        group.computed = {"ingress": [], "egress": [], "arn": f"arn:{role}"}
    default = plan.add(
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "default", "ProductionVpc network", vpcId=vpc
    )
    default.computed = {"ingress": [], "egress": []}
    rule(plan, "ingress", "alb", 443, cidrIpv4="0.0.0.0/0")
    rule(plan, "egress", "service", 443, name="service-internet", cidrIpv4="0.0.0.0/0")
    s3 = Ref(to="VpcEndpoint s3", output="prefixListId")
    rule(plan, "egress", "service", 443, name="service-s3", prefixListId=s3)
    for source, target, port in (
        ("alb", "service", 3001),
        ("service", "database", 5432),
        ("service", "cache", 6379),
        ("service", "endpoints", 443),
    ):
        rule(plan, "ingress", target, port, referencedSecurityGroupId=Ref(to=f"SecurityGroup {source}"))
        name = f"{source}-{target}"
        rule(plan, "egress", source, port, name=name, referencedSecurityGroupId=Ref(to=f"SecurityGroup {target}"))


def rule(plan: Plan, direction: str, group: str, port: int, name: str | None = None, **peer: object) -> Planned:
    """Add a rule of TCP on one port to a group, with a peer."""
    return plan.add(
        INGRESS if direction == "ingress" else EGRESS,
        name or group,
        "ProductionVpc network",
        securityGroupId=Ref(to=f"SecurityGroup {group}"),
        ipProtocol="tcp",
        fromPort=port,
        toPort=port,
        **peer,
    )


def _flow_logs(plan: Plan, stack: str) -> None:
    group = plan.add(
        "aws:cloudwatch/logGroup:LogGroup",
        "flow-logs",
        "ProductionVpc network",
        name=f"/taskflow/{stack}/flow-logs",
        retentionInDays=90,
        kmsKeyId=Ref(to="Key keys-logs", output="arn"),
    )
    group.protect = True
    group.computed = {"arn": f"arn:aws:logs:::log-group:/taskflow/{stack}/flow-logs"}
    plan.add(
        "aws:ec2/flowLog:FlowLog",
        "flow-logs",
        "ProductionVpc network",
        vpcId=component_output(VPC),
        trafficType="ALL",
        logDestinationType="cloud-watch-logs",
        logDestination=Ref(to=group.key, output="arn"),
    )


def _endpoints(plan: Plan, region: str) -> None:
    s3 = plan.add(
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "s3",
        "ProductionVpc network",
        vpcId=component_output(VPC),
        serviceName=f"com.amazonaws.{region}.s3",
        vpcEndpointType="Gateway",
        routeTableIds=[component_output(f"RouteTable private-{n}") for n in (1, 2)],
        policy=endpoint_policy(OWN_ACCOUNT, image_layers(region)),
    )
    s3.computed = {"prefixListId": "pl-s3", "arn": "arn:s3"}
    for service in ("ecr.api", "ecr.dkr", "logs", "secretsmanager"):
        plan.add(
            "aws:ec2/vpcEndpoint:VpcEndpoint",
            service,
            "ProductionVpc network",
            vpcId=component_output(VPC),
            serviceName=f"com.amazonaws.{region}.{service}",
            vpcEndpointType="Interface",
            subnetIds=[component_output(f"Subnet private-{n}") for n in (1, 2)],
            securityGroupIds=[Ref(to="SecurityGroup endpoints")],
            privateDnsEnabled=True,
            policy=endpoint_policy(OWN_ACCOUNT),
        )
