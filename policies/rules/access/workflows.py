"""Rules about the roles of workflows: which job may assume which, by GitHub's token."""

from collections.abc import Iterator

from policies.engine.expectations import equals, property_rule
from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule, Verdict, expect_reference, report, violation
from policies.figures import access as access_figures
from policies.figures.common import ACCOUNT
from policies.figures.workflows import (
    DATA_ACTIONS,
    OBJECT_ACTIONS,
    STATES,
    TOKEN_AUDIENCE,
    TOKEN_ISSUER,
    WORKFLOW_TICKET,
    WORKFLOWS,
    WorkflowFigures,
)
from policies.readers.iam_documents import (
    allow_statements,
    compared,
    has_action,
    label,
    principals,
    texts,
)
from policies.readers.resource_types import IAM_ATTACHMENT, IAM_OIDC_PROVIDER, IAM_ROLE
from policies.readers.role_policies import denials_of
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


def _read_only(stack: Stack) -> Iterator[Finding]:
    """Judge each role that has AWS's ReadOnlyAccess; access-attachments reports an unknown policy."""
    for attachment in stack.of(IAM_ATTACHMENT):
        if attachment.at("policyArn").text() == Known(value=access_figures.READ_ONLY):
            yield from expect_reference(
                attachment, "role", stack, IAM_ROLE, "a role", by=("id", "name"),
                judge=lambda role: _expect_no_data(role, stack),
            )  # fmt: skip


def _expect_no_data(role: Resource, stack: Stack) -> Iterator[Finding]:
    found, undecided = denials_of(role, stack)
    denials = [each for each in found if not each.at("Condition").value]
    missing = [action for action in DATA_ACTIONS if not any(_denies_all(each, action) for each in denials)]
    missing += [action for action in OBJECT_ACTIONS if not any(_denies_objects(each, action) for each in denials)]
    if missing:
        allowed = f"with ReadOnlyAccess it may {', '.join(missing)}"
        yield from undecided[:1] or [report(role, allowed, "a Deny without a condition, of objects but of the states")]


def _denies_all(statement: Node, action: str) -> bool:
    return has_action(statement, action) and "*" in texts(statement.at("Resource"))


def _denies_objects(statement: Node, action: str) -> bool:
    kept = texts(statement.at("NotResource"))
    is_of_others = bool(kept) and set(kept) <= STATES
    return _denies_all(statement, action) or (has_action(statement, action) and is_of_others)


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
    StackRule(
        id="access-read-only",
        section="Access Controls",
        description="A role with AWS's ReadOnlyAccess reads settings: data is denied beside it, but Pulumi's states",
        remedy="Deny the actions in a policy of the role, on all resources, or on all objects but those of the states.",
        severity="high",
        judge=_read_only,
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
