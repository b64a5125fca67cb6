"""Reads the failover from both stacks: the pair of names, the latch, and what each region has of the other."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reports.diagram.kinds import check_kinds
from reports.diagram.model import Arrow, ArrowKind, Box, Container, Diagram, Part, assemble, urns
from reports.diagram.parts.copies import copies
from reports.diagram.parts.data import data, source_of
from reports.diagram.parts.edge import edge
from reports.diagram.parts.service import scale, service
from reports.diagram.parts.storage import storage
from reports.diagram.reading import Stack, number, objects, output, text, texts, value
from reports.states import Recorded, State

# The rows of both regions: what production has, and what dr has in its place.
ROWS: Sequence[tuple[str, str]] = (
    ("alb", "dr-alb"),
    ("tasks", "dr-tasks"),
    ("database", "dr-database"),
    ("", "backups-copy"),
    ("files", "files-copy"),
    ("assets", "assets-copy"),
    ("images", "images-copy"),
    ("secrets", "secrets-copy"),
    ("backup", "backup-copy"),
)
_COPIED = {id_ for row in ROWS[3:] for id_ in row if id_}


def read_failover(production: State, dr: State, name: str) -> Diagram:
    """Return the failover; raise ValueError for a state with resources of unknown types."""
    for state in (production, dr):
        check_kinds(state)
    stacks = Stack(state=production), Stack(state=dr)
    primary, recovery = stacks
    title = f"Failover of {primary.application}"
    return assemble(
        name=name,
        title=title,
        subtitle=f"{primary.name} in {primary.region} to {recovery.name} in {recovery.region}",
        description=f"{title}: the ways of the users before and after it, and what {recovery.region} has of "
        f"{primary.region}. docs/architecture.json lists all boxes and arrows as text.",
        parts=[
            Part(boxes=[*_front(primary), *_names(primary, recovery)], containers=_regions(*stacks)),
            Part(boxes=[*_region(primary, ""), *_region(recovery, "dr-")]),
            _copies(primary),
            Part(arrows=[*_ways(primary, recovery), *_replicas(primary, recovery)]),
        ],
    )


def _regions(*stacks: Stack) -> Sequence[Container]:
    return [
        Container(id=f"region-{index}", title=f"{stack.region}: {stack.name}", sources=urns(stack.of("ec2/vpc")))
        for index, stack in enumerate(stacks, 1)
    ]


def _front(primary: Stack) -> Iterator[Box]:
    """Yield the users and CloudFront, both distributions in one box."""
    distributions = primary.of("cloudfront/distribution")
    for box in edge(primary).boxes:
        if box.id == "users":
            yield box
    if distributions:
        names = sorted(name for each in distributions for name in texts(each, "aliases"))
        yield Box(
            id="cdn",
            icon="cloudfront",
            title="CloudFront",
            place="cdn",
            figures=[", ".join(names), *(f"asks for {name}" for name in sorted(_origin_names(primary)))],
            sources=urns(distributions),
        )


def _origin_names(primary: Stack) -> set[str]:
    """Return the names with a failover record that CloudFront has as origins."""
    origins = {str(o["domainName"]) for d in primary.of("cloudfront/distribution") for o in objects(d, "origins")}
    return origins & {text(record, "name") for record in _pair(primary)}


def _pair(stack: Stack) -> Sequence[Recorded]:
    """Return the stack's record of the failover pair."""
    return [r for r in stack.of("route53/record") if objects(r, "failoverRoutingPolicies")]


def _switches(primary: Stack) -> Sequence[Recorded]:
    """Return the health check of the primary record."""
    checks = {text(record, "healthCheckId") for record in _pair(primary)}
    return [check for check in primary.of("route53/healthCheck") if check.id in checks]


def _latches(recovery: Stack) -> Sequence[Recorded]:
    """Return the rules of the recovery stack's load balancer that answer by themselves."""
    return [r for r in recovery.of("lb/listenerRule") if text(r, "actions", 0, "fixedResponse", "statusCode")]


def _names(primary: Stack, recovery: Stack) -> Iterator[Box]:
    """Yield the two records, the health check between them, and what happens on a failover."""
    for stack in (primary, recovery):
        for record in _pair(stack):
            role = text(record, "failoverRoutingPolicies", 0, "type")
            yield Box(
                id=role.lower(),
                icon="route-53",
                title=f"{role} record",
                place="names",
                figures=[text(record, "name"), f"to {stack.name}, TTL {number(record, 'ttl')} s"],
                sources=urns([record]),
            )
    for check in _switches(primary):
        is_inverted = value(check, "invertHealthcheck") is True
        yield Box(
            id="switch",
            icon="route-53",
            title=f"Health check{', inverted' if is_inverted else ''}",
            place="names",
            figures=[f"asks {text(check, 'fqdn')}", f"every {number(check, 'requestInterval')} s for the latch"],
            sources=urns([check]),
        )
        yield from _steps(primary, recovery, check)


def _steps(primary: Stack, recovery: Stack, check: Recorded) -> Iterator[Box]:
    """Yield the steps of a failover, with the times that the health check and the records allow."""
    detected = number(check, "requestInterval") * number(check, "failureThreshold")
    ttl = max(number(record, "ttl") for stack in (primary, recovery) for record in _pair(stack))
    yield Box(
        id="steps",
        icon="route-53",
        title="A failover is a person's decision: taskflow dr promote",
        place="steps",
        figures=[
            f"1. The replica in {recovery.region} becomes a primary database, and the latch answers 200.",
            f"2. The health check sees it after {detected} s. Route 53 then answers with the SECONDARY record.",
            f"3. CloudFront uses the old answer for {ttl} s at most. Nothing has to change in {primary.region}.",
        ],
        sources=urns([check], _pair(primary), _pair(recovery)),
    )


def _region(stack: Stack, prefix: str) -> Iterator[Box]:
    """Yield the way through one region: load balancer, tasks, database."""
    for balancer in stack.of("lb/loadBalancer"):
        yield Box(
            id=f"{prefix}alb",
            icon="elastic-load-balancing-application-load-balancer",
            title="Load balancer",
            place="region",
            figures=[text(balancer, "name")],
            sources=urns([balancer]),
        )
    for rule in _latches(stack):
        status = text(rule, "actions", 0, "fixedResponse", "statusCode")
        yield Box(
            id="latch",
            icon="elastic-load-balancing",
            title="Latch",
            place="region",
            figures=[f"answers {status}"],
            sources=urns([rule]),
        )
    tasks = [box for box in service(stack).boxes if box.id == "tasks-1"]
    for box, each in zip(tasks, stack.of("ecs/service"), strict=False):
        yield replace(box, id=f"{prefix}tasks", place="region", zone=None, figures=[scale(stack, each)])
    for box in data(stack).boxes:
        if box.id == "database":
            figures = [figure for figure in box.figures if not figure.startswith("of ")]
            yield replace(box, id=f"{prefix}database", place="region", zone=None, figures=[", ".join(figures[:3])])


def _copies(primary: Stack) -> Part:
    """Return what production copies to the other region, and where from."""
    parts = [storage(primary), copies(primary)]
    boxes = [
        replace(box, place="region", figures=[", ".join(box.figures[:2])])
        for part in parts
        for box in part.boxes
        if box.id in _COPIED
    ]
    arrows = [arrow for part in (*parts, data(primary)) for arrow in part.arrows if arrow.kind == "copy"]
    ends = {(arrow.source, arrow.target) for arrow in arrows}
    return Part(
        boxes=boxes,
        arrows=[
            replace(arrow, label="both ways" if (arrow.target, arrow.source) in ends else _label(arrow))
            for arrow in arrows
        ],
    )


def _label(arrow: Arrow) -> str:
    return {"backup-copy": "copied", "backups-copy": "backups"}.get(arrow.target, "replicated")


def _ways(primary: Stack, recovery: Stack) -> Iterator[Arrow]:
    """Yield the ways of the users: through production now, through dr after a failover."""
    yield Arrow(source="users", target="cdn")
    regions: Sequence[tuple[Stack, str, ArrowKind]] = ((primary, "", "way"), (recovery, "dr-", "after"))
    for stack, prefix, kind in regions:
        for record in _pair(stack):
            role = text(record, "failoverRoutingPolicies", 0, "type").lower()
            if text(record, "name") in _origin_names(primary):
                yield Arrow(source="cdn", target=role, kind=kind)
            if text(record, "records", 0) in {output(balancer, "dnsName") for balancer in stack.of("lb/loadBalancer")}:
                yield Arrow(source=role, target=f"{prefix}alb", kind=kind)
        for source, target in (("alb", "tasks"), ("tasks", "database")):
            yield Arrow(source=prefix + source, target=prefix + target, kind=kind)
    for check in _switches(primary):
        yield Arrow(source="switch", target="primary", label="decides")
        paths = {text(rule, "conditions", 0, "pathPattern", "values", 0) for rule in _latches(recovery)}
        if text(check, "resourcePath") in paths:
            yield Arrow(source="switch", target="latch")
    yield from _assets(primary)


def _assets(primary: Stack) -> Iterator[Arrow]:
    """Yield the arrows from CloudFront to the buckets of an origin group, the second one for failures of the first."""
    buckets = {output(b, "bucketRegionalDomainName"): b for b in primary.everywhere("s3/bucket")}
    for distribution in primary.of("cloudfront/distribution"):
        origins = {str(o["originId"]): str(o["domainName"]) for o in objects(distribution, "origins")}
        for group in range(len(objects(distribution, "originGroups"))):
            members = objects(distribution, "originGroups", group, "members")
            for index, member in enumerate(members):
                if bucket := buckets.get(origins.get(str(member["originId"]), "")):
                    id_ = primary.short(text(bucket, "bucket"))
                    yield Arrow(source="cdn", target=id_, kind="after" if index else "way")


def _replicas(primary: Stack, recovery: Stack) -> Iterator[Arrow]:
    """Yield an arrow if dr's instance replicates one of production's."""
    own = {output(instance, "arn") for instance in primary.of("rds/instance")}
    for instance in recovery.of("rds/instance"):
        if all(source_of(instance)) and text(instance, "replicateSourceDb") in own:
            yield Arrow(source="database", target="dr-database", label="replicated", kind="copy")
