"""Rules about alarms that the document's sections imply beyond its table: cache, replicas, queues, edge, events."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from policies.engine.answers import Answer, all_of, any_of, is_text
from policies.engine.expectations import number
from policies.engine.facts import Fact, Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Found, Reference, Stack
from policies.engine.rule import Finding, StackRule, each_has, expect_reference, report, violation
from policies.figures import alerting as alerting_figures
from policies.figures import storage as storage_figures
from policies.readers.alarms import alarms, counted_metrics
from policies.readers.db_instances import is_primary
from policies.readers.event_rules import starts_validation
from policies.readers.regions import is_in_own_region
from policies.readers.resource_types import (
    BUCKET,
    BUCKET_REPLICATION,
    DB_INSTANCE,
    DISTRIBUTION,
    EVENT_RULE,
    EVENT_TARGET,
    HEALTH_CHECK,
    LOG_GROUP,
    QUEUE,
    REDIS_GROUP,
    WEB_ACL,
)


@dataclass(frozen=True, kw_only=True)
class ImpliedAlarm:
    """An alarm that each resource of a type has, of those that `applies` selects; its threshold is free.

    `dimension` names the resource by its property or output at `identity`. `subjects` are the resources in words.
    """

    type: str
    subjects: str
    namespace: str
    metric: str
    dimension: str
    identity: str = "id"
    applies: Callable[[Resource], bool] = lambda _: True

    def judge(self, stack: Stack) -> Iterator[Finding]:
        """Report each resource without its alarm."""
        for resource in stack.of(self.type):
            if self.applies(resource):
                yield from _expect_alarm(
                    stack, resource, self.namespace, self.metric, self.dimension, identity=self.identity
                )


def _expect_alarm(
    stack: Stack, resource: Resource, namespace: str, metric: str, dimension: str, *, identity: str = "", name: str = ""
) -> Iterator[Finding]:
    """Require an alarm on a metric of a resource: a dimension is the property at `identity`, or else is `name`."""
    fact = resource.at(*identity.split(".")).text() if identity else Known(value=name)

    def names_resource(alarm: Resource, node: Node) -> Answer:
        # The references of a stack are by properties, not by parts of one.
        is_reference = bool(identity) and "." not in identity
        found = stack.refer(alarm, node, resource.type, by=(identity,)) if is_reference else None
        if isinstance(found, Found):
            return found.resource == resource
        if isinstance(fact, Unknown) and isinstance(node.text(), Known):
            return fact
        return is_text(node, fact.value if isinstance(fact, Known) else resource.name)

    answer = any_of(
        *(
            all_of(
                is_text(counted.at("namespace"), namespace),
                is_text(counted.at("metricName"), metric),
                names_resource(alarm, counted.at("dimensions", dimension)),
            )
            for alarm in alarms(stack)
            for counted in counted_metrics(alarm)
        )
    )
    if isinstance(answer, Unknown):
        yield Finding(resource=resource, verdict=answer)
    elif not answer:
        label = fact.value if isinstance(fact, Known) else resource.name
        yield report(resource, f"there is no alarm on {metric} of {label}", "an alarm for each")


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
                    namespace = alerting_figures.CACHE_NAMESPACE
                    yield from _expect_alarm(stack, group, namespace, metric, "CacheClusterId", name=node)


def _targets(stack: Stack) -> Iterator[Finding]:
    """Require a log group as the target of each rule: EventBridge can lose events for an encrypted topic."""
    yield from each_has(
        [rule for rule in stack.of(EVENT_RULE) if not starts_validation(rule)],
        stack.of(EVENT_TARGET),
        lambda target: _rule_of(target, stack),
        missing=violation("its events aren't kept", "a log group as its target"),
    )
    for target in stack.of(EVENT_TARGET):
        rule = _rule_of(target, stack)
        if not (isinstance(rule, Found) and starts_validation(rule.resource)):
            yield from expect_reference(target, "arn", stack, LOG_GROUP, "a log group")


def _rule_of(target: Resource, stack: Stack) -> Reference:
    return stack.refer(target, target.at("rule"), EVENT_RULE, by=("name", "id"))


def _replications(stack: Stack) -> Iterator[Finding]:
    """Require an alarm for each replication rule; the storage rules report a bucket outside the stack.

    S3 publishes failures in the source's region: those of the way back are for the alarm of the recovery stack, which
    knows the buckets by name.
    """
    if stack.name == storage_figures.WRITTEN_BY and not stack.is_empty:
        pair = (storage_figures.WRITTEN_COPY, storage_figures.WRITTEN_ORIGINAL)
        names = [Known(value=name) for name in (storage_figures.REPLICATION_RULE, *pair)]
        yield from _expect_replication_alarm(stack, None, names)
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
            if pair[1:] and is_in_own_region(pair[0]) is not False:
                names = [rule.at("id").text(), *(bucket.at("bucket").text() for bucket in pair)]
                yield from _expect_replication_alarm(stack, config, names)


def _expect_replication_alarm(stack: Stack, config: Resource | None, names: Sequence[Fact[str]]) -> Iterator[Finding]:
    """Require an alarm in the stack's own region; `names` are those of the rule, the source and the destination."""
    answer = any_of(*(_counts_failures(alarm, names) for alarm in alarms(stack)))
    if isinstance(answer, Unknown):
        yield Finding(resource=config, verdict=answer)
    elif not answer:
        rule = names[0].value if isinstance(names[0], Known) else ""
        metric = f"{alerting_figures.REPLICATION_METRIC} of the rule {rule}"
        missing = f"no alarm in its region fires when the Sum of {metric} is above 0"
        yield report(config, missing, "an alarm for each pair of buckets")


def _counts_failures(alarm: Resource, names: Sequence[Fact[str]]) -> Answer:
    # S3 publishes the metric of a rule under the names of both buckets.
    return all_of(
        is_text(alarm.at("namespace"), alerting_figures.S3_NAMESPACE),
        is_text(alarm.at("metricName"), alerting_figures.REPLICATION_METRIC),
        *(
            _is_same_text(alarm.at("dimensions", dimension), name)
            for dimension, name in zip(alerting_figures.REPLICATION_DIMENSIONS, names, strict=True)
        ),
        is_text(alarm.at("statistic"), "Sum"),
        is_text(alarm.at("comparisonOperator"), "GreaterThanThreshold"),
        is_text(alarm.at("threshold"), "0"),
        is_in_own_region(alarm),
    )


def _is_same_text(dimension: Node, fact: Fact[str]) -> Answer:
    match fact:
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
                    yield from _expect_alarm(stack, dead_letter_queue, namespace, metric, "QueueName", identity="name")


IMPLIED: Mapping[str, Sequence[ImpliedAlarm]] = {
    "alerting-replicas": (
        ImpliedAlarm(
            type=DB_INSTANCE,
            subjects="each replica",
            namespace=alerting_figures.DATABASE_NAMESPACE,
            metric=alerting_figures.REPLICA_METRIC,
            dimension="DBInstanceIdentifier",
            identity="identifier",
            applies=lambda instance: not is_primary(instance),
        ),
    ),
    "alerting-slots": (
        ImpliedAlarm(
            type=DB_INSTANCE,
            subjects="each primary database",
            namespace=alerting_figures.DATABASE_NAMESPACE,
            metric=alerting_figures.REPLICATION_SLOT_METRIC,
            dimension="DBInstanceIdentifier",
            identity="identifier",
            applies=is_primary,
        ),
    ),
    "alerting-edge": (
        ImpliedAlarm(
            type=DISTRIBUTION,
            subjects="each distribution",
            namespace=alerting_figures.CLOUDFRONT_NAMESPACE,
            metric=alerting_figures.DISTRIBUTION_METRIC,
            dimension="DistributionId",
        ),
        ImpliedAlarm(
            type=WEB_ACL,
            subjects="CloudFront's web ACL",
            namespace=alerting_figures.WAF_NAMESPACE,
            metric=alerting_figures.WAF_METRIC,
            dimension="WebACL",
            identity="visibilityConfig.metricName",
            applies=lambda web_acl: web_acl.at("scope").value == "CLOUDFRONT",
        ),
        ImpliedAlarm(
            type=HEALTH_CHECK,
            subjects="each health check that isn't inverted",
            namespace=alerting_figures.HEALTH_CHECK_NAMESPACE,
            metric=alerting_figures.HEALTH_CHECK_METRIC,
            dimension="HealthCheckId",
            # AWS doesn't document what the metric of an inverted check measures.
            applies=lambda check: check.at("invertHealthcheck").scalar() != Known(value=True),
        ),
    ),
    "alerting-events": (
        ImpliedAlarm(
            type=EVENT_RULE,
            subjects="each event rule for people",
            namespace=alerting_figures.EVENTS_NAMESPACE,
            metric=alerting_figures.EVENT_RULE_METRIC,
            dimension="RuleName",
            identity="name",
            applies=lambda rule: not starts_validation(rule),
        ),
    ),
}


def _implied_rule(rule_id: str, implied: Sequence[ImpliedAlarm]) -> StackRule:
    """Return the rule that is a table of alarms."""

    def judge(stack: Stack) -> Iterator[Finding]:
        for each in implied:
            yield from each.judge(stack)

    *others, last = (f"on {each.metric} of {each.subjects}" for each in implied)
    required = f"{', '.join(others)} and {last}" if others else last
    return StackRule(
        id=rule_id,
        section="Monitoring & Alerting",
        description=f"There are alarms {required}",
        remedy=f"Create alarms {required}.",
        severity="medium",
        judge=judge,
    )


RULES = (
    StackRule(
        id="alerting-cache",
        section="Monitoring & Alerting",
        description="Each node of the cache has alarms on its memory, the CPU of its engine, and its evictions",
        remedy=f"Create an alarm on {', '.join(alerting_figures.NODE_METRICS)} for each node.",
        severity="medium",
        judge=_cache_nodes,
    ),
    *(_implied_rule(rule_id, implied) for rule_id, implied in IMPLIED.items()),
    StackRule(
        id="alerting-event-logs",
        section="Monitoring & Alerting",
        description="A log group keeps the events of each event rule for people",
        remedy="Make a log group the target of each event rule for people.",
        severity="medium",
        judge=_targets,
    ),
    StackRule(
        id="alerting-replications",
        section="Backup & Recovery",
        description="Objects that S3 fails to replicate to another region set off an alarm",
        remedy=f"Create an alarm on {alerting_figures.REPLICATION_METRIC} for each replication rule, with both buckets "
        "as dimensions, in the stack of the source bucket's region.",
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
