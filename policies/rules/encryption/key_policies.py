"""Rules about who may use a KMS key: nobody of another account, and a whole account only through a service."""

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
    is_own_principal,
    label,
    matches_everything,
    names_own_account,
    principals,
    resource_of,
    statements,
    texts,
)
from policies.readers.resource_types import KMS_KEY, KMS_KEY_POLICY

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

_ACCOUNT_KEYS = frozenset({"kms:calleraccount", "aws:principalaccount", "aws:sourceaccount"})
_SERVICE_KEYS = frozenset({"kms:calleraccount", "aws:sourceaccount", "aws:sourcearn"})
_CONTEXT = "kms:encryptioncontext:"
_ROOT = (f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)


def _closed(resource: Resource) -> Iterator[Verdict]:
    lacking = violation(
        "policy isn't set: AWS's default lets the whole account do everything", "a policy that binds each use"
    )
    for statement in allow_statements(resource.at("policy"), absent=lacking):
        if isinstance(statement, Node):
            yield from _statement(statement)
        else:
            yield statement


def _statement(statement: Node) -> Iterator[Verdict]:
    name, asked, let_in = label(statement), conditions(statement), principals(statement)
    if not let_in:
        yield violation(f"{name} doesn't name whom it lets in", "a Principal, and no NotPrincipal")
    for kind, who in let_in:
        if kind == "Service":
            yield from _service(name, who, asked)
        elif kind == "AWS":
            yield from _aws(name, who, asked)
            if who in ("*", *_ROOT):
                yield from _use(name, statement, asked)
        else:
            yield violation(f"{name} lets in the {kind} principal {who}", "principals of this account and services")


def _service(name: str, service: str, asked: Sequence[Condition]) -> Iterator[Verdict]:
    bound = has_condition(asked, lambda key: key in _SERVICE_KEYS or key.startswith(_CONTEXT), names_own_account)
    if not bound:
        allowed = f"a condition on aws:SourceAccount, aws:SourceArn or the encryption context with {ACCOUNT}"
        yield violation(f"{name} lets in {service} on behalf of any account", allowed)


def _aws(name: str, who: str, asked: Sequence[Condition]) -> Iterator[Verdict]:
    if who == "*":
        if not has_condition(asked, _ACCOUNT_KEYS.__contains__, lambda value: value == ACCOUNT):
            allowed = f"a condition on kms:CallerAccount, aws:PrincipalAccount or aws:SourceAccount = {ACCOUNT}"
            yield violation(f"{name} lets in everybody", allowed)
    elif not is_own_principal(who):
        yield violation(f"{name} lets in {who}", f"principals of the account {ACCOUNT}")


def _use(name: str, statement: Node, asked: Sequence[Condition]) -> Iterator[Verdict]:
    """A whole account may administer a key, but use it only through a service or as certain principals."""
    actions, others = ([text.lower() for text in texts(statement.at(key))] for key in ("Action", "NotAction"))
    uses = [use for use in USES if _is_matched(use, actions) or (others and not _is_matched(use, others))]
    through = has_condition(asked, "kms:viaservice".__eq__, lambda value: not matches_everything(value.split(".")[0]))
    certain = has_condition(asked, "aws:principalarn".__eq__, lambda value: not matches_everything(_name_in(value)))
    if uses and not through and not certain:
        found = f"{name} lets the whole account use the key ({', '.join(uses)})"
        yield violation(found, "use only with a condition on kms:ViaService or aws:PrincipalArn")


def _kept(resource: Resource) -> Iterator[Verdict]:
    """Only the account lasts: a role can be deleted, and AWS itself can't open a policy that nobody may change."""
    found = statements(resource.at("policy"), absent="")
    if isinstance(found, Unknown):
        yield found
    # What isn't there or can't be read, the rule above tells.
    elif isinstance(found, tuple) and not any(_is_keeping(statement) for statement in found):
        yield violation("nobody may change its policy", "kms:PutKeyPolicy for the account, without a condition")


def _is_keeping(statement: Node) -> bool:
    is_account = any(kind == "AWS" and who in _ROOT for kind, who in principals(statement))
    return is_account and statement.at("Condition").value is None and allows_action(statement, "kms:PutKeyPolicy")


def _is_matched(action: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(action, pattern) for pattern in patterns)


def _name_in(arn: str) -> str:
    """The part of a principal's ARN after its account and kind, as in role/name."""
    return resource_of(arn).partition("/")[2] or arn.rpartition(":")[2]


RULES = (
    ResourceRule(
        id="encryption-keys-closed",
        section="Data Handling",
        description="Nobody outside the account may use a key, and nobody inside it but through what needs it",
        remedy="Write a key policy that names this account's principals and binds each use by a condition.",
        types=(KMS_KEY, KMS_KEY_POLICY),
        judge=_closed,
    ),
    ResourceRule(
        id="encryption-keys-kept",
        section="Data Handling",
        description="The account can always change a key's policy: a key without that is lost, and what it encrypted",
        remedy="Let the account administer the key, without a condition.",
        types=(KMS_KEY, KMS_KEY_POLICY),
        judge=_kept,
    ),
)
