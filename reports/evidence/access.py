"""Access: each principal and what it may do, the security groups, and every statement of the policies."""

from collections import Counter
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

# In the ARN of an identity provider, before the issuer of its tokens.
TOKENS = ":oidc-provider/"
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
    """Return who may assume a role, and the keys of the conditions, those of a token without its issuer."""
    statements = [each for each in statements_of(role.inputs["assumeRolePolicy"]) if each["Effect"] == "Allow"]
    conditions = [cast("Mapping[str, Mapping[str, object]]", each.get("Condition") or {}) for each in statements]
    who = dict.fromkeys(principals(each["Principal"]) for each in statements)
    issuers = [name.partition(TOKENS)[2] for name in who if TOKENS in name]
    keys = dict.fromkeys(
        f"{_without(issuers, key)}: {_names(value) if key == 'aws:PrincipalArn' else joined(value)}"
        for condition in conditions
        for values in condition.values()
        for key, value in values.items()
    )
    named = [f"tokens of {name.partition(TOKENS)[2]}" if TOKENS in name else name for name in who]
    return "<br>".join(named), "<br>".join(keys)


def _without(issuers: Sequence[str], key: str) -> str:
    issuer, _, claim = key.partition(":")
    return claim if issuer in issuers else key


def _names(arns: object) -> str:
    """Return the last parts of ARNs."""
    return ", ".join(str(arn).rpartition("/")[2] for arn in as_list(arns))


def _permissions(role: Recorded, resources: Sequence[Recorded]) -> str:
    """Return the managed policies by name, and how many actions of which service the own ones allow and deny."""
    policies = list(policies_of(role, resources))
    attached = [str(each.inputs["policyArn"]).rpartition("/")[2] for each in policies if each.type == ATTACHED]
    statements = [
        statement for each in policies if each.type != ATTACHED for statement in statements_of(each.inputs["policy"])
    ]
    boundary = str(role.inputs.get("permissionsBoundary", "")).rpartition("/")[2]
    parts = (
        *attached,
        _counted("actions", "Allow", statements),
        _counted("denied actions", "Deny", statements),
        f"within the boundary {boundary}" if boundary else "",
    )
    return "<br>".join(part for part in parts if part)


def _counted(title: str, effect: str, statements: Sequence[Mapping[str, object]]) -> str:
    """Return the number of actions by service of the statements with an effect."""
    services = Counter(
        str(action).partition(":")[0]
        for statement in statements
        if statement["Effect"] == effect
        for action in as_list(statement["Action"])
    )
    listed = ", ".join(f"{service} ({count})" for service, count in sorted(services.items()))
    return f"{title}: {listed}" if listed else ""
