"""Access Controls: who may assume the roles of people."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, TypeAlias

from pydantic import Field, StringConstraints

from settings.base import Block, Conflict, no_duplicates
from settings.roles import RoleName
from settings.values import Allowed, Items, reject_if

# IAM Identity Center creates its roles in this path, and appends 16 hexadecimal digits to the permission set's name.
_CENTER = re.compile(
    r"arn:aws:iam::[0-9]{12}:role/aws-reserved/sso\.amazonaws\.com/(?:[a-z0-9-]+/)?AWSReservedSSO_[\w+=,.@-]+_[0-9a-f]{16}"
)


def _inexact(arn: str) -> str | None:
    if ":role/aws-reserved/" in arn and not _CENTER.fullmatch(arn):
        return "a role of IAM Identity Center has its whole path, and 16 hexadecimal digits at its end"
    return None


PersonArn: TypeAlias = Annotated[
    str,
    StringConstraints(pattern="^arn:aws:iam::[0-9]{12}:(?:user|role)/[A-Za-z0-9+=,.@_/-]{1,512}$"),
    reject_if(_inexact),
    Allowed(
        "the exact ARN of an IAM user or role, or of a role of IAM Identity Center, such as arn:aws:iam::987654321098:"
        "role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_OnCall_0123456789abcdef"
    ),
]


class People(Block):
    """Who may assume a role."""

    assumed_by: Annotated[
        tuple[PersonArn, ...], Items(minimum=1, maximum=20, unique=True), Allowed("a list of 1 to 20 ARNs, each once")
    ] = Field(description="Who may assume the role, by the ARN that they sign in with. Source: Who Can Access.")

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require each person once."""
        return (no_duplicates(self, "assumed_by"),)


class PersonRole(People):
    """A role of people. The names of the others are in `roles`, because the recovery stack needs them too."""

    role: RoleName = Field(description="Name of the role. Source: Who Can Access.")


class Access(Block):
    """The roles of people. Those who have several jobs are in several lists."""

    boundary: RoleName = Field(
        description="Name of the policy that limits what the roles of people can ever do. Source: Access Controls."
    )
    on_call: PersonRole = Field(description="On-call: reads everything but data, rolls back. Source: Who Can Access.")
    devops: PersonRole = Field(description="DevOps: changes infrastructure through Pulumi. Source: Who Can Access.")
    dba: PersonRole = Field(description="Database administrators: snapshots and restores. Source: Who Can Access.")
    database_access: People = Field(description="Who may read the database in an incident. Source: Database Access.")
    break_glass: People = Field(description="Who may break the glass. Source: Emergency Access.")
