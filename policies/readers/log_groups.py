"""Finds log groups by name."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies.engine.facts import Known, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, Verdict, violation
from policies.readers.resource_types import LOG_GROUP


def expect_log_group(stack: Stack, name: str) -> Iterator[Verdict]:
    """Require a log group in the stack; otherwise AWS creates it, without a key."""
    names = [group.at("name").text() for group in stack.of(LOG_GROUP)]
    if Known(value=name) not in names:
        unknown = next((fact for fact in names if isinstance(fact, Unknown)), None)
        yield unknown or violation(f"the log group {name} is missing", "a log group of this stack")


def log_groups_named(stack: Stack, *patterns: str) -> Iterator[Resource | Finding]:
    """Return the log groups with such names, and a finding for each whose name is unknown."""
    for group in stack.of(LOG_GROUP):
        match group.at("name").text():
            case Known(value=name) if any(fnmatchcase(name, pattern) for pattern in patterns):
                yield group
            case Unknown() as unknown:
                yield Finding(resource=group, verdict=unknown)
            case _:
                pass
