"""Rules about what policies allow: nothing by a pattern, and under the document's names what those say."""

from collections.abc import Iterator, Sequence

from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.rule import ResourceRule, Verdict, violation
from policies.figures import access as access_figures
from policies.figures.access import Permission
from policies.figures.common import ACCOUNT
from policies.readers.iam_documents import allow_statements, conditions, has_condition, label, parts_of, texts
from policies.readers.regions import own_region
from policies.readers.resource_types import IAM_POLICIES, IAM_ROLE_POLICY

_WILD = frozenset("*?")


def _allowing(policy: Resource) -> Iterator[Node | Verdict]:
    return allow_statements(policy.at("policy"), absent=violation("policy isn't set", "a JSON object with a Statement"))


def _wildcards(policy: Resource) -> Iterator[Verdict]:
    for statement in _allowing(policy):
        if not isinstance(statement, Node):
            yield statement
            continue
        name = label(statement)
        for element in ("NotAction", "NotResource"):
            if statement.at(element).value is not None:
                yield violation(f"{name} allows by {element}, all but something", "Action and Resource")
        actions, resources = texts(statement.at("Action")), texts(statement.at("Resource"))
        for action in actions:
            if _WILD & set(action):
                yield violation(f"{name} allows {action}", "each action by its own name")
        unnameable = bool(actions) and all(action.lower() in access_figures.UNNAMEABLE for action in actions)
        for resource in resources:
            if _is_open(resource) and not unnameable:
                allowed = f"an ARN of one thing; a pattern only for {', '.join(access_figures.UNNAMEABLE)}"
                yield violation(f"{name} allows {', '.join(actions)} on {resource}", allowed)


def _is_open(resource: str) -> bool:
    """Whether a resource stands for things that nobody has named."""
    parts = parts_of(resource)
    if not parts or any(_WILD & set(part) for part in parts[:-1]):
        return True
    kind, separator, name = _split(parts[-1])
    # A bucket stands where others have their kind: what is in it may be meant as a whole, but not all buckets.
    named = kind if parts[2] == "s3" else name if separator else kind
    return not named.strip("*?") or (parts[2] == "s3" and bool(_WILD & set(named)))


def _split(resource: str) -> tuple[str, str, str]:
    """Take `secret:name` or `role/name` apart."""
    at = min((place for sign in "/:" if (place := resource.find(sign)) >= 0), default=-1)
    return (resource, "", "") if at < 0 else (resource[:at], resource[at], resource[at + 1 :])


def _documents(policy: Resource) -> Iterator[Verdict]:
    match policy.at("name").text():
        case Known(value=name) if name in access_figures.PERMISSIONS:
            # What can't be read, or not yet, is the wildcards' rule to tell, and a stack that isn't known another's.
            for statement in _allowing(policy) if own_region(policy.stack) else ():
                if isinstance(statement, Node):
                    yield from _within(statement, access_figures.PERMISSIONS[name], policy.stack)
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


def _within(statement: Node, permission: Permission, stack: str) -> Iterator[Verdict]:
    name, region = label(statement), own_region(stack) or ""
    actions, resources = texts(statement.at("Action")), texts(statement.at("Resource"))
    known = permission.actions | permission.key_actions
    for action in actions:
        if action.lower() not in known:
            yield violation(f"{name} allows {action}", ", ".join(sorted(known)))
    if any(action.lower().startswith("kms:") for action in actions):
        service = f"{permission.service}.{region}.amazonaws.com"
        if not has_condition(conditions(statement), "kms:viaservice".__eq__, service.__eq__):
            yield violation(f"{name} lets a key be used by itself", f"a condition on kms:ViaService = {service}")
        beginnings: Sequence[str] = (f"arn:aws:kms:{region}:{ACCOUNT}:key/",)
    else:
        bucket = access_figures.BUCKETS.get(stack, "")
        own = {"region": region, "account": ACCOUNT, "stack": stack, "bucket": bucket}
        beginnings = [text.format_map(own) for text in permission.resources]
    for resource in resources:
        if not any(resource.startswith(beginning) for beginning in beginnings):
            yield violation(f"{name} is about {resource}", f"what begins with {' or '.join(dict.fromkeys(beginnings))}")


RULES = (
    ResourceRule(
        id="access-wildcards",
        section="IAM Roles",
        description="A policy names each action and each resource, but where AWS takes no ARN",
        remedy="Write out the actions and the ARNs, or say in the rule's figures why AWS takes none.",
        types=IAM_POLICIES,
        judge=_wildcards,
    ),
    ResourceRule(
        id="access-permissions",
        section="IAM Roles",
        description="A policy with one of the document's names allows what that says, and keys through one service",
        remedy="Allow only the permission's own actions, on this stack's own things.",
        types=(IAM_ROLE_POLICY,),
        judge=_documents,
    ),
)
