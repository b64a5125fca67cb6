"""Rules about what the document's sections imply beyond its table: cache, replicas, dead letters."""

from collections.abc import Iterator

from policies import figures_alerting
from policies.facts import Known, Node, Resource, Unknown
from policies.graph import Found, Stack
from policies.rule import Finding, Said, StackRule, fault
from policies.rules.alerting.parts import alarms
from policies.rules.answers import Answer, all_of, any_of, is_text
from policies.rules.cache import REPLICATION_GROUP
from policies.rules.data import INSTANCE, kind_of, number
from policies.rules.storage.queues import QUEUE


def _watched(stack: Stack, thing: Resource, namespace: str, metric: str, dimension: str, value: str) -> Iterator[Said]:
    """What is said where no alarm is on a metric of something with this name; what it says is the project's choice."""
    answer = any_of(
        *(
            all_of(
                is_text(alarm.at("namespace"), namespace),
                is_text(alarm.at("metricName"), metric),
                _is_named(alarm, alarm.at("dimensions", dimension), value, stack, thing),
            )
            for alarm in alarms(stack)
        )
    )
    if isinstance(answer, Unknown):
        yield answer
    elif not answer:
        yield fault(f"no alarm is on {metric} of {value}", "one for each")


def _is_named(alarm: Resource, node: Node, value: str, stack: Stack, thing: Resource) -> Answer:
    match stack.refer(alarm, node, thing.type, by=("identifier", "name")):
        case Found(resource=found):
            return found == thing
        case _:
            return is_text(node, value)


def _nodes(stack: Stack) -> Iterator[Finding]:
    """AWS numbers a group's nodes by their shard and their place in it, and no alarm can search for them."""
    for group in stack.of(REPLICATION_GROUP):
        name, shards, replicas = (
            group.at(key).scalar() for key in ("replicationGroupId", "numNodeGroups", "replicasPerNodeGroup")
        )
        doubt = next((fact for fact in (name, shards, replicas) if isinstance(fact, Unknown)), None)
        if doubt:
            yield Finding(resource=group, said=doubt)
            continue
        identifier = name.value if isinstance(name, Known) else ""
        for shard in range(1, int(number(shards) or 1) + 1):
            for place in range(1, int(number(replicas) or 0) + 2):
                node = f"{identifier}-{shard:04}-{place:03}"
                for metric in figures_alerting.OF_NODES:
                    for said in _watched(stack, group, figures_alerting.CACHE, metric, "CacheClusterId", node):
                        yield Finding(resource=group, said=said)


def _replicas(stack: Stack) -> Iterator[Finding]:
    for instance in stack.of(INSTANCE):
        identifier = instance.at("identifier").text()
        if kind_of(instance) == "primary":
            continue
        if isinstance(identifier, Unknown):
            yield Finding(resource=instance, said=identifier)
            continue
        name = identifier.value if isinstance(identifier, Known) else instance.name
        metric, dimension = figures_alerting.OF_REPLICAS, "DBInstanceIdentifier"
        for said in _watched(stack, instance, figures_alerting.DATABASES, metric, dimension, name):
            yield Finding(resource=instance, said=said)


def _dead_letters(stack: Stack) -> Iterator[Finding]:
    for queue in stack.of(QUEUE):
        target = queue.at("redrivePolicy").parsed().at("deadLetterTargetArn").text()
        if isinstance(target, Unknown):
            yield Finding(resource=queue, said=target)
        elif isinstance(target, Known):
            name = target.value.rpartition(":")[2]
            # Where it isn't of this stack, the queues' own rule tells.
            for dead in stack.of(QUEUE):
                if dead.at("name").value == name:
                    metric = figures_alerting.OF_QUEUES
                    for said in _watched(stack, dead, figures_alerting.QUEUES, metric, "QueueName", name):
                        yield Finding(resource=dead, said=said)


RULES = tuple(
    StackRule(id=f"alerting-{id_}", section=section, description=description, remedy=remedy, judge=judge)
    for id_, section, description, remedy, judge in (
        (
            "cache",
            "Monitoring & Alerting",
            "Each node of the cache is watched: its memory, its engine's CPU, and what it throws away",
            "Make an alarm for each node and measure: none can search for them.",
            _nodes,
        ),
        (
            "replicas",
            "Monitoring & Alerting",
            "Each replica is watched for how far it is behind",
            "Make an alarm on ReplicaLag for each.",
            _replicas,
        ),
        (
            "dead-letters",
            "Monitoring & Alerting",
            "Somebody is told of messages that nobody could deal with",
            "Make an alarm on the messages in the dead-letter queue.",
            _dead_letters,
        ),
    )
)
