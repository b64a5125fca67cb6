"""PeopleRoles: on-call, DevOps, database administrators, database access and break-glass.

Sections: Access Controls, Database Access, Emergency Access. Every role is assumed with MFA, a ticket as the session's
name and a source identity, for an hour at most, and within one permissions boundary. There are no IAM users.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.access.permissions import boundary, data_operations, database_access, roll_back
from components.access.trust import CHANGE, INCIDENT, SESSION_SECONDS, people_trust_policy
from components.shared.environment import Environment
from components.shared.iam import Statement, policy_document
from settings.access import Access
from settings.roles import Roles

_MANAGED = "arn:aws:iam::aws:policy"
# Metadata of all services without data; metrics, alarms and logs.
READ = (f"{_MANAGED}/job-function/ViewOnlyAccess", f"{_MANAGED}/CloudWatchReadOnlyAccess")
ADMINISTRATOR = (f"{_MANAGED}/AdministratorAccess",)


@dataclass(frozen=True, kw_only=True)
class _Person:
    """A role: who may assume it with which tickets, its own policy by name, and AWS's."""

    role: str
    description: str
    people: Sequence[str]
    tickets: Sequence[str]
    own: Mapping[str, Sequence[Statement]] = field(default_factory=dict[str, Sequence[Statement]])
    managed: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class PeopleOutputs:
    """What the roles of workflows need."""

    boundary_arn: pulumi.Output[str]


class PeopleRoles(pulumi.ComponentResource):
    """The roles of people in one account. `environments` are those in which they work, this stack's first.

    Their boundary limits the roles of workflows too, and protects them from changes.
    """

    outputs: PeopleOutputs

    def __init__(
        self,
        name: str,
        *,
        environments: Sequence[Environment],
        settings: Access,
        roles: Roles,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:access:PeopleRoles", name, None, opts)
        self._name_prefix = name
        self._environment = environments[0]
        self._child_opts = pulumi.ResourceOptions(parent=self)
        people = _people(settings, roles, environments)
        limits = aws.iam.Policy(
            f"{name}-boundary",
            name=settings.boundary,
            description="What no role of people or workflows may do, whatever its policies allow",
            policy=policy_document(
                *boundary(
                    environments,
                    policy=settings.boundary,
                    roles=[*(person.role for person in people.values()), environments[0].workflow_role("*")],
                    database_access=roles.database_access_role,
                    break_glass=roles.break_glass_role,
                )
            ),
            opts=self._child_opts,
        )
        for purpose, person in people.items():
            self._role(purpose, person, limits)
        self.outputs = PeopleOutputs(boundary_arn=limits.arn)
        self.register_outputs({})

    def _role(self, purpose: str, person: _Person, limits: aws.iam.Policy) -> None:
        logical = f"{self._name_prefix}-{purpose}"
        role = aws.iam.Role(
            logical,
            name=person.role,
            description=person.description,
            assume_role_policy=people_trust_policy(self._environment, person.people, person.tickets),
            max_session_duration=SESSION_SECONDS,
            permissions_boundary=limits.arn,
            opts=self._child_opts,
        )
        for policy, statements in person.own.items():
            aws.iam.RolePolicy(
                logical, name=policy, role=role.name, policy=policy_document(*statements), opts=self._child_opts
            )
        for arn in person.managed:
            aws.iam.RolePolicyAttachment(
                f"{logical}-{arn.rpartition('/')[2]}", role=role.name, policy_arn=arn, opts=self._child_opts
            )


def _people(settings: Access, roles: Roles, environments: Sequence[Environment]) -> Mapping[str, _Person]:
    """Return all roles of people by purpose."""
    return {
        "on-call": _Person(
            role=settings.on_call.role,
            description="On-call: reads everything but data, rolls back",
            people=settings.on_call.assumed_by,
            tickets=(INCIDENT,),
            own={"RollBack": roll_back(environments, passed_roles=(roles.ecs_task_role, roles.ecs_execution_role))},
            managed=READ,
        ),
        "devops": _Person(
            role=settings.devops.role,
            description="DevOps: changes infrastructure through Pulumi",
            people=settings.devops.assumed_by,
            tickets=(CHANGE, INCIDENT),
            managed=ADMINISTRATOR,
        ),
        "dba": _Person(
            role=settings.dba.role,
            description="Database administrators: snapshots and restores, no writes",
            people=settings.dba.assumed_by,
            tickets=(CHANGE, INCIDENT),
            own={"DataOperations": data_operations(environments, passed_role=roles.files_restore_role)},
            managed=READ,
        ),
        "database-access": _Person(
            role=roles.database_access_role,
            description="Reading the database in an incident",
            people=settings.database_access.assumed_by,
            tickets=(INCIDENT,),
            own={
                "DatabaseAccess": database_access(
                    environments, passed_roles=(roles.access_task_role, roles.access_execution_role)
                )
            },
        ),
        "break-glass": _Person(
            role=roles.break_glass_role,
            description="Emergencies that no other role can end; each use is reported at once",
            people=settings.break_glass.assumed_by,
            tickets=(INCIDENT,),
            managed=ADMINISTRATOR,
        ),
    }
