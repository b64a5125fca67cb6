"""Rules about IAM policies: no wildcards, and under the document's names only the document's permissions."""

from collections.abc import Iterator, Sequence

from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.rule import ResourceRule, Verdict, violation
from policies.figures import access as access_figures
from policies.figures.access import Permission
from policies.figures.common import ACCOUNT
from policies.figures.conditions import CONDITIONED, Required
from policies.readers.iam_documents import (
    account_of,
    allow_statements,
    compared,
    conditions,
    has_condition,
    label,
    matches_everything,
    parts_of,
    texts,
)
from policies.readers.regions import own_region
from policies.readers.resource_types import IAM_POLICIES, IAM_POLICY, IAM_ROLE_POLICY

_WILDCARDS = frozenset("*?")


def _allow_statements(policy: Resource) -> Iterator[Node | Verdict]:
    return allow_statements(policy.at("policy"), absent=violation("policy isn't set", "a JSON object with a Statement"))


def _wildcards(policy: Resource) -> Iterator[Verdict]:
    if _is_boundary(policy):
        return
    for statement in _allow_statements(policy):
        if isinstance(statement, Node):
            yield from _expect_no_wildcard(statement)
        else:
            yield statement


def _is_boundary(policy: Resource) -> bool:
    """Whether it is the people's boundary, which grants nothing: a request also needs the role's own policies."""
    return policy.type == IAM_POLICY and policy.at("name").text() == Known(value=access_figures.BOUNDARY)


def _expect_no_wildcard(statement: Node) -> Iterator[Verdict]:
    name = label(statement)
    for element in ("NotAction", "NotResource"):
        if statement.at(element).value is not None:
            yield violation(f"{name} has {element}, which allows all others", "Action and Resource")
    actions, resources = texts(statement.at("Action")), texts(statement.at("Resource"))
    for action in actions:
        if _WILDCARDS & set(action):
            yield violation(f"{name} allows {action}", "each action by its full name")
    yield from _expect_own_account(statement, name)
    has_no_arn = bool(actions) and all(action.lower() in access_figures.WITHOUT_ARN for action in actions)
    is_one_key = has_condition(
        conditions(statement), "kms:resourcealiases".__eq__, lambda alias: not _WILDCARDS & set(alias)
    )
    for resource in resources:
        if is_one_key and resource.startswith("arn:aws:kms:") and resource.endswith(f":{ACCOUNT}:key/*"):
            continue
        if _is_too_wide(resource) and not has_no_arn:
            allowed = f"the ARN of one resource; * only for {', '.join(access_figures.WITHOUT_ARN)}"
            yield violation(f"{name} allows {', '.join(actions)} on {resource}", allowed)


def _expect_own_account(statement: Node, name: str) -> Iterator[Verdict]:
    """Require resources of this account: with another account's policy, a role could give data away."""
    for resource in texts(statement.at("Resource")):
        if account_of(resource) not in ("", "aws", ACCOUNT):
            yield violation(f"{name} allows access to {resource}", f"resources of the account {ACCOUNT}")


def _is_too_wide(resource: str) -> bool:
    """Return whether a pattern matches more than one named resource and its contents."""
    parts = parts_of(resource)
    if not parts or any(_WILDCARDS & set(part) for part in parts[:-1]):
        return True
    kind, separator, name = _split(parts[-1])
    # S3's ARNs have the bucket where others have a kind. All objects of a bucket may be allowed, all buckets may not.
    is_s3 = parts[2] == "s3"
    named = kind if is_s3 or not separator else name
    return not named.strip("*?") or (is_s3 and bool(_WILDCARDS & set(named)))


def _split(resource: str) -> tuple[str, str, str]:
    """Split `secret:name` or `role/name` into kind, separator and name."""
    at = min((place for sign in "/:" if (place := resource.find(sign)) >= 0), default=-1)
    return (resource, "", "") if at < 0 else (resource[:at], resource[at], resource[at + 1 :])


def _document_permissions(policy: Resource) -> Iterator[Verdict]:
    match policy.at("name").text():
        case Known(value=name) if name in access_figures.PERMISSIONS:
            # access-wildcards reports an unreadable or unknown document, residency-provider-region an unknown stack.
            for statement in _allow_statements(policy) if own_region(policy.stack) else ():
                if isinstance(statement, Node):
                    yield from _expect_permission(statement, access_figures.PERMISSIONS[name], policy.stack)
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


def _expect_permission(statement: Node, permission: Permission, stack: str) -> Iterator[Verdict]:
    name, region = label(statement), own_region(stack) or ""
    actions, resources = texts(statement.at("Action")), texts(statement.at("Resource"))
    allowed_actions = permission.actions | permission.key_actions
    for action in actions:
        if action.lower() not in allowed_actions:
            yield violation(f"{name} allows {action}", ", ".join(sorted(allowed_actions)))
    if any(action.lower().startswith("kms:") for action in actions):
        service = f"{permission.service}.{region}.amazonaws.com"
        is_through = has_condition(conditions(statement), "kms:viaservice".__eq__, service.__eq__)
        if permission.service and not is_through:
            yield violation(f"{name} allows direct use of a key", f"a condition on kms:ViaService = {service}")
        prefixes: Sequence[str] = (f"arn:aws:kms:{region}:{ACCOUNT}:key/",)
    else:
        bucket = access_figures.BUCKETS.get(stack, "")
        values = {"region": region, "account": ACCOUNT, "stack": stack, "bucket": bucket}
        prefixes = [text.format_map(values) for text in permission.resources]
    for resource in resources:
        if not any(resource.startswith(prefix) for prefix in prefixes):
            allowed = f"resources that begin with {' or '.join(dict.fromkeys(prefixes))}"
            yield violation(f"{name} allows access to {resource}", allowed)


def _conditioned(policy: Resource) -> Iterator[Verdict]:
    if _is_boundary(policy):
        return
    for statement in _allow_statements(policy):
        # access-wildcards reports a document that is unknown or can't be read.
        if isinstance(statement, Node):
            yield from _expect_conditions(statement)


def _expect_conditions(statement: Node) -> Iterator[Verdict]:
    for action in texts(statement.at("Action")):
        for required in CONDITIONED.get(action.lower(), ()):
            if _concerns(statement, required) and not _meets(statement, required):
                yield violation(f"{label(statement)} allows {action} {required.without}", f"a condition {required}")


def _concerns(statement: Node, required: Required) -> bool:
    resources = texts(statement.at("Resource"))
    return not resources or any(required.on in resource or matches_everything(resource) for resource in resources)


def _meets(statement: Node, required: Required) -> bool:
    found = compared(statement, required.operator, required.key)
    return bool(found) and all(required.value in ("", value) for value in found)


RULES = (
    ResourceRule(
        id="access-wildcards",
        section="IAM Roles",
        description="A policy names each action and each resource, of this account; * is for actions without an ARN "
        "only",
        remedy="Name the actions and the ARNs. If AWS takes no ARN for an action, add it with the reason to "
        "policies/figures/access.py.",
        severity="high",
        controls=("IAM.1", "IAM.21", "KMS.1", "KMS.2", "CIS 1.15"),
        types=IAM_POLICIES,
        judge=_wildcards,
    ),
    ResourceRule(
        id="access-conditions",
        section="IAM Roles",
        description="What is too much without a condition has it: roles are passed to one service, tasks run in this "
        "cluster, records aren't overwritten, and only restored databases are changed",
        remedy="Add the condition to the statement.",
        severity="high",
        types=IAM_POLICIES,
        judge=_conditioned,
    ),
    ResourceRule(
        id="access-permissions",
        section="IAM Roles",
        description="A policy with one of the document's names, or of the access task, allows that permission only, "
        "and keys through its service only",
        remedy="Allow only the actions of the permission, on the resources of this stack.",
        severity="high",
        types=(IAM_ROLE_POLICY,),
        judge=_document_permissions,
    ),
)
