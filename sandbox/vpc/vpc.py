"""The stand-in for the component awsx:ec2:Vpc: it registers exactly the real component's children.

It uses neither the SDK nor gRPC, only an `Engine`. `inputs` reads the arguments, `subnets` plans the addresses, this
module registers the resources. Source of types, names, parents and dependencies: the provider's code
(pulumi/pulumi-awsx, awsx/ec2/vpc.ts), and recorded runs of it.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from sandbox.values import UNKNOWN, Value
from sandbox.vpc.engine import Child, Engine
from sandbox.vpc.inputs import UNUSED, Arguments, ComponentError, EndpointSpec, read_arguments
from sandbox.vpc.subnets import Plan, Subnet, plan_subnets

__all__ = ["Child", "ComponentError", "Engine", "construct"]

ANYWHERE: Final = "0.0.0.0/0"
HTTPS: Final = 443
DEFAULT_ZONES: Final = 3
# awsx sets no description of a security group; the AWS SDK that it calls adds this one before it registers.
SDK_DESCRIPTION: Final = "Managed by Pulumi"


def construct(name: str, inputs: Mapping[str, Value], engine: Engine) -> dict[str, Value]:
    """Register a VPC's children and return the component's 17 outputs.

    ComponentError, before any registration, where awsx fails in a preview and where the stand-in supports less.
    A missing `ipv6CidrBlock` in the VPC's state ("" without IPv6) or `allocationId` in an Eip's counts as unknown.
    """
    arguments = read_arguments(inputs)
    zones = _zones(arguments, engine)
    _check_allocation_ids(arguments, len(zones))
    plan = plan_subnets(name, arguments, zones)
    network = _Network(name=name, arguments=arguments, zones=zones, engine=engine)
    network.build(plan)
    return network.outputs(plan)


def _zones(arguments: Arguments, engine: Engine) -> Sequence[str]:
    if arguments.zone_names is not None:
        if arguments.zone_count:
            raise ComponentError("availabilityZoneNames and numberOfAvailabilityZones: only one of them is allowed")
        return arguments.zone_names
    if arguments.region is not None:
        raise ComponentError(
            "region: without availabilityZoneNames the stand-in looks only in the provider's region; use both"
        )
    count = DEFAULT_ZONES if arguments.zone_count is None else arguments.zone_count
    found = engine.zones()
    if len(found) < count:
        raise ComponentError(
            f"numberOfAvailabilityZones: {count} (default: {DEFAULT_ZONES}), but the region has {len(found)}; use a "
            "smaller number or availabilityZoneNames"
        )
    return found[:count]


def _check_allocation_ids(arguments: Arguments, zones: int) -> None:
    count = len(arguments.allocation_ids)
    allowed = {"none": {0}, "single": {0, 1}, "oneperaz": {0, zones}}[arguments.nat]
    if count not in allowed:
        raise ComponentError(
            f"natGateways.elasticIpAllocationIds: {count} ids; with strategy {arguments.nat_strategy} and {zones} "
            f"availability zones {' or '.join(str(number) for number in sorted(allowed))} are allowed"
        )


@dataclass(frozen=True, kw_only=True)
class _Derived:
    """An input that comes from outputs of other children."""

    value: Value
    children: tuple[Child, ...]


_Input: TypeAlias = "Value | _Derived"


def _id(child: Child) -> _Derived:
    return _Derived(value=child.id, children=(child,))


def _ids(children: Iterable[Child]) -> _Derived:
    sources = tuple(children)
    return _Derived(value=[child.id for child in sources], children=sources)


def _output(child: Child, name: str) -> _Derived:
    return _Derived(value=child.state.get(name, UNKNOWN), children=(child,))


def _listed(item: _Derived) -> _Derived:
    return _Derived(value=[item.value], children=item.children)


def _public_then_private(one: Subnet, other: Subnet) -> int:
    """Compare two subnets of a zone as awsx does: only -1 moves a subnet."""
    if one.spec.type == other.spec.type:
        return 0
    before = one.spec.kind == "public" or (one.spec.kind, other.spec.kind) == ("private", "isolated")
    return -1 if before else 1


@dataclass(kw_only=True)
class _Network:
    """One VPC under construction: the arguments, and the children in the order of registration."""

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
            {**arguments.passed_to_vpc, "cidrBlock": arguments.cidr_block, "tags": self._shared_tags},
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
        """Return the component's outputs; a list of ids is unknown if one of them is."""
        public = [child for subnet, child in self.subnets if subnet.spec.kind == "public"]
        private = [child for subnet, child in self.subnets if subnet.spec.kind == "private"]
        # awsx treats every other type as isolated, an unknown type too.
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
        # The program's Name tag wins here; on subnets, route tables, NAT gateways and addresses awsx's wins.
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
        """Register a child in the component's region; it depends on `after`, by default its parent."""
        plain: dict[str, Value] = {"region": self.arguments.region}
        uses: dict[str, Sequence[Child]] = {}
        for key, item in inputs.items():
            plain[key] = item.value if isinstance(item, _Derived) else item
            if isinstance(item, _Derived) and item.value is not None:
                uses[key] = item.children
        dependency = after or parent
        return self.engine.register(
            kind,
            name,
            {key: value for key, value in plain.items() if value is not None},
            parent=parent,
            depends_on=[dependency] if dependency else [],
            uses=uses,
        )

    # A subnet and its children.

    def _subnet(self, subnet: Subnet, index: int) -> None:
        subnet_tags: dict[str, Value] = {"Name": subnet.name_tag, "SubnetType": subnet.spec.type}
        is_public = subnet.spec.kind == "public"
        child = self._register(
            "aws:ec2/subnet:Subnet",
            subnet.name,
            {
                "vpcId": _id(self.vpc),
                "availabilityZone": subnet.zone,
                "mapPublicIpOnLaunch": is_public,
                "cidrBlock": subnet.cidr_block,
                "assignIpv6AddressOnCreation": False,
                "ipv6CidrBlock": self._no_ipv6(),
                "tags": {**self._shared_tags, **subnet.spec.tags, **subnet_tags},
            },
            parent=self.vpc,
        )
        self.subnets.append((subnet, child))
        table = self._register(
            "aws:ec2/routeTable:RouteTable",
            subnet.name,
            {"vpcId": _id(self.vpc), "tags": {**self._shared_tags, **subnet_tags}},
            parent=child,
        )
        self.tables.append(table)
        association = self._register(
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            subnet.name,
            {"routeTableId": _id(table), "subnetId": _id(child)},
            parent=table,
        )
        self.associations.append(association)
        if is_public and self._needs_nat(index):
            self._nat(child, index)
        self._default_route(subnet, table, index)

    def _no_ipv6(self) -> _Derived:
        """Return a subnet's empty IPv6 block; awsx derives it from the VPC's, so it is unknown while that is."""
        is_unknown = self.vpc.state.get("ipv6CidrBlock", UNKNOWN) == UNKNOWN
        return _Derived(value=UNKNOWN if is_unknown else None, children=(self.vpc,))

    def _needs_nat(self, index: int) -> bool:
        required = {"none": 0, "single": 1, "oneperaz": index + 1}[self.arguments.nat]
        return len(self.nat_gateways) < required

    def _nat(self, subnet: Child, index: int) -> None:
        name = f"{self.name}-{index + 1}"
        tags: Value = {**self.arguments.tags, "Name": name}
        if self.arguments.allocation_ids:
            allocation: _Input = self.arguments.allocation_ids[index]
        else:
            address = self._register("aws:ec2/eip:Eip", name, {"tags": tags}, parent=subnet)
            self.addresses.append(address)
            allocation = _output(address, "allocationId")
        gateway = self._register(
            "aws:ec2/natGateway:NatGateway",
            name,
            {"subnetId": _id(subnet), "allocationId": allocation, "tags": tags},
            parent=subnet,
        )
        self.nat_gateways.append(gateway)

    def _default_route(self, subnet: Subnet, table: Child, index: int) -> None:
        """Route a public subnet to the internet gateway and a private one to its NAT gateway."""
        target: Mapping[str, _Derived]
        if subnet.spec.kind == "public":
            target = {"gatewayId": _id(self.gateway)}
        elif subnet.spec.kind == "private" and self.arguments.nat != "none":
            target = {"natGatewayId": _id(self.nat_gateways[0 if self.arguments.nat == "single" else index])}
        else:
            return
        inputs = {"routeTableId": _id(table), **target, "destinationCidrBlock": ANYWHERE}
        self.routes.append(self._register("aws:ec2/route:Route", subnet.name, inputs, parent=table))

    # Endpoints.

    def _endpoint(self, spec: EndpointSpec) -> None:
        strategy = self.arguments.endpoint_strategy
        if strategy == "Legacy":
            self._warn_if_unattached(spec)
        defaults = self._endpoint_defaults(spec) if strategy == "Auto" else {}
        endpoint = self._register(
            "aws:ec2/vpcEndpoint:VpcEndpoint",
            spec.service_name,
            {**defaults, **spec.inputs, "tags": {**self._shared_tags, **spec.tags}, "vpcId": _id(self.vpc)},
            parent=self.vpc,
        )
        self.endpoints.append(endpoint)

    def _warn_if_unattached(self, spec: EndpointSpec) -> None:
        advice = 'vpcEndpointStrategy "Auto" would use the VPC\'s'
        if spec.kind == "interface" and not spec.inputs.keys() & {"subnetIds", "subnetConfigurations"}:
            self.engine.warn(f"{spec.service_name}: an interface endpoint without subnets; {advice}")
        if spec.kind == "gateway" and "routeTableIds" not in spec.inputs:
            self.engine.warn(f"{spec.service_name}: a gateway endpoint without route tables; {advice}")

    def _endpoint_defaults(self, spec: EndpointSpec) -> dict[str, _Input]:
        """Return the inputs that Auto adds to an endpoint unless the program sets them."""
        if spec.kind == "gateway":
            return {} if "routeTableIds" in spec.inputs else {"routeTableIds": _ids(self.tables)}
        if spec.kind != "interface":
            return {}
        defaults: dict[str, _Input] = {"privateDnsEnabled": True}
        if not spec.inputs.keys() & {"subnetIds", "subnetConfigurations"}:
            defaults["subnetIds"] = _ids(self._one_per_zone())
        if "securityGroupIds" not in spec.inputs:
            defaults["securityGroupIds"] = _listed(_id(self._endpoint_group(spec)))
        return defaults

    def _one_per_zone(self) -> Iterable[Child]:
        """Yield one subnet per zone: the private, else the isolated, else the public one."""
        for zone in self.zones:
            here = [(subnet.spec.kind, child) for subnet, child in self.subnets if subnet.zone == zone]
            ranked = [
                child for kind in ("private", "isolated", "public") for its_kind, child in here if its_kind == kind
            ]
            yield from ranked[:1]

    def _endpoint_group(self, spec: EndpointSpec) -> Child:
        """Register the endpoint's security group, without egress, and an ingress rule for the VPC's addresses."""
        region = {"region": spec.inputs["region"]} if "region" in spec.inputs else {}
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
        address_type = spec.inputs.get("ipAddressType")
        has_ipv6 = isinstance(address_type, str) and address_type.lower() in {"ipv6", "dualstack"}
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
                **({"ipv6CidrBlocks": _listed(_output(self.vpc, "ipv6CidrBlock"))} if has_ipv6 else {}),
            },
            parent=self.vpc,
            after=group,
        )
        return group


def _known_ids(children: Sequence[Child]) -> Value:
    ids = [child.id for child in children]
    return UNKNOWN if UNKNOWN in ids else list[Value](ids)
