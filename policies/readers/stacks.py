"""What the chapter's rules share: who owns what, and how a stack itself is told of. No rule stands here."""

from policies.engine.facts import Resource
from policies.engine.graph import Stack
from policies.figures import baseline as baseline_figures
from policies.figures.common import STACKS

STACK = "pulumi:pulumi:Stack"


def is_planned(stack: Stack) -> bool:
    """Whether the stack is one of the document's, and there."""
    return stack.name in STACKS and not stack.is_empty


def is_owner(stack: str) -> bool:
    """Whether what an account has once is this stack's."""
    return stack == baseline_figures.OWNER


def stack_resource(stack: Stack) -> Resource | None:
    """The stack itself, to tell of what it lacks, so that an exemption can name it."""
    return next(iter(stack.of(STACK)), None)
