"""Rules that one statement decides by itself, before anything is made: nothing is opened to the internet but HTTPS."""

from collections.abc import Iterator

from policies.engine.expectations import expect_false
from policies.engine.facts import Known, Resource, Unknown
from policies.engine.rule import ResourceRule, Verdict, violation
from policies.figures.common import ANYWHERE
from policies.readers.resource_types import SUBNET
from policies.readers.security_group_rules import RULE_TYPES, Direction, Permission, is_private, permissions

HTTPS = 443


def _open(resource: Resource, direction: Direction) -> Iterator[Verdict]:
    for permission in permissions(resource):
        if isinstance(permission, Unknown):
            yield permission
        elif permission.direction == direction:
            yield from _opening(permission)


def _opening(permission: Permission) -> Iterator[Verdict]:
    way = "from" if permission.direction == "ingress" else "to"
    allowed = f"of public addresses only tcp {HTTPS} {way} {ANYWHERE}, and never all protocols"
    peer = permission.peer
    if permission.protocol == Known(value="all"):
        yield violation(permission.shown(), allowed)
    elif peer is not None and peer.kind == "prefix list" and permission.direction == "ingress":
        yield violation(permission.shown(), f"{allowed}; what a prefix list holds can't be judged")
    elif peer is not None and peer.kind == "range":
        match peer.node.text():
            case Known(value=address) if address == ANYWHERE:
                https = permission.is_tcp(HTTPS)
                if isinstance(https, Unknown):
                    yield https
                elif https != Known(value=True):
                    yield violation(permission.shown(), allowed)
            case Known(value=text) if not is_private(text):
                yield violation(permission.shown(), allowed)
            case Unknown() as unknown:
                yield unknown
            case _:
                pass


def _public_addresses(subnet: Resource) -> Iterator[Verdict]:
    for key in ("mapPublicIpOnLaunch", "assignIpv6AddressOnCreation"):
        yield from expect_false(subnet.at(key), default=False)


RULES = (
    ResourceRule(
        id="network-open-ingress",
        section="Security Groups",
        description="Nothing is let in from the internet but HTTPS",
        remedy="Remove the statement, or let a security group of the chain in instead.",
        types=RULE_TYPES,
        judge=lambda resource: _open(resource, "ingress"),
    ),
    ResourceRule(
        id="network-open-egress",
        section="Security Groups",
        description="Nothing is let out to the internet but HTTPS",
        remedy="Remove the statement, or name the security group that is talked to.",
        types=RULE_TYPES,
        judge=lambda resource: _open(resource, "egress"),
    ),
    ResourceRule(
        id="network-public-addresses",
        section="Production Architecture",
        description="No subnet hands out public addresses: load balancer and NAT gateways bring their own",
        remedy="Set mapPublicIpOnLaunch and assignIpv6AddressOnCreation to false.",
        types=(SUBNET,),
        judge=_public_addresses,
    ),
)
