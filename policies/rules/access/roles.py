"""Rules about the document's roles: their names, and the policies that each has."""

from collections.abc import Iterator, Sequence

from policies.engine.expectations import must_be_empty, of_type, one_of, property_rule, when
from policies.engine.facts import Known, Resource, Unknown
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, StackRule, Verdict, report, violation
from policies.figures import access as access_figures
from policies.figures.access import RoleFigures
from policies.figures.workflows import WORKFLOWS
from policies.readers.resource_types import IAM_ATTACHMENT, IAM_ROLE, IAM_ROLE_POLICY

SERVICE = "aws:ecs/service:Service"

# Other ways to give a role a policy, which the rules that read the two types above wouldn't see.
OTHER_ATTACHMENTS = (
    "aws:iam/policyAttachment:PolicyAttachment",
    "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
)
# access-people reports those of people on another role.
MANAGED_POLICIES = (*access_figures.MANAGED_POLICIES, *access_figures.PEOPLE_POLICIES)
_SEPARATE = f"each policy is a {IAM_ROLE_POLICY} or {IAM_ATTACHMENT}"


def _document_roles(stack: Stack) -> Iterator[Finding]:
    suffix = access_figures.SUFFIXES.get(stack.name, "")
    names = [role.at("name").text() for role in stack.of(IAM_ROLE)]
    expected = {f"{base}{suffix}": required for base, required in access_figures.ROLES.items()}
    if stack.name == access_figures.PEOPLE_STACK:
        others = (*access_figures.PEOPLE.items(), *WORKFLOWS.items())
        expected |= {name: figures.policies for name, figures in others}
    for name, required in expected.items():
        role = next((role for role in stack.of(IAM_ROLE) if role.at("name").text() == Known(value=name)), None)
        if role is not None:
            yield from _expect_policies(role, required, stack)
        elif stack.of(SERVICE) and not any(isinstance(each, Unknown) for each in names):
            yield report(None, f"there is no role {name}", "the document's roles under their names")
    for role, fact in zip(stack.of(IAM_ROLE), names, strict=True):
        if isinstance(fact, Unknown):
            yield Finding(resource=role, verdict=fact)


def _expect_policies(role: Resource, required: RoleFigures, stack: Stack) -> Iterator[Finding]:
    for type_, key, allowed in (
        (IAM_ROLE_POLICY, "name", required.inline),
        (IAM_ATTACHMENT, "policyArn", required.attached),
    ):
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
            missing = violation(f"{_listed(allowed - seen)} is missing", f"exactly {_listed(allowed)}")
            yield Finding(resource=role, verdict=missing)


def _listed(names: Sequence[str] | frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _other_attachments(resource: Resource) -> Iterator[Verdict]:
    if resource.type in OTHER_ATTACHMENTS:
        yield violation("its policies aren't judged by the other rules", f"{IAM_ROLE_POLICY} and {IAM_ATTACHMENT}")


RULES = (
    StackRule(
        id="access-roles",
        section="IAM Roles",
        description="The roles of tasks, people and workflows have their names and exactly their policies",
        remedy="Give the role the document's policies under their names, and no others.",
        severity="high",
        judge=_document_roles,
    ),
    property_rule(
        "access-attachments",
        section="IAM Roles",
        description="A role's policies are resources beside it, and of AWS's managed policies only the reviewed ones",
        types=(IAM_ATTACHMENT, IAM_ROLE, *OTHER_ATTACHMENTS),
        rows=(
            *when(
                of_type(IAM_ROLE),
                must_be_empty("inlinePolicies", _SEPARATE),
                must_be_empty("managedPolicyArns", _SEPARATE),
            ),
            *when(of_type(IAM_ATTACHMENT), one_of("policyArn", *MANAGED_POLICIES)),
        ),
        also=_other_attachments,
        remedy="Write a policy instead, or add AWS's policy with the reason to policies/figures/access.py.",
        severity="high",
    ),
)
