"""Evaluate a request by IAM policies as AWS does within one account: those of the role, and that of the key."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TypeAlias, cast

from sandbox.values import Value

Statement: TypeAlias = Mapping[str, Value]

ACCOUNT = "987654321098"
REGIONS = {"production": "us-east-1", "dr": "us-west-2"}


@dataclass(frozen=True, kw_only=True)
class Request:
    """Principal, action and resource of a request, and the values of its condition keys."""

    principal: str
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict[str, str])


def statements_of(document: Value) -> list[Statement]:
    """Return the statements of a policy document."""
    return json.loads(str(document))["Statement"]


def is_allowed(request: Request, identity: Sequence[Statement]) -> bool:
    """Whether the principal's policies allow the request."""
    return _is_allowed_by(request, identity)


def is_key_use_allowed(request: Request, identity: Sequence[Statement], key: Sequence[Statement]) -> bool:
    """Whether a principal may use a key.

    The key policy must allow the principal or its account, and the principal's policies must allow the request too.
    """
    applicable = [statement for statement in key if _names(statement, request.principal)]
    return _is_allowed_by(request, identity) and _is_allowed_by(request, applicable)


def _is_allowed_by(request: Request, statements: Iterable[Statement]) -> bool:
    effects = {str(statement["Effect"]) for statement in statements if _applies(statement, request)}
    return "Deny" not in effects and "Allow" in effects


def _names(statement: Statement, principal: str) -> bool:
    principals = statement["Principal"]
    if principals == "*":
        return True
    names = _texts(cast("Mapping[str, Value]", principals).get("AWS", []))
    account = principal.split(":")[4]
    return principal in names or f"arn:aws:iam::{account}:root" in names


def _applies(statement: Statement, request: Request) -> bool:
    unsupported = set(statement) - {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
    assert not unsupported, f"{unsupported} is not evaluated"
    actions, resources = _texts(statement["Action"]), _texts(statement["Resource"])
    return (
        any(fnmatchcase(request.action.lower(), pattern.lower()) for pattern in actions)
        and any(fnmatchcase(request.resource, pattern) for pattern in resources)
        and _met(cast("Mapping[str, Mapping[str, Value]]", statement.get("Condition") or {}), request)
    )


def _equal(actual: str, expected: str) -> bool:
    return actual == expected


def _like(actual: str, pattern: str) -> bool:
    """Match ARNs: a wildcard doesn't extend beyond its segment."""
    segments, patterns = actual.split(":", 5), pattern.split(":", 5)
    return len(segments) == len(patterns) and all(map(fnmatchcase, segments, patterns))


OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": _equal,
    "StringLike": fnmatchcase,
    "Bool": _equal,
    "ArnEquals": _like,
    "ArnLike": _like,
}


def _met(conditions: Mapping[str, Mapping[str, Value]], request: Request) -> bool:
    account = request.principal.split(":")[4]
    values = {
        "aws:PrincipalArn": request.principal,
        "aws:PrincipalAccount": account,
        "kms:CallerAccount": account,
        "aws:SecureTransport": "true",
        **request.context,
    }
    return all(
        any(OPERATORS[operator](values.get(key, ""), expected) for expected in _texts(value))
        for operator, condition in conditions.items()
        for key, value in condition.items()
    )


def _texts(value: Value) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
