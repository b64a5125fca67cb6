"""Rules about the roles of people: their conditions, their boundary and what it denies."""

from collections.abc import Iterator

from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, StackRule, Verdict, report, violation
from policies.figures import access as access_figures
from policies.figures.access import Denial
from policies.figures.common import ACCOUNT
from policies.figures.workflows import WORKFLOWS
from policies.readers.iam_documents import (
    allow_statements,
    compared,
    has_action,
    is_readable,
    label,
    principals,
    statements,
    texts,
)
from policies.readers.resource_types import IAM_ATTACHMENT, IAM_POLICY, IAM_ROLE

# IAM Identity Center's roles: their sessions don't carry AWS's MFA keys, it enforces MFA itself.
CENTER = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/"
_WILDCARDS = frozenset("*?")


def expect_people(statement: Node) -> Iterator[Verdict]:
    """Require exact people, MFA, a ticket and an identity of a statement that lets people assume a role."""
    if not has_action(statement, "sts:AssumeRole"):
        return
    name = label(statement)
    people = compared(statement, "ArnEquals", "aws:PrincipalArn")
    if not people or any(_WILDCARDS & set(arn) for arn in people):
        yield violation(f"{name} names no people", "a condition ArnEquals aws:PrincipalArn with exact ARNs")
    if not people or not all(arn.startswith(CENTER) for arn in people):
        yield from _expect_mfa(statement, name)
    for key, meaning in (("sts:RoleSessionName", "a ticket"), ("sts:SourceIdentity", "an identity")):
        if not compared(statement, "StringLike", key):
            yield violation(f"{name} requires no {meaning.split()[1]}", f"a condition StringLike {key}: {meaning}")


def _expect_mfa(statement: Node, name: str) -> Iterator[Verdict]:
    if compared(statement, "Bool", "aws:MultiFactorAuthPresent") != ("true",):
        yield violation(f"{name} requires no MFA", "a condition Bool aws:MultiFactorAuthPresent = true")
    age = compared(statement, "NumericLessThan", "aws:MultiFactorAuthAge")
    if len(age) != 1 or not age[0].isdigit() or int(age[0]) > access_figures.SESSION_SECONDS:
        allowed = f"a condition NumericLessThan aws:MultiFactorAuthAge of at most {access_figures.SESSION_SECONDS}"
        yield violation(f"{name} accepts an old MFA", allowed)


def _people(stack: Stack) -> Iterator[Finding]:
    """Judge the trust of each role of people by its tickets, and its boundary."""
    for role in stack.of(IAM_ROLE):
        name = role.at("name").text()
        figures = access_figures.PEOPLE.get(name.value) if isinstance(name, Known) else None
        if figures is None:
            continue
        for statement in allow_statements(role.at("assumeRolePolicy"), absent="assumeRolePolicy isn't set"):
            if not isinstance(statement, Node):
                yield Finding(resource=role, verdict=statement)
            elif has_action(statement, "sts:AssumeRole") and principals(statement):
                allowed = {f"{kind}-?*" for kind in figures.tickets}
                tickets = compared(statement, "StringLike", "sts:RoleSessionName")
                if set(tickets) - allowed or not tickets:
                    found = f"{label(statement)} accepts sessions named {', '.join(tickets) or 'anything'}"
                    yield report(role, found, " or ".join(sorted(allowed)))
        yield from expect_boundary(role, stack)
    yield from _others_attachments(stack)


def _others_attachments(stack: Stack) -> Iterator[Finding]:
    """Report a policy for people on any other role, which has no boundary."""
    for attachment in stack.of(IAM_ATTACHMENT):
        policy = attachment.at("policyArn").text()
        if not isinstance(policy, Known) or policy.value not in access_figures.PEOPLE_POLICIES:
            continue
        match stack.refer(attachment, attachment.at("role"), IAM_ROLE, by=("id", "name")):
            case Found(resource=role):
                name = role.at("name").text()
            case Unknown() as unknown:
                name = unknown
            case _:
                name = None
        if isinstance(name, Unknown):
            yield Finding(resource=attachment, verdict=name)
        elif not isinstance(name, Known) or name.value not in (*access_figures.PEOPLE, *WORKFLOWS):
            allowed = ", ".join((*access_figures.PEOPLE, *WORKFLOWS))
            yield report(attachment, f"{policy.value} is for the roles of people and workflows", f"a role of {allowed}")


def expect_boundary(role: Resource, stack: Stack) -> Iterator[Finding]:
    """Require the boundary of people, which is that of workflows too."""
    match stack.refer(role, role.at("permissionsBoundary"), IAM_POLICY, by=("arn", "id")):
        case Found(resource=policy):
            name = policy.at("name").text()
            if isinstance(name, Unknown):
                yield Finding(resource=policy, verdict=name)
                return
            is_boundary = name == Known(value=access_figures.BOUNDARY)
        case Unknown() as unknown:
            yield Finding(resource=role, verdict=unknown)
            return
        case _:
            is_boundary = False
    if not is_boundary:
        yield report(role, "permissionsBoundary isn't the people's boundary", access_figures.BOUNDARY)


def _boundary(stack: Stack) -> Iterator[Finding]:
    """Require the denials of the boundary, each on the right resources."""
    for policy in stack.of(IAM_POLICY):
        name = policy.at("name").text()
        if isinstance(name, Unknown):
            yield Finding(resource=policy, verdict=name)
        if name != Known(value=access_figures.BOUNDARY):
            continue
        found = statements(policy.at("policy"), absent="policy isn't set")
        if not isinstance(found, tuple):
            yield Finding(resource=policy, verdict=found)
            continue
        denials = [each for each in found if is_readable(each) and each.at("Effect").value == "Deny"]
        for denial in access_figures.DENIALS:
            for action in denial.actions:
                if not any(_denies(each, action, denial) for each in denials):
                    missing = f"it doesn't deny {action} on {', '.join(denial.resources)}"
                    yield report(policy, missing, f"a Deny to all but {', '.join(sorted(denial.exempt)) or 'no one'}")


def _denies(statement: Node, action: str, denial: Denial) -> bool:
    """Whether a statement denies an action on all the resources, to everyone but the exempt roles."""
    denied = texts(statement.at("Resource"))
    covers = has_action(statement, action) and ("*" in denied or set(denial.resources) <= set(denied))
    condition = statement.at("Condition").value
    if not condition:
        return covers
    exempt = compared(statement, "ArnNotEquals", "aws:PrincipalArn")
    allowed = {f"arn:aws:iam::{ACCOUNT}:role/{role}" for role in denial.exempt}
    has_other = not isinstance(condition, dict) or len(condition) > 1
    return covers and bool(exempt) and set(exempt) <= allowed and not has_other


RULES = (
    StackRule(
        id="access-people",
        section="Access Controls",
        description="A session of a role of people is named after its ticket, and the role has the people's boundary; "
        "no other role has the policies of AWS that they have",
        remedy="Require the ticket by sts:RoleSessionName in the trust policy, and set permissionsBoundary to "
        f"{access_figures.BOUNDARY}.",
        severity="critical",
        judge=_people,
    ),
    StackRule(
        id="access-boundary",
        section="Access Controls",
        description="No role of people or workflows may create users; only break-glass may change these roles, their "
        "boundary or the records and read files, and only it and database access may reach the database",
        remedy="Deny these actions in the boundary, with break-glass as the only exception where there is one.",
        severity="critical",
        judge=_boundary,
    ),
)
