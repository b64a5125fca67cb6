"""Rules about key policies: no access from other accounts, and use by the whole account only through a service."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from policies.engine.facts import Node, Resource, Unknown
from policies.engine.rule import ResourceRule, Verdict, violation
from policies.figures.common import ACCOUNT
from policies.readers.iam_documents import (
    Condition,
    allow_statements,
    allows_action,
    conditions,
    has_condition,
    label,
    matches_everything,
    principals,
    resource_of,
    statements,
    texts,
)
from policies.readers.own_account import is_own_principal, names_own_account
from policies.readers.resource_types import KMS_KEY, KMS_KEY_POLICY

# Actions that read or write data under a key, or grant that, in lower case: AWS ignores the case.
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

_ACCOUNT_KEYS = frozenset({"kms:calleraccount", "aws:principalaccount", "aws:sourceaccount"})
_SERVICE_KEYS = frozenset({"kms:calleraccount", "aws:sourceaccount", "aws:sourcearn"})
_CONTEXT = "kms:encryptioncontext:"
_ROOT = (f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)


def _access(resource: Resource) -> Iterator[Verdict]:
    absent = violation(
        "policy isn't set: AWS's default policy allows the whole account every action",
        "a policy with a condition on each use",
    )
    for statement in allow_statements(resource.at("policy"), absent=absent):
        if isinstance(statement, Node):
            yield from _statement(statement)
        else:
            yield statement


def _statement(statement: Node) -> Iterator[Verdict]:
    name, required, allowed = label(statement), conditions(statement), principals(statement)
    if not allowed:
        yield violation(f"{name} has no Principal", "a Principal, and no NotPrincipal")
    for action in texts(statement.at("Action")):
        if matches_everything(action.removeprefix("kms:")):
            yield violation(f"{name} allows {action}", "each action by its name")
    for kind, principal in allowed:
        if kind == "Service":
            yield from _service(name, principal, required)
        elif kind == "AWS":
            yield from _aws(name, principal, required)
            if principal in ("*", *_ROOT):
                yield from _use(name, statement, required)
        else:
            yield violation(
                f"{name} allows the {kind} principal {principal}", "principals of this account and services"
            )


def _service(name: str, service: str, required: Sequence[Condition]) -> Iterator[Verdict]:
    bound = has_condition(required, lambda key: key in _SERVICE_KEYS or key.startswith(_CONTEXT), names_own_account)
    if not bound:
        allowed = f"a condition on aws:SourceAccount, aws:SourceArn or the encryption context with {ACCOUNT}"
        yield violation(f"{name} allows {service} on behalf of any account", allowed)


def _aws(name: str, principal: str, required: Sequence[Condition]) -> Iterator[Verdict]:
    if principal == "*":
        if not has_condition(required, _ACCOUNT_KEYS.__contains__, lambda value: value == ACCOUNT):
            allowed = f"a condition on kms:CallerAccount, aws:PrincipalAccount or aws:SourceAccount = {ACCOUNT}"
            yield violation(f"{name} allows every AWS account", allowed)
    elif not is_own_principal(principal):
        yield violation(f"{name} allows {principal}", f"principals of the account {ACCOUNT}")


def _use(name: str, statement: Node, required: Sequence[Condition]) -> Iterator[Verdict]:
    """Require a condition on the service or the principal: the whole account may administer a key, but not use it."""
    actions, excluded = ([text.lower() for text in texts(statement.at(key))] for key in ("Action", "NotAction"))
    uses = [use for use in USES if _matches(use, actions) or (excluded and not _matches(use, excluded))]
    service = has_condition(
        required, "kms:viaservice".__eq__, lambda value: not matches_everything(value.split(".")[0])
    )
    principal = has_condition(
        required, "aws:principalarn".__eq__, lambda value: not matches_everything(_name_in(value))
    )
    if uses and not service and not principal:
        found = f"{name} allows the whole account to use the key ({', '.join(uses)})"
        yield violation(found, "use only with a condition on kms:ViaService or aws:PrincipalArn")


def _administration(resource: Resource) -> Iterator[Verdict]:
    """Require that the account can change the policy: a role can be deleted, and then AWS can't restore access."""
    found = statements(resource.at("policy"), absent="")
    if isinstance(found, Unknown):
        yield found
    # encryption-keys-closed reports a policy that is missing or unreadable.
    elif isinstance(found, tuple) and not any(_allows_administration(statement) for statement in found):
        yield violation(
            "the account can't change the key's policy", "kms:PutKeyPolicy for the account, without a condition"
        )


def _allows_administration(statement: Node) -> bool:
    is_account = any(kind == "AWS" and principal in _ROOT for kind, principal in principals(statement))
    return is_account and statement.at("Condition").value is None and allows_action(statement, "kms:PutKeyPolicy")


def _matches(action: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(action, pattern) for pattern in patterns)


def _name_in(arn: str) -> str:
    """Return the part of a principal's ARN after its account and kind, as in role/name."""
    return resource_of(arn).partition("/")[2] or arn.rpartition(":")[2]


RULES = (
    ResourceRule(
        id="encryption-keys-closed",
        section="Data Handling",
        description=(
            "Every key policy allows principals of this account alone, and use only through a named service or by "
            "named principals"
        ),
        remedy="Name this account's principals in the key policy, and add a condition to each use.",
        types=(KMS_KEY, KMS_KEY_POLICY),
        judge=_access,
        severity="critical",
        controls=("KMS.5",),
    ),
    ResourceRule(
        id="encryption-keys-kept",
        section="Data Handling",
        description="The account can always change a key's policy; otherwise the key and all data under it are lost",
        remedy="Allow the account to administer the key, without a condition.",
        types=(KMS_KEY, KMS_KEY_POLICY),
        judge=_administration,
        severity="critical",
    ),
)
