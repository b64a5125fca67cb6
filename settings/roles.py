"""IAM Roles: the names of roles. IAM is global, so each stack has other names for the roles that it creates."""

from collections.abc import Iterator, Sequence
from typing import Annotated, TypeAlias

from pydantic import Field, StringConstraints

from settings.base import Block, Conflict
from settings.values import Allowed

RoleName: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^[A-Za-z0-9+=,.@_-]{1,64}$"),
    Allowed("a role's name: at most 64 letters, digits and + = , . @ _ -"),
]


class Roles(Block):
    """The roles of tasks, and those that people assume in an emergency, which are the same in every stack."""

    ecs_task_role: RoleName = Field(
        description="Role of the API's tasks: the API's own permissions. Source: IAM Roles, ecsTaskRole.name."
    )
    ecs_execution_role: RoleName = Field(
        description="Role with which ECS starts tasks. Source: IAM Roles, ecsExecutionRole.name."
    )
    access_task_role: RoleName = Field(
        description="Role of the short-lived task through which people reach the database. "
        "Source: Database Access, the bastion."
    )
    access_execution_role: RoleName = Field(
        description="Role with which ECS starts that task; it reads no secrets. Source: Database Access, the bastion."
    )
    database_task_role: RoleName = Field(
        description="Role of the one-off task that creates and rotates the database's logins, and of ECS to start it; "
        "it reads the master user's secret. Source: Database Access; AWS, rotation by alternating users."
    )
    files_restore_role: RoleName = Field(
        description="Role of the jobs that restore versions of the API's files; people pass it to S3 and can't assume "
        "it. Source: Backup Schedule, S3 Data (Versioned)."
    )
    restore_validation_role: RoleName = Field(
        description="Role of the one-off task that validates restore tests, and of ECS to start it; it logs in to the "
        "restored database by IAM and reads no secrets. Source: Backup & Recovery; AWS Backup, restore testing."
    )
    data_export_role: RoleName = Field(
        description="Role of the one-off task that gathers a person's data, and of ECS to start it; it reads rows and "
        "users' files, and writes the encrypted archive. Source: Data Handling, Data export."
    )
    database_access_role: RoleName = Field(
        description="Role in which people read the database in an incident; each use is reported. "
        "Source: Database Access, prod-db-access."
    )
    break_glass_role: RoleName = Field(
        description="Role for emergencies that no other role can end; each use is reported. Source: Emergency Access."
    )

    @property
    def emergency_roles(self) -> Sequence[str]:
        """Return the roles that people assume in an emergency."""
        return (self.database_access_role, self.break_glass_role)

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require different roles."""
        return (self._unique(),)

    def _unique(self) -> Iterator[Conflict]:
        first: dict[str, str] = {}
        for name in type(self).model_fields:
            role: str = getattr(self, name)
            if first.setdefault(role, name) != name:
                yield Conflict(at=(name,), allowed="a name other than {against}", against=(first[role],))
