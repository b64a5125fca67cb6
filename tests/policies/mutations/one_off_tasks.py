"""Changes that violate the rules about the access task, the database task, restores and their roles. Data only."""

from tests.policies.compliant.access import (
    ACCOUNT,
    ATTACHMENT,
    EXECUTION,
    EXECUTION_POLICY,
    EXPORT_GATHER,
    EXPORT_ROLE,
    EXPORT_START,
    LOGIN_SECRETS,
    LOGIN_START,
    LOGINS,
    RESTORE,
    RESTORE_FILES,
    ROLE_POLICY,
    SESSION,
    SESSION_EXECUTION,
    SESSION_START,
    SESSIONS,
    VALIDATION_CHECK,
    VALIDATION_ROLE,
    VALIDATION_START,
    allow,
    document,
)
from tests.policies.compliant.access import TASK as TASK_ROLE
from tests.policies.compliant.compute import (
    Container,
    access_container,
    container,
    container_definitions,
    database_container,
    export_container,
    log_configuration,
    secrets,
    validation_container,
)
from tests.policies.mutations.access import KEY, OWN, READ, REGION, permission
from tests.policies.mutations.containers import DIGEST, REGISTRY
from tests.policies.mutations.database import PRODUCTION, each
from tests.policies.mutations.mutation import Change, Mutation, adds, mutation, removes, sets
from tests.policies.plan import REMOVED, Ref

ACCESS, DATABASE = "TaskDefinition access", "TaskDefinition database"
VALIDATION, EXPORT = "TaskDefinition restore-validation", "TaskDefinition data-export"

TRAIL = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/taskflow/production/trail:*"
API_IMAGES = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/taskflow-api"
SECRETS = document(allow([READ], OWN))
FILES = f"arn:aws:s3:::taskflow-production-files-{ACCOUNT}"
MANIFESTS = f"arn:aws:s3:::taskflow-production-restores-{ACCOUNT}/manifests/*"
AUDIT_ARCHIVE = f"arn:aws:s3:::taskflow-production-audit-archive-{ACCOUNT}"
OTHER_LOGIN = f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:*/taskflow_app_a"
PRIMARY_ARN = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:taskflow-production"
OWNER = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:taskflow/production/database-owner-a1B2c3"

PERMISSIONS = tuple(
    permission(label, key, statement)
    for label, key, statement in (
        ("the access task reading a secret", SESSIONS, allow([READ], OWN)),
        ("the access task encrypting with a key", SESSIONS, allow(["kms:Encrypt"], KEY)),
        ("a key of another region for sessions", SESSIONS, allow(["kms:Decrypt"], KEY.replace(REGION, "us-west-2"))),
        ("sessions in another log group", SESSIONS, allow(["logs:PutLogEvents"], TRAIL)),
        ("a secret for the start of the access task", SESSION_START, allow([READ], OWN)),
        ("another image for the access task", SESSION_START, allow(["ecr:BatchGetImage"], API_IMAGES)),
        ("another log group for the access task", SESSION_START, allow(["logs:PutLogEvents"], TRAIL)),
        ("a key for the start of the access task", SESSION_START, allow(["kms:Decrypt"], KEY)),
        ("another secret for the database task", LOGIN_SECRETS, allow([READ], OWN)),
        ("the database task writing a secret", LOGIN_SECRETS, allow(["secretsmanager:PutSecretValue"], OWNER)),
        ("a key of the database task outside Secrets Manager", LOGIN_SECRETS, allow(["kms:Decrypt"], KEY)),
        ("the restore validation reading a secret", VALIDATION_CHECK, allow([READ], OWN)),
        ("the restore validation as another login", VALIDATION_CHECK, allow(["rds-db:connect"], OTHER_LOGIN)),
        (
            "the restore validation finding the primary",
            VALIDATION_CHECK,
            allow(["rds:DescribeDBInstances"], PRIMARY_ARN),
        ),
        ("another image for the restore validation", VALIDATION_START, allow(["ecr:BatchGetImage"], API_IMAGES)),
        ("the data export reading a secret", EXPORT_GATHER, allow([READ], OWN)),
        ("the data export as another login", EXPORT_GATHER, allow(["rds-db:connect"], OTHER_LOGIN)),
        ("the data export reading the audit archive", EXPORT_GATHER, allow(["s3:GetObject"], f"{AUDIT_ARCHIVE}/*")),
        ("the data export deleting files", EXPORT_GATHER, allow(["s3:DeleteObject"], f"{FILES}/users/*")),
        ("the data export writing a manifest", EXPORT_GATHER, allow(["s3:PutObject"], MANIFESTS)),
        ("a key of the data export outside S3", EXPORT_GATHER, allow(["kms:Decrypt"], KEY)),
        ("another image for the data export", EXPORT_START, allow(["ecr:BatchGetImage"], API_IMAGES)),
        ("another image for the database task", LOGIN_START, allow(["ecr:BatchGetImage"], API_IMAGES)),
        ("a restore that deletes versions", RESTORE_FILES, allow(["s3:DeleteObjectVersion"], f"{FILES}/*")),
        ("a restore into another bucket", RESTORE_FILES, allow(["s3:PutObject"], f"{AUDIT_ARCHIVE}/*")),
        ("a key of a restore outside S3", RESTORE_FILES, allow(["kms:Decrypt"], KEY)),
    )
)

ROLES = (
    *(
        mutation(
            f"a further policy of {role.partition(' ')[2]}",
            adds(ROLE_POLICY, "added", role=Ref(to=role), name="Extra", policy=SECRETS),
            "access-roles@added",
        )
        for role in (SESSION, SESSION_EXECUTION, LOGINS, VALIDATION_ROLE, EXPORT_ROLE, RESTORE)
    ),
    *(
        mutation(
            f"AWS's execution policy on {role.partition(' ')[2]}",
            adds(ATTACHMENT, "added", role=Ref(to=role), policyArn=EXECUTION_POLICY),
            "access-roles@added",
        )
        for role in (SESSION, SESSION_EXECUTION, LOGINS, VALIDATION_ROLE, EXPORT_ROLE, RESTORE)
    ),
    *(
        mutation(f"no {key.partition(' ')[2]}", removes(key), f"access-roles@{role.partition(' ')[2]}")
        for key, role in (
            (SESSIONS, SESSION),
            (SESSION_START, SESSION_EXECUTION),
            (LOGIN_SECRETS, LOGINS),
            (LOGIN_START, LOGINS),
            (RESTORE_FILES, RESTORE),
            (VALIDATION_CHECK, VALIDATION_ROLE),
            (VALIDATION_START, VALIDATION_ROLE),
            (EXPORT_GATHER, EXPORT_ROLE),
            (EXPORT_START, EXPORT_ROLE),
        )
    ),
)


def _changed(task: str, definition: Container) -> Change:
    return sets(task, "containerDefinitions", container_definitions(definition))


def _containers(rule: str, *cases: tuple[str, dict[str, object]]) -> tuple[Mutation, ...]:
    """Return the violations of one rule by a changed container of the access task."""
    return tuple(
        mutation(
            label, _changed(ACCESS, access_container("production", **changed)), f"{rule}@access", stacks=PRODUCTION
        )
        for label, changed in cases
    )


def _database_containers(rule: str, *cases: tuple[str, dict[str, object]]) -> tuple[Mutation, ...]:
    """Return the violations of one rule by a changed container of the database task."""
    return tuple(
        mutation(
            label,
            _changed(DATABASE, database_container("production", **changed)),
            f"{rule}@database",
            stacks=PRODUCTION,
        )
        for label, changed in cases
    )


TIMEOUT, KILL = "/usr/bin/timeout", "--signal=KILL"
API = [{"name": "A", "value": "b"}]
PASSWORD = [{"name": "PGPASSWORD", "valueFrom": OWN}]
CONTAINER = (
    *_containers(
        "compute-access-task",
        ("an access task of two hours", {"entryPoint": [TIMEOUT, KILL, "7200"]}),
        ("an access task without a limit", {"entryPoint": REMOVED}),
        ("an access task with a limit of 0, which is none", {"entryPoint": [TIMEOUT, KILL, "0"]}),
        ("an access task with a limit of hours", {"entryPoint": [TIMEOUT, KILL, "2h"]}),
        ("a limit that its command may ignore", {"entryPoint": [TIMEOUT, "3600"]}),
        ("a limit of whichever timeout PATH has", {"entryPoint": ["timeout", KILL, "3600"]}),
        ("a limit in the command", {"entryPoint": ["sleep"], "command": ["3600"]}),
        ("an access task with an unessential container", {"essential": False}),
        ("an access task with a secret", {"secrets": PASSWORD}),
        ("an access task with a variable", {"environment": API}),
    ),
    *_containers(
        "compute-container-hardened",
        ("a privileged access task", {"privileged": True}),
        ("an access task as root", {"user": "0"}),
        ("an access task as the user of its image", {"user": REMOVED}),
        ("an access task without an init process", {"linuxParameters": REMOVED}),
        (
            "an access task with SYS_PTRACE",
            {"linuxParameters": {"initProcessEnabled": True, "capabilities": {"add": ["SYS_PTRACE"]}}},
        ),
    ),
    *_containers(
        "compute-container-logs",
        ("an access task without logs", {"logConfiguration": REMOVED}),
        ("blocking logs of the access task", {"logConfiguration": log_configuration("production", mode="blocking")}),
    ),
    *_containers(
        "compute-image",
        ("a public image of the access task", {"image": "public.ecr.aws/docker/library/postgres:15"}),
        ("a tools image by its tag", {"image": f"{REGISTRY}/taskflow-tools:v1"}),
        ("the API's image in the access task", {"image": f"{REGISTRY}/taskflow-api@{DIGEST}"}),
        (
            "another region's tools image",
            {"image": f"{REGISTRY.replace('us-east-1', 'us-west-2')}/taskflow-tools@{DIGEST}"},
        ),
        ("another account's tools image", {"image": f"{REGISTRY.replace(ACCOUNT, '1' * 12)}/taskflow-tools@{DIGEST}"}),
        ("a short digest of the tools image", {"image": f"{REGISTRY}/taskflow-tools@sha256:0123"}),
        ("no image of the access task", {"image": REMOVED}),
    ),
    mutation(
        "the tools image in the service's task",
        sets(
            "TaskDefinition service",
            "containerDefinitions",
            container_definitions(container("production", image=f"{REGISTRY}/taskflow-tools@{DIGEST}")),
        ),
        "compute-image@service",
        stacks=PRODUCTION,
    ),
)

TASK = (
    mutation("no access task", removes(ACCESS), "compute-access@"),
    # The exceptions are the access task's alone.
    mutation(
        "an access task of another family",
        sets(ACCESS, "family", "taskflow-production-tunnel"),
        "compute-access@",
        *(f"compute-{rule}@access" for rule in ("container-hardened", "container-health", "temporary", "image")),
    ),
    *each(
        "compute-access@access",
        ACCESS,
        ("the API's role in the access task", "taskRoleArn", Ref(to=TASK_ROLE, output="arn")),
        ("the access task started with the API's execution role", "executionRoleArn", Ref(to=EXECUTION, output="arn")),
        ("a role outside the stack in the access task", "taskRoleArn", f"arn:aws:iam::{ACCOUNT}:role/other"),
    ),
    *(
        mutation(
            f"an access task without {key}",
            sets(ACCESS, key, REMOVED),
            "compute-access@access",
            "compute-task@access",
        )
        for key in ("taskRoleArn", "executionRoleArn")
    ),
    mutation(
        "an access task whose role has another name",
        sets(SESSION, "name", "tunnel"),
        "compute-access@access",
        "access-roles@",
    ),
    mutation(
        "a service that runs the access task",
        sets("Service service", "taskDefinition", Ref(to=ACCESS, output="arn")),
        "compute-access@service",
    ),
    *each(
        "compute-task@access",
        ACCESS,
        ("an access task on EC2", "requiresCompatibilities", ["EC2"]),
        ("an access task in the host's network", "networkMode", "host"),
        ("an access task whose old revisions are deregistered", "skipDestroy", False),
    ),
    mutation(
        "an access task without its log group",
        removes("LogGroup service-sessions"),
        "compute-log-groups@access",
        "compute-log-groups@database",
        "compute-log-groups@restore-validation",
        "compute-log-groups@data-export",
        "compute-cluster-logs@service",
    ),
)

OWNER_PASSWORD = [{"name": "PGPASSWORD", "valueFrom": f"{OWNER}:password::"}]
DATABASE_TASK = (
    *_database_containers(
        "compute-database-task",
        ("a database task of two hours", {"entryPoint": [TIMEOUT, KILL, "7200"]}),
        ("a database task without a limit", {"entryPoint": REMOVED}),
        ("a database task with an unessential container", {"essential": False}),
    ),
    *_database_containers(
        "compute-container-hardened",
        ("a privileged database task", {"privileged": True}),
        ("a database task as root", {"user": "0"}),
        ("a database task with a writable root file system", {"readonlyRootFilesystem": False}),
    ),
    *_database_containers(
        "compute-container-secrets",
        ("a password of the database task in plain text", {"environment": [{"name": "PGPASSWORD", "value": "x"}]}),
    ),
    *_database_containers("compute-temporary", ("a database task that can't write", {"linuxParameters": {
        "initProcessEnabled": True}})),
    *_database_containers("compute-image", ("the API's image in the database task", {
        "image": f"{REGISTRY}/taskflow-api@{DIGEST}"})),
    *_database_containers("compute-container-logs", ("a database task without logs", {"logConfiguration": REMOVED})),
    mutation(
        "the master user's password in the service's task",
        _changed("TaskDefinition service", container("production", secrets=[*secrets("production"), *OWNER_PASSWORD])),
        "compute-database-task@service",
        stacks=PRODUCTION,
    ),
    mutation(
        "the master user's password in the access task",
        _changed(ACCESS, access_container("production", secrets=OWNER_PASSWORD)),
        "compute-database-task@access",
        "compute-access-task@access",
        stacks=PRODUCTION,
    ),
    mutation("no database task", removes(DATABASE), "compute-database@"),
    mutation(
        "a database task of another family",
        sets(DATABASE, "family", "taskflow-production-sql"),
        "compute-database@",
        *(f"compute-{rule}@database" for rule in ("container-health", "database-task", "image")),
    ),
    *each(
        "compute-database@database",
        DATABASE,
        ("the API's role in the database task", "taskRoleArn", Ref(to=TASK_ROLE, output="arn")),
        ("the database task started with another role", "executionRoleArn", Ref(to=EXECUTION, output="arn")),
    ),
    *(
        mutation(
            f"a database task without {key}",
            sets(DATABASE, key, REMOVED),
            "compute-database@database",
            "compute-task@database",
        )
        for key in ("taskRoleArn", "executionRoleArn")
    ),
    mutation(
        "a database task whose role has another name",
        sets(LOGINS, "name", "sql"),
        "compute-database@database",
        "access-roles@",
    ),
    mutation(
        "a service that runs the database task",
        sets("Service service", "taskDefinition", Ref(to=DATABASE, output="arn")),
        "compute-database@service",
    ),
)  # fmt: skip

RESTORE_VALIDATION = (
    *(
        mutation(
            label,
            _changed(VALIDATION, validation_container("production", **changed)),
            f"{rule}@restore-validation",
            stacks=PRODUCTION,
        )
        for rule, label, changed in (
            ("compute-restore-validation-task", "a restore validation of two hours",
             {"entryPoint": [TIMEOUT, KILL, "7200"]}),
            ("compute-restore-validation-task", "a restore validation without a limit", {"entryPoint": REMOVED}),
            ("compute-restore-validation-task", "an unessential container of the restore validation",
             {"essential": False}),
            ("compute-restore-validation-task", "a password of the restore validation", {"secrets": PASSWORD}),
            ("compute-container-hardened", "a writable root file system of the restore validation",
             {"readonlyRootFilesystem": False}),
            ("compute-image", "the API's image in the restore validation",
             {"image": f"{REGISTRY}/taskflow-api@{DIGEST}"}),
        )
    ),
    mutation(
        "a restore validation of another family",
        sets(VALIDATION, "family", "taskflow-production-check"),
        "compute-restore-validation@",
        "backup-restore-validated@restore-validation-completed",
        "backup-restore-validated@restore-validation-check",
        *(f"compute-{rule}@restore-validation" for rule in ("container-health", "image")),
        stacks=PRODUCTION,
    ),
    *each(
        "compute-restore-validation@restore-validation",
        VALIDATION,
        ("the API's role in the restore validation", "taskRoleArn", Ref(to=TASK_ROLE, output="arn")),
        ("the restore validation started with another role", "executionRoleArn", Ref(to=EXECUTION, output="arn")),
    ),
    mutation(
        "a restore validation whose role has another name",
        sets(VALIDATION_ROLE, "name", "validation"),
        "compute-restore-validation@restore-validation",
        "access-roles@",
    ),
    mutation(
        "a service that runs the restore validation",
        sets("Service service", "taskDefinition", Ref(to=VALIDATION, output="arn")),
        "compute-restore-validation@service",
    ),
)  # fmt: skip

DATA_EXPORT = (
    *(
        mutation(
            label,
            _changed(EXPORT, export_container("production", **changed)),
            f"{rule}@data-export",
            stacks=PRODUCTION,
        )
        for rule, label, changed in (
            ("compute-data-export-task", "a data export of two hours", {"entryPoint": [TIMEOUT, KILL, "7200"]}),
            ("compute-data-export-task", "a data export without a limit", {"entryPoint": REMOVED}),
            ("compute-data-export-task", "an unessential container of the data export", {"essential": False}),
            ("compute-data-export-task", "a password of the data export", {"secrets": PASSWORD}),
            ("compute-container-hardened", "a writable root file system of the data export",
             {"readonlyRootFilesystem": False}),
            ("compute-image", "the API's image in the data export", {"image": f"{REGISTRY}/taskflow-api@{DIGEST}"}),
        )
    ),
    mutation("no data export", removes(EXPORT), "compute-data-export@"),
    mutation(
        "a data export of another family",
        sets(EXPORT, "family", "taskflow-production-gather"),
        "compute-data-export@",
        *(f"compute-{rule}@data-export" for rule in ("container-health", "image")),
        stacks=PRODUCTION,
    ),
    *each(
        "compute-data-export@data-export",
        EXPORT,
        ("the API's role in the data export", "taskRoleArn", Ref(to=TASK_ROLE, output="arn")),
        ("the data export started with another role", "executionRoleArn", Ref(to=EXECUTION, output="arn")),
    ),
    mutation(
        "a data export whose role has another name",
        sets(EXPORT_ROLE, "name", "gather"),
        "compute-data-export@data-export",
        "access-roles@",
    ),
    mutation(
        "a service that runs the data export",
        sets("Service service", "taskDefinition", Ref(to=EXPORT, output="arn")),
        "compute-data-export@service",
    ),
)  # fmt: skip

CHANGES = (*PERMISSIONS, *ROLES, *CONTAINER, *TASK, *DATABASE_TASK, *RESTORE_VALIDATION, *DATA_EXPORT)
