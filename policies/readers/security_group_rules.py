"""Reads the permissions of security groups, from all resource types that hold them, into one form."""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from policies.engine.facts import Absent, Fact, Known, Node, Resource, Scalar, Unknown, format_value
from policies.engine.graph import Found, Reference, Stack

GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
GROUPS = (GROUP, DEFAULT_GROUP)
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
RULE_TYPES = (*GROUPS, INGRESS_RULE, EGRESS_RULE, OLD_RULE)

Direction: TypeAlias = Literal["ingress", "egress"]
PeerKind: TypeAlias = Literal["range", "prefix list", "group", "itself"]

# The keys of the peers, by kind, in each form of a rule.
_PEERS: Mapping[str, tuple[tuple[PeerKind, str], ...]] = MappingProxyType(
    {
        "rule": (
            ("range", "cidrIpv4"),
            ("range", "cidrIpv6"),
            ("prefix list", "prefixListId"),
            ("group", "referencedSecurityGroupId"),
        ),
        "old rule": (
            ("range", "cidrBlocks"),
            ("range", "ipv6CidrBlocks"),
            ("prefix list", "prefixListIds"),
            ("group", "sourceSecurityGroupId"),
            ("itself", "self"),
        ),
        "inline": (
            ("range", "cidrBlocks"),
            ("range", "ipv6CidrBlocks"),
            ("prefix list", "prefixListIds"),
            ("group", "securityGroups"),
            ("itself", "self"),
        ),
    }
)

# The networks that the internet can't reach: RFC 1918 and 4193.
_PRIVATE = tuple(ipaddress.ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))


@dataclass(frozen=True, kw_only=True)
class Peer:
    """The source or destination of traffic, and its node."""

    kind: PeerKind
    node: Node


@dataclass(frozen=True, kw_only=True)
class Permission:
    """One permission of a group: traffic of `protocol` on the ports with one peer (None: the peer is missing).

    `group` is the node of the group's id; None if `holder` is the group itself.
    """

    holder: Resource
    direction: Direction
    group: Node | None
    protocol: Fact[str]
    ports: tuple[Fact[Scalar], Fact[Scalar]]
    peer: Peer | None

    def describe(self, peer_name: str | None = None) -> str:
        """Return the permission as text for a message; `peer_name` replaces the peer's id."""
        low, high = (_text(port) for port in self.ports)
        ports = "" if self.protocol == Known(value="all") else f" {low}" if low == high else f" {low}-{high}"
        traffic = f"{self.direction} of {_text(self.protocol)}{ports}"
        if self.peer is None:
            return f"{traffic} without a peer"
        peer = peer_name or _text(self.peer.node.text())
        peers = {"range": peer, "prefix list": f"prefix list {peer}", "group": f"group {peer}", "itself": "itself"}
        return f"{traffic} {'from' if self.direction == 'ingress' else 'to'} {peers[self.peer.kind]}"

    def is_tcp(self, port: int) -> Fact[bool]:
        """Whether it allows exactly this TCP port; unknown if one of its parts is."""
        parts = (self.protocol, *self.ports)
        for part, value in zip(parts, ("tcp", port, port), strict=True):
            if not isinstance(part, Unknown) and part != Known(value=value):
                return Known(value=False)
        return next((part for part in parts if isinstance(part, Unknown)), Known(value=True))


def permissions(resource: Resource) -> Iterator[Permission | Unknown]:
    """Return a resource's permissions, one for each peer; unknown if their number is."""
    if resource.type in GROUPS:
        yield from _inline(resource, "ingress")
        yield from _inline(resource, "egress")
    elif resource.type == INGRESS_RULE:
        yield from _statement(resource, "ingress", _top(resource), "rule")
    elif resource.type == EGRESS_RULE:
        yield from _statement(resource, "egress", _top(resource), "rule")
    elif resource.type == OLD_RULE:
        match resource.at("type").text():
            case Known(value="ingress" | "egress" as direction):
                yield from _statement(resource, direction, _top(resource), "old rule")
            case Unknown() as unknown:
                yield unknown
            case _:
                # The provider rejects any other direction.
                pass


def group_of(permission: Permission, stack: Stack) -> Reference:
    """Return the security group of a permission."""
    if permission.group is None:
        return Found(resource=permission.holder)
    return stack.refer(permission.holder, permission.group, *GROUPS)


def is_private(text: str) -> bool:
    """Whether an address range is in networks that the internet can't reach; a malformed one isn't."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    if isinstance(network, ipaddress.IPv4Network):
        return any(isinstance(each, ipaddress.IPv4Network) and network.subnet_of(each) for each in _PRIVATE)
    return any(isinstance(each, ipaddress.IPv6Network) and network.subnet_of(each) for each in _PRIVATE)


def _inline(resource: Resource, direction: Direction) -> Iterator[Permission | Unknown]:
    match resource.at(direction).items():
        case Known(value=statements):
            for statement in statements:
                if isinstance(statement.value, Unknown):
                    yield statement.value
                else:
                    yield from _statement(resource, direction, statement, "inline")
        case Unknown() as unknown:
            yield unknown
        case Absent():
            pass


def _statement(resource: Resource, direction: Direction, statement: Node, style: str) -> Iterator[Permission | Unknown]:
    protocol = _protocol(statement.at("ipProtocol" if style == "rule" else "protocol"))
    peers: list[Peer | None] = []
    for kind, key in _PEERS[style]:
        match statement.at(key).items():
            case Known(value=nodes) if kind == "itself":
                peers += [Peer(kind=kind, node=node) for node in nodes if node.value is True]
            case Known(value=nodes):
                peers += [Peer(kind=kind, node=node) for node in nodes]
            case Unknown() as unknown if kind == "itself":
                yield unknown
            case Unknown():
                peers.append(Peer(kind=kind, node=statement.at(key)))
            case Absent():
                pass
    for peer in peers or [None]:
        yield Permission(
            holder=resource,
            direction=direction,
            group=None if style == "inline" else statement.at("securityGroupId"),
            protocol=protocol,
            ports=(statement.at("fromPort").scalar(), statement.at("toPort").scalar()),
            peer=peer,
        )


def _top(resource: Resource) -> Node:
    """Return the properties of a rule resource as one node."""
    keys = {"securityGroupId", "ipProtocol", "protocol", "fromPort", "toPort"}
    keys |= {key for style in ("rule", "old rule") for _, key in _PEERS[style]}
    return Node(path=(), value={key: resource.at(key).value for key in sorted(keys)})


def _protocol(node: Node) -> Fact[str]:
    names = {"6": "tcp", "17": "udp", "-1": "all"}
    match node.text():
        case Known(value=value):
            return Known(value=names.get(value, value.lower()))
        case state:
            return state


def _text(fact: Fact[str] | Fact[Scalar]) -> str:
    match fact:
        case Known(value=value):
            return format_value(value)
        case Unknown():
            return "(unknown)"
        case Absent():
            return "(nothing)"
