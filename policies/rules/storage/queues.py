"""Rules about queues: encrypted, over TLS only, for nobody else, and nothing lost that nobody could deal with."""

from collections.abc import Iterator, Mapping

from policies.engine.expectations import expect, expect_absent, within
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, report, violation
from policies.figures import storage as storage_figures
from policies.figures.common import ACCOUNT
from policies.readers.buckets import part_of
from policies.readers.encryption_keys import expect_customer_managed_key
from policies.readers.regions import own_region
from policies.readers.resource_policies import expect_own_principals, expect_tls_only
from policies.readers.resource_types import QUEUE

QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"


def _encrypted(queue: Resource) -> Iterator[Verdict]:
    yield from expect_customer_managed_key(queue.at("kmsMasterKeyId"))
    yield from expect_absent(queue.at("policy"), "nothing: its policy stands beside it")


def _queues(stack: Stack) -> tuple[Resource, ...]:
    """The queues of a stack whose region is known: another rule tells of the others."""
    return stack.of(QUEUE) if own_region(stack.name) else ()


def _tls(stack: Stack) -> Iterator[Finding]:
    for queue in _queues(stack):
        policy = part_of(queue, QUEUE_POLICY, stack, key="queueUrl", by=("id", "url"))
        arn = _arn(queue)
        if isinstance(policy, Unknown) or isinstance(arn, Unknown):
            yield Finding(resource=queue, verdict=policy if isinstance(policy, Unknown) else arn)
        elif policy is None:
            yield report(queue, "no QueuePolicy is its", "one that refuses plain text")
        else:
            yield from findings(policy, expect_tls_only(policy.at("policy"), "sqs", (arn,)))


def _arn(queue: Resource) -> str | Unknown:
    """The ARN that a queue has by its name, before it is made."""
    match queue.at("name").text():
        case Known(value=name):
            return f"arn:aws:sqs:{own_region(queue.stack)}:{ACCOUNT}:{name}"
        case Unknown() as unknown:
            return unknown
        case Absent():
            return "a queue without a name"


def _dead_letters(stack: Stack) -> Iterator[Finding]:
    arns = {arn: queue for queue in stack.of(QUEUE) if isinstance(arn := _arn(queue), str)}
    targets = _all_targets(stack)
    # One that isn't known yet may be anybody's.
    is_certain = not any(isinstance(queue.at("redrivePolicy").text(), Unknown) for queue in stack.of(QUEUE))
    for queue in _queues(stack):
        redrive = queue.at("redrivePolicy")
        match redrive.text():
            case Known():
                yield from findings(queue, _redriven(redrive.parsed(), arns))
            case Unknown() as unknown:
                yield Finding(resource=queue, verdict=unknown)
            case Absent() if _arn(queue) not in targets:
                if not is_certain:
                    continue
                yield report(queue, "it has no dead-letter queue", "one of this stack")
            case Absent():
                yield from findings(
                    queue, expect(queue.at("messageRetentionSeconds"), storage_figures.DEAD_LETTER_SECONDS)
                )


def _all_targets(stack: Stack) -> set[str]:
    """The ARNs that some queue's dead letters go to."""
    targets = (queue.at("redrivePolicy").parsed().at("deadLetterTargetArn").text() for queue in stack.of(QUEUE))
    return {target.value for target in targets if isinstance(target, Known)}


def _redriven(redrive: Node, arns: Mapping[str, Resource]) -> Iterator[Verdict]:
    target = redrive.at("deadLetterTargetArn").text()
    if not isinstance(target, Known) or target.value not in arns:
        found = target.value if isinstance(target, Known) else "nowhere"
        yield violation(f"its dead letters go to {found}", "a queue of this stack")
    yield from within(redrive.at("maxReceiveCount"), 1, storage_figures.MOST_RECEIVES)


RULES = (
    ResourceRule(
        id="storage-queue",
        section="Data Handling",
        description="Messages are encrypted with a key of one's own",
        remedy="Set kmsMasterKeyId to the key for messages.",
        types=(QUEUE,),
        judge=_encrypted,
    ),
    StackRule(
        id="storage-queue-tls",
        section="Data Handling",
        description="Every queue refuses plain text",
        remedy="Deny sqs:* on the queue where aws:SecureTransport is false.",
        judge=_tls,
    ),
    ResourceRule(
        id="storage-queue-closed",
        section="Data Handling",
        description="A queue's policy lets in nobody of another account, and services only for this one",
        remedy="Name this account's principals, and bind services to it as AWS documents for each.",
        types=(QUEUE_POLICY,),
        judge=lambda policy: expect_own_principals(policy.at("policy"), "queue"),
    ),
    StackRule(
        id="storage-queue-dead-letters",
        section="Backup & Recovery",
        description="A message that nobody can deal with is put aside for two weeks, and not lost",
        remedy="Give the queue a redrivePolicy to a dead-letter queue of this stack that keeps messages for 14 days.",
        judge=_dead_letters,
    ),
)
