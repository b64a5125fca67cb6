"""Rules about who may use a KMS key: nobody of another account, and a whole account only through a service."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from policies import figures
from policies.facts import Absent, Known, Node, Resource, Unknown
from policies.rule import ResourceRule, Said, fault
from policies.rules.encryption.keys import KEY, KEY_POLICY

# What reads or writes data under a key, or lets somebody else do it, as AWS compares names: in any case.
USES = (
    "kms:decrypt",
    "kms:encrypt",
    "kms:generatedatakey",
    "kms:generatedatakeywithoutplaintext",
    "kms:generatedatakeypair",
    "kms:generatedatakeypairwithoutplaintext",
    "kms:reencryptfrom",
    "kms:reencryptto",
    "kms:creategrant",
)

ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)

# The comparisons that a request without the condition's key fails: those with IfExists or ForAllValues let it pass.
_BINDING = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})

_ACCOUNT_KEYS = frozenset({"kms:calleraccount", "aws:principalaccount", "aws:sourceaccount"})
_SERVICE_KEYS = frozenset({"kms:calleraccount", "aws:sourceaccount", "aws:sourcearn"})
_CONTEXT = "kms:encryptioncontext:"
_ARN_PARTS = 6
_ROOT = (f"arn:aws:iam::{figures.ACCOUNT}:root", figures.ACCOUNT)


@dataclass(frozen=True, kw_only=True)
class _Condition:
    """One line of a statement's condition: the key in lower case, and the values of which one has to be met."""

    key: str
    values: tuple[str, ...]


def _closed(resource: Resource) -> Iterator[Said]:
    match resource.at("policy").text():
        case Unknown() as unknown:
            yield unknown
        case Absent():
            lacking = "policy isn't set: AWS's default lets the whole account do everything"
            yield fault(lacking, "a policy that binds each use")
        case Known(value=text):
            yield from _document(Node(path=("policy",), value=text.strip()).parsed())


def _document(document: Node) -> Iterator[Said]:
    statements = document.at("Statement").items()
    if not isinstance(document.value, dict) or not isinstance(statements, Known) or not statements.value:
        yield fault("policy isn't a policy's JSON with statements", "a JSON object with a Statement")
        return
    for statement in statements.value:
        yield from _statement(statement)


def _statement(statement: Node) -> Iterator[Said]:
    label = _label(statement)
    effect = statement.at("Effect").value
    if not isinstance(statement.value, dict) or effect not in ("Allow", "Deny") or statement.value.keys() - ELEMENTS:
        yield fault(f"{label} can't be read", "Effect Allow or Deny, and the elements of a policy's statement")
    elif effect == "Allow":
        conditions = _conditions(statement)
        principals = _principals(statement)
        if not principals:
            yield fault(f"{label} doesn't name whom it lets in", "a Principal, and no NotPrincipal")
        for kind, name in principals:
            if kind == "Service":
                yield from _service(label, name, conditions)
            elif kind == "AWS":
                yield from _aws(label, name, conditions)
                if name in ("*", *_ROOT):
                    yield from _use(label, statement, conditions)
            else:
                yield fault(f"{label} lets in the {kind} principal {name}", "principals of this account and services")


def _label(statement: Node) -> str:
    named = statement.at("Sid").text()
    return f"the statement {named.value if isinstance(named, Known) else statement.path[-1]}"


def _principals(statement: Node) -> list[tuple[str, str]]:
    principal = statement.at("Principal")
    if not isinstance(principal.value, dict):
        return [("AWS", name) for name in _texts(principal)]
    return [(kind, name) for kind in principal.value for name in _texts(principal.at(kind))]


def _conditions(statement: Node) -> list[_Condition]:
    """The lines that a request has to meet for the statement to hold."""
    found: list[_Condition] = []
    condition = statement.at("Condition")
    for operator in condition.value if isinstance(condition.value, dict) else ():
        lines = condition.at(operator)
        if operator.lower().removeprefix("foranyvalue:") in _BINDING and isinstance(lines.value, dict):
            found.extend(_Condition(key=key.lower(), values=_texts(lines.at(key))) for key in lines.value)
    return found


def _texts(node: Node) -> tuple[str, ...]:
    items = node.items()
    facts = [item.text() for item in items.value] if isinstance(items, Known) else []
    return tuple(fact.value for fact in facts if isinstance(fact, Known))


def _service(label: str, service: str, conditions: Sequence[_Condition]) -> Iterator[Said]:
    bound = _is_bound(conditions, lambda key: key in _SERVICE_KEYS or key.startswith(_CONTEXT), _is_of_account)
    if not bound:
        allowed = f"a condition on aws:SourceAccount, aws:SourceArn or the encryption context with {figures.ACCOUNT}"
        yield fault(f"{label} lets in {service} on behalf of any account", allowed)


def _aws(label: str, name: str, conditions: Sequence[_Condition]) -> Iterator[Said]:
    if name == "*":
        if not _is_bound(conditions, _ACCOUNT_KEYS.__contains__, lambda value: value == figures.ACCOUNT):
            allowed = f"a condition on kms:CallerAccount, aws:PrincipalAccount or aws:SourceAccount = {figures.ACCOUNT}"
            yield fault(f"{label} lets in everybody", allowed)
    elif name != figures.ACCOUNT and _account_of(name) != figures.ACCOUNT:
        yield fault(f"{label} lets in {name}", f"principals of the account {figures.ACCOUNT}")


def _use(label: str, statement: Node, conditions: Sequence[_Condition]) -> Iterator[Said]:
    """A whole account may administer a key, but use it only through a service or as certain principals."""
    actions, others = ([text.lower() for text in _texts(statement.at(key))] for key in ("Action", "NotAction"))
    uses = [use for use in USES if _is_matched(use, actions) or (others and not _is_matched(use, others))]
    through = _is_bound(conditions, "kms:viaservice".__eq__, lambda value: not _is_any(value.split(".")[0]))
    certain = _is_bound(conditions, "aws:principalarn".__eq__, lambda value: not _is_any(_name_in(value)))
    if uses and not through and not certain:
        found = f"{label} lets the whole account use the key ({', '.join(uses)})"
        yield fault(found, "use only with a condition on kms:ViaService or aws:PrincipalArn")


def _is_bound(conditions: Sequence[_Condition], is_key: Callable[[str], bool], is_value: Callable[[str], bool]) -> bool:
    return any(
        is_key(condition.key) and condition.values and all(is_value(value) for value in condition.values)
        for condition in conditions
    )


def _is_matched(action: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(action, pattern) for pattern in patterns)


def _account_of(arn: str) -> str:
    parts = arn.split(":", _ARN_PARTS - 1)
    return parts[4] if len(parts) == _ARN_PARTS else ""


def _is_of_account(value: str) -> bool:
    if value.startswith("arn:"):
        return _account_of(value) == figures.ACCOUNT
    return re.search(rf"(?<!\d){figures.ACCOUNT}(?!\d)", value) is not None


def _name_in(arn: str) -> str:
    """The part of a principal's ARN after its account and kind, as in role/name."""
    return arn.split(":", _ARN_PARTS - 1)[-1].partition("/")[2] or arn.rpartition(":")[2]


def _is_any(pattern: str) -> bool:
    return not pattern.strip("*?")


RULES = (
    ResourceRule(
        id="encryption-keys-closed",
        section="Data Handling",
        description="Nobody outside the account may use a key, and nobody inside it but through what needs it",
        remedy="Write a key policy that names this account's principals and binds each use by a condition.",
        types=(KEY, KEY_POLICY),
        judge=_closed,
    ),
)
