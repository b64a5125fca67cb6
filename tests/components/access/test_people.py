"""Who may do what, evaluated as AWS does from the planned trusts, boundary, policies and keys: tests/golden/people.txt.

AWS's own policies are evaluated where their content is a sentence (AdministratorAccess); ViewOnlyAccess and
CloudWatchReadOnlyAccess aren't: the table shows what a role may do beyond reading metadata, metrics and logs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from tests.components.access.roles import (
    ACCOUNT,
    ALICE,
    CENTER,
    IAM,
    JOBS,
    act,
    answers,
    document,
    inputs_of,
    table,
)
from tests.engine.golden import golden_difference
from tests.engine.simulator import Request

HEAD = """\
Who may assume which role of people, and what each may do beyond reading metadata, metrics and logs.
Evaluated from the planned trust policies, permissions boundary and policies."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """An attempt to assume a role: who, and what the request carries."""

    label: str
    person: str
    context: Mapping[str, str]


def _attempt(
    label: str, person: str, *, mfa: str = "", ticket: str = "incident-12345", identity: str = "alice"
) -> Attempt:
    context = {"aws:PrincipalArn": person, "sts:RoleSessionName": ticket}
    if identity:
        context["sts:SourceIdentity"] = identity
    if mfa:
        context |= {"aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": mfa}
    return Attempt(label=label, person=person, context=context)


ATTEMPTS = (
    _attempt("IAM, MFA a minute old, incident", ALICE, mfa="60"),
    _attempt("IAM, MFA a minute old, change", ALICE, mfa="60", ticket="change-678"),
    _attempt("IAM, MFA an hour old, incident", ALICE, mfa="3600"),
    _attempt("IAM, no MFA, incident", ALICE),
    _attempt("IAM, MFA, no ticket", ALICE, mfa="60", ticket="alice"),
    _attempt("IAM, MFA, an empty ticket", ALICE, mfa="60", ticket="incident-"),
    _attempt("IAM, MFA, incident, no identity", ALICE, mfa="60", identity=""),
    _attempt("IAM, MFA, incident, someone else", f"{IAM}:user/bob", mfa="60"),
    _attempt("Identity Center, incident", CENTER),
    _attempt("Identity Center, change", CENTER, ticket="change-678"),
    _attempt("Identity Center, no ticket", CENTER, ticket="alice"),
    _attempt("Identity Center, incident, no identity", CENTER, identity=""),
    _attempt("Identity Center, another permission set", CENTER.replace("People", "Others")),
    _attempt("Identity Center, a role of the same name", f"{IAM}:role/AWSReservedSSO_People_0123456789abcdef"),
)

ECS, RDS = f"arn:aws:ecs:us-east-1:{ACCOUNT}", f"arn:aws:rds:us-east-1:{ACCOUNT}"
RDS_DB = f"arn:aws:rds-db:us-east-1:{ACCOUNT}:dbuser:db-ABCDEFGHIJKL"
RECORDS = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/taskflow/audit"
CLUSTER = {"ecs:cluster": f"{ECS}:cluster/taskflow-production"}
# The tags of a restored instance, and those that it has once Pulumi has adopted it.
SERVES = {"aws:ResourceTag/Application": "taskflow"}
RESTORED = {**SERVES, "aws:ResourceTag/RestoredFrom": "any"}
# What someone may want to do: action, resource, and the request's keys.
ACTIONS: Sequence[tuple[str, str, str, Mapping[str, str | Sequence[str]]]] = (
    ("roll the service back", "ecs:UpdateService", f"{ECS}:service/taskflow-production/taskflow-api-production", {}),
    ("roll dr's service back", "ecs:UpdateService",
     f"arn:aws:ecs:us-west-2:{ACCOUNT}:service/taskflow-dr/taskflow-api-dr", {}),
    ("open the service's tasks for sessions", "ecs:UpdateService",
     f"{ECS}:service/taskflow-production/taskflow-api-production", {"ecs:enable-execute-command": "true"}),
    ("deploy another task definition", "ecs:UpdateService",
     f"{ECS}:service/taskflow-production/taskflow-api-production",
     {"ecs:task-definition": f"{ECS}:task-definition/taskflow-production-access:3"}),
    ("deploy a release", "ecs:UpdateService", f"{ECS}:service/taskflow-production/taskflow-api-production",
     {"ecs:task-definition": f"{ECS}:task-definition/taskflow-api-production:3"}),
    ("change another service", "ecs:UpdateService", f"{ECS}:service/other/other", {}),
    ("delete the service", "ecs:DeleteService", f"{ECS}:service/taskflow-production/taskflow-api-production", {}),
    ("write the release record", "ssm:PutParameter",
     f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/taskflow/production/release", {}),
    ("declare an incident", "ssm:PutParameter",
     f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/taskflow/production/incident/incident-12345",
     {"ssm:Overwrite": "false"}),
    ("note in an incident of dr", "ssm:PutParameter",
     f"arn:aws:ssm:us-west-2:{ACCOUNT}:parameter/taskflow/dr/incident/incident-12345/20261102T100000-1",
     {"ssm:Overwrite": "false"}),
    ("read an incident's timeline", "ssm:GetParametersByPath",
     f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/taskflow/production/incident/incident-12345", {}),
    ("list the incidents", "ssm:GetParametersByPath",
     f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/taskflow/production/incident", {}),
    ("change a note of an incident", "ssm:PutParameter",
     f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/taskflow/production/incident/incident-12345/20261102T100000-1",
     {"ssm:Overwrite": "true"}),
    ("delete a note of an incident", "ssm:DeleteParameter",
     f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/taskflow/production/incident/incident-12345/20261102T100000-1", {}),
    ("write another parameter", "ssm:PutParameter", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/other", {}),
    ("write an audit record", "logs:PutLogEvents", f"{RECORDS}:log-stream:commands", {}),
    ("delete the audit records", "logs:DeleteLogGroup", RECORDS, {}),
    ("search the audit archive", "athena:StartQueryExecution",
     f"arn:aws:athena:us-east-1:{ACCOUNT}:workgroup/taskflow-production-audit", {}),
    ("read the audit archive", "s3:GetObject",
     f"arn:aws:s3:::taskflow-production-audit-archive-{ACCOUNT}/records/file", {}),
    ("start the access task", "ecs:RunTask", f"{ECS}:task-definition/taskflow-production-access:3", CLUSTER),
    ("start another task", "ecs:RunTask", f"{ECS}:task-definition/taskflow-api-production:3", CLUSTER),
    ("pass the access task's role to ECS", "iam:PassRole", f"{IAM}:role/taskflow-access-task-role",
     {"iam:PassedToService": "ecs-tasks.amazonaws.com"}),
    ("pass the role that starts it to ECS", "iam:PassRole", f"{IAM}:role/taskflow-access-execution-role",
     {"iam:PassedToService": "ecs-tasks.amazonaws.com"}),
    ("pass the API's role to ECS", "iam:PassRole", f"{IAM}:role/taskflow-ecs-task-role",
     {"iam:PassedToService": "ecs-tasks.amazonaws.com"}),
    ("pass the role that reads the API's secrets", "iam:PassRole", f"{IAM}:role/taskflow-ecs-execution-role",
     {"iam:PassedToService": "ecs-tasks.amazonaws.com"}),
    ("find access tasks that were left", "ecs:ListTasks", "*", CLUSTER),
    ("list the tasks of another cluster", "ecs:ListTasks", "*", {"ecs:cluster": f"{ECS}:cluster/other"}),
    ("read the service's network", "ecs:DescribeServices",
     f"{ECS}:service/taskflow-production/taskflow-api-production", {}),
    ("open the tunnel to the database", "ssm:StartSession", f"{ECS}:task/taskflow-production/0123", {}),
    ("open a session's channel", "ssmmessages:OpenDataChannel", "*", {}),
    ("end one's session", "ssm:TerminateSession", f"arn:aws:ssm:us-east-1:{ACCOUNT}:session/incident-7-0123",
     {"aws:userid": "AROAFAKE:incident-7", "ssm:resourceTag/aws:ssmmessages:session-id": "AROAFAKE:incident-7"}),
    ("end another's session", "ssm:TerminateSession", f"arn:aws:ssm:us-east-1:{ACCOUNT}:session/incident-8-0123",
     {"aws:userid": "AROAFAKE:incident-7", "ssm:resourceTag/aws:ssmmessages:session-id": "AROAFAKE:incident-8"}),
    ("encrypt the tunnel's session", "kms:GenerateDataKey", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/sessions",
     {"kms:ResourceAliases": ["alias/taskflow-production-sessions"], "kms:CallerAccount": ACCOUNT}),
    ("log in to the database to read", "rds-db:connect", f"{RDS_DB}/taskflow_readonly", {}),
    ("log in to the database as the API", "rds-db:connect", f"{RDS_DB}/taskflow_app_a", {}),
    ("read the database's password", "secretsmanager:GetSecretValue",
     f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:taskflow/production/database-application-a1B2c3", {}),
    ("take a snapshot", "rds:CreateDBSnapshot", f"{RDS}:db:taskflow-production", {}),
    ("restore beside the database", "rds:RestoreDBInstanceToPointInTime", f"{RDS}:db:taskflow-recovery-20260101", {}),
    ("delete a restored instance", "rds:DeleteDBInstance", f"{RDS}:db:taskflow-recovery-20260101", RESTORED),
    ("delete a restored instance that serves", "rds:DeleteDBInstance", f"{RDS}:db:taskflow-recovery-20260101", SERVES),
    ("mark an instance that serves as restored", "rds:AddTagsToResource", f"{RDS}:db:taskflow-recovery-20260101",
     {**SERVES, "aws:RequestTag/RestoredFrom": "any"}),
    ("delete the copy that a restore made", "rds:DeleteDBSnapshot",
     f"{RDS}:snapshot:taskflow-recovery-20260101-0900-copy", {}),
    ("delete a restored instance's last snapshot", "rds:DeleteDBSnapshot",
     f"{RDS}:snapshot:taskflow-recovery-20260101-0900-final", {}),
    ("find a restored instance", "rds:DescribeDBInstances", f"{RDS}:db:taskflow-recovery-20260101-0900", {}),
    ("open a shell in a task", "ecs:ExecuteCommand", f"{ECS}:task/taskflow-production/0123", CLUSTER),
    ("delete the database", "rds:DeleteDBInstance", f"{RDS}:db:taskflow-production", {}),
    ("read files", "s3:GetObject", f"arn:aws:s3:::taskflow-production-files-{ACCOUNT}/a", {}),
    ("read a file's earlier version", "s3:GetObjectVersion", f"arn:aws:s3:::taskflow-production-files-{ACCOUNT}/a", {}),
    ("delete a file's version", "s3:DeleteObjectVersion", f"arn:aws:s3:::taskflow-production-files-{ACCOUNT}/a", {}),
    ("list the versions of files", "s3:ListBucketVersions", f"arn:aws:s3:::taskflow-production-files-{ACCOUNT}", {}),
    ("list the versions of dr's files", "s3:ListBucketVersions",
     f"arn:aws:s3:::taskflow-production-files-copy-{ACCOUNT}", {}),
    ("restore files by a job", "s3:CreateJob", "*", {"s3:RequestJobOperation": "S3PutObjectCopy"}),
    ("run code over files by a job", "s3:CreateJob", "*", {"s3:RequestJobOperation": "LambdaInvoke"}),
    ("pass the restore's role to S3", "iam:PassRole", f"{IAM}:role/taskflow-files-restore-role",
     {"iam:PassedToService": "batchoperations.s3.amazonaws.com"}),
    ("pass the API's role to S3", "iam:PassRole", f"{IAM}:role/taskflow-ecs-task-role",
     {"iam:PassedToService": "batchoperations.s3.amazonaws.com"}),
    ("write a manifest of a restore", "s3:PutObject",
     f"arn:aws:s3:::taskflow-production-restores-{ACCOUNT}/manifests/a.csv", {}),
    ("read a restore's report", "s3:GetObject",
     f"arn:aws:s3:::taskflow-production-restores-{ACCOUNT}/reports/a.csv", {}),
    ("create a load balancer", "elasticloadbalancing:CreateLoadBalancer",
     f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:loadbalancer/app/new/1", {}),
    ("create an IAM user", "iam:CreateUser", f"{IAM}:user/mallory", {}),
    ("create a user's access key", "iam:CreateAccessKey", f"{IAM}:user/mallory", {}),
    ("change who is on call", "iam:UpdateAssumeRolePolicy", f"{IAM}:role/taskflow-on-call", {}),
    ("remove the boundary of devops", "iam:DeleteRolePermissionsBoundary", f"{IAM}:role/taskflow-devops", {}),
    ("change the boundary", "iam:CreatePolicyVersion", f"{IAM}:policy/taskflow-people", {}),
    ("assume a role that someone created", "sts:AssumeRole", f"{IAM}:role/created", {}),
    ("change the role of a service", "iam:PutRolePolicy", f"{IAM}:role/taskflow-ecs-task-role", {}),
    ("stop the trail", "cloudtrail:StopLogging",
     f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/taskflow-production", {}),
)  # fmt: skip


def _assume(purpose: str, attempt: Attempt) -> Sequence[Request]:
    """Return the two requests of an attempt: to assume the role, and to set the identity if there is one."""
    role = inputs_of("role:Role", f"people-{purpose}")
    actions = ("sts:AssumeRole", *(("sts:SetSourceIdentity",) if "sts:SourceIdentity" in attempt.context else ()))
    return [
        Request(
            principal=attempt.person,
            action=action,
            resource=f"{IAM}:role/{role['name']}",
            resource_policy=document(role["assumeRolePolicy"]),
            identity=[{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}],
            context={
                key: value
                for key, value in attempt.context.items()
                # STS doesn't send the ticket for this action.
                if action == "sts:AssumeRole" or key in ("aws:PrincipalArn", "sts:SourceIdentity")
            },
        )
        for action in actions
    ]


def test_who_may_do_what_is_as_reviewed(request: pytest.FixtureRequest) -> None:
    assumed = {(attempt.label, job): _assume(job, attempt) for attempt in ATTEMPTS for job in JOBS}
    acted = {
        (label, job): [act(job, action, resource, context)]
        for label, action, resource, context in ACTIONS
        for job in JOBS
    }
    text = "\n\n".join(
        (
            HEAD,
            table("To assume the role", JOBS, answers(assumed)),
            table("In the role", JOBS, answers(acted)),
            "",
        )
    )
    difference = golden_difference("people.txt", text, request)
    assert not difference, difference


def test_no_role_of_people_is_more_than_an_hour() -> None:
    for purpose in JOBS:
        assert inputs_of("role:Role", f"people-{purpose}")["maxSessionDuration"] == 3600
