"""Rules about the document's roles: which there are, and which policies each has."""

from collections.abc import Iterator, Sequence

from policies.engine.facts import Absent, Known, Resource, Unknown
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, report, violation
from policies.figures import access as access_figures
from policies.figures.access import RoleFigures
from policies.readers.resource_types import IAM_ROLE, IAM_ROLE_POLICY

ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
SERVICE = "aws:ecs/service:Service"

# Other ways to give a role a policy, which would go unseen by the rules that look for the two above.
DETOURS = (
    "aws:iam/policyAttachment:PolicyAttachment",
    "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
)


def _roles(stack: Stack) -> Iterator[Finding]:
    suffix = access_figures.SUFFIXES.get(stack.name, "")
    names = [role.at("name").text() for role in stack.of(IAM_ROLE)]
    for base, wanted in access_figures.ROLES.items():
        name = f"{base}{suffix}"
        role = next((role for role in stack.of(IAM_ROLE) if role.at("name").text() == Known(value=name)), None)
        if role is not None:
            yield from _policies(role, wanted, stack)
        elif stack.of(SERVICE) and not any(isinstance(each, Unknown) for each in names):
            yield report(None, f"no role has the name {name}", "the document's two roles")
    for role, fact in zip(stack.of(IAM_ROLE), names, strict=True):
        if isinstance(fact, Unknown):
            yield Finding(resource=role, verdict=fact)


def _policies(role: Resource, wanted: RoleFigures, stack: Stack) -> Iterator[Finding]:
    for type_, key, allowed in ((IAM_ROLE_POLICY, "name", wanted.inline), (ATTACHMENT, "policyArn", wanted.attached)):
        seen: set[str] = set()
        is_certain = True
        for policy in stack.of(type_):
            holder = stack.refer(policy, policy.at("role"), IAM_ROLE, by=("id", "name"))
            if isinstance(holder, Unknown):
                yield Finding(resource=policy, verdict=holder)
                is_certain = False
            elif isinstance(holder, Found) and holder.resource == role:
                fact = policy.at(key).text()
                if isinstance(fact, Unknown):
                    yield Finding(resource=policy, verdict=fact)
                    is_certain = False
                elif isinstance(fact, Known) and fact.value in allowed:
                    seen.add(fact.value)
                else:
                    found = fact.value if isinstance(fact, Known) else "a policy without a name"
                    yield report(policy, f"{role.name} has {found}", _listed(allowed))
        if is_certain and allowed - seen:
            lacking = violation(f"it lacks {_listed(allowed - seen)}", f"exactly {_listed(allowed)}")
            yield Finding(resource=role, verdict=lacking)


def _listed(names: Sequence[str] | frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _attached(resource: Resource) -> Iterator[Verdict]:
    if resource.type in DETOURS:
        yield violation("it gives roles policies that the other rules don't see", f"{IAM_ROLE_POLICY} and {ATTACHMENT}")
    elif resource.type == IAM_ROLE:
        for key in ("inlinePolicies", "managedPolicyArns"):
            match resource.at(key).items():
                case Known(value=nodes) if nodes:
                    yield violation(f"{key} is set", f"{IAM_ROLE_POLICY} and {ATTACHMENT} beside the role")
                case Unknown() as unknown:
                    yield unknown
                case _:
                    pass
    else:
        match resource.at("policyArn").text():
            case Known(value=arn) if arn not in access_figures.MANAGED:
                yield violation(f"policyArn is {arn}", ", ".join(access_figures.MANAGED))
            case Unknown() as unknown:
                yield unknown
            case Absent():
                yield violation("policyArn isn't set", ", ".join(access_figures.MANAGED))
            case _:
                pass


RULES = (
    StackRule(
        id="access-roles",
        section="IAM Roles",
        description="The document's two roles have its names, exactly its policies, and nothing else",
        remedy="Give the role the document's policies under their names, and no other.",
        judge=_roles,
    ),
    ResourceRule(
        id="access-attachments",
        section="IAM Roles",
        description="Of AWS's own policies a role has only those that somebody gave a reason for",
        remedy="Write a policy of one's own, or say in the rule's figures why AWS's is needed.",
        types=(ATTACHMENT, IAM_ROLE, *DETOURS),
        judge=_attached,
    ),
)
