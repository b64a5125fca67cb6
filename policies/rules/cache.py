"""Chapter cache: Redis by the document, its place in the network, its snapshots and logs."""

from collections.abc import Iterator

from policies.engine.expectations import (
    at_least,
    equals,
    has_element,
    is_true,
    must_be_absent,
    must_be_set,
    one_of,
    property_rule,
    refers_to,
    relation_rule,
)
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule
from policies.figures import data as data_figures
from policies.readers.parameter_groups import parameter
from policies.readers.placement import Placement, expect_placement
from policies.readers.resource_types import REDIS_GROUP

PARAMETERS = "aws:elasticache/parameterGroup:ParameterGroup"
SECTION = "Cache (ElastiCache Redis)"
PLACEMENT = Placement(
    role="cache",
    subnet_group="subnetGroupName",
    subnet_group_type="aws:elasticache/subnetGroup:SubnetGroup",
    groups="securityGroupIds",
)


def _subnets(stack: Stack) -> Iterator[Finding]:
    for group in stack.of(REDIS_GROUP):
        yield from expect_placement(group, stack, PLACEMENT)


RULES = (
    property_rule(
        "cache-engine",
        section=SECTION,
        description="The cache is Redis of the document's version and size, on the port that the security groups allow",
        types=REDIS_GROUP,
        rows=(
            equals("port", data_figures.CACHE_PORT, default=data_figures.CACHE_PORT),
            equals("engine", data_figures.CACHE_ENGINE, default=data_figures.CACHE_ENGINE),
            one_of("engineVersion", *data_figures.CACHE_VERSIONS),
            is_true("autoMinorVersionUpgrade", default=True),
            equals("nodeType", data_figures.CACHE_NODE_TYPE),
        ),
        controls=("ElastiCache.2",),
    ),
    relation_rule(
        "cache-cluster-mode",
        section=SECTION,
        description="The cache is in cluster mode, by a parameter group of this stack",
        types=REDIS_GROUP,
        rows=(
            # The parameter turns cluster mode on; AWS returns the same as clusterMode.
            equals("clusterMode", "enabled", default="enabled"),
            refers_to(
                "parameterGroupName",
                PARAMETERS,
                "parameter group",
                equals("family", data_figures.CACHE_FAMILY),
                parameter("cluster-enabled", "yes"),
                by=("name", "id"),
                absent="AWS uses its default group, without cluster mode",
            ),
        ),
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
        severity="high",
        controls=("ElastiCache.3",),
    ),
    StackRule(
        id="cache-subnets",
        section="Production Architecture",
        description=f"The cache is in the data subnets and in the security group {PLACEMENT.role} alone",
        remedy=(
            f"Set {PLACEMENT.subnet_group} to a subnet group of the data subnets, and {PLACEMENT.groups} to the group "
            f"with the role {PLACEMENT.role}."
        ),
        judge=_subnets,
        severity="high",
        controls=("ElastiCache.7",),
    ),
    property_rule(
        "cache-deletion",
        section="Backup & Recovery",
        description="Deleting the cache leaves a final snapshot",
        types=REDIS_GROUP,
        rows=(must_be_set("finalSnapshotIdentifier", "the name of the final snapshot"),),
        severity="high",
    ),
    property_rule(
        "cache-retention",
        section="Backup Schedule",
        description=f"Daily snapshots of the cache are kept for {data_figures.CACHE_DAYS} days",
        types=REDIS_GROUP,
        # AWS takes no snapshots by default.
        rows=(at_least("snapshotRetentionLimit", data_figures.CACHE_DAYS),),
        controls=("ElastiCache.1",),
    ),
    property_rule(
        "cache-logs",
        section="Monitoring & Alerting",
        description="The cache delivers its slow log and its engine log to CloudWatch Logs",
        types=REDIS_GROUP,
        rows=tuple(
            has_element("logDeliveryConfigurations", "logType", log, equals("destinationType", "cloudwatch-logs"))
            for log in data_figures.CACHE_LOGS
        ),
    ),
)
