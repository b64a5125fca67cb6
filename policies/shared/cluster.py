"""Rules about the cluster: its Container Insights, and the logs and encryption of its sessions."""

from collections.abc import Iterator

from policies.engine.expectations import equals, has_element, is_true, must_be_set, property_rule
from policies.engine.facts import Known, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule, findings, violation
from policies.readers.encryption_keys import customer_managed_key
from policies.readers.log_groups import expect_log_group
from policies.readers.resource_types import ECS_CLUSTER

_SESSIONS = "configuration.executeCommandConfiguration"
_SESSION_GROUP = f"{_SESSIONS}.logConfiguration.cloudWatchLogGroupName"


def _log_groups(stack: Stack) -> Iterator[Finding]:
    """Require that the stack creates the cluster's log groups: ECS would create them without a key."""
    for cluster in stack.of(ECS_CLUSTER):
        cluster_name = cluster.at("name").text()
        session_group = cluster.at(*_SESSION_GROUP.split(".")).text()
        names = [session_group.value] if isinstance(session_group, Known) else []
        if isinstance(cluster_name, Known):
            names.append(f"/aws/ecs/containerinsights/{cluster_name.value}/performance")
        else:
            verdict = cluster_name if isinstance(cluster_name, Unknown) else violation("name isn't set", "a name")
            yield Finding(resource=cluster, verdict=verdict)
        for name in names:
            yield from findings(cluster, expect_log_group(stack, name))


RULES = (
    property_rule(
        "compute-cluster",
        section="Compute (ECS Fargate)",
        description="A cluster has enhanced Container Insights, and its sessions are logged and encrypted",
        types=ECS_CLUSTER,
        rows=(
            has_element("settings", "name", "containerInsights", equals("value", "enhanced")),
            equals(f"{_SESSIONS}.logging", "OVERRIDE"),
            customer_managed_key(f"{_SESSIONS}.kmsKeyId"),
            is_true(f"{_SESSIONS}.logConfiguration.cloudWatchEncryptionEnabled", default=False),
            must_be_set(_SESSION_GROUP, "a log group of this stack"),
        ),
        severity="medium",
        controls=("ECS.12",),
    ),
    StackRule(
        id="compute-cluster-logs",
        section="Backup Schedule",
        description="The log groups of a cluster's Container Insights and sessions are created by the stack",
        remedy="Set a name, and create both log groups with their retention and key.",
        severity="medium",
        judge=_log_groups,
    ),
)
