"""What a restored instance must be like: the figures of the settings, and the names that only AWS knows.

Pulumi generates the names of groups, keys and roles. They are read from the stack's instance, or from one of its
replicas, which has all of them but the primary's parameter group.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.recovery.rds import Description, instance_of, instances, tags_of
from settings.rds import Rds

# The logical name of the group (components/data/postgres.py), to which Pulumi adds seven characters.
PARAMETER_GROUP = "database-primary-"


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """What an instance of the stack is like; `like` is the instance from which the names were read.

    `key` is the stack's data key, `storage_key` what the restored storage has: another one if RDS leaves no choice.
    """

    rds: Rds
    port: int
    tags: dict[str, str]
    like: str
    security_groups: Sequence[str]
    subnet_group: str
    parameter_group: str
    key: str
    storage_key: str
    monitoring_role: str


def blueprint_of(context: Context) -> Blueprint:
    """Return what the stack's instance is like; OperationError if no instance of the stack is left."""
    identifier = context.settings.rds.serving_identifier()
    found = instance_of(context.aws, identifier)
    if found:
        return _blueprint(context, found, _parameter_group(found))
    environment = context.environment
    own = {"Application": environment.application, "Environment": environment.stack}
    others = [each for each in instances(context.aws) if own.items() <= tags_of(each).items()]
    if not others:
        raise OperationError(
            f"{identifier} doesn't exist, and {environment.region} has no other instance of {environment.name}: the "
            "security group, the subnet group, the key and the monitoring role can't be read",
            code=ExitCode.REFUSED,
            advice="docs/runbooks/db-restore.md, No instance is left: take them from Pulumi's state.",
        )
    context.report.warning(f"{identifier} doesn't exist: its groups are read from {others[0]['DBInstanceIdentifier']}.")
    return _blueprint(context, others[0], _tagged_parameter_group(context))


def _blueprint(context: Context, instance: Description, parameter_group: str) -> Blueprint:
    return Blueprint(
        rds=context.settings.rds,
        port=context.settings.network.ports.database,
        tags=dict(context.settings.aws.default_tags.tags),
        like=instance["DBInstanceIdentifier"],
        security_groups=[each["VpcSecurityGroupId"] for each in instance["VpcSecurityGroups"]],
        subnet_group=instance["DBSubnetGroup"]["DBSubnetGroupName"],
        parameter_group=parameter_group,
        key=instance["KmsKeyId"],
        storage_key=instance["KmsKeyId"],
        monitoring_role=instance["MonitoringRoleArn"],
    )


def _parameter_group(instance: Description) -> str:
    return instance["DBParameterGroups"][0]["DBParameterGroupName"]


def _tagged_parameter_group(context: Context) -> str:
    """Return the primary's parameter group, found by its tags."""
    rds, environment = context.aws.rds, context.environment
    wanted = {"Application": environment.application, "Environment": environment.stack}
    names: list[str] = []
    for page in rds.get_paginator("describe_db_parameter_groups").paginate():
        for group in page["DBParameterGroups"]:
            name = group.get("DBParameterGroupName", "")
            if not name.startswith(PARAMETER_GROUP):
                continue
            tags = rds.list_tags_for_resource(ResourceName=group.get("DBParameterGroupArn", ""))
            if wanted.items() <= tags_of(tags).items():
                names.append(name)
    if len(names) != 1:
        listed = ", ".join(names) or "none"
        raise OperationError(
            f"The parameter group of {environment.name} can't be told: {listed} begins with {PARAMETER_GROUP}",
            code=ExitCode.REFUSED,
        )
    return names[0]
