"""The statements of a role's own policies, each a resource beside the role."""

from collections.abc import Sequence

from policies.engine.facts import Node, Resource, Unknown
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, unknowns
from policies.readers.iam_documents import is_readable, statements
from policies.readers.resource_types import IAM_ROLE, IAM_ROLE_POLICY


def denials_of(role: Resource, stack: Stack) -> tuple[Sequence[Node], Sequence[Finding]]:
    """Return the readable Deny statements of a role's own policies, and what leaves open whether there are more."""
    denials: list[Node] = []
    undecided: list[Finding] = []
    for policy in stack.of(IAM_ROLE_POLICY):
        holder = stack.refer(policy, policy.at("role"), IAM_ROLE, by=("id", "name"))
        undecided += unknowns(policy, holder)
        found = statements(policy.at("policy"), absent="") if holder == Found(resource=role) else ()
        if isinstance(found, Unknown):
            undecided.append(Finding(resource=policy, verdict=found))
        elif isinstance(found, tuple):
            denials += [each for each in found if is_readable(each) and each.at("Effect").value == "Deny"]
    return denials, undecided
