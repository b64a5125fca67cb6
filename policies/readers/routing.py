"""Reads routes, from all resource types that hold them, and the route table of a subnet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.engine.facts import ABSENT, Absent, Fact, Known, Node, Resource, Unknown
from policies.engine.graph import Found, Reference, Stack
from policies.engine.rule import Finding
from policies.readers.resource_types import SUBNET

ROUTE = "aws:ec2/route:Route"
TABLE = "aws:ec2/routeTable:RouteTable"
DEFAULT_TABLE = "aws:ec2/defaultRouteTable:DefaultRouteTable"
TABLES = (TABLE, DEFAULT_TABLE)
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
PROPAGATION = "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation"
NAT = "aws:ec2/natGateway:NatGateway"
INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway"

_TARGETS = (
    "carrierGatewayId",
    "coreNetworkArn",
    "egressOnlyGatewayId",
    "gatewayId",
    "localGatewayId",
    "natGatewayId",
    "networkInterfaceId",
    "odbNetworkArn",
    "transitGatewayId",
    "vpcEndpointId",
    "vpcPeeringConnectionId",
)
_DESTINATIONS = ("destinationCidrBlock", "destinationIpv6CidrBlock", "cidrBlock", "ipv6CidrBlock")


@dataclass(frozen=True, kw_only=True)
class RouteView:
    """One route: the resource that holds it, its table, its destination, and its targets (set ones only)."""

    holder: Resource
    table: Reference
    destination: Fact[str]
    targets: Mapping[str, Node]

    @property
    def is_local(self) -> bool:
        """Whether it stays in the VPC, or is the route that AWS adds for a gateway endpoint's service."""
        gateway = self.targets["gatewayId"].text() if "gatewayId" in self.targets else ABSENT
        destination = self.destination.value if isinstance(self.destination, Known) else ""
        return isinstance(gateway, Known) and (
            gateway.value == "local" or (gateway.value.startswith("vpce-") and destination.startswith("pl-"))
        )

    @property
    def is_default(self) -> bool:
        """Whether it is the default route."""
        return self.destination == Known(value="0.0.0.0/0")

    def refer(self, stack: Stack, target: str, *types: str) -> Reference:
        """Return the resource of one of the types that this target refers to."""
        return stack.refer(self.holder, self.targets[target], *types) if target in self.targets else ABSENT

    def describe(self) -> str:
        """Return the route as text for a message."""
        destination = self.destination.value if isinstance(self.destination, Known) else "(unknown)"
        return f"a route to {destination} by {', '.join(sorted(self.targets)) or 'nothing'}"


def routes(stack: Stack) -> Iterator[RouteView | Finding]:
    """Return all routes of the stack, and a finding for each table whose list of routes is unknown."""
    for route in stack.of(ROUTE):
        table = stack.refer(route, route.at("routeTableId"), *TABLES)
        keys = (*_TARGETS, *_DESTINATIONS, "destinationPrefixListId")
        yield _view(route, table, Node(path=(), value={key: route.at(key).value for key in keys}))
    for table in stack.of(*TABLES):
        match table.at("routes").items():
            case Known(value=nodes):
                for node in nodes:
                    if isinstance(node.value, Unknown):
                        yield Finding(resource=table, verdict=node.value)
                    else:
                        yield _view(table, Found(resource=table), node)
            case Unknown() as unknown:
                yield Finding(resource=table, verdict=unknown)
            case Absent():
                pass


def routes_of(stack: Stack, table: Resource) -> Iterator[RouteView | Finding]:
    """Return the table's routes, and those whose table is unknown."""
    for route in routes(stack):
        if isinstance(route, Finding):
            if route.resource is table:
                yield route
        elif isinstance(route.table, Unknown) or route.table == Found(resource=table):
            yield route


def table_of(subnet: Resource, stack: Stack) -> Reference:
    """Return the route table that is associated with the subnet, if any."""
    reference: Reference = ABSENT
    for association in stack.of(ASSOCIATION):
        match stack.refer(association, association.at("subnetId"), SUBNET):
            case Found(resource=found) if found is subnet:
                return stack.refer(association, association.at("routeTableId"), *TABLES)
            case Unknown() as unknown:
                reference = unknown
            case _:
                pass
    return reference


def _view(holder: Resource, table: Reference, node: Node) -> RouteView:
    destinations = [node.at(key).text() for key in (*_DESTINATIONS, "destinationPrefixListId")]
    destination = next((fact for fact in destinations if not isinstance(fact, Absent)), ABSENT)
    targets = {key: node.at(key) for key in _TARGETS if not isinstance(node.at(key).text(), Absent)}
    return RouteView(holder=holder, table=table, destination=destination, targets=targets)
