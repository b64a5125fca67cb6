"""What a rule expects of a property: its value, a range, presence or absence, or a reference.

The functions `expect_…` judge one place, for rules that are code. The others return a row of a rule that is a table: an
`Expectation` or, for a rule about relations, a `Relation`. A row judges its property and describes its remedy, so
that a figure is written once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TypeAlias

from policies.engine.answers import Answer, all_of
from policies.engine.facts import Absent, Fact, Known, Node, Resource, Scalar, Unknown, elements_of, format_value
from policies.engine.graph import IDENTITY, Stack
from policies.engine.rule import (
    Finding,
    ResourceRule,
    Severity,
    StackRule,
    Verdict,
    expect_reference,
    findings,
    violation,
)


def expect(node: Node, *allowed: Scalar, default: Scalar | None = None) -> Iterator[Verdict]:
    """Require one of the allowed values; `default` is AWS's value if the property isn't set."""
    return _expect_among(node, allowed, default)


def expect_true(node: Node, *, default: bool | None = None) -> Iterator[Verdict]:
    """Require true; `default` as for `expect`."""
    return _expect_among(node, (True,), default)


def expect_false(node: Node, *, default: bool | None = None) -> Iterator[Verdict]:
    """Require false; `default` as for `expect`."""
    return _expect_among(node, (False,), default)


def _expect_among(node: Node, allowed: Sequence[Scalar], default: Scalar | None) -> Iterator[Verdict]:
    property_name = ".".join(node.path)
    choice = " or ".join(format_value(value) for value in allowed)
    match node.scalar():
        case Known(value=value) if not _among(value, allowed):
            yield violation(f"{property_name} is {format_value(value)}", choice)
        case Absent() if default is None or not _among(default, allowed):
            yield violation(f"{property_name} isn't set", choice)
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


# True equals 1 in Python, but not in a plan.
def _among(value: Scalar, allowed: Iterable[Scalar]) -> bool:
    return any(value == other and isinstance(value, bool) == isinstance(other, bool) for other in allowed)


def number(fact: Fact[Scalar]) -> int | float | None:
    """Return a known number, also one that is written as a text of digits; None for anything else."""
    value = fact.value if isinstance(fact, Known) else None
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() else None
    return None if isinstance(value, bool) else value


def within(node: Node, least: int, most: int | None = None, *, default: int | None = None) -> Iterator[Verdict]:
    """Require a number within limits; `default` as for `expect`."""
    property_name = ".".join(node.path)
    fact = node.scalar()
    found = default if isinstance(fact, Absent) else number(fact)
    is_within = found is not None and least <= found and (most is None or found <= most)
    if isinstance(fact, Unknown):
        yield fact
    elif not is_within:
        state = f"is {format_value(fact.value)}" if isinstance(fact, Known) else "isn't set"
        yield violation(f"{property_name} {state}", _limits(least, most))


def _limits(least: int, most: int | None) -> str:
    return f"at least {least}" if most is None else f"{least} to {most}"


def expect_set(node: Node, allowed: str) -> Iterator[Verdict]:
    """Require a value, whichever; an unknown value is one."""
    if isinstance(node.scalar(), Absent):
        yield violation(f"{'.'.join(node.path)} isn't set", allowed)


def expect_absent(node: Node, allowed: str) -> Iterator[Verdict]:
    """Require that the property isn't set."""
    match node.scalar():
        case Known(value=value):
            yield violation(f"{'.'.join(node.path)} is {format_value(value)}", allowed)
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


def expect_empty(node: Node, allowed: str) -> Iterator[Verdict]:
    """Require that the property isn't set or holds nothing; its value isn't shown."""
    match node.items():
        case Known(value=values) if values:
            yield violation(f"{'.'.join(node.path)} is set", allowed)
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


def expect_contains(node: Node, required: Sequence[str]) -> Iterator[Verdict]:
    """Require a list with all of these texts; an unknown element may be the missing one."""
    elements = node.items()
    if isinstance(elements, Unknown):
        yield elements
        return
    texts = [element.text() for element in elements.value] if isinstance(elements, Known) else []
    missing = [text for text in required if Known(value=text) not in texts]
    if missing:
        unknown = next((text for text in texts if isinstance(text, Unknown)), None)
        yield unknown or violation(f"{'.'.join(node.path)} lacks {', '.join(missing)}", " and ".join(required))


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """One row of a rule: the property at `path`, and how it is judged.

    `remedy` is an instruction: "set multiAz to true". `when` selects the resources that the row applies to; None: all.
    """

    path: tuple[str, ...]
    remedy: str
    judge: Callable[[Node], Iterator[Verdict]]
    when: Callable[[Resource], Answer] | None = None

    def verdicts(self, resource: Resource) -> Iterator[Verdict]:
        """Judge the property of a resource."""
        applies = self.when(resource) if self.when else True
        if applies is False:
            return
        verdicts = self.judge(resource.at(*self.path))
        # Whether an unknown condition holds matters only where the row is violated.
        yield from (applies for _ in islice(verdicts, 1)) if isinstance(applies, Unknown) else verdicts


def row(path: str, remedy: str, judge: Callable[[Node], Iterator[Verdict]]) -> Expectation:
    """Return a row that judges the property at a dotted path by `judge`; `remedy` as for `Expectation`."""
    return Expectation(path=tuple(path.split(".")), remedy=remedy, judge=judge)


def equals(path: str, value: Scalar, *, default: Scalar | None = None) -> Expectation:
    """Require one value."""
    return _among_row(path, (value,), default)


def one_of(path: str, *values: Scalar, default: Scalar | None = None) -> Expectation:
    """Require one of several values."""
    return _among_row(path, values, default)


def is_true(path: str, *, default: bool | None = None) -> Expectation:
    """Require true."""
    return _among_row(path, (True,), default)


def is_false(path: str, *, default: bool | None = None) -> Expectation:
    """Require false."""
    return _among_row(path, (False,), default)


def _among_row(path: str, values: Sequence[Scalar], default: Scalar | None) -> Expectation:
    choice = " or ".join(format_value(value) for value in values)
    return row(path, f"set {path} to {choice}", lambda node: _expect_among(node, values, default))


def at_least(path: str, least: int, *, default: int | None = None) -> Expectation:
    """Require a number that is not smaller."""
    return _within(path, least, None, default)


def between(path: str, least: int, most: int, *, default: int | None = None) -> Expectation:
    """Require a number within limits, both included."""
    return _within(path, least, most, default)


def _within(path: str, least: int, most: int | None, default: int | None) -> Expectation:
    limits = _limits(least, most) if most is None else f"a number from {least} to {most}"
    return row(path, f"set {path} to {limits}", lambda node: within(node, least, most, default=default))


def must_be_set(path: str, allowed: str) -> Expectation:
    """Require a value, whichever: `allowed` describes it."""
    return row(path, f"set {path} to {allowed}", lambda node: expect_set(node, allowed))


def must_be_absent(path: str, reason: str) -> Expectation:
    """Require that the property isn't set, for a reason."""
    return row(path, f"leave {path} unset", lambda node: expect_absent(node, f"nothing: {reason}"))


def must_be_empty(path: str, reason: str) -> Expectation:
    """Require that the property isn't set or holds nothing, for a reason. Its value isn't shown."""
    return row(path, f"leave {path} unset", lambda node: expect_empty(node, f"nothing: {reason}"))


def contains(path: str, *required: str) -> Expectation:
    """Require a list with all of these texts."""
    return row(path, f"add {' and '.join(required)} to {path}", lambda node: expect_contains(node, required))


def in_each(path: str, *rows: Expectation) -> Expectation:
    """Judge each element of a list by the rows, whose paths begin at the element; an absent list has none."""
    rows = unconditional(rows)

    def judge(node: Node) -> Iterator[Verdict]:
        for element in elements_of(node):
            if isinstance(element.value, Unknown):
                yield element.value
            else:
                yield from _judge_element(element, rows)

    return row(path, f"{_joined(rows)} in each of {path}", judge)


def has_element(path: str, key: str, value: str, *rows: Expectation) -> Expectation:
    """Require a list element whose `key` is `value`, and judge each such element by the rows."""
    rows = unconditional(rows)

    def judge(node: Node) -> Iterator[Verdict]:
        elements = elements_of(node)
        keys = [element.at(key).text() for element in elements]
        for element, fact in zip(elements, keys, strict=True):
            if fact == Known(value=value):
                for verdict in _judge_element(element, rows):
                    yield verdict if isinstance(verdict, Unknown) else f"{value}: {verdict}"
        if Known(value=value) not in keys:
            unknown = next((fact for fact in keys if isinstance(fact, Unknown)), None)
            yield unknown or violation(f"{path} has no {value}", f"an element with {key} {value}")

    return row(path, f"add {value} to {path} ({_joined(rows)})", judge)


def unconditional(rows: tuple[Expectation, ...]) -> tuple[Expectation, ...]:
    """Return rows that judge list elements; ValueError if one has a condition, which is about a resource."""
    conditional = [".".join(each.path) for each in rows if each.when]
    if conditional:
        raise ValueError(f"{', '.join(conditional)}: a row about a list's elements has no condition")
    return rows


def _judge_element(element: Node, rows: Sequence[Expectation]) -> Iterator[Verdict]:
    for each in rows:
        yield from each.judge(element.at(*each.path))


def when(condition: Callable[[Resource], Answer], *rows: Expectation, of: str = "") -> tuple[Expectation, ...]:
    """Return the rows limited to the resources that meet a condition; an unknown condition may leave them undecided.

    `of` names these resources in the remedy: "(of the vault)".
    """
    suffix = f" ({of})" if of else ""
    return tuple(
        replace(each, when=_both(each.when, condition) if each.when else condition, remedy=f"{each.remedy}{suffix}")
        for each in rows
    )


def _both(first: Callable[[Resource], Answer], second: Callable[[Resource], Answer]) -> Callable[[Resource], Answer]:
    return lambda resource: all_of(first(resource), second(resource))


def of_type(*types: str) -> Callable[[Resource], bool]:
    """Return the condition that a resource is of one of the types."""
    return lambda resource: resource.type in types


def property_rule(
    rule_id: str,
    *,
    section: str,
    description: str,
    types: str | Sequence[str],
    rows: Sequence[Expectation],
    also: Callable[[Resource], Iterable[Verdict]] | None = None,
    remedy: str = "",
    severity: Severity = "medium",
    controls: Sequence[str] = (),
) -> ResourceRule:
    """Return a rule that is a table of expectations; its remedy is written from the rows.

    `also` judges what no row can express, with `remedy` as its instruction.
    """

    def judge(resource: Resource) -> Iterator[Verdict]:
        for each in rows:
            yield from each.verdicts(resource)
        yield from also(resource) if also else ()

    return ResourceRule(
        id=rule_id,
        section=section,
        description=description,
        remedy=_sentences(rows, remedy),
        severity=severity,
        controls=tuple(controls),
        types=(types,) if isinstance(types, str) else tuple(types),
        judge=judge,
    )


@dataclass(frozen=True, kw_only=True)
class Relation:
    """One row of a rule about relations: how a resource and the one that it refers to are judged; `remedy` as above."""

    remedy: str
    judge: Callable[[Resource, Stack], Iterator[Finding]]


def refers_to(
    path: str,
    types: str | Sequence[str],
    kind: str,
    *rows: Expectation,
    by: Sequence[str] = IDENTITY,
    absent: str = "",
    is_on_referrer: bool = False,
) -> Relation:
    """Require a reference to a resource of this stack, and judge that resource by the rows.

    `kind` is its name ("parameter group"); `by` and `absent` as for `expect_reference`. What violates the rows is
    reported on the resource found, or on the referring one if `is_on_referrer`.
    """

    def judge(resource: Resource, stack: Stack) -> Iterator[Finding]:
        def judge_found(found: Resource) -> Iterator[Finding]:
            for finding in judge_rows(rows, found, stack):
                if isinstance(finding.verdict, Unknown) or not is_on_referrer:
                    yield finding
                else:
                    yield Finding(resource=resource, verdict=f"its {kind} {found.name}: {finding.verdict}")

        node = resource.at(*path.split("."))
        return expect_reference(resource, node, stack, types, f"a {kind}", by=by, absent=absent, judge=judge_found)

    required = f" ({_joined(rows)})" if rows else ""
    return Relation(remedy=f"set {path} to a {kind} of this stack{required}", judge=judge)


Row: TypeAlias = Expectation | Relation


def judge_rows(rows: Iterable[Row], resource: Resource, stack: Stack) -> Iterator[Finding]:
    """Judge a resource by rows of either kind."""
    for each in rows:
        if isinstance(each, Relation):
            yield from each.judge(resource, stack)
        else:
            yield from findings(resource, each.verdicts(resource))


def relation_rule(
    rule_id: str,
    *,
    section: str,
    description: str,
    types: str | Sequence[str],
    rows: Sequence[Row],
    also: Callable[[Stack], Iterable[Finding]] | None = None,
    remedy: str = "",
    severity: Severity = "medium",
    controls: Sequence[str] = (),
) -> StackRule:
    """Return a rule about relations that is a table: each resource of the types is judged by the rows.

    `also` and `remedy` as for `property_rule`.
    """
    types = (types,) if isinstance(types, str) else tuple(types)

    def judge(stack: Stack) -> Iterator[Finding]:
        found = (finding for resource in stack.of(*types) for finding in judge_rows(rows, resource, stack))
        # Several resources may refer to the same one.
        yield from dict.fromkeys(chain(found, also(stack) if also else ()))

    return StackRule(
        id=rule_id,
        section=section,
        description=description,
        remedy=_sentences(rows, remedy),
        severity=severity,
        controls=tuple(controls),
        judge=judge,
    )


def _sentences(rows: Sequence[Row], remedy: str) -> str:
    """Return the rows' instructions as a sentence, followed by the remedy."""
    text = _joined(rows)
    return " ".join(filter(None, (f"{text[0].upper()}{text[1:]}." if text else "", remedy)))


def _joined(rows: Sequence[Row]) -> str:
    """Join the rows' instructions, the verb once for those that share it: "set a to 1 and b to 2; remove c"."""
    by_verb: dict[str, dict[str, None]] = {}
    for each in rows:
        verb, _, rest = each.remedy.partition(" ")
        by_verb.setdefault(verb, {})[rest] = None
    return "; ".join(f"{verb} {_listed(list(parts))}" for verb, parts in by_verb.items())


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
