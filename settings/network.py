"""Production Architecture and Security Groups: the VPC, its subnets in two zones, who is let through, what is recorded.

The address ranges are written out in the stack file, so that a subnet never moves because another one was added.
"""

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network
from itertools import combinations
from typing import Annotated, TypeAlias

from pydantic import Field

from settings.base import Block, Conflict, Place, accepted_items, accepted_lists
from settings.retention import LogDays
from settings.values import Items, Text, Whole, Word

TIERS = ("public_subnets", "private_subnets", "data_subnets")

# RFC 1918; a VPC of other addresses would hide a part of the internet.
PRIVATE = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))

# Services that private tasks call over PrivateLink with private DNS on port 443, by the names that AWS gives them
# (com.amazonaws.<region>.<name>). S3 is left out: it has a gateway endpoint, which costs nothing.
ENDPOINT_SERVICES = (
    "appconfig", "appconfigdata", "ecr.api", "ecr.dkr", "ecs", "email", "events", "kinesis-firehose", "kinesis-streams",
    "kms", "lambda", "logs", "monitoring", "secretsmanager", "sns", "sqs", "ssm", "ssmmessages", "states", "sts",
    "xray",
)  # fmt: skip


# AWS takes five addresses of each subnet for itself (Amazon VPC, subnet sizing).
TAKEN_BY_AWS = 5


def addresses(subnet: IPv4Network) -> int:
    """Return how many addresses of a subnet AWS leaves to its owner."""
    return subnet.num_addresses - TAKEN_BY_AWS


def smallest_with(count: int) -> int:
    """Return the prefix length of the smallest subnet that leaves so many addresses to its owner."""
    return 32 - (count + TAKEN_BY_AWS - 1).bit_length()


def _range(smallest: int, purpose: str = "", *, such_as: str) -> Text:
    """Return the kind of a private address range from /16 to /`smallest`."""

    def complaint(text: str) -> str | None:
        address, _, bits = text.partition("/")
        try:
            network = IPv4Network(text, strict=False)
        except ValueError:
            return f"{text} isn't an address range"
        if not 16 <= network.prefixlen <= smallest:
            return f"/{bits} is too large" if network.prefixlen < 16 else f"/{bits} is too small{purpose}"
        if str(network.network_address) != address:
            return f"the address has bits beyond /{bits}: {network} begins the range"
        return None if any(network.subnet_of(private) for private in PRIVATE) else "these addresses aren't private"

    return Text(
        name="address range",
        allowed=f"a private IPv4 range from /16 to /{smallest} (in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16), "
        f"such as {such_as}",
        pattern=r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}/[0-9]{1,2}",
        complaint=complaint,
    )


# A VPC and each of its subnets: /16 to /28 (Amazon VPC's quotas).
Range: TypeAlias = Annotated[str, _range(28, such_as="10.20.0.0/16")]
# An application load balancer asks for /27 or larger, and for 8 free addresses in each subnet (Elastic Load Balancing).
PublicRange: TypeAlias = Annotated[
    str, _range(27, ": the load balancer asks for 8 free addresses in a /27 or larger", such_as="10.20.0.0/24")
]
_LIST = Items(
    name="list of address ranges", allowed="a list of address ranges, one for each zone", minimum=1, unique=True
)
Subnets: TypeAlias = Annotated[tuple[Range, ...], _LIST]
Zone: TypeAlias = Annotated[
    str,
    Text(
        name="zone",
        allowed="an availability zone: the region and a letter, such as us-east-1a",
        pattern="[a-z]{2}(?:-[a-z]+)+-[0-9][a-z]",
    ),
]


class Ports(Block):
    """TCP ports of the document's chain of security groups."""

    service: Annotated[
        int,
        Whole(
            name="TCP port",
            allowed="a port from 1024 to 65535: the API doesn't run as root",
            minimum=1024,
            maximum=65535,
        ),
    ] = Field(
        description="TCP port of the API in its tasks, open to the load balancer. Source: Security Groups, ECS SG."
    )
    database: Annotated[
        int, Whole(name="TCP port", allowed="a port from 1150 to 65535, as RDS has it", minimum=1150, maximum=65535)
    ] = Field(description="TCP port of PostgreSQL, open to the tasks. Source: Security Groups, RDS SG.")
    cache: Annotated[int, Whole(name="TCP port", allowed="a port from 1024 to 65535", minimum=1024, maximum=65535)] = (
        Field(description="TCP port of Redis, open to the tasks. Source: Security Groups, Redis SG.")
    )


class FlowLogs(Block):
    """What is recorded of the VPC's traffic, and for how long."""

    retention_in_days: LogDays = Field(
        description="Days that the records are kept. Source: Backup Schedule, CloudWatch Logs (90 days)."
    )
    traffic_type: Annotated[str, Word.of("word", "ALL", "ACCEPT", "REJECT")] = Field(
        description="Which traffic is recorded: ALL, ACCEPT or REJECT. Source: EC2's flow logs."
    )
    max_aggregation_interval: Annotated[
        int, Whole(name="seconds", allowed="60 or 600 seconds", minimum=60, maximum=600, choices=(60, 600))
    ] = Field(description="Seconds that one record covers at most: 60 or 600. Source: EC2's flow logs.")


class Network(Block):
    """The VPC: its addresses, zones and subnets, ports, endpoints and flow logs."""

    cidr_block: Range = Field(
        description="The VPC's address range, apart from the other stack's, so that the two can be peered. "
        "Source: Production Architecture; the range is this project's choice."
    )
    availability_zones: Annotated[
        tuple[Zone, ...],
        Items(name="list of two zones", allowed="a list of two availability zones", minimum=2, maximum=2, unique=True),
    ] = Field(description="The two zones, AZ-1 first. Source: Production Architecture.")
    public_subnets: Annotated[tuple[PublicRange, ...], _LIST] = Field(
        description="Address ranges of the public subnets (load balancer, NAT gateways), in the zones' order, /27 or "
        "larger. Source: Production Architecture."
    )
    private_subnets: Subnets = Field(
        description="Address ranges of the private subnets (tasks, interface endpoints), in the zones' order; each has "
        "room for all tasks of a release at service.maxCount. Source: Production Architecture."
    )
    data_subnets: Subnets = Field(
        description="Address ranges of the data subnets (PostgreSQL, Redis; no way to the internet), in the zones' "
        "order. Source: Production Architecture."
    )
    peer_cidrs: Annotated[
        tuple[Range, ...],
        Items(name="list of address ranges", allowed="a list of address ranges, or an empty one: []", unique=True),
    ] = Field(
        description="Address ranges of the networks that this one may be peered with: the other stack's. "
        "Source: the other stack's cidrBlock."
    )
    ports: Ports = Field(description="TCP ports between the security groups. Source: Security Groups.")
    interface_endpoints: Annotated[
        tuple[Annotated[str, Word.of("service", *ENDPOINT_SERVICES)], ...],
        Items(
            name="list of services",
            allowed=f"a list of services, each one of {', '.join(ENDPOINT_SERVICES)}, or an empty one: []",
            unique=True,
        ),
    ] = Field(
        description="AWS services that the tasks reach inside the VPC, by PrivateLink's names; each is paid by the "
        "hour in each zone, and an empty list sends the tasks through the NAT gateways. Source: AWS PrivateLink."
    )
    flow_logs: FlowLogs = Field(description="The record of the VPC's traffic. Source: this project's choice.")

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the checks between address ranges, zones and endpoints."""
        return (
            self._subnets_in_vpc(),
            _apart(self._ranges(*TIERS)),
            self._one_subnet_for_each_zone(),
            self._peers_apart_from_vpc(),
            _apart(self._ranges("peer_cidrs")),
            self._nothing_twice(),
        )

    def _ranges(self, *lists: str) -> Iterator[tuple[Place, IPv4Network]]:
        for name, ranges in accepted_lists(self, *lists):
            for index, cidr in accepted_items(ranges):
                yield (name, index), IPv4Network(cidr)

    def _subnets_in_vpc(self) -> Iterator[Conflict]:
        vpc = IPv4Network(self.cidr_block)
        for place, subnet in self._ranges(*TIERS):
            if not subnet.subnet_of(vpc):
                yield Conflict(at=place, allowed="a range inside {against}", against=("cidr_block",))

    def _one_subnet_for_each_zone(self) -> Iterator[Conflict]:
        zones = len(self.availability_zones)
        for tier, subnets in accepted_lists(self, *TIERS):
            if len(subnets) != zones:
                allowed = f"{zones} address ranges, one for each of {{against}}"
                yield Conflict(at=(tier,), allowed=allowed, against=("availability_zones",))

    def _peers_apart_from_vpc(self) -> Iterator[Conflict]:
        vpc = IPv4Network(self.cidr_block)
        for place, peer in self._ranges("peer_cidrs"):
            if peer.overlaps(vpc):
                yield Conflict(at=place, allowed="a range apart from {against}", against=("cidr_block",))

    def _nothing_twice(self) -> Iterator[Conflict]:
        for name, items in accepted_lists(self, "availability_zones", "interface_endpoints"):
            for (first, item), (index, other) in combinations(accepted_items(items), 2):
                if item == other:
                    yield Conflict(at=(name, index), allowed="another than {against}", against=(name, first))


def _apart(ranges: Iterator[tuple[Place, IPv4Network]]) -> Iterator[Conflict]:
    """Tell of each range that overlaps one before it, against the first such."""
    earlier: list[tuple[Place, IPv4Network]] = []
    for place, network in ranges:
        overlapped = next((other for other, range_ in earlier if range_.overlaps(network)), None)
        if overlapped:
            yield Conflict(at=place, allowed="a range apart from {against}", against=overlapped)
        earlier.append((place, network))
