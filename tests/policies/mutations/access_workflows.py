"""Changes that violate the rules about the roles of workflows. Data only."""

from collections.abc import Iterator

from tests.policies.compliant.access import (
    ATTACHMENT,
    OIDC_PROVIDER,
    WORKFLOWS,
    document,
    people_statements,
    workflow_statement,
)
from tests.policies.mutations.database import PRODUCTION
from tests.policies.mutations.mutation import Mutation, adds, mutation, removes, sets
from tests.policies.plan import REMOVED, Ref

RULE, TRUST = "access-workflows", "access-trust"
REPOSITORY = "repo:taskflow@1/infrastructure@2"
FILES = "taskflow/infrastructure/.github/workflows"
PROVIDER = "OpenIdConnectProvider delivery"


def _claims(job: str) -> Iterator[Mutation]:
    workflow, environment, reference, _, _ = WORKFLOWS[job]
    file = f"{FILES}/{workflow}"
    for label, claim, value, rules in (
        ("any audience", "aud", None, (RULE, TRUST)),
        ("another audience", "aud", "sigstore", (RULE,)),
        ("any subject", "sub", None, (RULE, TRUST)),
        ("every repository", "sub", "*", (RULE, TRUST)),
        ("a repository by its name alone", "sub", f"repo:taskflow/infrastructure:environment:{environment}", (RULE,)),
        ("any environment", "sub", f"{REPOSITORY}:*", (RULE,)),
        ("another environment", "sub", f"{REPOSITORY}:environment:other", (RULE,)),
        ("a bare pull request", "sub", f"{REPOSITORY}:pull_request", (RULE,)),
        ("a branch without an environment", "sub", f"{REPOSITORY}:ref:refs/heads/main", (RULE,)),
        ("two subjects", "sub", [f"{REPOSITORY}:environment:{environment}", f"{REPOSITORY}:environment:a"], (RULE,)),
        ("any workflow", "job_workflow_ref", None, (RULE,)),
        ("another workflow", "job_workflow_ref", f"{FILES}/other.yml@{reference}", (RULE,)),
        ("a workflow of any reference", "job_workflow_ref", f"{file}@*", (RULE,)),
        ("a workflow of a tag", "job_workflow_ref", f"{file}@refs/tags/v1", (RULE,)),
    ):
        change = sets(f"Role delivery-{job}", "assumeRolePolicy", document(workflow_statement(job, {claim: value})))
        yield mutation(f"{job}: {label}", change, *(f"{rule}@delivery-{job}" for rule in rules), stacks=PRODUCTION)


def _roles(job: str) -> Iterator[Mutation]:
    role, at = f"Role delivery-{job}", f"delivery-{job}"
    yield mutation(
        f"{job}: without the boundary", sets(role, "permissionsBoundary", REMOVED), f"{RULE}@{at}", stacks=PRODUCTION
    )
    yield mutation(
        f"{job}: another provider",
        sets(
            role, "assumeRolePolicy", document(workflow_statement(job, Principal={"Federated": "arn:aws:iam::1:oidc"}))
        ),
        f"{RULE}@{at}",
        stacks=PRODUCTION,
    )
    yield mutation(
        f"{job}: another action",
        sets(role, "assumeRolePolicy", document(workflow_statement(job, Action="sts:TagSession"))),
        f"{RULE}@{at}",
        stacks=PRODUCTION,
    )
    yield mutation(
        f"{job}: people beside the workflow",
        sets(role, "assumeRolePolicy", document(workflow_statement(job), people_statements(["change-?*"])[0])),
        f"{RULE}@{at}",
        stacks=PRODUCTION,
    )


CHANGES = (
    *(change for job in WORKFLOWS for change in (*_claims(job), *_roles(job))),
    mutation(
        "another role trusts a workflow",
        sets("Role people-dba", "assumeRolePolicy", document(workflow_statement("plan"))),
        f"{RULE}@people-dba",
        stacks=PRODUCTION,
    ),
    mutation(
        "a workflow's role of its own name",
        sets("Role delivery-plan", "name", "plan"),
        "access-roles@",
        f"{RULE}@delivery-plan",
        stacks=PRODUCTION,
    ),
    mutation("no role for the build", removes("Role delivery-build", "RolePolicy delivery-build-PushImage"),
             "access-roles@", stacks=PRODUCTION),
    mutation(
        "an administrator that plans",
        adds(ATTACHMENT, "added", role=Ref(to="Role delivery-plan"),
             policyArn="arn:aws:iam::aws:policy/AdministratorAccess"),
        "access-roles@added",
        stacks=PRODUCTION,
    ),
    *(
        mutation(f"tokens: {label}", sets(PROVIDER, path, value), "access-token-issuer@delivery", stacks=PRODUCTION)
        for label, path, value in (
            ("of another issuer", "url", "https://gitlab.com"),
            ("of no issuer", "url", REMOVED),
            ("for everyone", "clientIdLists", ["sts.amazonaws.com", "sigstore"]),
            ("for no one", "clientIdLists", REMOVED),
        )
    ),
    mutation(
        "a second issuer",
        adds(OIDC_PROVIDER, "added", url="https://gitlab.com", clientIdLists=["sts.amazonaws.com"]),
        "access-token-issuer@added",
    ),
)  # fmt: skip
