"""Rules about what CloudFront writes down and measures.

Its access logs go by CloudWatch's deliveries: a source names a distribution, a delivery brings the source's logs to a
destination, and that names a bucket.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies.engine.expectations import expect
from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Reference, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, each_has, findings, report, violation
from policies.figures import edge as edge_figures
from policies.figures import names as names_figures
from policies.figures.common import ACCOUNT
from policies.readers.buckets import is_for_edge_logs, part_of
from policies.readers.encryption_keys import encryption_keys_of, key_policy_of
from policies.readers.iam_documents import allow_statements, conditions, has_condition, label, principals, texts
from policies.readers.resource_types import BUCKET, BUCKET_ENCRYPTION, BUCKET_POLICY, DISTRIBUTION
from policies.rules.edge.names import in_edge_region

SOURCE = "aws:cloudwatch/logDeliverySource:LogDeliverySource"
DELIVERY = "aws:cloudwatch/logDelivery:LogDelivery"
DESTINATION = "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination"
SUBSCRIPTION = "aws:cloudfront/monitoringSubscription:MonitoringSubscription"


def _delivery(resource: Resource) -> Iterator[Verdict]:
    yield from in_edge_region(resource)
    if resource.type == SOURCE:
        yield from expect(resource.at("logType"), "ACCESS_LOGS")
    elif resource.type == DELIVERY:
        yield from _fields(resource.at("recordFields"))


def _fields(node: Node) -> Iterator[Verdict]:
    private = ", ".join(names_figures.PRIVATE_FIELDS)
    match node.items():
        case Known(value=fields) if fields:
            for text in (field.text() for field in fields):
                if isinstance(text, Unknown):
                    yield text
                elif isinstance(text, Known) and text.value in names_figures.PRIVATE_FIELDS:
                    yield violation(f"{text.value} is written down", f"fields without {private}")
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation(f"recordFields isn't set: AWS writes {private} too", f"fields without {private}")


def _logged(stack: Stack) -> Iterator[Finding]:
    yield from each_has(
        stack.of(DISTRIBUTION),
        stack.of(SOURCE),
        lambda source: stack.refer(source, source.at("resourceArn"), DISTRIBUTION),
        lacking=violation("it writes no access logs", "a log delivery source of its own"),
    )
    yield from each_has(
        stack.of(SOURCE),
        stack.of(DELIVERY),
        lambda delivery: stack.refer(delivery, delivery.at("deliverySourceName"), SOURCE, by=("name",)),
        lacking=violation("nothing delivers it", "a log delivery to a destination of this stack"),
    )
    for delivery in stack.of(DELIVERY):
        to = stack.refer(delivery, delivery.at("deliveryDestinationArn"), DESTINATION)
        yield from _elsewhere(delivery, to, "a destination of this stack")
    for destination in stack.of(DESTINATION):
        yield from _to_bucket(destination, stack)


def _to_bucket(destination: Resource, stack: Stack) -> Iterator[Finding]:
    allowed = "this stack's bucket for access logs"
    reference = _bucket_of(destination, stack)
    yield from _elsewhere(destination, reference, allowed)
    if isinstance(reference, Found):
        bucket = reference.resource
        name = bucket.at("bucket").text()
        if isinstance(name, Unknown):
            yield Finding(resource=bucket, verdict=name)
        elif not is_for_edge_logs(bucket):
            yield report(destination, f"it leads to the bucket {bucket.name}", allowed)


def _bucket_of(destination: Resource, stack: Stack) -> Reference:
    to = destination.at("deliveryDestinationConfiguration", "destinationResourceArn")
    return stack.refer(destination, to, BUCKET, by=("arn",))


def _elsewhere(resource: Resource, reference: Reference, allowed: str) -> Iterator[Finding]:
    """What leads to nothing of this stack."""
    match reference:
        case Found():
            pass
        case Unknown() as unknown:
            yield Finding(resource=resource, verdict=unknown)
        case Outside(text=text):
            yield report(resource, f"it leads to {text}", allowed)
        case _:
            yield report(resource, "it leads to nothing", allowed)


def _buckets(stack: Stack) -> Iterator[Resource]:
    """The buckets for access logs that destinations lead to; another one is told by the rule above."""
    for destination in stack.of(DESTINATION):
        reference = _bucket_of(destination, stack)
        if isinstance(reference, Found) and is_for_edge_logs(reference.resource):
            yield reference.resource


def _let_in(stack: Stack) -> Iterator[Finding]:
    """A bucket without a policy is told by the buckets' own rules."""
    for bucket in _buckets(stack):
        policy = part_of(bucket, BUCKET_POLICY, stack)
        if isinstance(policy, Unknown):
            yield Finding(resource=bucket, verdict=policy)
        elif policy is not None:
            yield from findings(policy, _writing(policy, bucket))


def _writing(policy: Resource, bucket: Resource) -> Iterator[Verdict]:
    """Whether a bucket lets CloudWatch bring it logs, and nothing else: what it refuses is lost without a word."""
    inside = f"arn:aws:s3:::{bucket.at('bucket').value}/"
    is_let_in = False
    for statement in allow_statements(
        policy.at("policy"), absent=violation("policy isn't set", "a policy that lets logs in")
    ):
        if not isinstance(statement, Node):
            yield statement
            return
        if ("Service", names_figures.LOG_WRITER) not in principals(statement):
            continue
        yield from _bound(statement)
        resources = texts(statement.at("Resource"))
        if not all(resource.startswith(inside) for resource in resources):
            yield violation(f"{label(statement)} is about {', '.join(resources)}", f"what is in {inside}")
        example = f"{inside}{names_figures.LOG_FOLDER}log.gz"
        is_let_in = is_let_in or any(fnmatchcase(example, resource) for resource in resources)
    if not is_let_in:
        yield violation(
            f"{names_figures.LOG_WRITER} may not write", f"s3:PutObject on {inside}{names_figures.LOG_FOLDER}*"
        )


def _bound(statement: Node) -> Iterator[Verdict]:
    name = label(statement)
    actions = texts(statement.at("Action"))
    if actions != ("s3:PutObject",):
        yield violation(f"{name} lets {names_figures.LOG_WRITER} do {', '.join(actions) or 'the rest'}", "s3:PutObject")
    if not has_condition(conditions(statement), "aws:sourceaccount".__eq__, ACCOUNT.__eq__):
        yield violation(f"{name} lets in logs of any account", f"a condition on aws:SourceAccount with {ACCOUNT}")
    if not _is_for_deliveries(statement):
        allowed = f"a condition on aws:SourceArn with {names_figures.LOG_SOURCES}*"
        yield violation(f"{name} isn't for this account's deliveries in {edge_figures.REGION}", allowed)


def _is_for_deliveries(statement: Node) -> bool:
    asked = conditions(statement)
    return has_condition(asked, "aws:sourcearn".__eq__, lambda value: value.startswith(names_figures.LOG_SOURCES))


def _keyed(stack: Stack) -> Iterator[Finding]:
    """A bucket without encryption, or without a key, is told by the buckets' own rules."""
    for bucket in _buckets(stack):
        part = part_of(bucket, BUCKET_ENCRYPTION, stack)
        if isinstance(part, Unknown):
            yield Finding(resource=bucket, verdict=part)
        elif part is not None:
            yield from _opened(part, stack)


def _opened(encryption: Resource, stack: Stack) -> Iterator[Finding]:
    for reference in encryption_keys_of(encryption, stack):
        match reference:
            case Found(resource=key):
                policy = key_policy_of(key, stack)
                yield from findings(key, [policy] if isinstance(policy, Unknown) else _key_policy(policy))
            case Unknown() as unknown:
                yield Finding(resource=encryption, verdict=unknown)
            case Outside(text=text):
                verdict = violation(f"its key is {text}", "a key of this stack, whose policy lets the logs in")
                yield Finding(resource=encryption, verdict=verdict)
            case _:
                pass


def _key_policy(policy: Resource) -> Iterator[Verdict]:
    """Whether CloudWatch may use a key for the logs that it brings: if not, they are lost without a word."""
    use, allowed = "kms:generatedatakey", f"kms:GenerateDataKey* with aws:SourceArn {names_figures.LOG_SOURCES}*"
    for statement in allow_statements(policy.at("policy"), absent=violation("policy isn't set", allowed)):
        if not isinstance(statement, Node):
            yield statement
            return
        is_writer = ("Service", names_figures.LOG_WRITER) in principals(statement)
        actions = [action.lower() for action in texts(statement.at("Action"))]
        if is_writer and _is_for_deliveries(statement) and any(fnmatchcase(use, action) for action in actions):
            return
    yield violation(f"{names_figures.LOG_WRITER} may not use it for this account's deliveries", allowed)


def _measured(stack: Stack) -> Iterator[Finding]:
    status = ("monitoringSubscription", "realtimeMetricsSubscriptionConfig", "realtimeMetricsSubscriptionStatus")
    return each_has(
        stack.of(DISTRIBUTION),
        stack.of(SUBSCRIPTION),
        lambda subscription: stack.refer(subscription, subscription.at("distributionId"), DISTRIBUTION),
        lacking=violation("its error rates by status aren't measured", "a MonitoringSubscription of its own"),
        judge=lambda subscription: (
            Finding(resource=subscription, verdict=verdict) for verdict in expect(subscription.at(*status), "Enabled")
        ),
    )


RULES = (
    ResourceRule(
        id="edge-log-delivery",
        section="Data Handling",
        description="Access logs are delivered in the edge's region, without what says who somebody is",
        remedy=f"Set recordFields without {', '.join(names_figures.PRIVATE_FIELDS)}, and leave the region out.",
        types=(SOURCE, DELIVERY, DESTINATION),
        judge=_delivery,
    ),
    StackRule(
        id="edge-access-logs",
        section="Backup Schedule",
        description="Every distribution's access logs are delivered to the stack's bucket for them",
        remedy="Make a log delivery source for the distribution, and deliver it to the bucket's destination.",
        judge=_logged,
    ),
    StackRule(
        id="edge-log-bucket",
        section="Data Handling",
        description="The bucket for access logs lets CloudWatch write this account's, and do nothing else",
        remedy=f"Let {names_figures.LOG_WRITER} put objects for {names_figures.LOG_SOURCES}* alone.",
        judge=_let_in,
    ),
    StackRule(
        id="edge-log-key",
        section="Data Handling",
        description="The key of the bucket for access logs lets CloudWatch use it for this account's",
        remedy=f"Let {names_figures.LOG_WRITER} use the key for {names_figures.LOG_SOURCES}* in its policy.",
        judge=_keyed,
    ),
    StackRule(
        id="edge-metrics",
        section="Monitoring & Alerting",
        description="Every distribution's error rates by status, latency and cache hits are measured",
        remedy="Make a MonitoringSubscription for the distribution, with the status Enabled.",
        judge=_measured,
    ),
)
