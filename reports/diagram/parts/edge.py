"""What users reach first: CloudFront, the web ACLs, the names in Route 53, and the load balancer."""

import re
from collections.abc import Iterator, Mapping, Sequence

from reports.diagram.model import Arrow, ArrowKind, Box, Part, urns
from reports.diagram.parts.network import open_ports, zones_of
from reports.diagram.reading import Stack, number, objects, output, text, texts
from reports.states import Recorded

_HTTP: Mapping[str, str] = {"http1.1": "HTTP/1.1", "http2": "HTTP/2", "http3": "HTTP/3", "http2and3": "HTTP/2 and 3"}


def edge(stack: Stack) -> Part:
    """Return the way from the users to the load balancer."""
    distributions = stack.of("cloudfront/distribution")
    boxes = [
        *_users(stack),
        *(_distribution(stack, each) for each in distributions),
        *_web_acl(stack),
        *_latch(stack),
        *_names(stack),
        *_balancer(stack),
    ]
    arrows = [*_from_users(stack), *_from_names(stack)]
    for each in distributions:
        arrows += _to_origins(stack, each)
    return Part(boxes=boxes, arrows=arrows)


def _cdn(distribution: Recorded) -> str:
    return f"cdn-{text(distribution, 'aliases', 0)}"


def _users(stack: Stack) -> Iterator[Box]:
    """Yield the users, who come by CloudFront, or wait for a failover where there is none."""
    if sources := stack.of("cloudfront/distribution", "lb/loadBalancer"):
        yield Box(id="users", icon="users", title="Users", place="users", sources=urns(sources), is_external=True)


def _from_users(stack: Stack) -> Iterator[Arrow]:
    """Yield the arrows to CloudFront, or from where there is none to the name that CloudFront asks for."""
    distributions = stack.of("cloudfront/distribution")
    for each in distributions:
        yield Arrow(source="users", target=_cdn(each))
    for record in stack.of("route53/record") if not distributions else ():
        if _role(record):
            name = f"name-{text(record, 'name')}"
            yield Arrow(source="users", target=name, label="by production's CloudFront", kind=_kind(stack, record))


def _role(record: Recorded) -> str:
    return text(record, "failoverRoutingPolicies", 0, "type")


def _kind(stack: Stack, record: Recorded) -> ArrowKind:
    """Return whether a record's traffic flows now, or only after a failover."""
    stands_by = any(_latch_status(rule) not in ("", "200") for rule in stack.of("lb/listenerRule"))
    return "after" if _role(record) == "SECONDARY" and stands_by else "way"


def _latch_status(rule: Recorded) -> str:
    return text(rule, "actions", 0, "fixedResponse", "statusCode")


def _distribution(stack: Stack, distribution: Recorded) -> Box:
    names = set(texts(distribution, "aliases"))
    records = [record for record in stack.of("route53/record") if text(record, "name") in names]
    tls = re.sub(r"TLSv([\d.]+).*", r"TLS \1", text(distribution, "viewerCertificate", "minimumProtocolVersion"))
    http = _HTTP[text(distribution, "httpVersion")]
    paths = _paths_to_names(stack, distribution)
    return Box(
        id=_cdn(distribution),
        icon="cloudfront",
        title="CloudFront",
        place="edge",
        figures=[*sorted(names), f"{tls}, {http}", *([f"API: {', '.join(paths)}"] if paths else [])],
        sources=urns([distribution], [r for r in records if text(r, "type") in ("A", "AAAA")]),
    )


def _targets(stack: Stack, distribution: Recorded) -> Mapping[str, str]:
    """Return the box of each origin of a distribution: a bucket, or a name; the first one of an origin group."""
    boxes = {text(record, "name"): f"name-{text(record, 'name')}" for record in stack.of("route53/record")}
    for bucket in stack.everywhere("s3/bucket"):
        boxes[output(bucket, "bucketRegionalDomainName")] = stack.short(text(bucket, "bucket"))
    targets = {
        str(origin["originId"]): box
        for origin in objects(distribution, "origins")
        if (box := boxes.get(str(origin["domainName"])))
    }
    for index, group in enumerate(objects(distribution, "originGroups")):
        first = text(distribution, "originGroups", index, "members", 0, "originId")
        targets[str(group["originId"])] = targets.get(first, "")
    return targets


def _behaviors(distribution: Recorded) -> Sequence[tuple[str, str]]:
    """Return the path patterns of a distribution with their origins; the default one is for every other path."""
    ordered = [
        (str(b["pathPattern"]), str(b["targetOriginId"])) for b in objects(distribution, "orderedCacheBehaviors")
    ]
    default = "every path" if not ordered else "other paths"
    return [*ordered, (default, text(distribution, "defaultCacheBehavior", "targetOriginId"))]


def _paths_to_names(stack: Stack, distribution: Recorded) -> Sequence[str]:
    targets = _targets(stack, distribution)
    return [path for path, origin in _behaviors(distribution) if targets.get(origin, "").startswith("name-")]


def _to_origins(stack: Stack, distribution: Recorded) -> Iterator[Arrow]:
    """Yield the arrows to the origins; those to a name pass the web ACL, if there is one."""
    acls = {output(acl, "arn") for acl in stack.of("wafv2/webAcl")}
    has_acl = text(distribution, "webAclId") in acls
    if has_acl:
        yield Arrow(source=_cdn(distribution), target="web-acl")
    targets = _targets(stack, distribution)
    for _, origin in _behaviors(distribution):
        if target := targets.get(origin):
            is_name = target.startswith("name-")
            yield Arrow(source="web-acl" if has_acl and is_name else _cdn(distribution), target=target)


def _rules(acl: Recorded) -> str:
    return f"{len(objects(acl, 'rules'))} rules"


def _web_acl(stack: Stack) -> Iterator[Box]:
    for acl in stack.of("wafv2/webAcl"):
        if text(acl, "scope") == "CLOUDFRONT":
            name, rules = text(acl, "name"), _rules(acl)
            yield Box(id="web-acl", icon="waf", title="WAF", place="edge", figures=[name, rules], sources=urns([acl]))


def _names(stack: Stack) -> Iterator[Box]:
    """Yield the names that lead to the load balancer: the standby's own, and the origin's failover record."""
    balancers = {output(balancer, "dnsName") for balancer in stack.of("lb/loadBalancer")}
    leading = [record for record in stack.of("route53/record") if text(record, "records", 0) in balancers]
    for record in sorted(leading, key=lambda r: (bool(_role(r)), r.urn)):
        role = _role(record)
        checks = [c for c in stack.of("route53/healthCheck") if c.id == text(record, "healthCheckId")]
        figures = [f"failover {role}" if role else "asked by the health check"]
        figures += [f"TTL {number(record, 'ttl')} s"]
        name = text(record, "name")
        yield Box(
            id=f"name-{name}",
            icon="route-53",
            title=name,
            place="names",
            figures=figures,
            sources=urns([record], checks),
        )


def _from_names(stack: Stack) -> Iterator[Arrow]:
    for record in stack.of("route53/record"):
        for balancer in stack.of("lb/loadBalancer"):
            if text(record, "records", 0) == output(balancer, "dnsName"):
                for zone in zones_of(stack, texts(balancer, "subnets")):
                    name = f"name-{text(record, 'name')}"
                    label, kind = open_ports(stack, balancer), _kind(stack, record)
                    yield Arrow(source=name, target=f"alb-{zone}", label=label, kind=kind)
                    if not _role(record):
                        yield Arrow(source=name, target="latch")


def _latch(stack: Stack) -> Iterator[Box]:
    """Yield the switch of the origin: a fixed answer of the recovery stack's load balancer."""
    for rule in stack.of("lb/listenerRule"):
        if status := _latch_status(rule):
            takes = "takes the traffic" if status == "200" else "stands by"
            path = text(rule, "conditions", 0, "pathPattern", "values", 0)
            yield Box(
                id="latch",
                icon="elastic-load-balancing",
                title="Latch of the failover",
                place="names",
                figures=[f"answers {status}: {takes}", path.removeprefix("/.well-known")],
                sources=urns([rule]),
            )


def _headers(rule: Recorded) -> Sequence[str]:
    """Return the headers that a rule requires."""
    conditions = range(len(objects(rule, "conditions")))
    return [
        header for index in conditions if (header := text(rule, "conditions", index, "httpHeader", "httpHeaderName"))
    ]


def _balancer(stack: Stack) -> Iterator[Box]:
    for balancer in stack.of("lb/loadBalancer"):
        listeners = [x for x in stack.of("lb/listener") if text(x, "loadBalancerArn") == output(balancer, "arn")]
        associations = [
            x for x in stack.of("wafv2/webAclAssociation") if text(x, "resourceArn") == output(balancer, "arn")
        ]
        acls = {text(association, "webAclArn") for association in associations}
        guards = [acl for acl in stack.of("wafv2/webAcl") if output(acl, "arn") in acls]
        rules = [rule for rule in stack.of("lb/listenerRule") if _headers(rule)]
        ports = [f"{text(listener, 'protocol')} {text(listener, 'port')}" for listener in listeners]
        for zone in zones_of(stack, texts(balancer, "subnets")):
            yield Box(
                id=f"alb-{zone}",
                icon="elastic-load-balancing-application-load-balancer",
                title="ALB node",
                place="public",
                zone=zone,
                figures=[*ports, *(f"web ACL: {_rules(acl)}" for acl in guards), *(["secret header"] if rules else [])],
                sources=urns([balancer], listeners, guards, associations, rules),
            )
