"""The planned roles of people and workflows, evaluated as AWS does, and tables of what is allowed.

AWS's own policies are evaluated where a test names them: AdministratorAccess is a sentence, the text of others is
moto's copy.
"""

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from settings.yaml_values import Json
from tests.components.recorded import RecordedResources, record_resources
from tests.engine.simulator import Request, evaluate
from tests.settings.support import as_data, changed

ACCOUNT = "987654321098"
IAM = f"arn:aws:iam::{ACCOUNT}"
CENTER = f"{IAM}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_People_0123456789abcdef"
ALICE = f"{IAM}:user/alice"
JOBS = {
    "on-call": "onCall",
    "devops": "devops",
    "dba": "dba",
    "database-access": "databaseAccess",
    "break-glass": "breakGlass",
}
ANYONE: Mapping[str, object] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"{IAM}:root"}, "Action": "sts:AssumeRole"}],
}
ADMINISTRATOR: Mapping[str, object] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
PEOPLE, WORKFLOWS = "people", "delivery"


@functools.cache
def resources() -> RecordedResources:
    """Return production's resources, with a person of IAM and one of Identity Center in each list."""
    people: Mapping[str, Json] = {f"taskflow:access.{job}.assumedBy": [ALICE, CENTER] for job in JOBS.values()}
    return record_resources(changed(as_data("production"), people), stack="production")


def inputs_of(kind: str, name: str) -> Mapping[str, object]:
    """Return the inputs of a resource of IAM."""
    return cast("Mapping[str, object]", resources()[f"aws:iam/{kind}", name])


def document(value: object) -> Mapping[str, object]:
    """Return a policy document."""
    return json.loads(str(value))


@functools.cache
def managed_actions(policy: str, service: str) -> Sequence[str]:
    """Return the actions of a service in a policy of AWS, such as ViewOnlyAccess: it allows them on all resources."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    statements = json.loads(aws_managed_policies_data)[policy]["Document"]["Statement"]
    actions = [action for each in statements for action in cast("list[str]", each["Action"])]
    return [action for action in actions if action.partition(":")[0] == service]


def _identity(role: str, service: str, managed: Sequence[str]) -> Sequence[Mapping[str, object]]:
    """Return the statements of a role's own policies, of AdministratorAccess, and of the `managed` ones that it has."""
    found: list[Mapping[str, object]] = []
    for kind, name in resources():
        policy = name.removeprefix(f"{role}-")
        if kind == "aws:iam/rolePolicy:RolePolicy" and (name == role or policy != name):
            own = document(inputs_of("rolePolicy:RolePolicy", name)["policy"])
            found += cast("list[Mapping[str, object]]", own["Statement"])
        elif policy != name and policy == "AdministratorAccess":
            found.append(ADMINISTRATOR)
        elif policy != name and policy in managed and (actions := managed_actions(policy, service)):
            found.append({"Effect": "Allow", "Action": actions, "Resource": "*"})
    return found


def _resource_policy(action: str) -> Mapping[str, object] | None:
    """Return the policy of the resource of an action: of the sessions' key, or of a role that someone created."""
    if action == "kms:GenerateDataKey":
        return document(resources()["aws:kms/key:Key", "keys-sessions"]["policy"])
    # A new role may trust the whole account.
    return ANYONE if action == "sts:AssumeRole" else None


def act(
    purpose: str,
    action: str,
    resource: str,
    context: Mapping[str, str | Sequence[str]],
    *,
    group: str = PEOPLE,
    managed: Sequence[str] = (),
) -> Request:
    """Return a request in the role of a purpose, of people or of workflows."""
    name = f"{group}-{purpose}"
    role = f"{IAM}:role/{inputs_of('role:Role', name)['name']}"
    return Request(
        principal=role,
        action=action,
        resource=resource,
        resource_policy=_resource_policy(action),
        identity=_identity(name, action.partition(":")[0], managed),
        boundary=document(inputs_of("policy:Policy", "people-boundary")["policy"]),
        context={"aws:PrincipalArn": role, **context},
    )


def answers(requests: Mapping[tuple[str, str], Sequence[Request]]) -> Mapping[str, Sequence[bool]]:
    """Return by label whether each job's requests are all allowed."""
    allowed = iter(evaluate([each for group in requests.values() for each in group]))
    rows: dict[str, list[bool]] = {}
    for (label, _), group in requests.items():
        found = [next(allowed) for _ in group]
        rows.setdefault(label, []).append(all(found))
    return rows


def table(title: str, jobs: Iterable[str], rows: Mapping[str, Sequence[bool]]) -> str:
    """Return a table of yes and -, with a column for each job."""
    width, columns = max(map(len, rows)), list(jobs)
    cells = {title: columns, **{label: ["yes" if each else "-" for each in found] for label, found in rows.items()}}
    return "\n".join(
        "  ".join(
            (label.ljust(width), *(cell.ljust(len(job)) for cell, job in zip(row, columns, strict=True)))
        ).rstrip()
        for label, row in cells.items()
    )
