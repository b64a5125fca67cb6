"""Chapter cache: Redis as the document has it, where it stands, and what is kept of it."""

from collections.abc import Iterator

from policies.engine.expectations import expect, must_be_absent, must_be_set, within
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, report, violation
from policies.figures import data as data_figures
from policies.readers.parameter_groups import parameter_values
from policies.readers.placement import Placement, expect_placement
from policies.readers.resource_types import REDIS_GROUP

PARAMETERS = "aws:elasticache/parameterGroup:ParameterGroup"
SECTION = "Cache (ElastiCache Redis)"
CLUSTER = "cluster-enabled"
DESTINATION = "cloudwatch-logs"
PLACING = Placement(
    role="cache",
    subnet_group="subnetGroupName",
    subnet_group_type="aws:elasticache/subnetGroup:SubnetGroup",
    groups="securityGroupIds",
)


def _engine(group: Resource) -> Iterator[Verdict]:
    # AWS takes redis where nothing is said.
    yield from expect(group.at("engine"), data_figures.CACHE_ENGINE, default=data_figures.CACHE_ENGINE)
    yield from expect(group.at("engineVersion"), *data_figures.CACHE_VERSIONS)
    yield from expect(group.at("nodeType"), data_figures.CACHE_NODE_TYPE)


def _available(group: Resource) -> Iterator[Verdict]:
    yield from within(group.at("numNodeGroups"), data_figures.CACHE_NODE_GROUPS)
    yield from within(group.at("replicasPerNodeGroup"), data_figures.CACHE_REPLICAS)
    for key in ("automaticFailoverEnabled", "multiAzEnabled"):
        yield from expect(group.at(key), True)  # noqa: FBT003  # allowed value
    yield from must_be_absent(group.at("numCacheClusters"), "nothing: node groups and their replicas say it")


def _logs(group: Resource) -> Iterator[Verdict]:
    match group.at("logDeliveryConfigurations").items():
        case Known(value=deliveries):
            for log in data_figures.CACHE_LOGS:
                yield from _log(log, deliveries)
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield violation("logDeliveryConfigurations isn't set", f"both {' and '.join(data_figures.CACHE_LOGS)}")


def _log(log: str, deliveries: tuple[Node, ...]) -> Iterator[Verdict]:
    kinds = [delivery.at("logType").text() for delivery in deliveries]
    if Known(value=log) in kinds:
        yield from expect(deliveries[kinds.index(Known(value=log))].at("destinationType"), DESTINATION)
    else:
        unknown = next((kind for kind in kinds if isinstance(kind, Unknown)), None)
        yield unknown or violation(
            f"logDeliveryConfigurations has no {log}", f"both {' and '.join(data_figures.CACHE_LOGS)}"
        )


def _cluster_mode(stack: Stack) -> Iterator[Finding]:
    for group in stack.of(REDIS_GROUP):
        # The parameter decides; AWS says the same in clusterMode.
        for verdict in expect(group.at("clusterMode"), "enabled", default="enabled"):
            yield Finding(resource=group, verdict=verdict)
        match stack.refer(group, group.at("parameterGroupName"), PARAMETERS, by=("name", "id")):
            case Found(resource=parameters):
                for verdict in _parameters(parameters):
                    yield Finding(resource=parameters, verdict=verdict)
            case Outside(text=text):
                verdict = violation(f"parameterGroupName is {text}", "a parameter group of this stack")
                yield Finding(resource=group, verdict=verdict)
            case Unknown() as unknown:
                yield Finding(resource=group, verdict=unknown)
            case Absent():
                bare = "parameterGroupName isn't set: AWS takes its default group, without cluster mode"
                yield report(group, bare, "a parameter group of this stack")


def _parameters(parameters: Resource) -> Iterator[Verdict]:
    yield from expect(parameters.at("family"), data_figures.CACHE_FAMILY)
    values, hidden = parameter_values(parameters, CLUSTER)
    for value in values:
        match value.text():
            case Known(value="yes"):
                pass
            case Unknown() as unknown:
                yield unknown
            case Known(value=text):
                yield violation(f"{CLUSTER} is {text}", "yes")
            case Absent():
                yield violation(f"{CLUSTER} has no value", "yes")
    if not values:
        yield hidden or violation(f"{CLUSTER} isn't set", "yes")


def _subnets(stack: Stack) -> Iterator[Finding]:
    for group in stack.of(REDIS_GROUP):
        yield from expect_placement(group, stack, PLACING)


RULES = (
    ResourceRule(
        id="cache-engine",
        section=SECTION,
        description="The cache is Redis of the document's version and size",
        remedy='Set engine to redis, engineVersion to "7.0" and nodeType to cache.r6g.large.',
        types=(REDIS_GROUP,),
        judge=_engine,
    ),
    StackRule(
        id="cache-cluster-mode",
        section=SECTION,
        description="The cache is in cluster mode, by a parameter group of its own",
        remedy=f"Give it a parameter group of the family {data_figures.CACHE_FAMILY} with {CLUSTER} set to yes.",
        judge=_cluster_mode,
    ),
    ResourceRule(
        id="cache-available",
        section=SECTION,
        description="The keys are spread over node groups, each with a replica in another zone that takes over",
        remedy="Set the document's node groups and replicas, automaticFailoverEnabled and multiAzEnabled.",
        types=(REDIS_GROUP,),
        judge=_available,
    ),
    StackRule(
        id="cache-subnets",
        section="Production Architecture",
        description="The cache stands in the data subnets, in the cache's security group and in no other",
        remedy="Give it a subnet group of the data subnets and the group with the role cache.",
        judge=_subnets,
    ),
    ResourceRule(
        id="cache-deletion",
        section="Backup & Recovery",
        description="A cache that is deleted after all leaves a snapshot behind",
        remedy="Set finalSnapshotIdentifier.",
        types=(REDIS_GROUP,),
        judge=lambda group: must_be_set(group.at("finalSnapshotIdentifier"), "a name for the last snapshot"),
    ),
    ResourceRule(
        id="cache-retention",
        section="Backup Schedule",
        description="The daily snapshots of the cache are kept for 7 days",
        remedy="Set snapshotRetentionLimit to 7.",
        types=(REDIS_GROUP,),
        # AWS makes none where nothing is said.
        judge=lambda group: within(group.at("snapshotRetentionLimit"), data_figures.CACHE_DAYS),
    ),
    ResourceRule(
        id="cache-logs",
        section="Monitoring & Alerting",
        description="The cache hands on its slow log and its engine's log",
        remedy=f"Add a log delivery of each to {DESTINATION}.",
        types=(REDIS_GROUP,),
        judge=_logs,
    ),
)
