"""A compliant network as plain data, as the engine shows it after an `up` and in a preview. No rule is used here."""

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, cast

from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

# `up`: every id is known. `preview`: ids are unknown, and computed outputs are left out. `provider preview`: the same,
# with the outputs that AWS's own provider says it will compute.
Form: TypeAlias = Literal["up", "preview", "provider preview"]
FORMS: tuple[Form, ...] = ("up", "preview", "provider preview")
STACKS = ("production", "dr")

REMOVED = object()
UNKNOWN = UNKNOWN_STRING_VALUE


@dataclass(frozen=True, kw_only=True)
class Ref:
    """A reference to another resource's output; `via` names what a component's output shows instead of it."""

    to: str
    output: str = "id"
    via: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Planned:
    """One resource of a plan: inputs with references in them, and what AWS adds in an `up`."""

    type: str
    name: str
    parent: str | None = None
    inputs: dict[str, object] = field(default_factory=dict[str, object])
    computed: dict[str, object] = field(default_factory=dict[str, object])
    protect: bool = False

    @property
    def key(self) -> str:
        """Short and unique in a plan: the type's last part and the name."""
        return f"{self.type.rpartition(':')[2]} {self.name}"

    @property
    def id(self) -> str:
        """An id as AWS would give it."""
        return f"{self.type.rpartition(':')[2].lower()}-{self.name}"


class Plan:
    """A stack's resources by key, to be changed by a test and then shown in one of the forms."""

    def __init__(self, stack: str) -> None:
        self.stack = stack
        self.resources: dict[str, Planned] = {}

    def add(self, type_: str, name: str, parent: str | None = None, /, **inputs: object) -> Planned:
        planned = Planned(type=type_, name=name, parent=parent, inputs=inputs)
        assert planned.key not in self.resources, f"{planned.key} is planned twice"
        self.resources[planned.key] = planned
        return planned

    def set(self, key: str, path: str, value: object) -> None:
        """Change an input at a dotted path; REMOVED takes it out."""
        *above, last = path.split(".")
        place = self.resources[key].inputs
        for step in above:
            place = cast("dict[str, object]", place[step])
        if value is REMOVED:
            assert last in place, f"{key} has no {path} to remove"
            del place[last]
        else:
            place[last] = value

    def remove(self, *keys: str) -> None:
        for key in keys:
            del self.resources[key]

    def copy(self) -> "Plan":
        return copy.deepcopy(self)

    def urn(self, key: str) -> str:
        planned = self.resources.get(key)
        type_, name = (planned.type, planned.name) if planned else ("test:missing:Resource", key)
        return f"urn:pulumi:{self.stack}::taskflow::{type_}::{name}"

    def shown(self, form: Form) -> list[dict[str, object]]:
        """The resources as a state holds them, in no order that means anything."""
        return [self._state(planned, form) for planned in reversed(self.resources.values())]

    def export(self, form: Form = "up") -> str:
        """The plan as `pulumi stack export` writes it."""
        deployment = {"manifest": {"time": "2026-11-24T00:00:00Z", "magic": "", "version": ""}}
        return json.dumps({"version": 3, "deployment": {**deployment, "resources": self.shown(form)[::-1]}})

    def _state(self, planned: Planned, form: Form) -> dict[str, object]:
        inputs = {key: self._value(value, form) for key, value in planned.inputs.items()}
        outputs = dict(inputs)
        if form == "up":
            outputs = {"id": planned.id, **planned.computed, **outputs}
        elif form == "provider preview":
            outputs |= dict.fromkeys(("id", *planned.computed, *_COMPUTED.get(planned.type, ())), UNKNOWN) | inputs
        provider = self.resources.get("aws default_7_51_1")
        custom = planned.type.startswith(("aws:", "pulumi:providers:"))
        state: dict[str, object] = {
            "urn": self.urn(planned.key),
            "type": planned.type,
            "custom": custom,
            "inputs": inputs,
            "outputs": outputs,
            "propertyDependencies": {
                key: [self.urn(other) for other in _made_from(value)] for key, value in planned.inputs.items()
            },
            "protect": planned.protect,
        }
        if custom:
            state["id"] = planned.id if form == "up" else ""
        if planned.parent:
            state["parent"] = self.urn(planned.parent)
        if planned.type.startswith("aws:") and provider:
            state["provider"] = f"{self.urn(provider.key)}::{provider.id}"
        return state

    def _value(self, value: object, form: Form) -> object:
        if isinstance(value, Ref):
            if form != "up":
                return UNKNOWN
            target = self.resources.get(value.to)
            return value.to if target is None else {"id": target.id, **target.computed}[value.output]
        if isinstance(value, Mapping):
            return {key: self._value(member, form) for key, member in cast("Mapping[str, object]", value).items()}
        if isinstance(value, list):
            return [self._value(element, form) for element in cast("list[object]", value)]
        return value


# What AWS's provider computes where the program says nothing (Optional and Computed in its schema).
_COMPUTED: Mapping[str, Sequence[str]] = {
    "aws:ec2/securityGroup:SecurityGroup": ("ingress", "egress", "arn", "tagsAll"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ("arn", "tagsAll"),
    "aws:ec2/routeTable:RouteTable": ("routes", "propagatingVgws", "arn"),
    "aws:ec2/route:Route": ("networkInterfaceId", "instanceId", "state", "origin"),
    "aws:ec2/natGateway:NatGateway": ("privateIp", "publicIp", "availabilityMode", "vpcId"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("arn", "dnsEntries", "networkInterfaceIds", "prefixListId", "policy"),
    "aws:ec2/flowLog:FlowLog": ("arn",),
    "aws:ec2/vpc:Vpc": ("arn", "mainRouteTableId", "defaultSecurityGroupId", "ipv6CidrBlock"),
}


def _made_from(value: object) -> list[str]:
    if isinstance(value, Ref):
        return list(value.via or (value.to,))
    if isinstance(value, Mapping):
        return _unique(_made_from(member) for member in cast("Mapping[str, object]", value).values())
    if isinstance(value, list):
        return _unique(_made_from(element) for element in cast("list[object]", value))
    return []


def _unique(lists: object) -> list[str]:
    return list(dict.fromkeys(key for keys in cast("list[list[str]]", lists) for key in keys))


REGIONS = {"production": "us-east-1", "dr": "us-west-2"}
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
VPC = "Vpc main"
COMPONENT = "Vpc network"
SUBNETS = tuple(f"Subnet {tier}-{n}" for tier in ("public", "private", "data") for n in (1, 2))


def compliant(stack: str = "production") -> Plan:
    """The network as it should be, for production or dr; another name gives production's network under that name."""
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
    # As the engine makes them: for the component from another process, and for its outputs that are resources.
    plan.add("pulumi:providers:awsx", "default_3_11_0", version="3.11.0")
    plan.add("pulumi:providers:pulumi", "default")
    plan.add("taskflow:network:ProductionVpc", "network", f"Stack taskflow-{stack}")
    plan.add("awsx:ec2:Vpc", "network", "ProductionVpc network")
    _subnets(plan, region)
    _groups(plan)
    _flow_logs(plan, stack)
    _endpoints(plan, region)
    return plan


def default_tags(stack: str) -> dict[str, str]:
    """The tags that the stack's provider puts on everything."""
    return {
        "Application": "taskflow",
        "Environment": stack,
        "Owner": "platform",
        "ManagedBy": "pulumi",
        "DataClassification": "confidential",
        "CostCenter": "taskflow",
        "Extra": "not asked for",
    }


def component_output(to: str, output: str = "id") -> Ref:
    """A reference through awsx's component: it names the component and all subnets."""
    return Ref(to=to, output=output, via=(COMPONENT, *SUBNETS))


def _subnets(plan: Plan, region: str) -> None:
    second = 0 if plan.stack == "production" else 1
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
    """Add a rule of TCP on one port to a group's plan, with its peer as given."""
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
        )
