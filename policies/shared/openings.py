"""Rules about single statements: HTTPS is the only traffic with the internet."""

from collections.abc import Iterator

from policies.engine.expectations import is_false, property_rule
from policies.engine.facts import Known, Resource, Unknown
from policies.engine.rule import ResourceRule, Verdict, violation
from policies.readers.resource_types import SUBNET
from policies.readers.security_group_rules import RULE_TYPES, Direction, Permission, is_private, permissions

HTTPS, ANYWHERE = 443, "0.0.0.0/0"


def _open(resource: Resource, direction: Direction) -> Iterator[Verdict]:
    for permission in permissions(resource):
        if isinstance(permission, Unknown):
            yield permission
        elif permission.direction == direction:
            yield from _opening(permission)


def _opening(permission: Permission) -> Iterator[Verdict]:
    preposition = "from" if permission.direction == "ingress" else "to"
    allowed = f"of public addresses only tcp {HTTPS} {preposition} {ANYWHERE}, and never all protocols"
    peer = permission.peer
    if permission.protocol == Known(value="all"):
        yield violation(permission.describe(), allowed)
    elif peer is not None and peer.kind == "prefix list" and permission.direction == "ingress":
        yield violation(permission.describe(), f"{allowed}; the addresses of a prefix list can't be judged")
    elif peer is not None and peer.kind == "range":
        match peer.node.text():
            case Known(value=address) if address == ANYWHERE:
                https = permission.is_tcp(HTTPS)
                if isinstance(https, Unknown):
                    yield https
                elif https != Known(value=True):
                    yield violation(permission.describe(), allowed)
            case Known(value=text) if not is_private(text):
                yield violation(permission.describe(), allowed)
            case Unknown() as unknown:
                yield unknown
            case _:
                pass


RULES = (
    ResourceRule(
        id="network-open-ingress",
        section="Security Groups",
        description="No security group allows ingress from the internet but HTTPS",
        remedy="Remove the statement, or allow one of the security groups instead.",
        types=RULE_TYPES,
        judge=lambda resource: _open(resource, "ingress"),
        severity="high",
        controls=("EC2.18", "EC2.19"),
    ),
    ResourceRule(
        id="network-open-egress",
        section="Security Groups",
        description="No security group allows egress to the internet but HTTPS",
        remedy="Remove the statement, or allow the security group of the destination instead.",
        types=RULE_TYPES,
        judge=lambda resource: _open(resource, "egress"),
        severity="high",
    ),
    property_rule(
        "network-public-addresses",
        section="Production Architecture",
        # The load balancer and the NAT gateways have their own addresses.
        description="No subnet assigns public addresses",
        types=SUBNET,
        rows=(is_false("mapPublicIpOnLaunch", default=False), is_false("assignIpv6AddressOnCreation", default=False)),
        controls=("EC2.15",),
    ),
)
