"""Rules about the cluster: it measures itself closely, and whoever opens a session there is written down."""

from collections.abc import Iterator

from policies.engine.expectations import expect, expect_set, expect_true
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, violation
from policies.readers.encryption_keys import expect_customer_managed_key
from policies.readers.log_groups import expect_log_group
from policies.readers.resource_types import ECS_CLUSTER

_EXEC = ("configuration", "executeCommandConfiguration")


def _cluster(cluster: Resource) -> Iterator[Verdict]:
    yield from _insights(cluster.at("settings"))
    sessions = cluster.at(*_EXEC)
    yield from expect(sessions.at("logging"), "OVERRIDE", default="DEFAULT")
    yield from expect_customer_managed_key(sessions.at("kmsKeyId"))
    logs = sessions.at("logConfiguration")
    encrypted = logs.at("cloudWatchEncryptionEnabled")
    yield from expect_true(encrypted, default=False)
    yield from expect_set(logs.at("cloudWatchLogGroupName"), "a log group of this stack")


def _insights(settings: Node) -> Iterator[Verdict]:
    match settings.items():
        case Unknown() as unknown:
            yield unknown
        case Known(value=nodes):
            own = [node for node in nodes if node.at("name").text() == Known(value="containerInsights")]
            hidden = next((name for node in nodes if isinstance(name := node.at("name").text(), Unknown)), None)
            for node in own:
                yield from expect(node.at("value"), "enhanced")
            if not own:
                yield hidden or violation("settings say nothing of containerInsights", "enhanced")
        case Absent():
            yield violation("settings isn't set", "containerInsights enhanced")


def _groups(stack: Stack) -> Iterator[Finding]:
    """Its logs' groups are made by the stack: ECS would make its own without a key."""
    for cluster in stack.of(ECS_CLUSTER):
        own = cluster.at("name").text()
        sessions = cluster.at(*_EXEC, "logConfiguration", "cloudWatchLogGroupName").text()
        wanted = [sessions.value] if isinstance(sessions, Known) else []
        if isinstance(own, Known):
            wanted.append(f"/aws/ecs/containerinsights/{own.value}/performance")
        else:
            unnamed = own if isinstance(own, Unknown) else violation("the cluster has no name of its own", "a name")
            yield Finding(resource=cluster, verdict=unnamed)
        for name in wanted:
            yield from findings(cluster, expect_log_group(stack, name))


RULES = (
    ResourceRule(
        id="compute-cluster",
        section="Compute (ECS Fargate)",
        description="A cluster measures its tasks closely, and its sessions are written down and encrypted",
        remedy="Set containerInsights to enhanced, and the sessions' log group and key.",
        types=(ECS_CLUSTER,),
        judge=_cluster,
    ),
    StackRule(
        id="compute-cluster-logs",
        section="Backup Schedule",
        description="The log groups of a cluster's measurements and sessions are made by the stack",
        remedy="Make both log groups, with their retention and key.",
        judge=_groups,
    ),
)
