"""Judges a resource's policy: principals of this account."""

from collections.abc import Iterator

from policies.engine.facts import Node
from policies.engine.rule import Verdict, violation
from policies.figures import services as services_figures
from policies.figures.common import ACCOUNT
from policies.figures.services import Kind
from policies.readers.iam_documents import (
    allow_statements,
    conditions,
    has_condition,
    label,
    matches_everything,
    principals,
    texts,
)
from policies.readers.own_account import is_own_principal, names_own_account


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
