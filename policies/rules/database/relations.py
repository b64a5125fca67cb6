"""Rules about what belongs to an instance: its replicas, subnets, log groups and parameters."""

from collections import Counter
from collections.abc import Iterator

from policies.engine.expectations import expect, number
from policies.engine.facts import Absent, Known, Resource, Unknown, shown
from policies.engine.graph import Found, Outside, Reference, Stack
from policies.engine.rule import Finding, StackRule, Verdict, findings, report, violation
from policies.figures import data as data_figures
from policies.readers.db_instances import kind_of, source_of
from policies.readers.parameter_groups import parameter_values
from policies.readers.placement import Placement, expect_placement
from policies.readers.resource_types import DB_INSTANCE, DB_PARAMETER_GROUP, LOG_GROUP

FAMILY = f"postgres{data_figures.DB_MAJOR}"
CONNECTIONS = "max_connections"
PLACING = Placement(
    role="database",
    subnet_group="dbSubnetGroupName",
    subnet_group_type="aws:rds/subnetGroup:SubnetGroup",
    groups="vpcSecurityGroupIds",
)


def _replicas(stack: Stack) -> Iterator[Finding]:
    followers: Counter[str] = Counter()
    is_certain = True
    for instance in stack.of(DB_INSTANCE):
        if kind_of(instance) == "replica":
            source = source_of(instance, stack)
            if isinstance(source, Found):
                followers[source.resource.urn] += 1
            else:
                verdict = _strange_source(instance, source)
                is_certain = is_certain and not isinstance(verdict, Unknown)
                yield Finding(resource=instance, verdict=verdict)
    known = data_figures.DATA.get(stack.name)
    if known and known.read_replicas and stack.of(DB_INSTANCE) and is_certain:
        yield from _enough(stack, followers, known.read_replicas)


def _strange_source(instance: Resource, source: Reference) -> Verdict:
    """What to say of a source that is no instance of this stack; an unknown may yet be another region's ARN."""
    named = instance.at("replicateSourceDb").text()
    for fact in (source, named):
        if isinstance(fact, Unknown):
            return fact
    text = source.text if isinstance(source, Outside) else "nothing"
    return violation(f"it replicates {text}", "an instance of this stack, or another region's by its ARN")


def _enough(stack: Stack, followers: Counter[str], wanted: int) -> Iterator[Finding]:
    primaries = [instance for instance in stack.of(DB_INSTANCE) if kind_of(instance) == "primary"]
    if not primaries:
        verdict = violation("no instance is a primary", f"a primary with {wanted} read replica or more")
        yield Finding(resource=None, verdict=verdict)
    for primary in primaries:
        found = followers[primary.urn]
        if found < wanted:
            yield report(primary, f"it has {found} read replicas", f"at least {wanted}")


def _subnets(stack: Stack) -> Iterator[Finding]:
    for instance in stack.of(DB_INSTANCE):
        yield from expect_placement(instance, stack, PLACING, brings_subnets=kind_of(instance) != "replica")


def _logs_first(stack: Stack) -> Iterator[Finding]:
    names = {group.urn: group.at("name").text() for group in stack.of(LOG_GROUP)}
    nameless = [
        Finding(resource=group, verdict=name)
        for group in stack.of(LOG_GROUP)
        if isinstance(name := names[group.urn], Unknown)
    ]
    for instance in stack.of(DB_INSTANCE):
        for verdict in _unlogged(instance, {name.value for name in names.values() if isinstance(name, Known)}):
            is_decided = isinstance(verdict, Unknown) or not nameless
            yield Finding(resource=instance, verdict=verdict) if is_decided else nameless[0]


def _unlogged(instance: Resource, names: set[str]) -> Iterator[Verdict]:
    exports = instance.at("enabledCloudwatchLogsExports").items()
    identifier = instance.at("identifier").text()
    if isinstance(exports, Unknown):
        yield exports
    elif isinstance(exports, Known) and isinstance(identifier, Unknown):
        yield identifier
    elif isinstance(exports, Known) and isinstance(identifier, Absent):
        yield violation("identifier isn't set, so nobody knows its log groups' names beforehand", "a name")
    elif isinstance(exports, Known) and isinstance(identifier, Known):
        for export in exports.value:
            match export.text():
                case Known(value=log) if (name := f"/aws/rds/instance/{identifier.value}/{log}") not in names:
                    lacking = f"the log group {name} isn't of this stack: AWS makes it, without a key or an end"
                    yield violation(lacking, "a log group for each export")
                case Unknown() as unknown:
                    yield unknown
                case _:
                    pass


def _parameters(stack: Stack) -> Iterator[Finding]:
    groups: dict[str, Resource] = {}
    for instance in stack.of(DB_INSTANCE):
        match _group_of(instance, stack):
            case Found(resource=group):
                groups[group.urn] = group
            case Unknown() as unknown:
                yield Finding(resource=instance, verdict=unknown)
            case Outside(text=text):
                verdict = violation(f"parameterGroupName is {text}", "a parameter group of this stack")
                yield Finding(resource=instance, verdict=verdict)
            case Absent():
                bare = "parameterGroupName isn't set: AWS takes its default group"
                yield report(instance, bare, "a parameter group of this stack")
    for group in groups.values():
        yield from findings(group, (*expect(group.at("family"), FAMILY), *_pinned(group)))
    for instance in stack.of(DB_INSTANCE):
        found, wanted = _connections(instance, stack), _connections_of_source(instance, stack)
        if found is not None and wanted is not None and found < wanted:
            verdict = violation(
                f"its {CONNECTIONS} is {found}", f"at least its source's, {wanted}: with fewer it can't start"
            )
            yield Finding(resource=instance, verdict=verdict)


def _group_of(instance: Resource, stack: Stack) -> Reference:
    return stack.refer(instance, instance.at("parameterGroupName"), DB_PARAMETER_GROUP, by=("name", "id"))


def _pinned(group: Resource) -> Iterator[Verdict]:
    allowed = "a number: AWS's formula follows the instance's memory, and a replica needs no fewer than its source"
    values, hidden = parameter_values(group, CONNECTIONS)
    for value in values:
        fact, found = value.scalar(), number(value.scalar())
        if isinstance(fact, Unknown):
            yield fact
        elif found is None or found < 1:
            yield violation(f"{CONNECTIONS} is {shown(value.value)}", allowed)
    if not values:
        yield hidden or violation(f"{CONNECTIONS} isn't set", allowed)


def _connections(instance: Resource, stack: Stack) -> int | float | None:
    """The fewest connections that its parameter group gives it; None where that isn't known."""
    group = _group_of(instance, stack)
    values, _ = parameter_values(group.resource, CONNECTIONS) if isinstance(group, Found) else ((), None)
    numbers = [found for value in values if (found := number(value.scalar())) is not None]
    return min(numbers, default=None)


def _connections_of_source(instance: Resource, stack: Stack) -> int | float | None:
    """What its source has; None for a primary, and where that isn't known."""
    kind = kind_of(instance)
    if kind == "distant replica":
        return data_figures.DB_CONNECTIONS
    source = source_of(instance, stack) if kind == "replica" else None
    return _connections(source.resource, stack) if isinstance(source, Found) else None


RULES = (
    StackRule(
        id="database-replica",
        section="Database (RDS PostgreSQL)",
        description="Production's primary has a read replica, and every replica a source that is known",
        remedy="Add a read replica, and name its source by the primary's identifier.",
        judge=_replicas,
    ),
    StackRule(
        id="database-subnets",
        section="Production Architecture",
        description="Every instance stands in the data subnets, in the database's security group and in no other",
        remedy="Give the instance a subnet group of the data subnets and the group with the role database.",
        judge=_subnets,
    ),
    StackRule(
        id="database-logs-first",
        section="Backup Schedule",
        description="The log group of each export is made before AWS makes one that is kept for ever",
        remedy="Add a log group of that name to the stack.",
        judge=_logs_first,
    ),
    StackRule(
        id="database-parameters",
        section="Database (RDS PostgreSQL)",
        description="Every instance has parameters of its major version, and a replica its source's connections",
        remedy=f"Give the instance a parameter group of the family {FAMILY} that pins {CONNECTIONS}.",
        judge=_parameters,
    ),
)
