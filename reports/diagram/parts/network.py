"""The VPC: zones, subnets, NAT gateways, endpoints, and the arrows that the security groups allow."""

from collections.abc import Iterator, Mapping, Sequence

from reports.diagram.model import Arrow, Box, Container, Part, urns
from reports.diagram.reading import Stack, number, text, texts
from reports.states import Recorded

ANYWHERE = "0.0.0.0/0"

# The box of each kind that has security groups, the path to them, and whether there is one box in each zone.
_MEMBERS: Mapping[str, tuple[str, Sequence[str], bool]] = {
    "lb/loadBalancer": ("alb", ("securityGroups",), True),
    "ecs/service": ("tasks", ("networkConfiguration", "securityGroups"), True),
    "ec2/vpcEndpoint": ("endpoints", ("securityGroupIds",), True),
    "elasticache/replicationGroup": ("cache", ("securityGroupIds",), True),
    "rds/instance": ("database", ("vpcSecurityGroupIds",), False),
}

# The box that each endpoint leads to. CloudWatch Logs and Session Manager have none inside the stack.
_BEHIND: Mapping[str, str] = {
    "s3": "files",
    "sqs": "jobs",
    "secretsmanager": "secrets",
    "ecr.api": "images",
    "ecr.dkr": "images",
    "kms": "keys",
}


def zones(stack: Stack) -> Sequence[str]:
    """Return the availability zones, in order."""
    return sorted({text(subnet, "availabilityZone") for subnet in stack.of("ec2/subnet")})


def zones_of(stack: Stack, subnets: Sequence[str]) -> Sequence[int]:
    """Return the numbers of the zones in which subnets are, from 1."""
    order = zones(stack)
    inside = {text(s, "availabilityZone") for s in stack.of("ec2/subnet") if s.id in subnets}
    return [order.index(zone) + 1 for zone in sorted(inside)]


def network(stack: Stack) -> Part:
    """Return the VPC and what routes its traffic."""
    return Part(
        boxes=[*_nat_gateways(stack), *_endpoints(stack)],
        containers=list(_containers(stack)),
        arrows=[*_allowed(stack), *_to_nat_gateways(stack), *_behind_endpoints(stack)],
    )


def _containers(stack: Stack) -> Iterator[Container]:
    for vpc in stack.of("ec2/vpc"):
        gateways, logs = stack.of("ec2/internetGateway"), stack.of("ec2/flowLog")
        notes = ["internet gateway"] if gateways else []
        notes += [f"flow logs of {text(log, 'trafficType').lower()} traffic" for log in logs]
        title = f"VPC {text(vpc, 'cidrBlock')}"
        yield Container(id="vpc", title=title, note=", ".join(notes), sources=urns([vpc], gateways, logs))
    subnets = stack.of("ec2/subnet")
    for index, zone in enumerate(zones(stack), 1):
        within = [subnet for subnet in subnets if text(subnet, "availabilityZone") == zone]
        yield Container(id=f"zone-{index}", title=zone, sources=urns(within))
        for subnet in within:
            tier = _tier(stack, subnet)
            routes = _route_tables(stack, subnet)
            title = f"{tier} {text(subnet, 'cidrBlock')}"
            yield Container(id=f"{tier}-{index}", title=title, sources=urns([subnet], routes))


def _route_tables(stack: Stack, subnet: Recorded) -> Sequence[Recorded]:
    """Return the route table of a subnet, with its association and routes."""
    associations = [a for a in stack.of("ec2/routeTableAssociation") if text(a, "subnetId") == subnet.id]
    tables = {text(association, "routeTableId") for association in associations}
    return [
        *associations,
        *(table for table in stack.of("ec2/routeTable") if table.id in tables),
        *(route for route in stack.of("ec2/route") if text(route, "routeTableId") in tables),
    ]


def _tier(stack: Stack, subnet: Recorded) -> str:
    """Return the tier of a subnet by where its routes lead."""
    routes = _route_tables(stack, subnet)
    if any(text(route, "gatewayId") for route in routes):
        return "public"
    return "private" if any(text(route, "natGatewayId") for route in routes) else "data"


def _nat_gateways(stack: Stack) -> Iterator[Box]:
    for gateway in stack.of("ec2/natGateway"):
        addresses = [a for a in stack.of("ec2/eip") if a.id == text(gateway, "allocationId")]
        for zone in zones_of(stack, [text(gateway, "subnetId")]):
            yield Box(
                id=f"nat-{zone}",
                icon="vpc-nat-gateway",
                title="NAT gateway",
                place="public",
                zone=zone,
                figures=["elastic IP"] if addresses else [],
                sources=urns([gateway], addresses),
            )


def _to_nat_gateways(stack: Stack) -> Iterator[Arrow]:
    """Yield an arrow from the tasks to the gateway of their subnet's route, on the ports that may leave the VPC."""
    gateways = {gateway.id: gateway for gateway in stack.of("ec2/natGateway")}
    outward = [rule for rule in stack.of("vpc/securityGroupEgressRule") if text(rule, "cidrIpv4") == ANYWHERE]
    for subnet in stack.of("ec2/subnet"):
        for route in _route_tables(stack, subnet):
            gateway = gateways.get(text(route, "natGatewayId"))
            if not gateway or not outward:
                continue
            for source in zones_of(stack, [subnet.id]):
                for target in zones_of(stack, [text(gateway, "subnetId")]):
                    ends = f"tasks-{source}", f"nat-{target}"
                    yield Arrow(source=ends[0], target=ends[1], label=_ports(outward[0]), sources=urns(outward))


def _endpoints(stack: Stack) -> Iterator[Box]:
    every = stack.of("ec2/vpcEndpoint")
    interface = [endpoint for endpoint in every if text(endpoint, "vpcEndpointType") == "Interface"]
    gateways = [endpoint for endpoint in every if endpoint not in interface]
    for zone in zones_of(stack, [subnet for endpoint in interface for subnet in texts(endpoint, "subnetIds")]):
        names = [f"{_service(gateway).upper()} gateway" for gateway in gateways]
        yield Box(
            id=f"endpoints-{zone}",
            icon="vpc-endpoints",
            title="Endpoints",
            place="private",
            zone=zone,
            figures=[f"{len(interface)} AWS services", *names],
            sources=urns(every),
        )


def _service(endpoint: Recorded) -> str:
    return text(endpoint, "serviceName").split(".", 3)[3]


def _behind_endpoints(stack: Stack) -> Iterator[Arrow]:
    """Yield an arrow to each service with an endpoint, from the last zone: the endpoints of all zones are alike."""
    for endpoint in stack.of("ec2/vpcEndpoint"):
        if target := _BEHIND.get(_service(endpoint)):
            yield Arrow(source=f"endpoints-{len(zones(stack))}", target=target, sources=urns([endpoint]))


def _allowed(stack: Stack) -> Iterator[Arrow]:
    """Yield an arrow for each security group rule that lets one group in, within a zone where both have boxes there."""
    members = [
        (box, set(texts(resource, *path)), is_zonal)
        for kind, (box, path, is_zonal) in _MEMBERS.items()
        for resource in stack.of(kind)
    ]
    for rule in stack.of("vpc/securityGroupIngressRule"):
        sources = [m for m in members if text(rule, "referencedSecurityGroupId") in m[1]]
        targets = [m for m in members if text(rule, "securityGroupId") in m[1]]
        for source, _, _ in sources:
            for target, _, is_zonal in targets:
                for zone in range(1, len(zones(stack)) + 1):
                    end = f"{target}-{zone}" if is_zonal else target
                    yield Arrow(source=f"{source}-{zone}", target=end, label=_ports(rule), sources=urns([rule]))


def _ports(rule: Recorded) -> str:
    first, last = number(rule, "fromPort"), number(rule, "toPort")
    return str(first) if first == last else f"{first} to {last}"


def open_ports(stack: Stack, balancer: Recorded) -> str:
    """Return the ports on which a load balancer is open to the internet."""
    groups = texts(balancer, "securityGroups")
    rules = [r for r in stack.of("vpc/securityGroupIngressRule") if text(r, "securityGroupId") in groups]
    return ", ".join(sorted({_ports(rule) for rule in rules if text(rule, "cidrIpv4") == ANYWHERE}))
