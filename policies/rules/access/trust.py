"""Rules about who can assume a role, and against IAM users."""

from collections.abc import Iterator

from policies.engine.expectations import between, property_rule
from policies.engine.facts import Node, Resource
from policies.engine.rule import ResourceRule, Verdict, aws_type, violation
from policies.figures import access as access_figures
from policies.figures import services as services_figures
from policies.figures.common import ACCOUNT
from policies.readers.iam_documents import (
    allow_statements,
    conditions,
    has_condition,
    label,
    matches_everything,
    principals,
    texts,
)
from policies.readers.own_account import is_own_principal, names_own_account
from policies.readers.regions import own_region
from policies.readers.resource_types import IAM_ROLE
from policies.rules.access.people import expect_people

# IAM users and groups, their long-lived credentials, and their policies.
USER_TYPES = tuple(
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


def _trust_policy(role: Resource) -> Iterator[Verdict]:
    missing = violation("assumeRolePolicy isn't set", "a trust policy")
    for statement in allow_statements(role.at("assumeRolePolicy"), absent=missing):
        if isinstance(statement, Node):
            yield from _statement(statement, role.stack)
        else:
            yield statement


def _statement(statement: Node, stack: str) -> Iterator[Verdict]:
    name, trusted = label(statement), principals(statement)
    if not trusted:
        yield violation(f"{name} names no principal", "a Principal, and no NotPrincipal")
    for action in texts(statement.at("Action")) or ["all actions but some"]:
        if action not in access_figures.TRUST_ACTIONS:
            yield violation(f"{name} allows {action}", " or ".join(access_figures.TRUST_ACTIONS))
    for kind, principal in trusted:
        if kind == "Service":
            yield from _service(statement, name, principal, stack)
        elif kind == "AWS":
            yield from _people(statement, name, principal)
        elif kind == "Federated":
            yield from _federated(statement, name, principal)
        else:
            yield violation(f"{name} trusts the {kind} principal {principal}", "services and this account's principals")


def _service(statement: Node, name: str, service: str, stack: str) -> Iterator[Verdict]:
    found = conditions(statement)
    # access-services reports an unknown service, and a key that the service doesn't send.
    sent = services_figures.CONDITION_KEYS["role"].get(service, services_figures.NO_KEYS)
    key = services_figures.ACCOUNT_KEY if services_figures.ACCOUNT_KEY in sent else services_figures.ARN_KEY
    if sent and not has_condition(found, key.__eq__, names_own_account):
        allowed = f"a condition on {key} with {ACCOUNT}"
        yield violation(f"{name} trusts {service} on behalf of any account", allowed)
    # residency-provider-region reports an unknown stack.
    region = own_region(stack)
    source = access_figures.TRUSTED_SOURCE.format(region=region)
    if (
        region
        and service == access_figures.TASKS_PRINCIPAL
        and not has_condition(found, "aws:sourcearn".__eq__, source.__eq__)
    ):
        yield violation(f"{name} trusts tasks of any region", f"a condition on aws:SourceArn = {source}")


def _people(statement: Node, name: str, principal: str) -> Iterator[Verdict]:
    if not is_own_principal(principal):
        yield violation(f"{name} trusts {principal}", f"principals of the account {ACCOUNT}")
    yield from expect_people(statement)


def _federated(statement: Node, name: str, provider: str) -> Iterator[Verdict]:
    found = conditions(statement)
    for ending in (":sub", ":aud"):
        if not has_condition(
            found, lambda key, ending=ending: key.endswith(ending), lambda value: not matches_everything(value)
        ):
            yield violation(f"{name} trusts any {ending[1:]} of {provider}", f"a condition on its {ending[1:]}")


def _no_users(resource: Resource) -> Iterator[Verdict]:
    kind = resource.type.rpartition(":")[2]
    allowed = f"roles, with sessions of {access_figures.SESSION_SECONDS} seconds"
    yield violation(f"{kind} is for IAM users, whose credentials don't expire", allowed)


RULES = (
    property_rule(
        "access-trust",
        section="Access Controls",
        description="Services assume a role only on behalf of this account, and named people of this account only with "
        f"MFA, a ticket and an identity; a session lasts {access_figures.SESSION_SECONDS} seconds at most",
        types=IAM_ROLE,
        # An hour is AWS's default.
        rows=(between("maxSessionDuration", 1, access_figures.SESSION_SECONDS, default=3600),),
        also=_trust_policy,
        remedy="Bind the trust policy to this account; of people require exact ARNs, MFA, a ticket and an identity.",
        severity="critical",
    ),
    ResourceRule(
        id="access-no-users",
        section="Access Controls",
        description="There are no IAM users, groups, passwords or access keys: people and programs assume roles",
        remedy="Remove the resource, and let the person or program assume a role.",
        severity="high",
        types=USER_TYPES,
        judge=_no_users,
    ),
)
