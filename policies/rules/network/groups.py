"""Rules about the security groups: one for each role, and exactly the document's links between them."""

from collections.abc import Iterator, Sequence

from policies.engine.facts import ABSENT, Absent, Known, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, StackRule, each_has, report, violation
from policies.figures.common import ANYWHERE, EGRESS, INGRESS, ROLES, S3_PREFIXES, Link, Role
from policies.readers.group_roles import role_of
from policies.readers.resource_types import VPC, VPC_ENDPOINT
from policies.readers.security_group_rules import (
    DEFAULT_GROUP,
    GROUP,
    GROUPS,
    RULE_TYPES,
    Direction,
    Peer,
    Permission,
    group_of,
    permissions,
)


def _required_roles(stack: Stack) -> tuple[Role, ...]:
    """Return the roles that the stack needs a group for: `endpoints` only with interface endpoints."""
    if stack.is_empty:
        return ()
    kinds = [endpoint.at("vpcEndpointType").text() for endpoint in stack.of(VPC_ENDPOINT)]
    return tuple(role for role in ROLES if role != "endpoints" or Known(value="Interface") in kinds)


def _roles(stack: Stack) -> Iterator[Finding]:
    seen: set[Role] = set()
    is_certain = True
    for group in stack.of(GROUP):
        match role_of(group):
            case Known(value=role):
                if role in seen:
                    yield report(group, f"a second group with the role {role}", "one group for each role")
                seen.add(role)
            case Unknown() as unknown:
                is_certain = False
                yield Finding(resource=group, verdict=unknown)
            case Absent():
                name = group.at("tags", "Name").text()
                found = f"the group's Name is {name.value}" if isinstance(name, Known) else "the group has no Name tag"
                yield report(group, found, f"a Name ending in -{', -'.join(ROLES)}")
    for role in _required_roles(stack):
        if is_certain and role not in seen:
            yield report(None, f"no security group has the role {role}", "one group for each role")


def _links(stack: Stack, direction: Direction, links: Sequence[Link]) -> Iterator[Finding]:
    """Report the permissions of one direction that are no link, and the links without a permission."""
    present: set[Link] = set()
    is_certain = True
    for resource in stack.of(*RULE_TYPES):
        for permission in permissions(resource):
            if isinstance(permission, Unknown):
                yield Finding(resource=resource, verdict=permission)
                is_certain = False
            elif permission.direction == direction:
                verdict = _verdict(permission, links, stack)
                if isinstance(verdict, Link):
                    present.add(verdict)
                elif verdict is not None:
                    yield Finding(resource=resource, verdict=verdict)
                    is_certain = is_certain and not isinstance(verdict, Unknown)
    if is_certain:
        yield from _missing(stack, direction, set(links) - present)


def _verdict(permission: Permission, links: Sequence[Link], stack: Stack) -> Link | str | Unknown | None:
    """Return the link that the permission is, or its verdict; None if another rule judges its group."""
    match group_of(permission, stack):
        case Found(resource=group) if group.type == DEFAULT_GROUP:
            return None
        case Found(resource=group):
            role = role_of(group)
            return role if isinstance(role, Unknown) else _match(permission, role, links, stack)
        case Outside(text=text):
            return violation(
                f"{permission.describe()}, on {text}, which is no group of this stack", "the document's groups"
            )
        case Unknown() as unknown:
            return unknown
        case Absent():
            return violation(f"{permission.describe()}, on no group", "the document's groups")


def _match(
    permission: Permission, role: Known[Role] | Absent, links: Sequence[Link], stack: Stack
) -> Link | str | Unknown:
    own = [link for link in links if role == Known(value=link.group)]
    verdicts = [(link, _is_link(permission, link, stack)) for link in own]
    for link, verdict in verdicts:
        if verdict == Known(value=True):
            return link
    unknown = next((verdict for _, verdict in verdicts if isinstance(verdict, Unknown)), None)
    allowed = ", ".join(f"tcp {link.port} {_preposition(permission.direction)} {link.peer}" for link in own)
    return unknown or violation(permission.describe(_peer_name(permission, stack)), allowed or "nothing")


def _peer_name(permission: Permission, stack: Stack) -> str | None:
    """Return the name of the peer group: its id tells a reader less, and is unknown in a preview."""
    peer = permission.peer
    group = stack.refer(permission.holder, peer.node, *GROUPS) if peer and peer.kind == "group" else None
    return group.resource.name if isinstance(group, Found) else None


def _is_link(permission: Permission, link: Link, stack: Stack) -> Known[bool] | Unknown:
    peer = _is_peer(permission.peer, link, permission.holder, stack) if permission.peer else Known(value=False)
    parts = (permission.is_tcp(link.port), peer)
    if Known(value=False) in parts:
        return Known(value=False)
    return next((part for part in parts if isinstance(part, Unknown)), Known(value=True))


def _is_peer(peer: Peer, link: Link, holder: Resource, stack: Stack) -> Known[bool] | Unknown:
    match peer.kind:
        case "range" if link.peer == ANYWHERE:
            text = peer.node.text()
            return text if isinstance(text, Unknown) else Known(value=text == Known(value=ANYWHERE))
        case "prefix list" if link.peer == S3_PREFIXES:
            endpoint = stack.refer(holder, peer.node, VPC_ENDPOINT, by=("prefixListId",))
            is_s3 = isinstance(endpoint, Found) and is_s3_endpoint(endpoint.resource)
            return endpoint if isinstance(endpoint, Unknown) else Known(value=is_s3)
        case "group" if link.peer in ROLES:
            group = stack.refer(holder, peer.node, *GROUPS)
            role = role_of(group.resource) if isinstance(group, Found) else group
            return role if isinstance(role, Unknown) else Known(value=role == Known(value=link.peer))
        case _:
            return Known(value=False)


def is_s3_endpoint(endpoint: Resource) -> bool:
    """Whether it is S3's gateway endpoint; a gateway is AWS's default type."""
    service, kind = endpoint.at("serviceName").text(), endpoint.at("vpcEndpointType").text()
    is_s3 = isinstance(service, Known) and service.value.endswith(".s3")
    return is_s3 and kind in (Known(value="Gateway"), ABSENT)


def _missing(stack: Stack, direction: Direction, links: set[Link]) -> Iterator[Finding]:
    required = _required_roles(stack)
    for group in stack.of(GROUP):
        for link in sorted(links, key=lambda link: link.port):
            # Egress to the internet and to S3 is allowed, but not required.
            is_required = link.peer in required or direction == "ingress"
            if is_required and link.group in required and role_of(group) == Known(value=link.group):
                missing = f"tcp {link.port} {_preposition(direction)} {link.peer} is missing"
                yield report(group, missing, "all of the document's links")


def _preposition(direction: Direction) -> str:
    return "from" if direction == "ingress" else "to"


def _default_groups(stack: Stack) -> Iterator[Finding]:
    missing = "its default group isn't managed, so it keeps AWS's default rules"
    yield from each_has(
        stack.of(VPC),
        stack.of(DEFAULT_GROUP),
        lambda group: stack.refer(group, group.at("vpcId"), VPC),
        missing=violation(missing, "a DefaultSecurityGroup without a rule"),
    )
    for resource in stack.of(*RULE_TYPES):
        for permission in permissions(resource):
            group = None if isinstance(permission, Unknown) else group_of(permission, stack)
            if isinstance(permission, Permission) and isinstance(group, Found) and group.resource.type == DEFAULT_GROUP:
                verdict = violation(f"the default group allows {permission.describe()}", "no rule on a default group")
                yield Finding(resource=resource, verdict=verdict)
            elif isinstance(permission, Unknown) and resource.type == DEFAULT_GROUP:
                yield Finding(resource=resource, verdict=permission)


RULES = (
    StackRule(
        id="network-groups",
        section="Security Groups",
        description=f"The security groups are one for each of the roles {', '.join(ROLES)}, and no other",
        remedy="Set the group's Name tag to its role, or use one of the existing groups.",
        judge=_roles,
    ),
    StackRule(
        id="network-ingress-chain",
        section="Security Groups",
        description="The security groups allow exactly the document's ingress, all of it",
        remedy="Add the document's ingress rule, and no other.",
        judge=lambda stack: _links(stack, "ingress", INGRESS),
        severity="high",
    ),
    StackRule(
        id="network-egress-chain",
        section="Security Groups",
        description="The security groups allow exactly the document's egress, and the service alone the internet",
        remedy="Add the document's egress rule, and no other.",
        judge=lambda stack: _links(stack, "egress", EGRESS),
        severity="high",
    ),
    StackRule(
        id="network-default-group",
        section="Security Groups",
        description="The default security group of every VPC has no rule",
        remedy="Add a DefaultSecurityGroup with neither ingress nor egress.",
        judge=_default_groups,
        severity="high",
        controls=("EC2.2", "CIS 5.5"),
    ),
)
