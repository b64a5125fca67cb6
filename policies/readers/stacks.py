"""What the chapter's rules share: who owns what, and how a stack itself is told of. No rule stands here."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies.engine.facts import Known, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding
from policies.figures import baseline as baseline_figures
from policies.figures.common import STACKS
from policies.rules.logs import LOG_GROUP

STACK = "pulumi:pulumi:Stack"


def is_planned(stack: Stack) -> bool:
    """Whether the stack is one of the document's, and there."""
    return stack.name in STACKS and not stack.is_empty


def is_owner(stack: str) -> bool:
    """Whether what an account has once is this stack's."""
    return stack == baseline_figures.OWNER


def whole(stack: Stack) -> Resource | None:
    """The stack itself, to tell of what it lacks, so that an exemption can name it."""
    return next(iter(stack.of(STACK)), None)


def groups(stack: Stack, *patterns: str) -> Iterator[Resource | Finding]:
    """The log groups with such names, and a finding for each whose name isn't known."""
    for group in stack.of(LOG_GROUP):
        match group.at("name").text():
            case Known(value=name) if any(fnmatchcase(name, pattern) for pattern in patterns):
                yield group
            case Unknown() as unknown:
                yield Finding(resource=group, said=unknown)
            case _:
                pass
