"""Reads what security groups let in and out, whichever resource type says it, into one form. No rule stands here."""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from policies.engine.facts import ABSENT, Absent, Fact, Known, Node, Resource, Scalar, Unknown, shown
from policies.engine.graph import Found, Reference, Stack
from policies.figures.common import ROLES, Role

GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
GROUPS = (GROUP, DEFAULT_GROUP)
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
OLD_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
RULE_TYPES = (*GROUPS, INGRESS_RULE, EGRESS_RULE, OLD_RULE)

Direction: TypeAlias = Literal["ingress", "egress"]
PeerKind: TypeAlias = Literal["range", "prefix list", "group", "itself"]

# How each way of writing names its parts: the peers by kind, and the protocol.
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

# The networks that nobody reaches from the internet: RFC 1918 and 4193.
_PRIVATE = tuple(ipaddress.ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Where traffic comes from or goes to, and the place that says it."""

    kind: PeerKind
    node: Node


@dataclass(frozen=True, kw_only=True)
class Permission:
    """One statement of a group: traffic of `protocol` on the ports with one peer (None: the peer is missing).

    `group` is the place that names the group; None where `holder` is the group itself.
    """

    holder: Resource
    direction: Direction
    group: Node | None
    protocol: Fact[str]
    ports: tuple[Fact[Scalar], Fact[Scalar]]
    peer: Peer | None

    def shown(self, peer_name: str | None = None) -> str:
        """What it lets through, as a person would say it; `peer_name` for a peer whose id says nothing."""
        low, high = (_shown(port) for port in self.ports)
        ports = "" if self.protocol == Known(value="all") else f" {low}" if low == high else f" {low}-{high}"
        traffic = f"{self.direction} of {_shown(self.protocol)}{ports}"
        if self.peer is None:
            return f"{traffic} with nobody named"
        peer = peer_name or _shown(self.peer.node.text())
        named = {"range": peer, "prefix list": f"prefix list {peer}", "group": f"group {peer}", "itself": "itself"}
        return f"{traffic} {'from' if self.direction == 'ingress' else 'to'} {named[self.peer.kind]}"

    def is_tcp(self, port: int) -> Fact[bool]:
        """Whether it lets exactly this TCP port through; unknown while one of its parts is."""
        parts = (self.protocol, *self.ports)
        wanted = ("tcp", port, port)
        for part, value in zip(parts, wanted, strict=True):
            if not isinstance(part, Unknown) and part != Known(value=value):
                return Known(value=False)
        return next((part for part in parts if isinstance(part, Unknown)), Known(value=True))


def permissions(resource: Resource) -> Iterator[Permission | Unknown]:
    """What a resource lets in and out, one peer at a time; unknown where even the number of statements is."""
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
                # AWS knows no third direction, and the provider refuses it.
                pass


def group_of(permission: Permission, stack: Stack) -> Reference:
    """The security group that the permission belongs to."""
    if permission.group is None:
        return Found(resource=permission.holder)
    return stack.refer(permission.holder, permission.group, *GROUPS)


def is_private(text: str) -> bool:
    """Whether an address range lies in networks that the internet can't reach; a malformed one doesn't."""
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
    """The resource's own properties that say a rule, as one place."""
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


def _shown(fact: Fact[str] | Fact[Scalar]) -> str:
    match fact:
        case Known(value=value):
            return shown(value)
        case Unknown():
            return "(unknown)"
        case Absent():
            return "(nothing)"


def role_of(group: Resource) -> Fact[Role]:
    """A group's place in the chain, by the ending of its Name tag; absent where that is none of the five."""
    match group.at("tags", "Name").text():
        case Known(value=name):
            role: Role | None = next((role for role in ROLES if name.endswith(f"-{role}")), None)
            return Known(value=role) if role else ABSENT
        case state:
            return state
