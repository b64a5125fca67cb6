"""Reads the role of a security group in TaskFlow's network."""

from policies.engine.facts import ABSENT, Fact, Known, Resource
from policies.figures.common import ROLES, Role


def role_of(group: Resource) -> Fact[Role]:
    """Return a group's role, by the suffix of its Name tag; absent if it is none of the roles."""
    match group.at("tags", "Name").text():
        case Known(value=name):
            role: Role | None = next((role for role in ROLES if name.endswith(f"-{role}")), None)
            return Known(value=role) if role else ABSENT
        case state:
            return state
