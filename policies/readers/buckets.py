"""Finds a bucket's parts, which S3 keeps as resources of their own, and reads their policies. No rule stands here."""

from collections.abc import Callable, Iterator, Sequence

from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, Said, aws_type, fault
from policies.figures import audit as audit_figures
from policies.figures import services as services_figures
from policies.figures import storage as storage_figures
from policies.figures.common import ACCOUNT
from policies.figures.services import Kind
from policies.readers.iam_documents import (
    allowing,
    conditions,
    is_bound,
    is_of_account,
    is_own,
    label,
    principals,
    refuses_everybody,
    statements,
    texts,
)

BUCKET = "aws:s3/bucket:Bucket"


def of_bucket(kind: str) -> str:
    """The type of a bucket's part."""
    return aws_type("s3", kind)


def is_for_logs(bucket: Resource) -> bool:
    """Whether somebody writes logs there: a load balancer or CloudFront."""
    return is_for_balancer_logs(bucket) or is_for_edge_logs(bucket)


def is_for_balancer_logs(bucket: Resource) -> bool:
    """Whether a load balancer writes its logs there."""
    return _ends_in(bucket, storage_figures.LOG_BUCKET_ENDING)


def is_for_edge_logs(bucket: Resource) -> bool:
    """Whether CloudFront's access logs are brought there."""
    return _ends_in(bucket, storage_figures.EDGE_LOG_BUCKET_ENDING)


def is_for_audit(bucket: Resource) -> bool:
    """Whether what was written down of people and of the account is kept there, locked."""
    return _ends_in(bucket, audit_figures.ARCHIVE_BUCKET_ENDING)


def is_for_records(bucket: Resource) -> bool:
    """Whether AWS Config brings there what it wrote down of the account."""
    return _ends_in(bucket, storage_figures.RECORD_BUCKET_ENDING)


def _ends_in(bucket: Resource, ending: str) -> bool:
    name = bucket.at("bucket").text()
    return isinstance(name, Known) and name.value.endswith(ending)


def part_of(
    whole: Resource, type_: str, stack: Stack, *, key: str = "bucket", by: Sequence[str] = ("id", "bucket", "arn")
) -> Resource | Unknown | None:
    """What of a type names a bucket, or another thing, by `key`; None where nothing does, unknown where it may."""
    doubt: Unknown | None = None
    for part in stack.of(type_):
        match stack.refer(part, part.at(key), whole.type, by=by):
            case Found(resource=resource) if resource == whole:
                return part
            case Unknown() as unknown:
                doubt = unknown
            case _:
                pass
    return doubt


def judged(type_: str, stack: Stack, judge: Callable[[Resource, Resource], Iterator[Said]]) -> Iterator[Finding]:
    """What is wrong with each bucket's part of a type: `judge` takes the part and its bucket."""
    for bucket in stack.of(BUCKET):
        part = part_of(bucket, type_, stack)
        if isinstance(part, Resource):
            for said in judge(part, bucket):
                yield Finding(resource=part, said=said)
        else:
            lacking = fault(f"no {type_.rpartition(':')[2]} is its", "one for each bucket")
            yield Finding(resource=bucket, said=part or lacking)


def refuses_plain_text(policy: Node, service: str, arns: tuple[str, ...], *, action: str = "*") -> Iterator[Said]:
    """What is wrong with a policy that has to keep everybody from speaking plain text to each of these."""
    wanted = f"a Deny of {service}:{action} to everybody where aws:SecureTransport is false, on {' and '.join(arns)}"
    found = statements(policy, absent=fault("policy isn't set", wanted))
    if not isinstance(found, tuple):
        yield found
        return
    covered: set[str] = set()
    for statement in found:
        if _is_refusal(statement, service, action):
            covered |= set(texts(statement.at("Resource")))
    if not set(arns) <= covered:
        yield fault("it lets plain text through", wanted)


def _is_refusal(statement: Node, service: str, action: str) -> bool:
    actions = {action.lower() for action in texts(statement.at("Action"))}
    transport = statement.at("Condition", "Bool", "aws:SecureTransport").text()
    condition = statement.at("Condition").value
    return (
        refuses_everybody(statement)
        and bool(actions & {f"{service}:{action.lower()}", f"{service}:*", "*"})
        and transport == Known(value="false")
        # With a second condition it would refuse less.
        and isinstance(condition, dict)
        and set(condition) == {"Bool"}
    )


def lets_in(policy: Node, kind: Kind) -> Iterator[Said]:
    """Whom a policy lets in that it shouldn't: everybody, others, and services on behalf of others.

    `kind` is what the policy is of.
    """
    for statement in allowing(policy, absent=fault("policy isn't set", "a policy")):
        if not isinstance(statement, Node):
            yield statement
            continue
        name, who = label(statement), principals(statement)
        if not who:
            yield fault(f"{name} doesn't name whom it lets in", "a Principal, and no NotPrincipal")
        for of, principal in who:
            if of == "Service":
                yield from _service(statement, name, kind, principal)
            else:
                yield from _principal(statement, name, of, principal)


def _service(statement: Node, name: str, kind: Kind, service: str) -> Iterator[Said]:
    """A service that isn't known is reported by access-services."""
    sent = services_figures.SENT[kind].get(service)
    if sent and not is_bound(conditions(statement), sent.__contains__, is_of_account):
        allowed = f"a condition on {' or '.join(sorted(sent))} with {ACCOUNT}"
        yield fault(f"{name} lets in {service} on behalf of any account", allowed)
    elif sent is not None and not sent:
        # It sends no source: the account in the path that it writes to is the bound.
        inside = f"/AWSLogs/{ACCOUNT}/"
        if not all(inside in resource for resource in texts(statement.at("Resource")) or [""]):
            yield fault(f"{name} lets in {service} on behalf of any account", f"resources below {inside}")


def _principal(statement: Node, name: str, kind: str, principal: str) -> Iterator[Said]:
    bound = is_bound(conditions(statement), "aws:principalaccount".__eq__, is_of_account)
    if kind == "AWS" and principal == "*" and not bound:
        yield fault(f"{name} lets in everybody", f"principals of the account {ACCOUNT}")
    elif kind == "AWS" and principal != "*" and not is_own(principal):
        yield fault(f"{name} lets in {principal}", f"principals of the account {ACCOUNT}")
    elif kind != "AWS":
        yield fault(f"{name} lets in the {kind} principal {principal}", "principals of this account and services")
