"""Changes that violate the rules about the roles of workflows. Data only."""

import re
from collections.abc import Iterator, Mapping
from typing import cast

from tests.policies.compliant.access import (
    ATTACHMENT,
    DATA,
    ISSUER,
    OBJECTS,
    OIDC_PROVIDER,
    STATES,
    WORKFLOWS,
    data_denials,
    document,
    migration,
    people_statements,
    workflow_statement,
)
from tests.policies.mutations.database import PRODUCTION
from tests.policies.mutations.mutation import Mutation, adds, mutation, removes, sets
from tests.policies.plan import REMOVED, Ref

RULE, TRUST = "access-workflows", "access-trust"
OTHER = "taskflow@1234567/other@1"
FILES = "taskflow/infrastructure/.github/workflows"
PROVIDER = "OpenIdConnectProvider delivery"
AUD, SUB, FILE, REF = (f"{ISSUER}:{claim}" for claim in ("aud", "sub", "job_workflow_ref", "ref"))
TICKET = "sts:RoleSessionName"
# The jobs with every change: a pull request's, of the branch, of another repository's tag. The others, which the rule
# judges by the same lines, have what tells them apart.
EVERY_CHANGE = ("preview", "plan", "release")
OF_EACH_JOB = ("another repository", "another environment", "another workflow", "a run for another branch")


def _claims(job: str) -> Iterator[Mutation]:
    repository, environment, workflow, file_reference, _, _, _ = WORKFLOWS[job]
    by_name = re.sub("@[0-9]+", "", repository)
    subject, file = f"repo:{repository}:environment:{environment}", f"{FILES}/{workflow}"
    for label, key, value, rules in (
        ("any audience", AUD, None, (RULE, TRUST)),
        ("another audience", AUD, "sigstore", (RULE,)),
        ("any subject", SUB, None, (RULE, TRUST)),
        ("every repository", SUB, "*", (RULE, TRUST)),
        ("another repository", SUB, f"repo:{OTHER}:environment:{environment}", (RULE,)),
        ("a repository by its name alone", SUB, f"repo:{by_name}:environment:{environment}", (RULE,)),
        ("any environment", SUB, f"repo:{repository}:*", (RULE,)),
        ("another environment", SUB, f"repo:{repository}:environment:other", (RULE,)),
        ("a pull request without an environment", SUB, f"repo:{repository}:pull_request", (RULE,)),
        ("a branch without an environment", SUB, f"repo:{repository}:ref:refs/heads/main", (RULE,)),
        ("two subjects", SUB, [subject, f"repo:{OTHER}:environment:{environment}"], (RULE,)),
        ("any workflow", FILE, None, (RULE,)),
        ("another workflow", FILE, f"{FILES}/other.yml@{file_reference}", (RULE,)),
        (
            "another repository's workflow",
            FILE,
            f"taskflow/other/.github/workflows/{workflow}@{file_reference}",
            (RULE,),
        ),
        ("a workflow of any reference", FILE, f"{file}@*", (RULE,)),
        ("a workflow of a tag", FILE, f"{file}@refs/tags/v1", (RULE,)),
        ("a run for anything", REF, None, (RULE,)),
        ("a run for another branch", REF, "refs/heads/other", (RULE,)),
        ("a run for any reference", REF, "*", (RULE,)),
        ("a session of any name", TICKET, None, (RULE,)),
        ("a session of another name", TICKET, "*", (RULE,)),
    ):
        if job not in EVERY_CHANGE and label not in OF_EACH_JOB:
            continue
        change = sets(f"Role delivery-{job}", "assumeRolePolicy", document(workflow_statement(job, {key: value})))
        yield mutation(f"{job}: {label}", change, *(f"{rule}@delivery-{job}" for rule in rules), stacks=PRODUCTION)
    # The right values, compared by an operator that is met by a request without the key.
    statement = workflow_statement(job)
    condition = cast("Mapping[str, object]", statement["Condition"])
    optional = {**statement, "Condition": {f"{operator}IfExists": value for operator, value in condition.items()}}
    yield mutation(
        f"{job}: claims if there are any", sets(f"Role delivery-{job}", "assumeRolePolicy", document(optional)),
        f"{RULE}@delivery-{job}", f"{TRUST}@delivery-{job}", stacks=PRODUCTION,
    )  # fmt: skip


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
    *(
        mutation(f"a reader of settings {label}",
                 sets("RolePolicy delivery-nightly-NoData", "policy", document(*denials)),
                 "access-read-only@delivery-nightly", stacks=PRODUCTION)
        for label, denials in (
            *((f"without the denial of {action}", data_denials([each for each in DATA if each != action]))
              for action in DATA),
            *((f"without the denial of {action}", data_denials(objects=[each for each in OBJECTS if each != action]))
              for action in OBJECTS),
            ("of another bucket", data_denials(kept=[*STATES, "arn:aws:s3:::taskflow-production-files/*"])),
            ("of all objects", data_denials(kept=["*"])),
            ("of some data", data_denials(resource="arn:aws:logs:*:*:log-group:a")),
            ("with a condition", data_denials(Condition={"Bool": {"aws:SecureTransport": "false"}})),
        )
    ),
    mutation("a reader of settings that is allowed data",
             sets("RolePolicy delivery-nightly-NoData", "policy", document(*data_denials(Effect="Allow"))),
             "access-read-only@delivery-nightly", "access-wildcards@delivery-nightly-NoData", stacks=PRODUCTION),
    mutation("a reader of settings, without the denials' policy",
             sets("RolePolicy delivery-nightly-NoData", "role", Ref(to="Role delivery-plan")),
             "access-read-only@delivery-nightly", "access-roles@delivery-nightly",
             "access-roles@delivery-nightly-NoData", stacks=PRODUCTION),
    *(
        mutation(f"a migration {label}", sets("RolePolicy delivery-release-Release", "policy", document(statement)),
                 "access-conditions@delivery-release-Release", stacks=PRODUCTION)
        for label, statement in (
            ("with sessions", migration(StringEqualsIfExists={"ecs:enable-execute-command": "true"})),
            ("with or without sessions", migration(StringEqualsIfExists=None)),
        )
    ),
    mutation(
        "a second issuer",
        adds(OIDC_PROVIDER, "added", url="https://gitlab.com", clientIdLists=["sts.amazonaws.com"]),
        "access-token-issuer@added",
    ),
)  # fmt: skip
