"""Rules about alarms that the document's sections imply beyond its table: cache, replicas, queues, edge, events."""

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


def _expect_alarm(
    stack: Stack, resource: Resource, namespace: str, metric: str, dimension: str, value: str
) -> Iterator[Finding]:
    """Require an alarm on a metric of a resource; its threshold is this project's choice."""
    answer = any_of(
        *(
            all_of(
                is_text(alarm.at("namespace"), namespace),
                is_text(alarm.at("metricName"), metric),
                _names(alarm, alarm.at("dimensions", dimension), value, stack, resource),
            )
            for alarm in alarms(stack)
        )
    )
    if isinstance(answer, Unknown):
        yield Finding(resource=resource, verdict=answer)
    elif not answer:
        yield report(resource, f"there is no alarm on {metric} of {value}", "an alarm for each")


def _names(alarm: Resource, node: Node, value: str, stack: Stack, resource: Resource) -> Answer:
    match stack.refer(alarm, node, resource.type, by=("identifier", "name", "id")):
        case Found(resource=found):
            return found == resource
        case _:
            return is_text(node, value)


def _cache_nodes(stack: Stack) -> Iterator[Finding]:
    """Require alarms for each node: AWS numbers nodes by shard and position, and an alarm can't search for names."""
    for group in stack.of(REDIS_GROUP):
        name, shards, replicas = (
            group.at(key).scalar() for key in ("replicationGroupId", "numNodeGroups", "replicasPerNodeGroup")
        )
        unknown = next((fact for fact in (name, shards, replicas) if isinstance(fact, Unknown)), None)
        if unknown:
            yield Finding(resource=group, verdict=unknown)
            continue
        identifier = name.value if isinstance(name, Known) else ""
        for shard in range(1, int(number(shards) or 1) + 1):
            for position in range(1, int(number(replicas) or 0) + 2):
                node = f"{identifier}-{shard:04}-{position:03}"
                for metric in alerting_figures.NODE_METRICS:
                    yield from _expect_alarm(
                        stack, group, alerting_figures.CACHE_NAMESPACE, metric, "CacheClusterId", node
                    )


def _replica_lag(stack: Stack) -> Iterator[Finding]:
    for instance in stack.of(DB_INSTANCE):
        identifier = instance.at("identifier").text()
        if kind_of(instance) == "primary":
            continue
        if isinstance(identifier, Unknown):
            yield Finding(resource=instance, verdict=identifier)
            continue
        name = identifier.value if isinstance(identifier, Known) else instance.name
        metric, dimension = alerting_figures.REPLICA_METRIC, "DBInstanceIdentifier"
        yield from _expect_alarm(stack, instance, alerting_figures.DATABASE_NAMESPACE, metric, dimension, name)


def _replication_slots(stack: Stack) -> Iterator[Finding]:
    for instance in stack.of(DB_INSTANCE):
        if kind_of(instance) == "primary":
            name, metric = instance.name, alerting_figures.REPLICATION_SLOT_METRIC
            yield from _expect_alarm(
                stack, instance, alerting_figures.DATABASE_NAMESPACE, metric, "DBInstanceIdentifier", name
            )


def _edge(stack: Stack) -> Iterator[Finding]:
    for distribution in stack.of(DISTRIBUTION):
        metric, name = alerting_figures.DISTRIBUTION_METRIC, distribution.name
        yield from _expect_alarm(
            stack, distribution, alerting_figures.CLOUDFRONT_NAMESPACE, metric, "DistributionId", name
        )
    for web_acl in stack.of(WEB_ACL):
        name = web_acl.at("visibilityConfig", "metricName").text()
        if web_acl.at("scope").value == "CLOUDFRONT":
            metric, value = alerting_figures.WAF_METRIC, name.value if isinstance(name, Known) else web_acl.name
            yield from _expect_alarm(stack, web_acl, alerting_figures.WAF_NAMESPACE, metric, "WebACL", value)
    for check in stack.of(HEALTH_CHECK):
        # AWS doesn't document what the metric of an inverted check measures.
        if check.at("invertHealthcheck").scalar() != Known(value=True):
            metric, name = alerting_figures.HEALTH_CHECK_METRIC, check.name
            yield from _expect_alarm(
                stack, check, alerting_figures.HEALTH_CHECK_NAMESPACE, metric, "HealthCheckId", name
            )


def _events(stack: Stack) -> Iterator[Finding]:
    """Require an alarm and a log group for each rule: EventBridge can lose events for an encrypted topic."""
    for rule in stack.of(EVENT_RULE):
        name = rule.at("name").text()
        value, metric = name.value if isinstance(name, Known) else rule.name, alerting_figures.EVENT_RULE_METRIC
        yield from _expect_alarm(stack, rule, alerting_figures.EVENTS_NAMESPACE, metric, "RuleName", value)
    yield from each_has(
        stack.of(EVENT_RULE),
        stack.of(EVENT_TARGET),
        lambda target: stack.refer(target, target.at("rule"), EVENT_RULE, by=("name", "id")),
        missing=violation("its events aren't kept", "a log group as its target"),
    )
    for target in stack.of(EVENT_TARGET):
        yield from expect_reference(target, "arn", stack, LOG_GROUP, "a log group")


def _replications(stack: Stack) -> Iterator[Finding]:
    """Require an alarm for each replication rule; the storage rules report a bucket outside the stack."""
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
                metric = f"{alerting_figures.REPLICATION_METRIC} of its rule {rule.at('id').value}"
                missing = f"no alarm in its region fires when the Sum of {metric} is above 0"
                yield report(config, missing, "an alarm for each pair of buckets")


def _counts_failures(alarm: Resource, rule: Node, source: Resource, destination: Resource) -> Answer:
    # S3 publishes the metric of a rule under the names of both buckets.
    return all_of(
        is_text(alarm.at("namespace"), alerting_figures.S3_NAMESPACE),
        is_text(alarm.at("metricName"), alerting_figures.REPLICATION_METRIC),
        _is_same_text(alarm.at("dimensions", "RuleId"), rule.at("id")),
        _is_same_text(alarm.at("dimensions", "SourceBucket"), source.at("bucket")),
        _is_same_text(alarm.at("dimensions", "DestinationBucket"), destination.at("bucket")),
        is_text(alarm.at("statistic"), "Sum"),
        is_text(alarm.at("comparisonOperator"), "GreaterThanThreshold"),
        is_text(alarm.at("threshold"), "0"),
        is_in_region_of(alarm, source),
    )


def _is_same_text(dimension: Node, node: Node) -> Answer:
    match node.text():
        case Known(value=text):
            return is_text(dimension, text)
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
            # The storage rules report a dead-letter queue outside the stack.
            for dead_letter_queue in stack.of(QUEUE):
                if dead_letter_queue.at("name").value == name:
                    namespace, metric = alerting_figures.QUEUE_NAMESPACE, alerting_figures.QUEUE_METRIC
                    yield from _expect_alarm(stack, dead_letter_queue, namespace, metric, "QueueName", name)


RULES = (
    StackRule(
        id="alerting-cache",
        section="Monitoring & Alerting",
        description="Each node of the cache has alarms on its memory, the CPU of its engine, and its evictions",
        remedy=f"Create an alarm on {', '.join(alerting_figures.NODE_METRICS)} for each node.",
        severity="medium",
        judge=_cache_nodes,
    ),
    StackRule(
        id="alerting-replicas",
        section="Monitoring & Alerting",
        description="Each replica has an alarm on its lag",
        remedy=f"Create an alarm on {alerting_figures.REPLICA_METRIC} for each replica.",
        severity="medium",
        judge=_replica_lag,
    ),
    StackRule(
        id="alerting-slots",
        section="Monitoring & Alerting",
        description="Each primary has an alarm on the log that it retains for replicas",
        remedy=f"Create an alarm on {alerting_figures.REPLICATION_SLOT_METRIC} for each primary.",
        severity="medium",
        judge=_replication_slots,
    ),
    StackRule(
        id="alerting-edge",
        section="Monitoring & Alerting",
        description="Distributions, CloudFront's web ACL and health checks have alarms",
        remedy=f"Create an alarm on {alerting_figures.DISTRIBUTION_METRIC} for each distribution, on "
        f"{alerting_figures.WAF_METRIC} for CloudFront's web ACL, and on {alerting_figures.HEALTH_CHECK_METRIC} for "
        "each health check that isn't inverted.",
        severity="medium",
        judge=_edge,
    ),
    StackRule(
        id="alerting-events",
        section="Monitoring & Alerting",
        description="Each event rule has an alarm, and a log group for its events",
        remedy=f"Create an alarm on {alerting_figures.EVENT_RULE_METRIC} for each event rule, and make a log group its "
        "target.",
        severity="medium",
        judge=_events,
    ),
    StackRule(
        id="alerting-replications",
        section="Backup & Recovery",
        description="Objects that S3 fails to replicate to another region set off an alarm",
        remedy=f"Create an alarm on {alerting_figures.REPLICATION_METRIC} in the source bucket's region for each "
        "replication rule, with both buckets as dimensions.",
        severity="medium",
        judge=_replications,
    ),
    StackRule(
        id="alerting-dead-letters",
        section="Monitoring & Alerting",
        description="Messages in a dead-letter queue set off an alarm",
        remedy=f"Create an alarm on {alerting_figures.QUEUE_METRIC} for the dead-letter queue.",
        severity="medium",
        judge=_dead_letters,
    ),
)
