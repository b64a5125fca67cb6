"""Reads a stack as a whole: whether it is in the document, and owns the account's settings."""

from policies.engine.facts import Resource
from policies.engine.graph import Stack
from policies.figures import baseline as baseline_figures
from policies.figures.common import STACKS

STACK = "pulumi:pulumi:Stack"


def is_planned(stack: Stack) -> bool:
    """Whether the stack is one of the document's, and not empty."""
    return stack.name in STACKS and not stack.is_empty


def is_owner(stack: str) -> bool:
    """Whether the stack has the resources that exist once in an account."""
    return stack == baseline_figures.OWNER


def stack_resource(stack: Stack) -> Resource | None:
    """Return the stack's own resource: an exemption can name it in place of a missing resource."""
    return next(iter(stack.of(STACK)), None)
