"""Rules about what the document's sections imply beyond its table: cache, replicas, dead letters, edge, events."""

from collections.abc import Iterator

from policies.engine.answers import Answer, all_of, any_of, is_text
from policies.engine.expectations import number
from policies.engine.facts import Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, StackRule, aws_type, each_has, expect_reference, report, violation
from policies.figures import alerting as alerting_figures
from policies.readers.alarms import alarms
from policies.readers.db_instances import kind_of
from policies.readers.regions import is_in_region_of
from policies.readers.resource_types import (
    BUCKET,
    BUCKET_REPLICATION,
    DB_INSTANCE,
    DISTRIBUTION,
    HEALTH_CHECK,
    LOG_GROUP,
    QUEUE,
    REDIS_GROUP,
    WEB_ACL,
)

EVENT_RULE, EVENT_TARGET = aws_type("cloudwatch", "EventRule"), aws_type("cloudwatch", "EventTarget")


def _watched(
    stack: Stack, thing: Resource, namespace: str, metric: str, dimension: str, value: str
) -> Iterator[Finding]:
    """What is said of a thing of which no alarm is on a metric by this name; what it says is the project's choice."""
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
        yield Finding(resource=thing, verdict=answer)
    elif not answer:
        yield report(thing, f"no alarm is on {metric} of {value}", "one for each")


def _is_named(alarm: Resource, node: Node, value: str, stack: Stack, thing: Resource) -> Answer:
    match stack.refer(alarm, node, thing.type, by=("identifier", "name", "id")):
        case Found(resource=found):
            return found == thing
        case _:
            return is_text(node, value)


def _nodes(stack: Stack) -> Iterator[Finding]:
    """AWS numbers a group's nodes by their shard and their place in it, and no alarm can search for them."""
    for group in stack.of(REDIS_GROUP):
        name, shards, replicas = (
            group.at(key).scalar() for key in ("replicationGroupId", "numNodeGroups", "replicasPerNodeGroup")
        )
        doubt = next((fact for fact in (name, shards, replicas) if isinstance(fact, Unknown)), None)
        if doubt:
            yield Finding(resource=group, verdict=doubt)
            continue
        identifier = name.value if isinstance(name, Known) else ""
        for shard in range(1, int(number(shards) or 1) + 1):
            for place in range(1, int(number(replicas) or 0) + 2):
                node = f"{identifier}-{shard:04}-{place:03}"
                for metric in alerting_figures.OF_NODES:
                    yield from _watched(stack, group, alerting_figures.CACHE, metric, "CacheClusterId", node)


def _replicas(stack: Stack) -> Iterator[Finding]:
    for instance in stack.of(DB_INSTANCE):
        identifier = instance.at("identifier").text()
        if kind_of(instance) == "primary":
            continue
        if isinstance(identifier, Unknown):
            yield Finding(resource=instance, verdict=identifier)
            continue
        name = identifier.value if isinstance(identifier, Known) else instance.name
        metric, dimension = alerting_figures.OF_REPLICAS, "DBInstanceIdentifier"
        yield from _watched(stack, instance, alerting_figures.DATABASES, metric, dimension, name)


def _slots(stack: Stack) -> Iterator[Finding]:
    for instance in stack.of(DB_INSTANCE):
        if kind_of(instance) == "primary":
            name, metric = instance.name, alerting_figures.OF_SLOTS
            yield from _watched(stack, instance, alerting_figures.DATABASES, metric, "DBInstanceIdentifier", name)


def _edge(stack: Stack) -> Iterator[Finding]:
    for thing in stack.of(DISTRIBUTION):
        metric = alerting_figures.OF_DISTRIBUTIONS
        yield from _watched(stack, thing, alerting_figures.EDGE, metric, "DistributionId", thing.name)
    for thing in stack.of(WEB_ACL):
        name = thing.at("visibilityConfig", "metricName").text()
        if thing.at("scope").value == "CLOUDFRONT":
            metric, value = alerting_figures.OF_FIREWALLS, name.value if isinstance(name, Known) else thing.name
            yield from _watched(stack, thing, alerting_figures.FIREWALL, metric, "WebACL", value)
    for thing in stack.of(HEALTH_CHECK):
        # What an inverted one measures isn't documented.
        if thing.at("invertHealthcheck").scalar() != Known(value=True):
            metric = alerting_figures.OF_HEALTH_CHECKS
            yield from _watched(stack, thing, alerting_figures.HEALTH_CHECKS, metric, "HealthCheckId", thing.name)


def _events(stack: Stack) -> Iterator[Finding]:
    """Each rule is counted by an alarm, and keeps what it matches: events don't reach an encrypted topic surely."""
    for rule in stack.of(EVENT_RULE):
        name = rule.at("name").text()
        value = name.value if isinstance(name, Known) else rule.name
        yield from _watched(stack, rule, alerting_figures.EVENTS, alerting_figures.OF_EVENT_RULES, "RuleName", value)
    yield from each_has(
        stack.of(EVENT_RULE),
        stack.of(EVENT_TARGET),
        lambda target: stack.refer(target, target.at("rule"), EVENT_RULE, by=("name", "id")),
        lacking=violation("nothing keeps its events", "a log group as its target"),
    )
    for target in stack.of(EVENT_TARGET):
        yield from expect_reference(target, "arn", stack, LOG_GROUP, "a log group")


def _replications(stack: Stack) -> Iterator[Finding]:
    """S3 measures each rule of a replication under the names of both buckets; where one isn't ours, its rule tells."""
    for config in stack.of(BUCKET_REPLICATION):
        for rule in elements_of(config.at("rules")):
            buckets = [
                stack.refer(config, node, BUCKET, by=("id", "bucket", "arn"))
                for node in (config.at("bucket"), rule.at("destination", "bucket"))
            ]
            unknown = next((each for each in (rule.value, *buckets) if isinstance(each, Unknown)), None)
            if unknown:
                yield Finding(resource=config, verdict=unknown)
                continue
            pair = [bucket.resource for bucket in buckets if isinstance(bucket, Found)]
            answer = any_of(*(_counts_failures(alarm, rule, *pair) for alarm in alarms(stack))) if pair[1:] else True
            if isinstance(answer, Unknown):
                yield Finding(resource=config, verdict=answer)
            elif not answer:
                failures = f"{alerting_figures.OF_REPLICATIONS} of its rule {rule.at('id').value}"
                lacking = f"no alarm in its region has the Sum of {failures} GreaterThanThreshold 0"
                yield report(config, lacking, "one for each pair of buckets")


def _counts_failures(alarm: Resource, rule: Node, source: Resource, destination: Resource) -> Answer:
    return all_of(
        is_text(alarm.at("namespace"), alerting_figures.BUCKETS),
        is_text(alarm.at("metricName"), alerting_figures.OF_REPLICATIONS),
        _is_named_by(alarm.at("dimensions", "RuleId"), rule.at("id")),
        _is_named_by(alarm.at("dimensions", "SourceBucket"), source.at("bucket")),
        _is_named_by(alarm.at("dimensions", "DestinationBucket"), destination.at("bucket")),
        is_text(alarm.at("statistic"), "Sum"),
        is_text(alarm.at("comparisonOperator"), "GreaterThanThreshold"),
        is_text(alarm.at("threshold"), "0"),
        is_in_region_of(alarm, source),
    )


def _is_named_by(dimension: Node, node: Node) -> Answer:
    match node.text():
        case Known(value=name):
            return is_text(dimension, name)
        case Unknown() as unknown:
            return unknown
        case _:
            return False


def _dead_letters(stack: Stack) -> Iterator[Finding]:
    for queue in stack.of(QUEUE):
        target = queue.at("redrivePolicy").parsed().at("deadLetterTargetArn").text()
        if isinstance(target, Unknown):
            yield Finding(resource=queue, verdict=target)
        elif isinstance(target, Known):
            name = target.value.rpartition(":")[2]
            # Where it isn't of this stack, the queues' own rule tells.
            for dead in stack.of(QUEUE):
                if dead.at("name").value == name:
                    metric = alerting_figures.OF_QUEUES
                    yield from _watched(stack, dead, alerting_figures.QUEUES, metric, "QueueName", name)


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
            "slots",
            "Monitoring & Alerting",
            "Each primary is watched for what it holds back for a replica",
            "Make an alarm on OldestReplicationSlotLag for each.",
            _slots,
        ),
        (
            "edge",
            "Monitoring & Alerting",
            "Errors at the edge, what its web ACL blocks, and who answers from outside are watched",
            "Make an alarm for each distribution, for CloudFront's web ACL, and for each plain health check.",
            _edge,
        ),
        (
            "events",
            "Monitoring & Alerting",
            "Each rule for events is counted by an alarm, and its events are kept",
            "Make an alarm on TriggeredRules for each, and a log group its target.",
            _events,
        ),
        (
            "replications",
            "Backup & Recovery",
            "Objects that S3 couldn't copy to another region are noticed",
            "Create an alarm in the source bucket's region for each replication rule, with both buckets as dimensions.",
            _replications,
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
