"""Rules about CloudFront's access logs and metrics.

A log delivery source names a distribution, a delivery sends the source's logs to a destination, which names a bucket.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import partial

from policies.engine.expectations import equals, of_type, property_rule, when
from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import (
    Finding,
    StackRule,
    Verdict,
    each_has,
    expect_reference,
    findings,
    report,
    violation,
)
from policies.figures import edge as edge_figures
from policies.figures import names as names_figures
from policies.figures.common import ACCOUNT
from policies.readers.bucket_purposes import is_for_edge_logs
from policies.readers.buckets import part_of
from policies.readers.encryption_keys import encryption_keys_of, key_policy_of
from policies.readers.iam_documents import allow_statements, conditions, has_condition, label, principals, texts
from policies.readers.resource_types import BUCKET, BUCKET_ENCRYPTION, BUCKET_POLICY, DISTRIBUTION
from policies.rules.edge.records import expect_edge_region

SOURCE = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
DELIVERY = "aws:cloudwatch/logDelivery:LogDelivery"
DESTINATION = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
SUBSCRIPTION = "aws:cloudfront/monitoringSubscription:MonitoringSubscription"
_BUCKET = ("deliveryDestinationConfiguration", "destinationResourceArn")
_METRICS = equals(
    "monitoringSubscription.realtimeMetricsSubscriptionConfig.realtimeMetricsSubscriptionStatus", "Enabled"
)
_PRIVATE_FIELDS = ", ".join(names_figures.PRIVATE_FIELDS)


def _delivery(resource: Resource) -> Iterator[Verdict]:
    yield from expect_edge_region(resource)
    if resource.type == DELIVERY:
        yield from _fields(resource.at("recordFields"))


def _fields(node: Node) -> Iterator[Verdict]:
    allowed = f"fields without {_PRIVATE_FIELDS}"
    match node.items():
        case Known(value=fields) if fields:
            for text in (field.text() for field in fields):
                if isinstance(text, Unknown):
                    yield text
                elif isinstance(text, Known) and text.value in names_figures.PRIVATE_FIELDS:
                    yield violation(f"recordFields has {text.value}", allowed)
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation(f"recordFields isn't set: AWS logs {_PRIVATE_FIELDS} too", allowed)


def _access_logs(stack: Stack) -> Iterator[Finding]:
    yield from each_has(
        stack.of(DISTRIBUTION),
        stack.of(SOURCE),
        lambda source: stack.refer(source, source.at("resourceArn"), DISTRIBUTION),
        missing=violation("it has no access logs", "a log delivery source for it"),
    )
    yield from each_has(
        stack.of(SOURCE),
        stack.of(DELIVERY),
        lambda delivery: stack.refer(delivery, delivery.at("deliverySourceName"), SOURCE, by=("name",)),
        missing=violation("it has no delivery", "a log delivery to a destination of this stack"),
    )
    for delivery in stack.of(DELIVERY):
        yield from expect_reference(delivery, "deliveryDestinationArn", stack, DESTINATION, "a destination")
    for destination in stack.of(DESTINATION):
        judge = partial(_log_bucket, destination)
        node = destination.at(*_BUCKET)
        yield from expect_reference(destination, node, stack, BUCKET, "the log bucket", by=("arn",), judge=judge)


def _log_bucket(destination: Resource, bucket: Resource) -> Iterator[Finding]:
    name = bucket.at("bucket").text()
    if isinstance(name, Unknown):
        yield Finding(resource=bucket, verdict=name)
    elif not is_for_edge_logs(bucket):
        yield report(destination, f"it delivers to the bucket {bucket.name}", "the log bucket of this stack")


def _buckets(stack: Stack) -> Iterator[Resource]:
    """Return the log buckets of the destinations; edge-access-logs reports any other bucket."""
    for destination in stack.of(DESTINATION):
        reference = stack.refer(destination, destination.at(*_BUCKET), BUCKET, by=("arn",))
        if isinstance(reference, Found) and is_for_edge_logs(reference.resource):
            yield reference.resource


def _bucket_policies(stack: Stack) -> Iterator[Finding]:
    """Judge the policy of each log bucket; storage-bucket-tls reports a missing one."""
    for bucket in _buckets(stack):
        policy = part_of(bucket, BUCKET_POLICY, stack)
        if isinstance(policy, Unknown):
            yield Finding(resource=bucket, verdict=policy)
        elif policy is not None:
            yield from findings(policy, _bucket_policy(policy, bucket))


def _bucket_policy(policy: Resource, bucket: Resource) -> Iterator[Verdict]:
    """Require that CloudWatch may write logs and nothing else: logs that the bucket rejects are lost silently."""
    inside = f"arn:aws:s3:::{bucket.at('bucket').value}/"
    is_allowed = False
    absent = violation("policy isn't set", f"a policy that allows {names_figures.LOG_WRITER}")
    for statement in allow_statements(policy.at("policy"), absent=absent):
        if not isinstance(statement, Node):
            yield statement
            return
        if ("Service", names_figures.LOG_WRITER) not in principals(statement):
            continue
        yield from _log_statement(statement)
        resources = texts(statement.at("Resource"))
        if not all(resource.startswith(inside) for resource in resources):
            yield violation(f"{label(statement)} is for {', '.join(resources)}", f"objects in {inside}")
        example = f"{inside}{names_figures.LOG_FOLDER}log.gz"
        is_allowed = is_allowed or any(fnmatchcase(example, resource) for resource in resources)
    if not is_allowed:
        allowed = f"s3:PutObject on {inside}{names_figures.LOG_FOLDER}*"
        yield violation(f"{names_figures.LOG_WRITER} may not write", allowed)


def _log_statement(statement: Node) -> Iterator[Verdict]:
    name = label(statement)
    actions = texts(statement.at("Action"))
    if actions != ("s3:PutObject",):
        found = f"{name} allows {names_figures.LOG_WRITER} {', '.join(actions) or 'all other actions'}"
        yield violation(found, "s3:PutObject")
    if not has_condition(conditions(statement), "aws:sourceaccount".__eq__, ACCOUNT.__eq__):
        yield violation(f"{name} allows logs of any account", f"a condition on aws:SourceAccount with {ACCOUNT}")
    if not _is_for_deliveries(statement):
        allowed = f"a condition on aws:SourceArn with {names_figures.LOG_SOURCES}*"
        yield violation(f"{name} isn't limited to deliveries of this account in {edge_figures.REGION}", allowed)


def _is_for_deliveries(statement: Node) -> bool:
    return has_condition(
        conditions(statement), "aws:sourcearn".__eq__, lambda value: value.startswith(names_figures.LOG_SOURCES)
    )


def _bucket_keys(stack: Stack) -> Iterator[Finding]:
    """Judge the keys of the log buckets; storage-bucket-encrypted reports a missing one."""
    for bucket in _buckets(stack):
        part = part_of(bucket, BUCKET_ENCRYPTION, stack)
        if isinstance(part, Unknown):
            yield Finding(resource=bucket, verdict=part)
        elif part is not None:
            yield from _encryption_keys(part, stack)


def _encryption_keys(encryption: Resource, stack: Stack) -> Iterator[Finding]:
    for reference in encryption_keys_of(encryption, stack):
        match reference:
            case Found(resource=key):
                policy = key_policy_of(key, stack)
                yield from findings(key, [policy] if isinstance(policy, Unknown) else _key_policy(policy))
            case Unknown() as unknown:
                yield Finding(resource=encryption, verdict=unknown)
            case Outside(text=text):
                yield report(encryption, f"its key is {text}", "a key of this stack, whose policy allows log delivery")
            case _:
                pass


def _key_policy(policy: Resource) -> Iterator[Verdict]:
    """Require that CloudWatch may encrypt with the key: logs that it can't write are lost silently."""
    use, allowed = "kms:generatedatakey", f"kms:GenerateDataKey* with aws:SourceArn {names_figures.LOG_SOURCES}*"
    for statement in allow_statements(policy.at("policy"), absent=violation("policy isn't set", allowed)):
        if not isinstance(statement, Node):
            yield statement
            return
        is_writer = ("Service", names_figures.LOG_WRITER) in principals(statement)
        actions = [action.lower() for action in texts(statement.at("Action"))]
        if is_writer and _is_for_deliveries(statement) and any(fnmatchcase(use, action) for action in actions):
            return
    yield violation(f"{names_figures.LOG_WRITER} may not use it for deliveries of this account", allowed)


def _metrics(stack: Stack) -> Iterator[Finding]:
    return each_has(
        stack.of(DISTRIBUTION),
        stack.of(SUBSCRIPTION),
        lambda subscription: stack.refer(subscription, subscription.at("distributionId"), DISTRIBUTION),
        missing=violation("it has no metrics of error rates by status", "a MonitoringSubscription for it"),
        judge=lambda subscription: findings(subscription, _METRICS.verdicts(subscription)),
    )


RULES = (
    property_rule(
        "edge-log-delivery",
        section="Data Handling",
        description=f"Access logs are delivered in {edge_figures.REGION}, without fields that identify a person",
        types=(SOURCE, DELIVERY, DESTINATION),
        rows=when(of_type(SOURCE), equals("logType", "ACCESS_LOGS")),
        also=_delivery,
        remedy=f"Set recordFields without {_PRIVATE_FIELDS}; leave region unset.",
        severity="high",
    ),
    # Not CloudFront.5: Security Hub checks the legacy logging only, which has no choice of fields.
    StackRule(
        id="edge-access-logs",
        section="Backup Schedule",
        description="Every distribution's access logs are delivered to the stack's log bucket",
        remedy="Define a log delivery source for the distribution, and its delivery to the log bucket's destination.",
        judge=_access_logs,
    ),
    StackRule(
        id="edge-log-bucket",
        section="Data Handling",
        description="The log bucket allows CloudWatch to write this account's access logs, and nothing else",
        remedy=f"Allow {names_figures.LOG_WRITER} s3:PutObject for {names_figures.LOG_SOURCES}* alone.",
        judge=_bucket_policies,
        severity="high",
    ),
    StackRule(
        id="edge-log-key",
        section="Data Handling",
        description="The log bucket's key allows CloudWatch to encrypt this account's access logs",
        remedy=f"Allow {names_figures.LOG_WRITER} to use the key for {names_figures.LOG_SOURCES}* in its policy.",
        judge=_bucket_keys,
    ),
    StackRule(
        id="edge-metrics",
        section="Monitoring & Alerting",
        description="Every distribution has metrics of error rates by status, latency and cache hits",
        remedy=f"Define a MonitoringSubscription for the distribution; {_METRICS.remedy}.",
        judge=_metrics,
    ),
)
