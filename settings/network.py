"""Production Architecture and Security Groups: the VPC, its subnets in two zones, ports, endpoints and flow logs.

The address ranges are written out in the stack file, so that a new subnet never moves another one.
"""

from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Network
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field, StringConstraints

from settings.base import Block, Conflict, Location, no_duplicates, valid_items, valid_lists
from settings.retention import LogDays
from settings.values import Allowed, Items, Unit, exactly, reject_if

TIERS = ("public_subnets", "private_subnets", "data_subnets")

# RFC 1918; a VPC with public addresses would hide a part of the internet.
PRIVATE = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))

# Services that private tasks call over PrivateLink with private DNS on port 443, by AWS's names
# (com.amazonaws.<region>.<name>). Without S3: it has a gateway endpoint, which is free.
EndpointService: TypeAlias = Literal[
    "appconfig", "appconfigdata", "ecr.api", "ecr.dkr", "ecs", "email", "events", "kinesis-firehose", "kinesis-streams",
    "kms", "lambda", "logs", "monitoring", "secretsmanager", "sns", "sqs", "ssm", "ssmmessages", "states", "sts",
    "xray",
]  # fmt: skip
ENDPOINT_SERVICES: tuple[EndpointService, ...] = get_args(EndpointService)

# AWS reserves five addresses of each subnet (Amazon VPC, subnet sizing).
RESERVED_ADDRESSES = 5


def usable_addresses(subnet: IPv4Network) -> int:
    """Return the number of a subnet's addresses that AWS doesn't reserve."""
    return subnet.num_addresses - RESERVED_ADDRESSES


def prefix_length_for(count: int) -> int:
    """Return the prefix length of the smallest subnet with so many usable addresses."""
    return 32 - (count + RESERVED_ADDRESSES - 1).bit_length()


def _range_hint(smallest: int, reason: str = "") -> Callable[[str], str | None]:
    """Return the check of a private address range from /16 to /`smallest`."""

    def hint(text: str) -> str | None:
        address, _, bits = text.partition("/")
        try:
            network = IPv4Network(text, strict=False)
        except ValueError:
            return f"{text} is not an address range"
        if not 16 <= network.prefixlen <= smallest:
            return f"/{bits} is too large" if network.prefixlen < 16 else f"/{bits} is too small{reason}"
        if str(network.network_address) != address:
            return f"host bits are set: the range is {network}"
        return None if any(network.subnet_of(private) for private in PRIVATE) else "these addresses are not private"

    return hint


def _allowed_range(smallest: int, *, example: str) -> Allowed:
    return Allowed(
        f"a private IPv4 range from /16 to /{smallest} (in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16), "
        f"such as {example}"
    )


_CIDR = StringConstraints(pattern=r"^[0-9]{1,3}(?:\.[0-9]{1,3}){3}/[0-9]{1,2}$")
# A VPC and each of its subnets: /16 to /28 (Amazon VPC's quotas).
Range: TypeAlias = Annotated[str, _CIDR, reject_if(_range_hint(28)), _allowed_range(28, example="10.20.0.0/16")]
# An application load balancer requires /27 or larger, and 8 free addresses in each subnet (Elastic Load Balancing).
PublicRange: TypeAlias = Annotated[
    str,
    _CIDR,
    reject_if(_range_hint(27, ": the load balancer requires 8 free addresses in a /27 or larger")),
    _allowed_range(27, example="10.20.0.0/24"),
]
_ONE_PER_ZONE = Allowed("a list of address ranges, one for each zone")
Subnets: TypeAlias = Annotated[tuple[Range, ...], Items(minimum=1, unique=True), _ONE_PER_ZONE]
PublicSubnets: TypeAlias = Annotated[tuple[PublicRange, ...], Items(minimum=1, unique=True), _ONE_PER_ZONE]
Zone: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^[a-z]{2}(?:-[a-z]+)+-[0-9][a-z]$"),
    Allowed("an availability zone: the region and a letter, such as us-east-1a"),
]


class Ports(Block):
    """TCP ports of the document's chain of security groups."""

    service: Annotated[int, Field(ge=1024, le=65535), Unit("", "the API doesn't run as root")] = Field(
        description="TCP port of the API in its tasks, open to the load balancer. Source: Security Groups, ECS SG."
    )
    database: Annotated[int, Field(ge=1150, le=65535), Unit("", "RDS accepts no other port")] = Field(
        description="TCP port of PostgreSQL, open to the tasks. Source: Security Groups, RDS SG."
    )
    cache: Annotated[int, Field(ge=1024, le=65535)] = Field(
        description="TCP port of Redis, open to the tasks. Source: Security Groups, Redis SG."
    )


class FlowLogs(Block):
    """The records of the VPC's traffic."""

    retention_in_days: LogDays = Field(
        description="Retention of the records in days. Source: Backup Schedule, CloudWatch Logs (90 days)."
    )
    traffic_type: Literal["ALL", "ACCEPT", "REJECT"] = Field(description="Traffic to record. Source: EC2's flow logs.")
    max_aggregation_interval: Annotated[Literal[60, 600], exactly(int), Unit("seconds")] = Field(
        description="Longest time in seconds that one record covers. Source: EC2's flow logs."
    )


class Network(Block):
    """The VPC: its addresses, zones, subnets, ports, endpoints and flow logs."""

    cidr_block: Range = Field(
        description="Address range of the VPC; it must not overlap the other stack's, so that the two can be peered. "
        "Source: Production Architecture; the range is this project's choice."
    )
    availability_zones: Annotated[
        tuple[Zone, ...], Items(minimum=2, maximum=2, unique=True), Allowed("a list of two availability zones")
    ] = Field(description="The two zones, AZ-1 first. Source: Production Architecture.")
    public_subnets: PublicSubnets = Field(
        description="Ranges of the public subnets (load balancer, NAT gateways), in the zones' order. "
        "Source: Production Architecture."
    )
    private_subnets: Subnets = Field(
        description="Ranges of the private subnets (tasks, interface endpoints), in the zones' order; each has "
        "room for all tasks of a release at service.maxCount. Source: Production Architecture."
    )
    data_subnets: Subnets = Field(
        description="Ranges of the data subnets (PostgreSQL, Redis; no route to the internet), in the zones' order. "
        "Source: Production Architecture."
    )
    peer_cidrs: Annotated[
        tuple[Range, ...], Items(unique=True), Allowed("a list of address ranges, or an empty list: []")
    ] = Field(
        description="Ranges of the networks that this one may be peered with: the other stack's. "
        "Source: the other stack's cidrBlock."
    )
    ports: Ports = Field(description="TCP ports between the security groups. Source: Security Groups.")
    interface_endpoints: Annotated[
        tuple[EndpointService, ...],
        Items(unique=True),
        Allowed(f"a list of services, each one of {', '.join(ENDPOINT_SERVICES)}, or an empty list: []"),
    ] = Field(
        description="AWS services that the tasks reach over PrivateLink; each is billed by the hour in each zone, and "
        "an empty list sends the tasks through the NAT gateways. Source: AWS PrivateLink."
    )
    flow_logs: FlowLogs = Field(description="Records of the VPC's traffic. Source: this project's choice.")

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require subnets inside the VPC, one per zone, and no overlap or duplicate."""
        return (
            self._subnets_in_vpc(),
            _no_overlap(self._ranges(*TIERS)),
            self._one_subnet_per_zone(),
            self._peers_outside_vpc(),
            _no_overlap(self._ranges("peer_cidrs")),
            no_duplicates(self, "availability_zones", "interface_endpoints"),
        )

    def _ranges(self, *lists: str) -> Iterator[tuple[Location, IPv4Network]]:
        for name, ranges in valid_lists(self, *lists):
            for index, cidr in valid_items(ranges):
                yield (name, index), IPv4Network(cidr)

    def _subnets_in_vpc(self) -> Iterator[Conflict]:
        vpc = IPv4Network(self.cidr_block)
        for location, subnet in self._ranges(*TIERS):
            if not subnet.subnet_of(vpc):
                yield Conflict(at=location, allowed="a range inside {against}", against=("cidr_block",))

    def _one_subnet_per_zone(self) -> Iterator[Conflict]:
        zones = len(self.availability_zones)
        for tier, subnets in valid_lists(self, *TIERS):
            if len(subnets) != zones:
                allowed = f"{zones} address ranges, one for each of {{against}}"
                yield Conflict(at=(tier,), allowed=allowed, against=("availability_zones",))

    def _peers_outside_vpc(self) -> Iterator[Conflict]:
        vpc = IPv4Network(self.cidr_block)
        for location, peer in self._ranges("peer_cidrs"):
            if peer.overlaps(vpc):
                yield Conflict(at=location, allowed="a range that doesn't overlap {against}", against=("cidr_block",))


def _no_overlap(ranges: Iterator[tuple[Location, IPv4Network]]) -> Iterator[Conflict]:
    """Report each range that overlaps an earlier one, against the first such."""
    earlier: list[tuple[Location, IPv4Network]] = []
    for location, network in ranges:
        overlapped = next((other for other, range_ in earlier if range_.overlaps(network)), None)
        if overlapped:
            yield Conflict(at=location, allowed="a range that doesn't overlap {against}", against=overlapped)
        earlier.append((location, network))
