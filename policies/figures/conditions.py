"""Actions that are too much without a condition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Required:
    """A condition that an action needs: operator, key and value (empty: any); `without` is what it allows without.

    It is for statements with `on` in one of their resources, or with a wildcard for all.
    """

    operator: str
    key: str
    without: str
    value: str = ""
    on: str = ""

    def __str__(self) -> str:
        """Return the condition as a policy has it."""
        return f"{self.operator} {self.key}" + (f" = {self.value}" if self.value else "")


_IN_CLUSTER = Required(operator="ArnEquals", key="ecs:cluster", without="in any cluster")
# Tasks of the service's images have the API's role; the access task is for sessions.
_WITHOUT_SESSIONS = Required(
    operator="StringEqualsIfExists",
    key="ecs:enable-execute-command",
    value="false",
    without="with sessions in the service's image",
    on=":task-definition/taskflow-*-",
)
_SESSION_TAG = "ssm:resourceTag/aws:ssmmessages:session-id"
_OWN_SESSION = Required(operator="StringEquals", key=_SESSION_TAG, value="${aws:userid}", without="of other people")
_DATABASES = ":db:"
_RESTORED = Required(
    operator="Null",
    key="aws:ResourceTag/RestoredFrom",
    value="false",
    without="for databases that weren't restored",
    on=_DATABASES,
)

# A session would be in a container that serves production, and another task could have other permissions.
_SAME_SERVICE = (
    Required(operator="StringEqualsIfExists", key="ecs:enable-execute-command", value="false", without="with sessions"),
    Required(operator="ArnLikeIfExists", key="ecs:task-definition", without="with any task"),
)

# IAM Roles, Access Controls: actions, in lower case, that are too much without a condition.
CONDITIONED: Mapping[str, Sequence[Required]] = MappingProxyType(
    {
        "iam:passrole": (Required(operator="StringEquals", key="iam:PassedToService", without="to any service"),),
        "ecs:runtask": (_IN_CLUSTER, _WITHOUT_SESSIONS),
        "ecs:listtasks": (_IN_CLUSTER,),
        "ecs:updateservice": _SAME_SERVICE,
        "ssm:resumesession": (_OWN_SESSION,),
        "ssm:terminatesession": (_OWN_SESSION,),
        # Incidents and emergencies are recorded in parameters.
        "ssm:putparameter": (
            Required(
                operator="StringNotEquals",
                key="ssm:Overwrite",
                value="true",
                without="over existing records",
                on="/incident/",
            ),
        ),
        "rds:deletedbinstance": (_RESTORED,),
        "rds:modifydbinstance": (_RESTORED,),
        "rds:addtagstoresource": (
            Required(
                operator="Null",
                key="aws:ResourceTag/Application",
                value="true",
                without="for databases of the stacks",
                on=_DATABASES,
            ),
        ),
        "s3:createjob": (
            Required(
                operator="StringEquals",
                key="s3:RequestJobOperation",
                value="S3PutObjectCopy",
                without="for any operation",
            ),
        ),
    }
)
