"""Rules about queues: encrypted, over TLS only, for this account only, and with a dead-letter queue."""

from collections.abc import Iterator, Mapping

from policies.engine.expectations import between, equals, must_be_absent, property_rule
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, report, violation
from policies.figures import storage as storage_figures
from policies.figures.common import ACCOUNT
from policies.readers.buckets import part_of
from policies.readers.encryption_keys import customer_managed_key
from policies.readers.regions import own_region
from policies.readers.resource_policies import expect_own_principals
from policies.readers.resource_types import QUEUE
from policies.readers.tls_only import expect_tls_only

QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
_RETENTION = equals("messageRetentionSeconds", storage_figures.DEAD_LETTER_SECONDS)
_RECEIVES = between("maxReceiveCount", 1, storage_figures.MAX_RECEIVES)
_DAYS = storage_figures.DEAD_LETTER_SECONDS // (24 * 60 * 60)


def _queues(stack: Stack) -> tuple[Resource, ...]:
    """Return the queues of a stack whose region is known; residency-provider-region reports other stacks."""
    return stack.of(QUEUE) if own_region(stack.name) else ()


def _tls(stack: Stack) -> Iterator[Finding]:
    for queue in _queues(stack):
        policy = part_of(queue, QUEUE_POLICY, stack, key="queueUrl", by=("id", "url"))
        arn = _arn(queue)
        if isinstance(policy, Unknown) or isinstance(arn, Unknown):
            yield Finding(resource=queue, verdict=policy if isinstance(policy, Unknown) else arn)
        elif policy is None:
            yield report(queue, "it has no QueuePolicy", "one that rejects requests without TLS")
        else:
            yield from findings(policy, expect_tls_only(policy.at("policy"), "sqs", (arn,)))


def _arn(queue: Resource) -> str | Unknown:
    """Return the ARN of a queue by its name, which is known before the queue is created."""
    match queue.at("name").text():
        case Known(value=name):
            return f"arn:aws:sqs:{own_region(queue.stack)}:{ACCOUNT}:{name}"
        case Unknown() as unknown:
            return unknown
        case Absent():
            return "a queue without a name"


def _dead_letters(stack: Stack) -> Iterator[Finding]:
    arns = {arn: queue for queue in stack.of(QUEUE) if isinstance(arn := _arn(queue), str)}
    targets = _dead_letter_targets(stack)
    # Any queue may be the target of an unknown redrivePolicy.
    is_complete = not any(isinstance(queue.at("redrivePolicy").text(), Unknown) for queue in stack.of(QUEUE))
    for queue in _queues(stack):
        redrive = queue.at("redrivePolicy")
        match redrive.text():
            case Known():
                yield from findings(queue, _redrive(redrive.parsed(), arns))
            case Unknown() as unknown:
                yield Finding(resource=queue, verdict=unknown)
            case Absent() if _arn(queue) in targets:
                yield from findings(queue, _RETENTION.verdicts(queue))
            case Absent():
                if is_complete:
                    yield report(queue, "it has no dead-letter queue", "one of this stack")


def _dead_letter_targets(stack: Stack) -> set[str]:
    """Return the ARNs of the dead-letter queues."""
    targets = (queue.at("redrivePolicy").parsed().at("deadLetterTargetArn").text() for queue in stack.of(QUEUE))
    return {target.value for target in targets if isinstance(target, Known)}


def _redrive(redrive: Node, arns: Mapping[str, Resource]) -> Iterator[Verdict]:
    target = redrive.at("deadLetterTargetArn").text()
    if not isinstance(target, Known) or target.value not in arns:
        found = (
            f"its dead-letter queue is {target.value}" if isinstance(target, Known) else "it has no dead-letter queue"
        )
        yield violation(found, "a queue of this stack")
    yield from _RECEIVES.judge(redrive.at(*_RECEIVES.path))


RULES = (
    property_rule(
        "storage-queue",
        section="Data Handling",
        description="Messages are encrypted with a customer managed key",
        types=QUEUE,
        rows=(
            customer_managed_key("kmsMasterKeyId"),
            must_be_absent("policy", "a queue has its policy in a QueuePolicy"),
        ),
        severity="high",
        controls=("SQS.1",),
    ),
    StackRule(
        id="storage-queue-tls",
        section="Data Handling",
        description="Every queue rejects requests without TLS",
        remedy="Deny sqs:* on the queue where aws:SecureTransport is false.",
        judge=_tls,
        severity="high",
    ),
    ResourceRule(
        id="storage-queue-closed",
        section="Data Handling",
        description="A queue's policy allows no principal of another account, and services for this account only",
        remedy="Name principals of this account, and limit services to it by the condition that AWS documents.",
        types=(QUEUE_POLICY,),
        judge=lambda policy: expect_own_principals(policy.at("policy"), "queue"),
        severity="critical",
        controls=("SQS.3",),
    ),
    StackRule(
        id="storage-queue-dead-letters",
        section="Backup & Recovery",
        description=f"A message that can't be processed is kept for {_DAYS} days in a dead-letter queue",
        remedy="Give the queue a redrivePolicy to a dead-letter queue of this stack. "
        f"Queue: {_RECEIVES.remedy}. Dead-letter queue: {_RETENTION.remedy}.",
        judge=_dead_letters,
        severity="high",
    ),
)
