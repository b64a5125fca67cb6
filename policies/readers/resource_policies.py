"""Judges a resource's policy: TLS only, and principals of this account."""

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
    matches_everything,
    names_own_account,
    principals,
    statements,
    texts,
)


def expect_tls_only(policy: Node, service: str, arns: tuple[str, ...], *, action: str = "*") -> Iterator[Verdict]:
    """Require that a policy denies plain text on each of these ARNs."""
    allowed = (
        f"a Deny of {service}:{action} to every principal where aws:SecureTransport is false, on {' and '.join(arns)}"
    )
    found = statements(policy, absent=violation("policy isn't set", allowed))
    if not isinstance(found, tuple):
        yield found
        return
    covered: set[str] = set()
    for statement in found:
        if _denies_plain_text(statement, service, action):
            covered |= set(texts(statement.at("Resource")))
    if not set(arns) <= covered:
        yield violation("it allows plain text", allowed)


def _denies_plain_text(statement: Node, service: str, action: str) -> bool:
    actions = {action.lower() for action in texts(statement.at("Action"))}
    transport = statement.at("Condition", "Bool", "aws:SecureTransport").text()
    condition = statement.at("Condition").value
    return (
        denies_everyone(statement)
        and bool(actions & {f"{service}:{action.lower()}", f"{service}:*", "*"})
        and transport == Known(value="false")
        # A second condition would deny less.
        and isinstance(condition, dict)
        and set(condition) == {"Bool"}
    )


def expect_own_principals(policy: Node, kind: Kind) -> Iterator[Verdict]:
    """Require that a policy allows this account's principals, and services on its behalf, alone.

    `kind` is that of the policy's resource.
    """
    for statement in allow_statements(policy, absent=violation("policy isn't set", "a policy")):
        if not isinstance(statement, Node):
            yield statement
            continue
        name, allowed = label(statement), principals(statement)
        if not allowed:
            yield violation(f"{name} has no Principal", "a Principal, and no NotPrincipal")
        for action in texts(statement.at("Action")):
            if matches_everything(action.rpartition(":")[2]):
                yield violation(f"{name} allows {action}", "each action by its name")
        for principal_kind, principal in allowed:
            if principal_kind == "Service":
                yield from _service(statement, name, kind, principal)
            else:
                yield from _principal(statement, name, principal_kind, principal)


def _service(statement: Node, name: str, kind: Kind, service: str) -> Iterator[Verdict]:
    """Require a condition on this account; access-services reports an unknown service."""
    keys = services_figures.CONDITION_KEYS[kind].get(service)
    if keys and not has_condition(conditions(statement), keys.__contains__, names_own_account):
        allowed = f"a condition on {' or '.join(sorted(keys))} with {ACCOUNT}"
        yield violation(f"{name} allows {service} on behalf of any account", allowed)
    elif keys is not None and not keys:
        # The service sends no source account: the path that it writes to limits it to this one.
        inside = f"/AWSLogs/{ACCOUNT}/"
        if not all(inside in resource for resource in texts(statement.at("Resource")) or [""]):
            yield violation(f"{name} allows {service} on behalf of any account", f"resources below {inside}")


def _principal(statement: Node, name: str, kind: str, principal: str) -> Iterator[Verdict]:
    bound = has_condition(conditions(statement), "aws:principalaccount".__eq__, names_own_account)
    if kind == "AWS" and principal == "*" and not bound:
        yield violation(f"{name} allows every AWS account", f"principals of the account {ACCOUNT}")
    elif kind == "AWS" and principal != "*" and not is_own_principal(principal):
        yield violation(f"{name} allows {principal}", f"principals of the account {ACCOUNT}")
    elif kind != "AWS":
        yield violation(f"{name} allows the {kind} principal {principal}", "principals of this account and services")
