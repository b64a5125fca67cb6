"""IAM Roles: the names of roles. They are the account's, so each stack has names of its own for those it makes."""

from collections.abc import Iterator, Sequence
from typing import Annotated, TypeAlias

from pydantic import Field

from settings.base import Block, Conflict
from settings.values import Text

RoleName: TypeAlias = Annotated[
    str,
    Text(
        name="role",
        allowed="a role's name: at most 64 letters, digits and + = , . @ _ -",
        pattern="[A-Za-z0-9+=,.@_-]{1,64}",
    ),
]


class Roles(Block):
    """The roles that tasks take, and the one that people take in an emergency."""

    ecs_task_role: RoleName = Field(
        description="The role of the API's tasks: what the API itself may do. Source: IAM Roles, ecsTaskRole.name."
    )
    ecs_execution_role: RoleName = Field(
        description="The role by which ECS starts tasks. Source: IAM Roles, ecsExecutionRole.name."
    )
    access_task_role: RoleName = Field(
        description="The role of the short-lived task that people reach the database through. "
        "Source: Database Access, the bastion."
    )
    emergency_role: RoleName = Field(
        description="The role that people take in an emergency, the same for both stacks: each use is told. "
        "Source: Emergency Access; Database Access, prod-db-access."
    )

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Give the check that no two roles are one."""
        return (self._apart(),)

    def _apart(self) -> Iterator[Conflict]:
        first: dict[str, str] = {}
        for name in ("ecs_task_role", "ecs_execution_role", "access_task_role", "emergency_role"):
            role: str = getattr(self, name)
            if first.setdefault(role, name) != name:
                yield Conflict(at=(name,), allowed="another name than {against}", against=(first[role],))
