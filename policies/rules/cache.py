"""Chapter cache: Redis as the document has it, where it stands, and what is kept of it."""

from collections.abc import Iterator

from policies.engine.expectations import (
    at_least,
    equals,
    expect,
    is_true,
    must_be_absent,
    must_be_set,
    one_of,
    property_rule,
)
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, report, violation
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
        yield from findings(group, expect(group.at("clusterMode"), "enabled", default="enabled"))
        match stack.refer(group, group.at("parameterGroupName"), PARAMETERS, by=("name", "id")):
            case Found(resource=parameters):
                yield from findings(parameters, _parameters(parameters))
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
    property_rule(
        "cache-engine",
        section=SECTION,
        description="The cache is Redis of the document's version and size",
        types=REDIS_GROUP,
        rows=(
            equals("engine", data_figures.CACHE_ENGINE, default=data_figures.CACHE_ENGINE),
            one_of("engineVersion", *data_figures.CACHE_VERSIONS),
            equals("nodeType", data_figures.CACHE_NODE_TYPE),
        ),
    ),
    StackRule(
        id="cache-cluster-mode",
        section=SECTION,
        description="The cache is in cluster mode, by a parameter group of its own",
        remedy=f"Give it a parameter group of the family {data_figures.CACHE_FAMILY} with {CLUSTER} set to yes.",
        judge=_cluster_mode,
    ),
    property_rule(
        "cache-available",
        section=SECTION,
        description="The keys are spread over node groups, each with a replica in another zone for failover",
        types=REDIS_GROUP,
        rows=(
            at_least("numNodeGroups", data_figures.CACHE_NODE_GROUPS),
            at_least("replicasPerNodeGroup", data_figures.CACHE_REPLICAS),
            is_true("automaticFailoverEnabled"),
            is_true("multiAzEnabled"),
            must_be_absent("numCacheClusters", "node groups and their replicas define it"),
        ),
    ),
    StackRule(
        id="cache-subnets",
        section="Production Architecture",
        description="The cache stands in the data subnets, in the cache's security group and in no other",
        remedy="Give it a subnet group of the data subnets and the group with the role cache.",
        judge=_subnets,
    ),
    property_rule(
        "cache-deletion",
        section="Backup & Recovery",
        description="Deleting the cache leaves a final snapshot",
        types=REDIS_GROUP,
        rows=(must_be_set("finalSnapshotIdentifier", "the name of the final snapshot"),),
    ),
    property_rule(
        "cache-retention",
        section="Backup Schedule",
        description=f"Daily snapshots of the cache are kept for {data_figures.CACHE_DAYS} days",
        types=REDIS_GROUP,
        # AWS takes no snapshots by default.
        rows=(at_least("snapshotRetentionLimit", data_figures.CACHE_DAYS),),
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
