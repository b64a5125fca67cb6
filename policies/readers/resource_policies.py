"""Reads a resource's policy: whom it admits, and whether it refuses plain text."""

from collections.abc import Iterator

from policies.engine.facts import Known, Node
from policies.engine.rule import Verdict, violation
from policies.figures import services as services_figures
from policies.figures.common import ACCOUNT
from policies.figures.services import Kind
from policies.readers.iam_documents import (
    allow_statements,
    conditions,
    denies_everyone,
    has_condition,
    is_own_principal,
    label,
    names_own_account,
    principals,
    statements,
    texts,
)


def expect_tls_only(policy: Node, service: str, arns: tuple[str, ...], *, action: str = "*") -> Iterator[Verdict]:
    """What is wrong with a policy that has to keep everybody from speaking plain text to each of these."""
    wanted = f"a Deny of {service}:{action} to everybody where aws:SecureTransport is false, on {' and '.join(arns)}"
    found = statements(policy, absent=violation("policy isn't set", wanted))
    if not isinstance(found, tuple):
        yield found
        return
    covered: set[str] = set()
    for statement in found:
        if _is_refusal(statement, service, action):
            covered |= set(texts(statement.at("Resource")))
    if not set(arns) <= covered:
        yield violation("it lets plain text through", wanted)


def _is_refusal(statement: Node, service: str, action: str) -> bool:
    actions = {action.lower() for action in texts(statement.at("Action"))}
    transport = statement.at("Condition", "Bool", "aws:SecureTransport").text()
    condition = statement.at("Condition").value
    return (
        denies_everyone(statement)
        and bool(actions & {f"{service}:{action.lower()}", f"{service}:*", "*"})
        and transport == Known(value="false")
        # With a second condition it would refuse less.
        and isinstance(condition, dict)
        and set(condition) == {"Bool"}
    )


def expect_own_principals(policy: Node, kind: Kind) -> Iterator[Verdict]:
    """Whom a policy lets in that it shouldn't: everybody, others, and services on behalf of others.

    `kind` is what the policy is of.
    """
    for statement in allow_statements(policy, absent=violation("policy isn't set", "a policy")):
        if not isinstance(statement, Node):
            yield statement
            continue
        name, who = label(statement), principals(statement)
        if not who:
            yield violation(f"{name} doesn't name whom it lets in", "a Principal, and no NotPrincipal")
        for of, principal in who:
            if of == "Service":
                yield from _service(statement, name, kind, principal)
            else:
                yield from _principal(statement, name, of, principal)


def _service(statement: Node, name: str, kind: Kind, service: str) -> Iterator[Verdict]:
    """A service that isn't known is reported by access-services."""
    sent = services_figures.SENT[kind].get(service)
    if sent and not has_condition(conditions(statement), sent.__contains__, names_own_account):
        allowed = f"a condition on {' or '.join(sorted(sent))} with {ACCOUNT}"
        yield violation(f"{name} lets in {service} on behalf of any account", allowed)
    elif sent is not None and not sent:
        # It sends no source: the account in the path that it writes to is the bound.
        inside = f"/AWSLogs/{ACCOUNT}/"
        if not all(inside in resource for resource in texts(statement.at("Resource")) or [""]):
            yield violation(f"{name} lets in {service} on behalf of any account", f"resources below {inside}")


def _principal(statement: Node, name: str, kind: str, principal: str) -> Iterator[Verdict]:
    bound = has_condition(conditions(statement), "aws:principalaccount".__eq__, names_own_account)
    if kind == "AWS" and principal == "*" and not bound:
        yield violation(f"{name} lets in everybody", f"principals of the account {ACCOUNT}")
    elif kind == "AWS" and principal != "*" and not is_own_principal(principal):
        yield violation(f"{name} lets in {principal}", f"principals of the account {ACCOUNT}")
    elif kind != "AWS":
        yield violation(f"{name} lets in the {kind} principal {principal}", "principals of this account and services")
