"""Rules about the roles of workflows: which job may assume which, by GitHub's token."""

from collections.abc import Iterator

from policies.engine.expectations import equals, property_rule
from policies.engine.facts import Known, Node, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule, Verdict, violation
from policies.figures import access as access_figures
from policies.figures.common import ACCOUNT
from policies.figures.workflows import TOKEN_AUDIENCE, TOKEN_ISSUER, WORKFLOW_TICKET, WORKFLOWS, WorkflowFigures
from policies.readers.iam_documents import allow_statements, compared, label, principals, texts
from policies.readers.resource_types import IAM_OIDC_PROVIDER, IAM_ROLE
from policies.rules.access.people import expect_boundary

PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{TOKEN_ISSUER}"
ASSUME = "sts:AssumeRoleWithWebIdentity"


def _workflows(stack: Stack) -> Iterator[Finding]:
    """Judge each role that trusts a federated identity, and each that has the name of a workflow's."""
    for role in stack.of(IAM_ROLE):
        name = role.at("name").text()
        figures = WORKFLOWS.get(name.value) if isinstance(name, Known) else None
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
            yield violation(f"{name} trusts a federated identity", f"a role of {', '.join(WORKFLOWS)}")
        return
    if trusted != [("Federated", PROVIDER)] or texts(statement.at("Action")) != (ASSUME,):
        yield violation(f"{name} isn't for GitHub's tokens alone", f"{ASSUME} by {PROVIDER}")
    claims = {f"{TOKEN_ISSUER}:{claim}": value for claim, value in figures.claims.items()}
    for key, value in {**claims, "sts:RoleSessionName": WORKFLOW_TICKET}.items():
        operator = "StringLike" if "*" in value else "StringEquals"
        accepted = compared(statement, operator, key)
        if accepted != (value,):
            found = f"{name} accepts {key.rpartition(':')[2]} {', '.join(accepted) or 'of any value'}"
            yield violation(found, f"a condition {operator} {key} = {value}")


RULES = (
    StackRule(
        id="access-workflows",
        section="Deployment Commands",
        description="A workflow's role trusts one workflow file, run by one repository with its id in one environment "
        "of GitHub, for one branch, a pull request or a release's tag; sessions are named after a change, and the role "
        "has the people's boundary; no other role trusts federated identities",
        remedy="Require aud, sub, job_workflow_ref and ref of GitHub's token and the ticket in the trust policy, and "
        f"set permissionsBoundary to {access_figures.BOUNDARY}.",
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
