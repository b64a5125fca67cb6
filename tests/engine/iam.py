"""Judges a request by IAM documents as AWS does within one account: the role's own, and the key's that it asks for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TypeAlias, cast

from sandbox.values import Value

Statement: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class Request:
    """Who asks for what, and what AWS knows of the request besides."""

    principal: str
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict[str, str])


def may(request: Request, identity: Sequence[Statement]) -> bool:
    """Whether a principal's own documents let it do what it asks for."""
    return _decided(request, identity)


def may_use_key(request: Request, identity: Sequence[Statement], key: Sequence[Statement]) -> bool:
    """Whether a principal may use a key.

    A key's policy is asked in any case. One that lets in the account only hands the matter on to the principal's own.
    """
    return _decided(request, identity) and _decided(request, [s for s in key if _lets_in(s, request.principal)])


def _decided(request: Request, statements: Iterable[Statement]) -> bool:
    effects = {str(statement["Effect"]) for statement in statements if _applies(statement, request)}
    return "Deny" not in effects and "Allow" in effects


def _lets_in(statement: Statement, principal: str) -> bool:
    named = statement["Principal"]
    if named == "*":
        return True
    names = _texts(cast("Mapping[str, Value]", named).get("AWS", []))
    account = principal.split(":")[4]
    return principal in names or f"arn:aws:iam::{account}:root" in names


def _applies(statement: Statement, request: Request) -> bool:
    unknown = set(statement) - {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
    assert not unknown, f"{unknown} isn't judged here"
    actions, resources = _texts(statement["Action"]), _texts(statement["Resource"])
    return (
        any(fnmatchcase(request.action.lower(), pattern.lower()) for pattern in actions)
        and any(fnmatchcase(request.resource, pattern) for pattern in resources)
        and _met(cast("Mapping[str, Mapping[str, Value]]", statement.get("Condition") or {}), request)
    )


def _equal(given: str, wanted: str) -> bool:
    return given == wanted


def _like(given: str, wanted: str) -> bool:
    """In an ARN a wildcard stays within its part."""
    ours, theirs = given.split(":", 5), wanted.split(":", 5)
    return len(ours) == len(theirs) and all(map(fnmatchcase, ours, theirs))


OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": _equal,
    "Bool": _equal,
    "ArnEquals": _like,
    "ArnLike": _like,
}


def _met(conditions: Mapping[str, Mapping[str, Value]], request: Request) -> bool:
    account = request.principal.split(":")[4]
    known = {
        "aws:PrincipalArn": request.principal,
        "aws:PrincipalAccount": account,
        "kms:CallerAccount": account,
        "aws:SecureTransport": "true",
        **request.context,
    }
    return all(
        any(OPERATORS[operator](known.get(key, ""), wanted) for wanted in _texts(value))
        for operator, lines in conditions.items()
        for key, value in lines.items()
    )


def _texts(value: Value) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
