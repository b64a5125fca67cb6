"""Rules about an instance's replicas, subnets, log groups and parameters."""

from collections import Counter
from collections.abc import Iterator

from policies.engine.expectations import equals, number, refers_to, relation_rule, row
from policies.engine.facts import Absent, Known, Node, Resource, Unknown, format_value
from policies.engine.graph import Found, Outside, Reference, Stack
from policies.engine.rule import Finding, StackRule, Verdict, findings, report, violation
from policies.figures import data as data_figures
from policies.figures.common import ACCOUNT, STACKS
from policies.readers.db_instances import is_primary, kind_of, source_of
from policies.readers.parameter_groups import parameter_values
from policies.readers.placement import Placement, expect_placement
from policies.readers.resource_types import DB_INSTANCE, DB_PARAMETER_GROUP, LOG_GROUP

SECTION = "Database (RDS PostgreSQL)"
CONNECTIONS = "max_connections"
GROUP_OUTPUTS = ("name", "id")
PLACEMENT = Placement(
    role="database",
    subnet_group="dbSubnetGroupName",
    subnet_group_type="aws:rds/subnetGroup:SubnetGroup",
    groups="vpcSecurityGroupIds",
)


def _replicas(stack: Stack) -> Iterator[Finding]:
    replicas: Counter[str] = Counter()
    is_certain = True
    for instance in stack.of(DB_INSTANCE):
        if kind_of(instance) == "replica":
            source = source_of(instance, stack)
            if isinstance(source, Found):
                replicas[source.resource.urn] += 1
            else:
                verdict = _foreign_source(instance, source)
                is_certain = is_certain and not isinstance(verdict, Unknown)
                yield Finding(resource=instance, verdict=verdict)
        elif kind_of(instance) == "distant replica":
            yield from findings(instance, _expect_own_source(instance))
    figures = data_figures.DATA.get(stack.name)
    if figures and figures.read_replicas and stack.of(DB_INSTANCE) and is_certain:
        yield from _enough(stack, replicas, figures.read_replicas)


def _expect_own_source(instance: Resource) -> Iterator[Verdict]:
    """Require of a source in another region that it is of this account, in a region of the document."""
    source = instance.at("replicateSourceDb").text()
    allowed = [f"arn:aws:rds:{figures.region}:{ACCOUNT}:db:" for figures in STACKS.values()]
    if isinstance(source, Known) and not source.value.startswith(tuple(allowed)):
        yield violation(f"it replicates {source.value}", " or ".join(f"{prefix}…" for prefix in allowed))


def _foreign_source(instance: Resource, source: Reference) -> Verdict:
    """Return the verdict on a source that isn't in this stack; an unknown may be the ARN of one in another region."""
    name = instance.at("replicateSourceDb").text()
    for fact in (source, name):
        if isinstance(fact, Unknown):
            return fact
    text = source.text if isinstance(source, Outside) else "nothing"
    return violation(f"it replicates {text}", "an instance of this stack, or one of another region by its ARN")


def _enough(stack: Stack, replicas: Counter[str], required: int) -> Iterator[Finding]:
    primaries = [instance for instance in stack.of(DB_INSTANCE) if is_primary(instance)]
    if not primaries:
        yield report(None, "no instance is a primary", f"a primary with at least {required} read replica")
    for primary in primaries:
        found = replicas[primary.urn]
        if found < required:
            yield report(primary, f"it has {found} read replicas", f"at least {required}")


def _subnets(stack: Stack) -> Iterator[Finding]:
    for instance in stack.of(DB_INSTANCE):
        # A replica in its source's region uses the source's subnet group.
        yield from expect_placement(instance, stack, PLACEMENT, has_subnet_group=kind_of(instance) != "replica")


def _log_groups(stack: Stack) -> Iterator[Finding]:
    names = {group.urn: group.at("name").text() for group in stack.of(LOG_GROUP)}
    unnamed = [
        Finding(resource=group, verdict=name)
        for group in stack.of(LOG_GROUP)
        if isinstance(name := names[group.urn], Unknown)
    ]
    for instance in stack.of(DB_INSTANCE):
        for verdict in _exports(instance, {name.value for name in names.values() if isinstance(name, Known)}):
            is_decided = isinstance(verdict, Unknown) or not unnamed
            yield Finding(resource=instance, verdict=verdict) if is_decided else unnamed[0]


def _exports(instance: Resource, names: set[str]) -> Iterator[Verdict]:
    exports = instance.at("enabledCloudwatchLogsExports").items()
    identifier = instance.at("identifier").text()
    if isinstance(exports, Unknown):
        yield exports
    elif isinstance(exports, Known) and isinstance(identifier, Unknown):
        yield identifier
    elif isinstance(exports, Known) and isinstance(identifier, Absent):
        yield violation("identifier isn't set: AWS chooses one, and with it the names of the log groups", "a name")
    elif isinstance(exports, Known) and isinstance(identifier, Known):
        for export in exports.value:
            match export.text():
                case Known(value=log) if (name := f"/aws/rds/instance/{identifier.value}/{log}") not in names:
                    missing = f"the log group {name} isn't in this stack: AWS creates it, without a key or a retention"
                    yield violation(missing, "a log group for each export")
                case Unknown() as unknown:
                    yield unknown
                case _:
                    pass


def _connections(parameters: Node) -> Iterator[Verdict]:
    allowed = "a number: AWS's default formula depends on the instance's memory, and a replica needs its source's"
    values, unknown_name = parameter_values(parameters, CONNECTIONS)
    for value in values:
        fact, found = value.scalar(), number(value.scalar())
        if isinstance(fact, Unknown):
            yield fact
        elif found is None or found < 1:
            yield violation(f"{CONNECTIONS} is {format_value(value.value)}", allowed)
    if not values:
        yield unknown_name or violation(f"{CONNECTIONS} isn't set", allowed)


def _replica_connections(stack: Stack) -> Iterator[Finding]:
    for instance in stack.of(DB_INSTANCE):
        found, required = _connections_of(instance, stack), _connections_of_source(instance, stack)
        if found is not None and required is not None and found < required:
            allowed = f"at least its source's, {required}: with fewer it can't start"
            yield report(instance, f"its {CONNECTIONS} is {found}", allowed)


def _connections_of(instance: Resource, stack: Stack) -> int | float | None:
    """Return an instance's connections by its parameter group; None if they are unknown."""
    group = stack.refer(instance, instance.at("parameterGroupName"), DB_PARAMETER_GROUP, by=GROUP_OUTPUTS)
    values, _ = (
        parameter_values(group.resource.at("parameters"), CONNECTIONS) if isinstance(group, Found) else ((), None)
    )
    numbers = [found for value in values if (found := number(value.scalar())) is not None]
    return min(numbers, default=None)


def _connections_of_source(instance: Resource, stack: Stack) -> int | float | None:
    """Return the connections of an instance's source; None for a primary, or if they are unknown."""
    kind = kind_of(instance)
    if kind == "distant replica":
        return data_figures.DB_CONNECTIONS
    source = source_of(instance, stack) if kind == "replica" else None
    return _connections_of(source.resource, stack) if isinstance(source, Found) else None


RULES = (
    StackRule(
        id="database-replica",
        section=SECTION,
        description="Production's primary has a read replica, and every replica a known source",
        remedy="Add a read replica, and set its replicateSourceDb to the primary's identifier.",
        judge=_replicas,
        severity="high",
    ),
    StackRule(
        id="database-subnets",
        section="Production Architecture",
        description=f"Every instance is in the data subnets and in the security group {PLACEMENT.role} alone",
        remedy=(
            f"Set {PLACEMENT.subnet_group} to a subnet group of the data subnets, and {PLACEMENT.groups} to the group "
            f"with the role {PLACEMENT.role}."
        ),
        judge=_subnets,
        severity="high",
        controls=("RDS.46",),
    ),
    StackRule(
        id="database-logs-first",
        section="Backup Schedule",
        # A log group that AWS creates has no key and keeps its events for ever.
        description="Every log export has a log group of this stack",
        remedy="Add a log group of that name to the stack.",
        judge=_log_groups,
    ),
    relation_rule(
        "database-parameters",
        section=SECTION,
        description=(
            "Every instance has a parameter group of its major version, and a replica at least its source's connections"
        ),
        types=DB_INSTANCE,
        rows=(
            refers_to(
                "parameterGroupName",
                DB_PARAMETER_GROUP,
                "parameter group",
                equals("family", f"{data_figures.DB_ENGINE}{data_figures.DB_MAJOR}"),
                row("parameters", f"set {CONNECTIONS} to a number", _connections),
                by=GROUP_OUTPUTS,
                absent="AWS uses its default group",
            ),
        ),
        also=_replica_connections,
        remedy=f"Set a replica's {CONNECTIONS} to at least its source's.",
        severity="high",
    ),
)
