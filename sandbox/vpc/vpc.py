"""The stand-in for the component awsx:ec2:Vpc: it registers exactly the children that the real one registers.

No SDK and no gRPC here: the engine is handed in as an `Engine`. `inputs` reads the arguments, `subnets` lays the
addresses out; this module registers. Source of types, names, parents and dependencies: the provider's own code
(pulumi/pulumi-awsx, awsx/ec2/vpc.ts), and what it registered when it was run.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from sandbox.values import UNKNOWN, Value
from sandbox.vpc.inputs import UNUSED, Arguments, EndpointSpec, Refused, read
from sandbox.vpc.subnets import Plan, Subnet, plan_subnets

__all__ = ["Child", "Engine", "Refused", "construct"]

ANYWHERE: Final = "0.0.0.0/0"
HTTPS: Final = 443
DEFAULT_ZONES: Final = 3
# awsx leaves a security group's description out; the AWS SDK that it calls fills this in before it registers.
SDK_DESCRIPTION: Final = "Managed by Pulumi"


@dataclass(frozen=True, kw_only=True)
class Child:
    """What registering gave: `id` is UNKNOWN in a preview; `state` holds the outputs, without those not yet known."""

    urn: str
    id: str
    state: Mapping[str, Value]


class Engine(Protocol):
    """What the component asks of the engine that constructs it."""

    def register(
        self,
        kind: str,
        name: str,
        inputs: Mapping[str, Value],
        *,
        parent: Child | None,
        depends_on: Sequence[Child],
        uses: Mapping[str, Sequence[Child]],
    ) -> Child:
        """Register a child; its parent is the component itself unless one is given.

        `uses` names, for an input made from other children's outputs, those children.
        """
        ...

    def zones(self) -> list[str]:
        """Look up the names of the availability zones (aws:index/getAvailabilityZones, without arguments)."""
        ...

    def reference(self, child: Child) -> Value:
        """Give a child as a resource reference."""
        ...

    def warn(self, message: str) -> None:
        """Show a warning on the component."""
        ...


def construct(name: str, inputs: Mapping[str, Value], engine: Engine) -> dict[str, Value]:
    """Register the children of the VPC of that name and give the component's 17 outputs.

    Refused, before anything is registered, for what awsx refuses in a preview and for what the stand-in doesn't build.
    The VPC's state must have `ipv6CidrBlock` ("" without IPv6) and an Eip's `allocationId`: what is missing is unknown.
    """
    arguments = read(inputs)
    zones = _zones(arguments, engine)
    _check_allocation_ids(arguments, len(zones))
    plan = plan_subnets(name, arguments, zones)
    network = _Network(name=name, arguments=arguments, zones=zones, engine=engine)
    network.build(plan)
    return network.outputs(plan)


def _zones(arguments: Arguments, engine: Engine) -> Sequence[str]:
    if arguments.zone_names is not None:
        if arguments.zone_count:
            raise Refused("availabilityZoneNames and numberOfAvailabilityZones: only one of the two may be given")
        return arguments.zone_names
    if arguments.region is not None:
        raise Refused(
            "region: without availabilityZoneNames the stand-in looks in the provider's region only; give both"
        )
    count = DEFAULT_ZONES if arguments.zone_count is None else arguments.zone_count
    found = engine.zones()
    if len(found) < count:
        raise Refused(
            f"numberOfAvailabilityZones: {count} wanted ({DEFAULT_ZONES} unless given), the region has {len(found)}; "
            "ask for fewer, or give availabilityZoneNames"
        )
    return found[:count]


def _check_allocation_ids(arguments: Arguments, zones: int) -> None:
    given = len(arguments.allocation_ids)
    allowed = {"none": {0}, "single": {0, 1}, "oneperaz": {0, zones}}[arguments.nat]
    if given not in allowed:
        raise Refused(
            f"natGateways.elasticIpAllocationIds: {given} given; with strategy {arguments.nat_strategy} and {zones} "
            f"availability zones {' or '.join(str(count) for count in sorted(allowed))} may be"
        )


@dataclass(frozen=True, kw_only=True)
class _From:
    """An input that was made from outputs of other children."""

    value: Value
    children: tuple[Child, ...]


_Input: TypeAlias = "Value | _From"


def _id(child: Child) -> _From:
    return _From(value=child.id, children=(child,))


def _ids(children: Iterable[Child]) -> _From:
    made = tuple(children)
    return _From(value=[child.id for child in made], children=made)


def _output(child: Child, name: str) -> _From:
    return _From(value=child.state.get(name, UNKNOWN), children=(child,))


def _listed(item: _From) -> _From:
    return _From(value=[item.value], children=item.children)


def _public_then_private(one: Subnet, other: Subnet) -> int:
    """Order two subnets of a zone as awsx does: only "before" (-1) counts, the rest keeps its place."""
    if one.spec.type == other.spec.type:
        return 0
    before = one.spec.kind == "public" or (one.spec.kind, other.spec.kind) == ("private", "isolated")
    return -1 if before else 1


@dataclass(kw_only=True)
class _Network:
    """One VPC as it is built: what was asked, and the children so far, in the order of their making."""

    name: str
    arguments: Arguments
    zones: Sequence[str]
    engine: Engine
    vpc: Child = field(init=False)
    gateway: Child = field(init=False)
    subnets: list[tuple[Subnet, Child]] = field(default_factory=list[tuple[Subnet, Child]])
    tables: list[Child] = field(default_factory=list[Child])
    associations: list[Child] = field(default_factory=list[Child])
    routes: list[Child] = field(default_factory=list[Child])
    addresses: list[Child] = field(default_factory=list[Child])
    nat_gateways: list[Child] = field(default_factory=list[Child])
    endpoints: list[Child] = field(default_factory=list[Child])

    def build(self, plan: Plan) -> None:
        """Register every child, parents first."""
        arguments = self.arguments
        self.vpc = self._register(
            "aws:ec2/vpc:Vpc",
            self.name,
            {**arguments.passed_on, "cidrBlock": arguments.cidr_block, "tags": self._shared_tags},
            parent=None,
        )
        self.gateway = self._register(
            "aws:ec2/internetGateway:InternetGateway",
            self.name,
            {"vpcId": _id(self.vpc), "tags": self._shared_tags},
            parent=self.vpc,
        )
        for index, zone in enumerate(self.zones):
            here = [subnet for subnet in plan.subnets if subnet.zone == zone and subnet.spec.type != UNUSED]
            for subnet in sorted(here, key=functools.cmp_to_key(_public_then_private)):
                self._subnet(subnet, index)
        for spec in arguments.endpoints:
            self._endpoint(spec)

    def outputs(self, plan: Plan) -> dict[str, Value]:
        """Give the component's outputs; a list of ids is unknown as a whole when one of them is."""
        public = [child for subnet, child in self.subnets if subnet.spec.kind == "public"]
        private = [child for subnet, child in self.subnets if subnet.spec.kind == "private"]
        # Whatever is neither public nor private counts as isolated, an unknown type too.
        isolated = [child for subnet, child in self.subnets if subnet.spec.kind not in {"public", "private"}]
        return {
            "vpc": self.engine.reference(self.vpc),
            "vpcId": self.vpc.id,
            "subnets": self._references(child for _, child in self.subnets),
            "publicSubnets": self._references(public),
            "privateSubnets": self._references(private),
            "isolatedSubnets": self._references(isolated),
            "publicSubnetIds": _known_ids(public),
            "privateSubnetIds": _known_ids(private),
            "isolatedSubnetIds": _known_ids(isolated),
            "subnetLayout": plan.layout,
            "routeTables": self._references(self.tables),
            "routeTableAssociations": self._references(self.associations),
            "routes": self._references(self.routes),
            "internetGateway": self.engine.reference(self.gateway),
            "natGateways": self._references(self.nat_gateways),
            "eips": self._references(self.addresses),
            "vpcEndpoints": self._references(self.endpoints),
        }

    @property
    def _shared_tags(self) -> dict[str, Value]:
        # The user's Name wins here, and on subnets, route tables, NAT gateways and addresses awsx's own does.
        return {"Name": self.name, **self.arguments.tags}

    def _references(self, children: Iterable[Child]) -> Value:
        return [self.engine.reference(child) for child in children]

    def _register(
        self,
        kind: str,
        name: str,
        inputs: Mapping[str, _Input],
        *,
        parent: Child | None,
        after: Child | None = None,
    ) -> Child:
        """Register a child in the component's region; it depends on its parent unless it comes `after` another."""
        plain: dict[str, Value] = {"region": self.arguments.region}
        uses: dict[str, Sequence[Child]] = {}
        for key, item in inputs.items():
            plain[key] = item.value if isinstance(item, _From) else item
            if isinstance(item, _From) and item.value is not None:
                uses[key] = item.children
        before = after or parent
        return self.engine.register(
            kind,
            name,
            {key: value for key, value in plain.items() if value is not None},
            parent=parent,
            depends_on=[before] if before else [],
            uses=uses,
        )

    # A subnet, and what hangs on it.

    def _subnet(self, subnet: Subnet, index: int) -> None:
        own_tags: dict[str, Value] = {"Name": subnet.name_tag, "SubnetType": subnet.spec.type}
        public = subnet.spec.kind == "public"
        made = self._register(
            "aws:ec2/subnet:Subnet",
            subnet.name,
            {
                "vpcId": _id(self.vpc),
                "availabilityZone": subnet.zone,
                "mapPublicIpOnLaunch": public,
                "cidrBlock": subnet.cidr_block,
                "assignIpv6AddressOnCreation": False,
                "ipv6CidrBlock": self._no_ipv6(),
                "tags": {**self._shared_tags, **subnet.spec.tags, **own_tags},
            },
            parent=self.vpc,
        )
        self.subnets.append((subnet, made))
        table = self._register(
            "aws:ec2/routeTable:RouteTable",
            subnet.name,
            {"vpcId": _id(self.vpc), "tags": {**self._shared_tags, **own_tags}},
            parent=made,
        )
        self.tables.append(table)
        association = self._register(
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            subnet.name,
            {"routeTableId": _id(table), "subnetId": _id(made)},
            parent=table,
        )
        self.associations.append(association)
        if public and self._wants_nat(index):
            self._nat(made, index)
        self._way_out(subnet, table, index)

    def _no_ipv6(self) -> _From:
        """Give a subnet's IPv6 block: none; but awsx asks the VPC first, so it is unknown while the VPC's is."""
        unknown = self.vpc.state.get("ipv6CidrBlock", UNKNOWN) == UNKNOWN
        return _From(value=UNKNOWN if unknown else None, children=(self.vpc,))

    def _wants_nat(self, index: int) -> bool:
        wanted = {"none": 0, "single": 1, "oneperaz": index + 1}[self.arguments.nat]
        return len(self.nat_gateways) < wanted

    def _nat(self, subnet: Child, index: int) -> None:
        name = f"{self.name}-{index + 1}"
        tags: Value = {**self.arguments.tags, "Name": name}
        if self.arguments.allocation_ids:
            allocation: _Input = self.arguments.allocation_ids[index]
        else:
            address = self._register("aws:ec2/eip:Eip", name, {"tags": tags}, parent=subnet)
            self.addresses.append(address)
            allocation = _output(address, "allocationId")
        made = self._register(
            "aws:ec2/natGateway:NatGateway",
            name,
            {"subnetId": _id(subnet), "allocationId": allocation, "tags": tags},
            parent=subnet,
        )
        self.nat_gateways.append(made)

    def _way_out(self, subnet: Subnet, table: Child, index: int) -> None:
        """Route a public subnet to the internet gateway, a private one to its NAT gateway, any other nowhere."""
        target: Mapping[str, _From]
        if subnet.spec.kind == "public":
            target = {"gatewayId": _id(self.gateway)}
        elif subnet.spec.kind == "private" and self.arguments.nat != "none":
            target = {"natGatewayId": _id(self.nat_gateways[0 if self.arguments.nat == "single" else index])}
        else:
            return
        inputs = {"routeTableId": _id(table), **target, "destinationCidrBlock": ANYWHERE}
        self.routes.append(self._register("aws:ec2/route:Route", subnet.name, inputs, parent=table))

    # The endpoints.

    def _endpoint(self, spec: EndpointSpec) -> None:
        strategy = self.arguments.endpoint_strategy
        if strategy == "Legacy":
            self._warn_if_unattached(spec)
        filled = self._filled(spec) if strategy == "Auto" else {}
        made = self._register(
            "aws:ec2/vpcEndpoint:VpcEndpoint",
            spec.service_name,
            {**filled, **spec.given, "tags": {**self._shared_tags, **spec.tags}, "vpcId": _id(self.vpc)},
            parent=self.vpc,
        )
        self.endpoints.append(made)

    def _warn_if_unattached(self, spec: EndpointSpec) -> None:
        advice = 'vpcEndpointStrategy "Auto" would take this VPC\'s own'
        if spec.kind == "interface" and not spec.given.keys() & {"subnetIds", "subnetConfigurations"}:
            self.engine.warn(f"{spec.service_name}: an interface endpoint in no subnet; {advice}")
        if spec.kind == "gateway" and "routeTableIds" not in spec.given:
            self.engine.warn(f"{spec.service_name}: a gateway endpoint in no route table; {advice}")

    def _filled(self, spec: EndpointSpec) -> dict[str, _Input]:
        """Give what Auto adds to an endpoint where the program left it out."""
        if spec.kind == "gateway":
            return {} if "routeTableIds" in spec.given else {"routeTableIds": _ids(self.tables)}
        if spec.kind != "interface":
            return {}
        filled: dict[str, _Input] = {"privateDnsEnabled": True}
        if not spec.given.keys() & {"subnetIds", "subnetConfigurations"}:
            filled["subnetIds"] = _ids(self._one_per_zone())
        if "securityGroupIds" not in spec.given:
            filled["securityGroupIds"] = _listed(_id(self._endpoint_group(spec)))
        return filled

    def _one_per_zone(self) -> Iterable[Child]:
        """Give each zone's private subnet, else its isolated, else its public one."""
        for zone in self.zones:
            here = [(subnet.spec.kind, child) for subnet, child in self.subnets if subnet.zone == zone]
            ranked = [child for wanted in ("private", "isolated", "public") for kind, child in here if kind == wanted]
            yield from ranked[:1]

    def _endpoint_group(self, spec: EndpointSpec) -> Child:
        """Register the endpoint's security group, without egress, and the rule that lets the VPC's addresses in."""
        region = {"region": spec.given["region"]} if "region" in spec.given else {}
        group = self._register(
            "aws:ec2/securityGroup:SecurityGroup",
            f"{spec.service_name}-sg",
            {
                **region,
                "description": SDK_DESCRIPTION,
                "vpcId": _id(self.vpc),
                "tags": {**self._shared_tags, **spec.tags},
            },
            parent=self.vpc,
        )
        address_type = spec.given.get("ipAddressType")
        speaks_ipv6 = isinstance(address_type, str) and address_type.lower() in {"ipv6", "dualstack"}
        self._register(
            "aws:ec2/securityGroupRule:SecurityGroupRule",
            f"{spec.service_name}-ingress",
            {
                **region,
                "type": "ingress",
                "securityGroupId": _id(group),
                "protocol": "tcp",
                "fromPort": HTTPS,
                "toPort": HTTPS,
                "cidrBlocks": _listed(_output(self.vpc, "cidrBlock")),
                **({"ipv6CidrBlocks": _listed(_output(self.vpc, "ipv6CidrBlock"))} if speaks_ipv6 else {}),
            },
            parent=self.vpc,
            after=group,
        )
        return group


def _known_ids(children: Sequence[Child]) -> Value:
    ids = [child.id for child in children]
    return UNKNOWN if UNKNOWN in ids else list[Value](ids)
