"""Reads a bucket's parts: policy, versions and the like are separate resources."""

from collections.abc import Callable, Iterator, Sequence

from policies.engine.facts import Resource, Unknown
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, Verdict, findings, violation
from policies.readers.resource_types import BUCKET


def part_of(
    whole: Resource, type_: str, stack: Stack, *, key: str = "bucket", by: Sequence[str] = ("id", "bucket", "arn")
) -> Resource | Unknown | None:
    """Return the part of a type that names its whole by `key`; None if there is none, unknown if there may be one."""
    unknown_part: Unknown | None = None
    for part in stack.of(type_):
        match stack.refer(part, part.at(key), whole.type, by=by):
            case Found(resource=resource) if resource == whole:
                return part
            case Unknown() as unknown:
                unknown_part = unknown
            case _:
                pass
    return unknown_part


def judge_parts(
    type_: str, stack: Stack, judge: Callable[[Resource, Resource], Iterator[Verdict]]
) -> Iterator[Finding]:
    """Require a part of the type for each bucket; `judge` judges the part and its bucket."""
    for bucket in stack.of(BUCKET):
        part = part_of(bucket, type_, stack)
        if isinstance(part, Resource):
            yield from findings(part, judge(part, bucket))
        else:
            missing = violation(f"the bucket has no {type_.rpartition(':')[2]}", "one for each bucket")
            yield Finding(resource=bucket, verdict=part or missing)
