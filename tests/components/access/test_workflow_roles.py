"""Which run may take the role of which job of a workflow, and what it may do: tests/golden/workflows.txt.

Evaluated as AWS does, from the planned trusts, boundary and policies, and moto's copy of AWS's policies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from tests.components.access.roles import ACCOUNT, IAM, WORKFLOWS, act, answers, document, inputs_of, table
from tests.engine.golden import golden_difference
from tests.engine.simulator import Request

HEAD = """\
Which run of a workflow may take the role of which job, and what each role may do.
Evaluated from the planned trust policies, permissions boundary and policies, including AWS's.
A run is the job's own one, in its environment, but for what the row says."""
ISSUER = "token.actions.githubusercontent.com"
OWN, APPLICATION = "repo:taskflow@1234567/infrastructure@234567890", "repo:taskflow@1234567/taskflow@345678901"
FILES = "taskflow/infrastructure/.github/workflows"
MAIN, PULL, TAG = "refs/heads/main", "refs/pull/12/merge", "refs/tags/v1.5.0"
# By job: repository, environment, workflow file, the file's reference, and the run's.
RUNS: Mapping[str, tuple[str, str, str, str, str]] = {
    "preview": (OWN, "preview", "preview.yml", PULL, PULL),
    "plan": (OWN, "plan", "deploy.yml", MAIN, MAIN),
    "deploy-production": (OWN, "production", "deploy.yml", MAIN, MAIN),
    "deploy-dr": (OWN, "dr", "deploy.yml", MAIN, MAIN),
    "nightly": (OWN, "nightly", "nightly.yml", MAIN, MAIN),
    "build": (APPLICATION, "build", "release.yml", MAIN, TAG),
    "release": (APPLICATION, "release", "release.yml", MAIN, TAG),
}
MANAGED = ("ReadOnlyAccess", "ViewOnlyAccess")
# What differs from the job's own run: claims, with {repository}, {environment} and {file} in them, and the session.
ATTEMPTS: Mapping[str, Mapping[str, str]] = {
    "its own run": {},
    "by a repository of another owner": {"sub": "repo:mallory@9/infrastructure@8:environment:{environment}"},
    "by a repository that took the name": {"sub": "repo:taskflow@1234567/infrastructure@9:environment:{environment}"},
    "by the other repository": {"sub": "{other}:environment:{environment}"},
    "in another environment": {"sub": "{repository}:environment:staging"},
    "in a pull request, without an environment": {"sub": "{repository}:pull_request"},
    "for a pull request": {"ref": PULL},
    "for a branch": {"ref": "refs/heads/feature"},
    "for the branch main": {"ref": MAIN},
    "for the tag of a version": {"ref": TAG},
    "for another tag": {"ref": "refs/tags/nightly"},
    "of the workflow as a branch has it": {"job_workflow_ref": "{file}@refs/heads/feature"},
    "of the workflow as a tag has it": {"job_workflow_ref": "{file}@refs/tags/v1.5.0"},
    "of another workflow": {"job_workflow_ref": f"{FILES}/other.yml@{MAIN}"},
    "of the workflow in another repository": {"job_workflow_ref": "mallory/infrastructure/{path}"},
    "with a token for someone else": {"aud": "sigstore"},
    "without a ticket": {"sts:RoleSessionName": "GitHubActions"},
}

STATE = "arn:aws:s3:::taskflow-pulumi-state-us-east-1"
STATE_KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/01234567-89ab-cdef-0123-456789abcdef"
ECS, ECR = f"arn:aws:ecs:us-east-1:{ACCOUNT}", f"arn:aws:ecr:us-east-1:{ACCOUNT}"
SERVICE, CLUSTER = f"{ECS}:service/taskflow-production/taskflow-api-production", f"{ECS}:cluster/taskflow-production"
REVISION, ACCESS = (f"{ECS}:task-definition/taskflow-{family}" for family in ("api-production", "production-access"))
DATABASE, ASSETS = (
    f"arn:aws:rds:us-east-1:{ACCOUNT}:db:taskflow-production",
    f"arn:aws:s3:::taskflow-production-assets-{ACCOUNT}",
)
LOGS, SSM = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter"
# The policies of the state's keys leave their use to IAM.
KEY_POLICY: Mapping[str, object] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"{IAM}:root"}, "Action": "kms:*", "Resource": "*"}],
}
TO_ECS, TO_LAMBDA = ({"iam:PassedToService": f"{service}.amazonaws.com"} for service in ("ecs-tasks", "lambda"))
ACTIONS: Sequence[tuple[str, str, str, Mapping[str, str]]] = (
    ("read the state", "s3:GetObject", f"{STATE}/.pulumi/stacks/taskflow/production.json", {}),
    ("decrypt the state's secrets", "kms:Decrypt", STATE_KEY, {}),
    ("write the state", "s3:PutObject", f"{STATE}/.pulumi/stacks/taskflow/production.json", {}),
    ("delete the state", "s3:DeleteObject", f"{STATE}/.pulumi/stacks/taskflow/production.json", {}),
    ("save a plan", "s3:PutObject", f"{STATE}/plans/production/0123.json", {}),
    ("read settings of AWS", "elasticloadbalancing:DescribeLoadBalancers", "*", {}),
    ("read the database's settings", "rds:DescribeDBInstances", DATABASE, {}),
    ("read the database's password", "secretsmanager:GetSecretValue",
     f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:taskflow/production/database-application-a1B2c3", {}),
    ("read users' files", "s3:GetObject", f"arn:aws:s3:::taskflow-production-files-{ACCOUNT}/a", {}),
    ("read the audit archive", "s3:GetObject", f"arn:aws:s3:::taskflow-production-audit-archive-{ACCOUNT}/records/a",
     {}),
    ("read the API's log", "logs:GetLogEvents", f"{LOGS}:/taskflow/production/api:log-stream:api/api/1", {}),
    ("read the audit log", "logs:GetLogEvents", f"{LOGS}:/taskflow/audit:log-stream:a", {}),
    ("write an audit record", "logs:PutLogEvents", f"{LOGS}:/taskflow/audit:log-stream:a", {}),
    ("push an image", "ecr:PutImage", f"{ECR}:repository/taskflow-api", {}),
    ("push to another repository", "ecr:PutImage", f"{ECR}:repository/taskflow-tools", {}),
    ("delete an image", "ecr:BatchDeleteImage", f"{ECR}:repository/taskflow-api", {}),
    ("register a revision", "ecs:RegisterTaskDefinition", f"{REVISION}:4", {}),
    ("register the access task", "ecs:RegisterTaskDefinition", f"{ACCESS}:4", {}),
    ("pass the API's role to ECS", "iam:PassRole", f"{IAM}:role/taskflow-ecs-task-role", TO_ECS),
    ("pass the API's role to Lambda", "iam:PassRole", f"{IAM}:role/taskflow-ecs-task-role", TO_LAMBDA),
    ("pass another role to ECS", "iam:PassRole", f"{IAM}:role/taskflow-database-task-role", TO_ECS),
    ("run the migration", "ecs:RunTask", f"{REVISION}:4", {"ecs:cluster": CLUSTER}),
    ("run it open for sessions", "ecs:RunTask", f"{REVISION}:4",
     {"ecs:cluster": CLUSTER, "ecs:enable-execute-command": "true"}),
    ("run the access task", "ecs:RunTask", f"{ACCESS}:3",
     {"ecs:cluster": CLUSTER}),
    ("open a shell in a task", "ecs:ExecuteCommand", f"{ECS}:task/taskflow-production/0123", {"ecs:cluster": CLUSTER}),
    ("deploy a revision", "ecs:UpdateService", SERVICE, {"ecs:task-definition": f"{REVISION}:4"}),
    ("deploy another task definition", "ecs:UpdateService", SERVICE,
     {"ecs:task-definition": f"{ACCESS}:3"}),
    ("open the service for sessions", "ecs:UpdateService", SERVICE, {"ecs:enable-execute-command": "true"}),
    ("deploy to another service", "ecs:UpdateService", f"{ECS}:service/other/other", {}),
    ("delete the service", "ecs:DeleteService", SERVICE, {}),
    ("write the release record", "ssm:PutParameter", f"{SSM}/taskflow/production/release", {}),
    ("answer the checklist", "ssm:PutParameter", f"{SSM}/taskflow/production/checklist/v1.5.0", {}),
    ("declare an incident", "ssm:PutParameter", f"{SSM}/taskflow/production/incident/incident-1",
     {"ssm:Overwrite": "false"}),
    ("publish the web application", "s3:PutObject", f"{ASSETS}/index.html", {}),
    ("delete the web application", "s3:DeleteObject", f"{ASSETS}/index.html", {}),
    ("create a load balancer", "elasticloadbalancing:CreateLoadBalancer",
     f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/app/new/1", {}),
    ("delete the database", "rds:DeleteDBInstance", DATABASE, {}),
    ("log in to the database", "rds-db:connect",
     f"arn:aws:rds-db:us-east-1:{ACCOUNT}:dbuser:db-A/taskflow_readonly", {}),
    ("change the role of a service", "iam:PutRolePolicy", f"{IAM}:role/taskflow-ecs-task-role", {}),
    ("change a workflow's role", "iam:UpdateAssumeRolePolicy", f"{IAM}:role/taskflow-ci-deploy-production", {}),
    ("remove its boundary", "iam:DeleteRolePermissionsBoundary", f"{IAM}:role/taskflow-ci-deploy-production", {}),
    ("change the boundary", "iam:CreatePolicyVersion", f"{IAM}:policy/taskflow-people", {}),
    ("change a role of people", "iam:PutRolePolicy", f"{IAM}:role/taskflow-on-call", {}),
    ("trust another issuer of tokens", "iam:CreateOpenIDConnectProvider", f"{IAM}:oidc-provider/example.com", {}),
    ("assume a role", "sts:AssumeRole", f"{IAM}:role/created", {}),
    ("create an IAM user", "iam:CreateUser", f"{IAM}:user/mallory", {}),
    ("stop the trail", "cloudtrail:StopLogging",
     f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/taskflow-production", {}),
    ("delete the audit records", "logs:DeleteLogGroup", f"{LOGS}:/taskflow/audit", {}),
)  # fmt: skip


def _take(job: str, changes: Mapping[str, str]) -> Request:
    """Return the request by which a run takes the role of a job."""
    repository, environment, workflow, file_reference, run_reference = RUNS[job]
    values = {
        "repository": repository,
        "other": APPLICATION if repository == OWN else OWN,
        "environment": environment,
        "file": f"{FILES}/{workflow}",
        "path": f".github/workflows/{workflow}@{file_reference}",
    }
    claims = {
        "aud": "sts.amazonaws.com",
        "sub": f"{repository}:environment:{environment}",
        "job_workflow_ref": f"{FILES}/{workflow}@{file_reference}",
        "ref": run_reference,
        "sts:RoleSessionName": "change-1042",
        **{claim: value.format_map(values) for claim, value in changes.items()},
    }
    role = inputs_of("role:Role", f"{WORKFLOWS}-{job}")
    return Request(
        principal=f"{IAM}:oidc-provider/{ISSUER}",
        action="sts:AssumeRoleWithWebIdentity",
        resource=f"{IAM}:role/{role['name']}",
        resource_policy=document(role["assumeRolePolicy"]),
        context={claim if ":" in claim else f"{ISSUER}:{claim}": value for claim, value in claims.items()},
    )


def _act(job: str, action: str, resource: str, context: Mapping[str, str]) -> Request:
    request = act(job, action, resource, context, group=WORKFLOWS, managed=MANAGED)
    return replace(request, resource_policy=KEY_POLICY) if action.startswith("kms:") else request


def test_who_may_do_what_is_as_reviewed(request: pytest.FixtureRequest) -> None:
    taken = {(label, job): [_take(job, changes)] for label, changes in ATTEMPTS.items() for job in RUNS}
    acted = {
        (label, job): [_act(job, action, resource, context)]
        for label, action, resource, context in ACTIONS
        for job in RUNS
    }
    text = "\n\n".join(
        (HEAD, table("To take the role", RUNS, answers(taken)), table("In the role", RUNS, answers(acted)), "")
    )
    difference = golden_difference("workflows.txt", text, request)
    assert not difference, difference


def test_every_role_of_a_workflow_is_in_the_table_and_ends_after_an_hour() -> None:
    for job in RUNS:
        assert inputs_of("role:Role", f"{WORKFLOWS}-{job}")["maxSessionDuration"] == 3600
