"""Rules about the roles of workflows: which job may assume which, by GitHub's token."""

import re
from collections.abc import Iterator

from policies.engine.expectations import equals, property_rule
from policies.engine.facts import Known, Node, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule, Verdict, violation
from policies.figures import access as access_figures
from policies.figures.access import TOKEN_AUDIENCE, TOKEN_ISSUER, WorkflowFigures
from policies.figures.common import ACCOUNT
from policies.readers.iam_documents import allow_statements, compared, label, principals, texts
from policies.readers.resource_types import IAM_OIDC_PROVIDER, IAM_ROLE
from policies.rules.access.people import expect_boundary

PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{TOKEN_ISSUER}"
ASSUME = "sts:AssumeRoleWithWebIdentity"
# Owner and repository with GitHub's ids: names alone can come to belong to someone else.
_REPOSITORY = r"[A-Za-z0-9-]+@[0-9]+/[A-Za-z0-9._-]+@[0-9]+"


def _workflows(stack: Stack) -> Iterator[Finding]:
    """Judge each role that trusts a federated identity, and each that has the name of a workflow's."""
    for role in stack.of(IAM_ROLE):
        name = role.at("name").text()
        figures = access_figures.WORKFLOWS.get(name.value) if isinstance(name, Known) else None
        for statement in allow_statements(role.at("assumeRolePolicy"), absent="assumeRolePolicy isn't set"):
            if isinstance(statement, Node):
                yield from (Finding(resource=role, verdict=each) for each in _statement(statement, figures))
            elif isinstance(statement, Unknown):
                # access-trust reports an unreadable one.
                yield Finding(resource=role, verdict=statement)
        if figures is not None:
            yield from expect_boundary(role, stack)


def _statement(statement: Node, figures: WorkflowFigures | None) -> Iterator[Verdict]:
    name, trusted = label(statement), principals(statement)
    is_federated = any(kind == "Federated" for kind, _ in trusted)
    if figures is None:
        if is_federated:
            yield violation(f"{name} trusts a federated identity", f"a role of {', '.join(access_figures.WORKFLOWS)}")
        return
    if trusted != [("Federated", PROVIDER)] or texts(statement.at("Action")) != (ASSUME,):
        yield violation(f"{name} isn't for GitHub's tokens alone", f"{ASSUME} by {PROVIDER}")
    reference = figures.reference
    workflow = rf"[A-Za-z0-9-]+/[A-Za-z0-9._-]+/\.github/workflows/{re.escape(figures.workflow)}@{re.escape(reference)}"
    operator = "StringLike" if "*" in reference else "StringEquals"
    for key, compared_by, pattern, allowed in (
        ("aud", "StringEquals", re.escape(TOKEN_AUDIENCE), TOKEN_AUDIENCE),
        (
            "sub",
            "StringEquals",
            f"repo:{_REPOSITORY}:environment:{figures.environment}",
            f"repo:OWNER@ID/NAME@ID:environment:{figures.environment}",
        ),
        (
            "job_workflow_ref",
            operator,
            workflow if "*" in reference else rf"{workflow}[A-Za-z0-9._-]+",
            f"OWNER/NAME/.github/workflows/{figures.workflow}@{reference}{'' if '*' in reference else 'BRANCH'}",
        ),
    ):
        values = compared(statement, compared_by, f"{TOKEN_ISSUER}:{key}")
        if len(values) != 1 or not re.fullmatch(pattern, values[0]):
            found = f"{name} accepts {key} {', '.join(values) or 'of any value'}"
            yield violation(found, f"a condition {compared_by} {TOKEN_ISSUER}:{key} = {allowed}")


RULES = (
    StackRule(
        id="access-workflows",
        section="Deployment Commands",
        description="A workflow's role trusts one workflow file, one repository by its id and one environment of "
        "GitHub, and has the people's boundary; no other role trusts federated identities",
        remedy="Require aud, sub and job_workflow_ref of GitHub's token by exact values, and set permissionsBoundary "
        f"to {access_figures.BOUNDARY}.",
        severity="critical",
        judge=_workflows,
    ),
    property_rule(
        "access-token-issuer",
        section="Deployment Commands",
        description="GitHub Actions is the only identity provider, and AWS the only audience of its tokens",
        types=IAM_OIDC_PROVIDER,
        rows=(
            equals("url", f"https://{TOKEN_ISSUER}"),
            equals("clientIdLists", f'["{TOKEN_AUDIENCE}"]'),
        ),
        severity="critical",
    ),
)
