"""Reads IAM documents: their statements, principals and conditions."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from policies.engine.facts import Absent, Known, Node, Unknown
from policies.engine.rule import Verdict, violation

ELEMENTS = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)

# The operators that fail for a request without the condition's key; those with IfExists or ForAllValues don't.
_BINDING = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})
_ARN_PARTS = 6


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One line of a statement's condition: the key in lower case, and the values of which one must match."""

    key: str
    values: tuple[str, ...]


def statements(node: Node, *, absent: str) -> tuple[Node, ...] | Verdict:
    """Return the statements of the document at a node, or `absent` if there is none."""
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
    """Return the Allow statements of the document at a node, and a verdict for each that is unknown or unreadable."""
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
    """Whether a statement has an effect and no unknown element."""
    value = statement.value
    return isinstance(value, dict) and value.get("Effect") in ("Allow", "Deny") and not value.keys() - ELEMENTS


def denies_everyone(statement: Node) -> bool:
    """Whether a statement denies an action to every principal; its condition may exempt some."""
    return is_readable(statement) and statement.at("Effect").value == "Deny" and principals(statement) == [("AWS", "*")]


def allows_action(statement: Node, action: str) -> bool:
    """Whether a statement allows an action, by pattern and ignoring the case, as AWS compares them."""
    actions, excluded = ([text.lower() for text in texts(statement.at(key))] for key in ("Action", "NotAction"))
    is_included = any(fnmatchcase(action.lower(), pattern) for pattern in actions)
    is_remaining = bool(excluded) and not any(fnmatchcase(action.lower(), pattern) for pattern in excluded)
    return is_readable(statement) and statement.at("Effect").value == "Allow" and (is_included or is_remaining)


def label(statement: Node) -> str:
    """Return a statement's name in messages: its Sid, or its number."""
    sid = statement.at("Sid").text()
    return f"the statement {sid.value if isinstance(sid, Known) else statement.path[-1]}"


def texts(node: Node) -> tuple[str, ...]:
    """Return the texts of a list, or a single text."""
    items = node.items()
    facts = [item.text() for item in items.value] if isinstance(items, Known) else []
    return tuple(fact.value for fact in facts if isinstance(fact, Known))


def principals(statement: Node) -> list[tuple[str, str]]:
    """Return a statement's principals: kinds (AWS, Service, Federated) and names."""
    principal = statement.at("Principal")
    if not isinstance(principal.value, dict):
        return [("AWS", name) for name in texts(principal)]
    return [(kind, name) for kind in principal.value for name in texts(principal.at(kind))]


def conditions(statement: Node) -> list[Condition]:
    """Return the condition lines that a request must meet for the statement to apply."""
    lines = _condition_lines(statement)
    return [Condition(key=key, values=texts(value)) for operator, key, value in lines if operator in _BINDING]


def compared(statement: Node, operator: str, key: str) -> tuple[str, ...]:
    """Return the values that a condition compares a key with, by an operator; none without such a condition."""
    lines = _condition_lines(statement)
    found = [texts(value) for op, name, value in lines if (op, name) == (operator.lower(), key.lower())]
    return found[0] if found else ()


def has_action(statement: Node, action: str) -> bool:
    """Whether a statement, of either effect, names an action, by pattern."""
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in texts(statement.at("Action")))


def required_keys(statement: Node) -> frozenset[str]:
    """Return the keys, in lower case, without which a request fails the statement's condition."""
    return frozenset(key for operator, key, value in _condition_lines(statement) if _requires_key(operator, value))


def _condition_lines(statement: Node) -> Iterator[tuple[str, str, Node]]:
    """Return each comparison of a condition: operator (without ForAnyValue) and key in lower case, and the values."""
    condition = statement.at("Condition")
    for operator in condition.value if isinstance(condition.value, dict) else ():
        lines = condition.at(operator)
        for key in lines.value if isinstance(lines.value, dict) else ():
            yield operator.lower().removeprefix("foranyvalue:"), key.lower(), lines.at(key)


def _requires_key(operator: str, value: Node) -> bool:
    if operator == "null":
        is_null = value.text()
        return isinstance(is_null, Known) and is_null.value.lower() == "false"
    # These operators hold for a request without the key.
    return not (operator.startswith("forallvalues:") or operator.endswith("ifexists") or "not" in operator)


def has_condition(found: Sequence[Condition], is_key: Callable[[str], bool], is_value: Callable[[str], bool]) -> bool:
    """Whether a condition requires such a value for such a key."""
    return any(
        is_key(condition.key) and condition.values and all(is_value(value) for value in condition.values)
        for condition in found
    )


def parts_of(arn: str) -> tuple[str, ...]:
    """Return the six parts of an ARN; none for any other text."""
    parts = tuple(arn.split(":", _ARN_PARTS - 1))
    return parts if len(parts) == _ARN_PARTS else ()


def account_of(arn: str) -> str:
    """Return the account in an ARN, or an empty text."""
    return parts_of(arn)[4] if parts_of(arn) else ""


def matches_everything(pattern: str) -> bool:
    """Whether a pattern matches any text."""
    return not pattern.strip("*?")


def resource_of(arn: str) -> str:
    """Return the part of an ARN after its account."""
    return parts_of(arn)[-1] if parts_of(arn) else ""
