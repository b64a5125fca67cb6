"""What each role of people may do, in both regions.

Sections: Access Controls, Database Access, Emergency Rollback. Roles are global and belong to the primary stack. Their
policies name the recovery stack's resources by its names, so that a promotion needs no change in IAM.
"""

from collections.abc import Sequence

from components.access.trust import INCIDENT
from components.shared.environment import RESTORED_FROM, Environment
from components.shared.iam import Statement, allow, deny

# Changes of IAM users, which no one needs: people and programs assume roles.
_USERS = (
    "iam:AddUserToGroup", "iam:AttachUserPolicy", "iam:CreateAccessKey", "iam:CreateLoginProfile",
    "iam:CreateServiceSpecificCredential", "iam:CreateUser", "iam:PutUserPolicy", "iam:UpdateAccessKey",
    "iam:UpdateLoginProfile", "iam:UploadSSHPublicKey", "iam:UploadSigningCertificate",
)  # fmt: skip
_ROLE_CHANGES = (
    "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
)  # fmt: skip
_POLICY_CHANGES = (
    "iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion",
    "iam:SetDefaultPolicyVersion",
)  # fmt: skip
# Another identity provider could vouch for anyone.
_IDENTITY_PROVIDERS = (
    "iam:AddClientIDToOpenIDConnectProvider", "iam:CreateOpenIDConnectProvider", "iam:CreateSAMLProvider",
    "iam:DeleteOpenIDConnectProvider", "iam:RemoveClientIDFromOpenIDConnectProvider",
    "iam:UpdateOpenIDConnectProviderThumbprint", "iam:UpdateSAMLProvider", "rolesanywhere:CreateTrustAnchor",
    "rolesanywhere:UpdateTrustAnchor",
)  # fmt: skip
# What would end or falsify the record of what people do.
_TRAIL = (
    "cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail",
    "s3:BypassGovernanceRetention",
)  # fmt: skip
_RECORDS = ("logs:DeleteLogGroup", "logs:DeleteLogStream")
# The ways to the database, and to users' files.
_LOGINS = ("ecs:ExecuteCommand", "rds-db:connect", "ssm:StartSession")
_FILES = ("s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectVersion")


def boundary(
    environments: Sequence[Environment], *, policy: str, roles: Sequence[str], database_access: str, break_glass: str
) -> Sequence[Statement]:
    """Return the statements of the permissions boundary: what no role of people or workflows may ever do.

    `roles` are all of them, by names and patterns. Only `break_glass` may change the roles, their boundary and the
    records, and read files; only it and `database_access` may reach the database.
    """
    own = environments[0]
    groups = [
        each.arn("logs", f"log-group:{name}*")
        for each in environments
        for name in (each.audit_log_group_name, each.log_group_name("trail"))
    ]
    files = [f"arn:aws:s3:::{each.name}-files*/*" for each in environments]
    return (
        # It grants nothing: a request also needs the role's own policies.
        allow("RolesDecide", ["*"], ["*"]),
        deny("NoUsers", _USERS, ["*"]),
        *(
            deny(sid, actions, resources, ArnNotEquals={"aws:PrincipalArn": list(map(own.role_arn, exempt))})
            for sid, actions, resources, exempt in (
                ("NoChangeOfPeople", _ROLE_CHANGES, list(map(own.role_arn, roles)), [break_glass]),
                ("NoChangeOfBoundary", _POLICY_CHANGES, [f"arn:aws:iam::{own.account}:policy/{policy}"], [break_glass]),
                ("NoIdentityProviders", _IDENTITY_PROVIDERS, ["*"], [break_glass]),
                ("NoChangeOfTrail", _TRAIL, ["*"], [break_glass]),
                ("NoLossOfRecords", _RECORDS, groups, [break_glass]),
                ("NoFiles", _FILES, files, [break_glass]),
                # A role that someone creates would be outside the boundary.
                ("NoOtherRoles", ("sts:AssumeRole",), ["*"], [break_glass]),
                ("NoDatabase", _LOGINS, ["*"], [database_access, break_glass]),
            )
        ),
    )


def roll_back(environments: Sequence[Environment], *, passed_roles: Sequence[str]) -> Sequence[Statement]:
    """Return what on-call may change: the running revision of the service, and the records of releases and incidents.

    `passed_roles` as in `change_revision`.
    """
    return (
        *change_revision(environments, passed_roles=passed_roles),
        backup_settings(environments),
        *incident_records(environments),
        audit_records(environments),
    )


def change_revision(environments: Sequence[Environment], *, passed_roles: Sequence[str]) -> Sequence[Statement]:
    """Return what deploys a registered revision of the service, stops a deployment, and records the release.

    `passed_roles` are the names of the API's roles, with which those of the recovery stack begin: ECS requires to pass
    the roles of a task definition that UpdateService deploys.
    """
    releases = [each.arn("ecs", f"task-definition/{each.application}-*-{each.stack}:*") for each in environments]
    return (
        # A release's revision, but no other task definition, and nothing that opens its tasks for sessions.
        allow(
            "Services",
            ["ecs:UpdateService"],
            _ecs(environments, "service"),
            StringEqualsIfExists={"ecs:enable-execute-command": "false"},
            ArnLikeIfExists={"ecs:task-definition": releases},
        ),
        _pass_roles(environments[0], passed_roles),
        allow(
            "Deployments",
            ["ecs:DescribeServiceDeployments", "ecs:ListServiceDeployments", "ecs:StopServiceDeployment"],
            [*_ecs(environments, "service"), *_ecs(environments, "service-deployment")],
        ),
        allow(
            "Revisions",
            ["ecs:DescribeServiceRevisions"],
            [*_ecs(environments, "service"), *_ecs(environments, "service-revision")],
        ),
        allow(
            "ReleaseRecord",
            ["ssm:GetParameter", "ssm:GetParameterHistory", "ssm:PutParameter"],
            [each.arn("ssm", f"parameter/{each.application}/{each.stack}/release") for each in environments],
        ),
    )


def data_operations(environments: Sequence[Environment], *, passed_role: str) -> Sequence[Statement]:
    """Return what a database administrator may do: snapshots, restores, reading the database's load, notes.

    No login of people may write to the database: changes of data are migrations of a release. `passed_role` is the name
    of the role of the jobs that restore files, with which that of the recovery stack begins.
    """
    databases = [each.arn("rds", f"db:{each.name}*") for each in environments]
    restored = [each.arn("rds", f"db:{each.application}-recovery-*") for each in environments]
    # AWS Backup chooses the names of its snapshots.
    snapshots = [
        each.arn("rds", f"snapshot:{name}")
        for each in environments
        for name in (
            f"{each.name}-*",
            f"rds:{each.name}-*",
            "awsbackup:*",
            f"{each.application}-recovery-*",
            f"rds:{each.application}-recovery-*",
        )
    ]
    copies = [each.arn("rds", f"snapshot:{each.application}-recovery-*-copy") for each in environments]
    # RDS names the backups of deleted instances, and those that it replicates to the other region, by an id after ab-.
    backups = [each.arn("rds", "auto-backup:ab-*") for each in environments]
    groups = [
        each.arn("rds", f"{kind}:{name}*")
        for each in environments
        for kind, name in (("og", "default:postgres"), ("pg", "database"), ("subgrp", "database"))
    ]
    return (
        allow("Snapshots", ["rds:CopyDBSnapshot", "rds:CreateDBSnapshot"], [*databases, *restored, *snapshots]),
        allow(
            "Restores",
            ["rds:RestoreDBInstanceFromDBSnapshot", "rds:RestoreDBInstanceToPointInTime"],
            [*databases, *restored, *snapshots, *backups, *groups],
        ),
        # One that Pulumi adopted, which serves, has lost the tag, and it can't be added to what exists.
        allow(
            "Restored",
            ["rds:DeleteDBInstance", "rds:ModifyDBInstance"],
            restored,
            Null={f"aws:ResourceTag/{RESTORED_FROM}": "false"},
        ),
        allow(
            "TagRestored",
            ["rds:AddTagsToResource"],
            restored,
            Null={f"aws:RequestTag/{RESTORED_FROM}": "false", "aws:ResourceTag/Application": "true"},
        ),
        # A snapshot under another key is copied for a restore, and the copy is deleted in the end.
        allow("Copies", ["rds:AddTagsToResource", "rds:DeleteDBSnapshot"], copies),
        # Before RDS creates the log groups of a restored instance, without a key and without an end.
        allow(
            "RestoredLogs",
            ["logs:CreateLogGroup", "logs:PutRetentionPolicy"],
            [
                each.arn("logs", f"log-group:/aws/rds/instance/{each.application}-recovery-*{suffix}")
                for each in environments
                for suffix in ("", ":*")
            ],
        ),
        # The tags say which parameter group is the stack's when no instance has it.
        allow("Groups", ["rds:ListTagsForResource"], [group for group in groups if ":pg:" in group]),
        # Enhanced Monitoring of a restored instance; both stacks' roles begin like this.
        allow(
            "Monitoring",
            ["iam:PassRole"],
            [f"{environments[0].role_arn('database-monitoring')}-*"],
            StringEquals={"iam:PassedToService": "monitoring.rds.amazonaws.com"},
        ),
        *(
            allow(
                f"Encrypt{number}",
                ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
                [each.arn("kms", "key/*")],
                StringEquals={"kms:ViaService": f"rds.{each.region}.amazonaws.com"},
                # Copies in the recovery region have a key of the primary stack.
                **_by_alias(each, "data", *([(environments[0], "data-copy")] if number > 1 else [])),
            )
            for number, each in enumerate(environments, start=1)
        ),
        allow(
            "Load",
            ["pi:DescribeDimensionKeys", "pi:GetDimensionKeyDetails", "pi:GetResourceMetrics"],
            [each.arn("pi", "metrics/rds/*") for each in environments],
        ),
        *restore_files(environments, passed_role=passed_role),
        backup_settings(environments),
        *incident_records(environments),
        audit_records(environments),
    )


def restore_files(environments: Sequence[Environment], *, passed_role: str) -> Sequence[Statement]:
    """Return what restores files without reading them: a list of their versions, and a job of S3 that copies.

    The recovery stack uses the copy of the primary's bucket. ACLs are disabled, and the job's role writes to the bucket
    of the files only.
    """
    own = environments[0]
    files = [own.bucket_name("files"), *(own.bucket_name("files-copy") for _ in environments[1:])]
    restores = [each.file_restores for each in environments]
    return (
        allow("FileVersions", ["s3:ListBucketVersions"], [f"arn:aws:s3:::{name}" for name in files]),
        allow("RestoreFiles", ["s3:CreateJob"], ["*"], StringEquals={"s3:RequestJobOperation": "S3PutObjectCopy"}),
        allow("FindRestores", ["s3:ListJobs"], ["*"]),
        allow(
            "RestoreJobs", ["s3:DescribeJob", "s3:UpdateJobStatus"], [each.arn("s3", "job/*") for each in environments]
        ),
        _pass_roles(own, [passed_role], to="batchoperations.s3.amazonaws.com", sid="PassRestoreRole"),
        allow("Manifests", ["s3:PutObject"], [f"arn:aws:s3:::{each.bucket}/{each.manifests}*" for each in restores]),
        allow("Reports", ["s3:GetObject"], [f"arn:aws:s3:::{each.bucket}/{each.reports}*" for each in restores]),
        *(
            allow(
                f"DecryptReports{number}",
                ["kms:Decrypt"],
                [each.arn("kms", "key/*")],
                StringEquals={
                    "kms:ViaService": f"s3.{each.region}.amazonaws.com",
                    "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{each.file_restores.bucket}",
                },
                **_by_alias(each, "assets"),
            )
            for number, each in enumerate(environments, start=1)
        ),
    )


def database_access(environments: Sequence[Environment], *, passed_roles: Sequence[str]) -> Sequence[Statement]:
    """Return what the document's command needs: the access task, a session to it, a login that only reads, notes.

    `passed_roles` are the names of the access task's roles, with which those of the recovery stack begin.
    """
    return (
        *(
            allow(
                f"AccessTask{number}",
                ["ecs:RunTask"],
                [each.arn("ecs", f"task-definition/{each.access_family}:*")],
                ArnEquals={"ecs:cluster": each.arn("ecs", f"cluster/{each.name}")},
            )
            for number, each in enumerate(environments, start=1)
        ),
        _pass_roles(environments[0], passed_roles),
        # The network in which the task starts, and the tasks of a run that was killed.
        allow("Network", ["ecs:DescribeServices"], _ecs(environments, "service")),
        allow(
            "Leftovers",
            ["ecs:ListTasks"],
            ["*"],
            ArnEquals={"ecs:cluster": [each.arn("ecs", f"cluster/{each.name}") for each in environments]},
        ),
        allow("Tasks", ["ecs:DescribeTasks", "ecs:StopTask"], _ecs(environments, "task")),
        allow(
            "StartSession",
            ["ssm:StartSession"],
            [
                *_ecs(environments, "task"),
                *(
                    f"arn:aws:ssm:{each.region}::document/AWS-StartPortForwardingSessionToRemoteHost"
                    for each in environments
                ),
            ],
        ),
        # A session's id begins with the name of the role's session, the ticket; its tag has the caller's id (Session
        # Manager, Allow a user to end only sessions they started, method 2).
        allow(
            "OwnSessions",
            ["ssm:ResumeSession", "ssm:TerminateSession"],
            [each.arn("ssm", f"session/{INCIDENT}*") for each in environments],
            StringEquals={"ssm:resourceTag/aws:ssmmessages:session-id": "${aws:userid}"},
        ),
        # Since version 1.2.764 the plugin signs this request, which carries the session's token besides.
        allow("OpenChannel", ["ssmmessages:OpenDataChannel"], ["*"]),
        *(
            allow(
                f"EncryptSession{number}",
                ["kms:GenerateDataKey"],
                [each.arn("kms", "key/*")],
                **_by_alias(each, "sessions"),
            )
            for number, each in enumerate(environments, start=1)
        ),
        # The instance is found by its name, which after a cutover is a restored one; the login is bound to its resource
        # id, which only AWS knows. A restored instance is compared with the database by reading it.
        allow(
            "Find",
            ["rds:DescribeDBInstances"],
            [
                each.arn("rds", f"db:{name}*")
                for each in environments
                for name in (each.name, f"{each.application}-recovery-")
            ],
        ),
        allow(
            "Login",
            ["rds-db:connect"],
            [each.arn("rds-db", f"dbuser:*/{each.application}_readonly") for each in environments],
        ),
        *incident_records(environments),
        audit_records(environments),
    )


def _pass_roles(
    environment: Environment, roles: Sequence[str], *, to: str = "ecs-tasks.amazonaws.com", sid: str = "PassRoles"
) -> Statement:
    """Allow to pass roles to a service. The names of the recovery stack's begin with those of the primary's."""
    return allow(
        sid,
        ["iam:PassRole"],
        [f"{environment.role_arn(role)}*" for role in roles],
        StringEquals={"iam:PassedToService": to},
    )


def incident_records(environments: Sequence[Environment]) -> Sequence[Statement]:
    """Allow to read and to add to the record of incidents, not to change what it has."""
    paths = [each.arn("ssm", f"parameter/{each.application}/{each.stack}/incident") for each in environments]
    entries = [f"{path}/*" for path in paths]
    return (
        # A path is a resource too: the list of incidents is read below the first one.
        allow("ReadIncidents", ["ssm:GetParameter", "ssm:GetParametersByPath"], [*paths, *entries]),
        allow("AddToIncidents", ["ssm:PutParameter"], entries, StringNotEquals={"ssm:Overwrite": "true"}),
    )


def backup_settings(environments: Sequence[Environment]) -> Statement:
    """Allow to read whether buckets keep versions and copies (`backup status`); ViewOnlyAccess reads the rest of it."""
    # The recovery stack uses the copies.
    purposes = ("assets", "assets-copy", "files", "files-copy")
    buckets = [f"arn:aws:s3:::{environments[0].bucket_name(purpose)}" for purpose in purposes]
    return allow("BackupSettings", ["s3:GetBucketVersioning", "s3:GetReplicationConfiguration"], buckets)


def audit_records(environments: Sequence[Environment]) -> Statement:
    """Allow to write audit events of commands, not to read or change them."""
    groups = [each.arn("logs", f"log-group:{each.audit_log_group_name}") for each in environments]
    return allow(
        "AuditRecords",
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        [f"{group}:log-stream:*" for group in groups],
    )


def _ecs(environments: Sequence[Environment], kind: str) -> Sequence[str]:
    return [each.arn("ecs", f"{kind}/{each.name}/*") for each in environments]


def _by_alias(
    environment: Environment, purpose: str, *others: tuple[Environment, str]
) -> dict[str, dict[str, str | list[str]]]:
    """Return the condition for keys, by their aliases: the ARN of the recovery stack's key is unknown here."""
    aliases = [f"alias/{each.name}-{of}" for each, of in ((environment, purpose), *others)]
    return {"ForAnyValue:StringEquals": {"kms:ResourceAliases": aliases if others else aliases[0]}}
