"""Rules about who takes a role, and about users, of whom there are none."""

from collections.abc import Iterator

from policies.engine.expectations import within
from policies.engine.facts import Node, Resource
from policies.engine.rule import ResourceRule, Verdict, aws_type, violation
from policies.figures import access as access_figures
from policies.figures import services as services_figures
from policies.figures.common import ACCOUNT
from policies.readers.iam_documents import (
    allow_statements,
    conditions,
    has_condition,
    is_own_principal,
    label,
    matches_everything,
    names_own_account,
    principals,
    texts,
)
from policies.readers.regions import own_region
from policies.readers.resource_types import IAM_ROLE

# Whatever makes somebody who signs in with something that lasts.
USERS = tuple(
    aws_type("iam", name)
    for name in (
        "AccessKey",
        "Group",
        "GroupMembership",
        "GroupPoliciesExclusive",
        "GroupPolicy",
        "GroupPolicyAttachment",
        "GroupPolicyAttachmentsExclusive",
        "ServiceSpecificCredential",
        "SigningCertificate",
        "SshKey",
        "User",
        "UserGroupMembership",
        "UserLoginProfile",
        "UserPoliciesExclusive",
        "UserPolicy",
        "UserPolicyAttachment",
        "UserPolicyAttachmentsExclusive",
        "VirtualMfaDevice",
    )
)


def _trust(role: Resource) -> Iterator[Verdict]:
    seconds = role.at("maxSessionDuration")
    yield from within(seconds, 1, access_figures.SESSION_SECONDS, default=access_figures.SESSION_SECONDS)
    lacking = violation("assumeRolePolicy isn't set", "a trust policy")
    for statement in allow_statements(role.at("assumeRolePolicy"), absent=lacking):
        if isinstance(statement, Node):
            yield from _statement(statement, role.stack)
        else:
            yield statement


def _statement(statement: Node, stack: str) -> Iterator[Verdict]:
    name, let_in = label(statement), principals(statement)
    if not let_in:
        yield violation(f"{name} doesn't name who takes the role", "a Principal, and no NotPrincipal")
    for kind, who in let_in:
        if kind == "Service":
            yield from _service(statement, name, who, stack)
        elif kind == "AWS":
            yield from _people(statement, name, who)
        elif kind == "Federated":
            yield from _federated(statement, name, who)
        else:
            yield violation(f"{name} lets the {kind} principal {who} take the role", "services, and this account's own")


def _service(statement: Node, name: str, service: str, stack: str) -> Iterator[Verdict]:
    asked = conditions(statement)
    # A service that isn't known, or a key that it doesn't send, is reported by access-services.
    sent = services_figures.SENT["role"].get(service, services_figures.NONE)
    key = services_figures.ACCOUNT_KEY if services_figures.ACCOUNT_KEY in sent else services_figures.ARN_KEY
    if sent and not has_condition(asked, key.__eq__, names_own_account):
        allowed = f"a condition on {key} with {ACCOUNT}"
        yield violation(f"{name} lets {service} take the role on behalf of any account", allowed)
    # Another rule tells of a stack that isn't known.
    region = own_region(stack)
    source = access_figures.TRUSTED.format(region=region)
    if region and service == access_figures.TASKS and not has_condition(asked, "aws:sourcearn".__eq__, source.__eq__):
        yield violation(f"{name} lets tasks of any region take the role", f"a condition on aws:SourceArn = {source}")


def _people(statement: Node, name: str, who: str) -> Iterator[Verdict]:
    if not is_own_principal(who):
        yield violation(f"{name} lets {who} take the role", f"principals of the account {ACCOUNT}")
    condition = statement.at("Condition")
    operators = condition.value if isinstance(condition.value, dict) else {}
    told = [
        texts(condition.at(operator).at(key))
        for operator in operators
        if operator.lower() == "bool" and isinstance(lines := condition.at(operator).value, dict)
        for key in lines
        if key.lower() == "aws:multifactorauthpresent"
    ]
    if ("true",) not in told:
        yield violation(f"{name} asks {who} for no second factor", "a condition Bool aws:MultiFactorAuthPresent = true")


def _federated(statement: Node, name: str, who: str) -> Iterator[Verdict]:
    asked = conditions(statement)
    for ending in (":sub", ":aud"):
        if not has_condition(
            asked, lambda key, ending=ending: key.endswith(ending), lambda value: not matches_everything(value)
        ):
            allowed = f"a condition on its {ending[1:]}"
            yield violation(f"{name} lets anybody whom {who} knows take the role", allowed)


def _user(resource: Resource) -> Iterator[Verdict]:
    kind = resource.type.rpartition(":")[2]
    yield violation(f"{kind} makes somebody who signs in with something that lasts", "roles, taken for an hour")


RULES = (
    ResourceRule(
        id="access-trust",
        section="Access Controls",
        description="A role is taken by services for this account's own things, or by its people with MFA, for an hour",
        remedy="Bind the trust policy to this account, and people to a second factor; leave the session at an hour.",
        types=(IAM_ROLE,),
        judge=_trust,
    ),
    ResourceRule(
        id="access-no-users",
        section="Access Controls",
        description="There are no users, groups, passwords or access keys: everybody takes a role",
        remedy="Leave it out, and let the person or the program take a role.",
        types=USERS,
        judge=_user,
    ),
)
