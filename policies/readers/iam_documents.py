"""Reads IAM documents: their statements, whom they let in, and what they ask of a request. No rule stands here."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from policies.engine.facts import Absent, Known, Node, Unknown
from policies.engine.rule import Verdict, violation
from policies.figures.common import ACCOUNT

ELEMENTS = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)

# The comparisons that a request without the condition's key fails: those with IfExists or ForAllValues let it pass.
_BINDING = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})
_ARN_PARTS = 6


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One line of a statement's condition: the key in lower case, and the values of which one has to be met."""

    key: str
    values: tuple[str, ...]


def statements(node: Node, *, absent: str) -> tuple[Node, ...] | Verdict:
    """The statements of the document at a place; `absent` says what its absence means."""
    match node.text():
        case Unknown() as unknown:
            return unknown
        case Absent():
            return absent
        case Known(value=text):
            name = ".".join(node.path)
            document = Node(path=node.path, value=text.strip()).parsed()
            found = document.at("Statement").items()
            if not isinstance(document.value, dict) or not isinstance(found, Known) or not found.value:
                return violation(f"{name} isn't a policy's JSON with statements", "a JSON object with a Statement")
            return found.value


def allow_statements(node: Node, *, absent: str) -> Iterator[Node | Verdict]:
    """The statements of the document at a place that allow something, and what can't be read, or not yet."""
    found = statements(node, absent=absent)
    if not isinstance(found, tuple):
        yield found
        return
    for statement in found:
        if not is_readable(statement):
            yield violation(
                f"{label(statement)} can't be read", "Effect Allow or Deny, and the elements of a policy's statement"
            )
        elif statement.at("Effect").value == "Allow":
            yield statement


def is_readable(statement: Node) -> bool:
    """Whether a statement has an effect, and nothing that isn't known here."""
    value = statement.value
    return isinstance(value, dict) and value.get("Effect") in ("Allow", "Deny") and not value.keys() - ELEMENTS


def denies_everyone(statement: Node) -> bool:
    """Whether a statement denies something to everybody; its condition may yet let some do it."""
    return is_readable(statement) and statement.at("Effect").value == "Deny" and principals(statement) == [("AWS", "*")]


def allows_action(statement: Node, action: str) -> bool:
    """Whether a statement allows an action, by pattern, as AWS compares them: in any case."""
    done, kept = ([text.lower() for text in texts(statement.at(key))] for key in ("Action", "NotAction"))
    is_meant = any(fnmatchcase(action.lower(), pattern) for pattern in done)
    is_left = bool(kept) and not any(fnmatchcase(action.lower(), pattern) for pattern in kept)
    return is_readable(statement) and statement.at("Effect").value == "Allow" and (is_meant or is_left)


def label(statement: Node) -> str:
    """What a person calls a statement: its Sid, or its number."""
    named = statement.at("Sid").text()
    return f"the statement {named.value if isinstance(named, Known) else statement.path[-1]}"


def texts(node: Node) -> tuple[str, ...]:
    """The texts of a list, or the only one."""
    items = node.items()
    facts = [item.text() for item in items.value] if isinstance(items, Known) else []
    return tuple(fact.value for fact in facts if isinstance(fact, Known))


def principals(statement: Node) -> list[tuple[str, str]]:
    """Whom a statement is about: kinds (AWS, Service, Federated) and names."""
    principal = statement.at("Principal")
    if not isinstance(principal.value, dict):
        return [("AWS", name) for name in texts(principal)]
    return [(kind, name) for kind in principal.value for name in texts(principal.at(kind))]


def conditions(statement: Node) -> list[Condition]:
    """The lines that a request has to meet for the statement to hold."""
    lines = _condition_lines(statement)
    return [Condition(key=key, values=texts(value)) for operator, key, value in lines if operator in _BINDING]


def required_keys(statement: Node) -> frozenset[str]:
    """The keys, in lower case, without which a request fails the statement's condition."""
    return frozenset(key for operator, key, value in _condition_lines(statement) if _needs_its_key(operator, value))


def _condition_lines(statement: Node) -> Iterator[tuple[str, str, Node]]:
    """Each comparison of a statement's condition: operator (without ForAnyValue) and key in lower case, and values."""
    condition = statement.at("Condition")
    for operator in condition.value if isinstance(condition.value, dict) else ():
        lines = condition.at(operator)
        for key in lines.value if isinstance(lines.value, dict) else ():
            yield operator.lower().removeprefix("foranyvalue:"), key.lower(), lines.at(key)


def _needs_its_key(operator: str, value: Node) -> bool:
    if operator == "null":
        wanted = value.text()
        return isinstance(wanted, Known) and wanted.value.lower() == "false"
    # These hold for a request without the key.
    return not (operator.startswith("forallvalues:") or operator.endswith("ifexists") or "not" in operator)


def has_condition(found: Sequence[Condition], is_key: Callable[[str], bool], is_value: Callable[[str], bool]) -> bool:
    """Whether a request has to meet one of such values for such a key."""
    return any(
        is_key(condition.key) and condition.values and all(is_value(value) for value in condition.values)
        for condition in found
    )


def parts_of(arn: str) -> tuple[str, ...]:
    """The six parts of an ARN; none of a text that isn't one."""
    parts = tuple(arn.split(":", _ARN_PARTS - 1))
    return parts if len(parts) == _ARN_PARTS else ()


def account_of(arn: str) -> str:
    """The account in an ARN; empty where there is none."""
    return parts_of(arn)[4] if parts_of(arn) else ""


def is_own_principal(principal: str) -> bool:
    """Whether a principal is of the document's account: the account itself, or somebody in it."""
    return principal == ACCOUNT or account_of(principal) == ACCOUNT


def names_own_account(value: str) -> bool:
    """Whether a value names the document's account, by an ARN or by its number."""
    if value.startswith("arn:"):
        return account_of(value) == ACCOUNT
    return re.search(rf"(?<!\d){ACCOUNT}(?!\d)", value) is not None


def matches_everything(pattern: str) -> bool:
    """Whether a pattern holds for everything."""
    return not pattern.strip("*?")


def resource_of(arn: str) -> str:
    """The part of an ARN behind its account."""
    return parts_of(arn)[-1] if parts_of(arn) else ""
