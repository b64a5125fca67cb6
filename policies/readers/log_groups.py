"""Finds a stack's log groups by name."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies.engine.facts import Known, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, Verdict, violation
from policies.readers.resource_types import LOG_GROUP


def expect_log_group(stack: Stack, name: str) -> Iterator[Verdict]:
    """What is wrong with a log group that somebody writes to: the stack has to make it, or AWS does, without a key."""
    names = [group.at("name").text() for group in stack.of(LOG_GROUP)]
    if Known(value=name) not in names:
        doubt = next((fact for fact in names if isinstance(fact, Unknown)), None)
        yield doubt or violation(f"nothing makes the log group {name}", "a log group of this stack")


def log_groups_named(stack: Stack, *patterns: str) -> Iterator[Resource | Finding]:
    """The log groups with such names, and a finding for each whose name isn't known."""
    for group in stack.of(LOG_GROUP):
        match group.at("name").text():
            case Known(value=name) if any(fnmatchcase(name, pattern) for pattern in patterns):
                yield group
            case Unknown() as unknown:
                yield Finding(resource=group, verdict=unknown)
            case _:
                pass
