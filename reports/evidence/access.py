"""Access: each principal and what it may do, the security groups, and every statement of the policies."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from reports.access_table import (
    ATTACHED,
    ROLE,
    access_table,
    as_list,
    aws_resources,
    joined,
    name_of,
    policies_of,
    principals,
    statements_of,
)
from reports.evidence.source import Source
from reports.markdown import table
from reports.states import Recorded

HEAD = """\
# Access
For each stack: the roles, who may assume them, and their permissions: AWS's managed policies, and the number of
actions by service; then every rule of the security groups and every statement of every policy, as it is in the state.
The roles of people and workflows are in production's stack.

What this page doesn't show: AWS's managed policies are named, not listed; who may sign in to IAM Identity Center, or
has the root user, is outside the stacks.
"""


def page(sources: Sequence[Source]) -> str:
    """Return the page."""
    lines = [HEAD]
    for source in sources:
        lines += [f"\n## {source.stack}\n", *_roles(source)]
        lines += [f"\n### Every statement of {source.stack}\n", f"```text\n{access_table(source.state)}```"]
    return "\n".join(lines) + "\n"


def _roles(source: Source) -> Iterator[str]:
    resources = aws_resources(source.state)
    rows = [
        (f"`{name_of(role)}`", *_trust(role), _permissions(role, resources)) for role in resources if role.type == ROLE
    ]
    yield from table(("Role", "Assumed by", "On condition of", "Permissions"), rows)


def _trust(role: Recorded) -> tuple[str, str]:
    """Return who may assume a role, and the keys of the conditions."""
    statements = [each for each in statements_of(role.inputs["assumeRolePolicy"]) if each["Effect"] == "Allow"]
    conditions = [cast("Mapping[str, Mapping[str, object]]", each.get("Condition") or {}) for each in statements]
    keys = dict.fromkeys(
        f"{key}: {_names(value) if key == 'aws:PrincipalArn' else joined(value)}"
        for condition in conditions
        for values in condition.values()
        for key, value in values.items()
    )
    who = dict.fromkeys(principals(each["Principal"]) for each in statements)
    return "<br>".join(who), "<br>".join(keys)


def _names(arns: object) -> str:
    """Return the last parts of ARNs."""
    return ", ".join(str(arn).rpartition("/")[2] for arn in as_list(arns))


def _permissions(role: Recorded, resources: Sequence[Recorded]) -> str:
    """Return the names of the managed policies, and the services that the role's own policies allow."""
    attached: list[str] = []
    services: dict[str, int] = {}
    for policy in policies_of(role, resources):
        if policy.type == ATTACHED:
            attached.append(str(policy.inputs["policyArn"]).rpartition("/")[2])
            continue
        for statement in statements_of(policy.inputs["policy"]):
            for action in as_list(statement["Action"]) if statement["Effect"] == "Allow" else ():
                service = str(action).partition(":")[0]
                services[service] = services.get(service, 0) + 1
    listed = ", ".join(f"{service} ({count})" for service, count in sorted(services.items()))
    boundary = str(role.inputs.get("permissionsBoundary", "")).rpartition("/")[2]
    parts = (*attached, f"actions: {listed}" if listed else "", f"within the boundary {boundary}" if boundary else "")
    return "<br>".join(part for part in parts if part)
