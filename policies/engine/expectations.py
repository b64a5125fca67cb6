"""What a rule expects of a property: its value, a range, presence or absence.

The functions `expect_…` judge one place, for rules that are code. The others return an `Expectation`, a row of a rule
that is a table: it judges its property and words the remedy, so that a figure is written once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from policies.engine.facts import Absent, Fact, Known, Node, Resource, Scalar, Unknown, shown
from policies.engine.rule import ResourceRule, Severity, Verdict, violation


def expect(node: Node, *allowed: Scalar, default: Scalar | None = None) -> Iterator[Verdict]:
    """Require one of the allowed values; `default` is what AWS takes if the property isn't set."""
    return _expect_among(node, allowed, default)


def expect_true(node: Node, *, default: bool | None = None) -> Iterator[Verdict]:
    """Require true; `default` as for `expect`."""
    return _expect_among(node, (True,), default)


def expect_false(node: Node, *, default: bool | None = None) -> Iterator[Verdict]:
    """Require false; `default` as for `expect`."""
    return _expect_among(node, (False,), default)


def _expect_among(node: Node, allowed: Sequence[Scalar], default: Scalar | None) -> Iterator[Verdict]:
    property_name = ".".join(node.path)
    choice = " or ".join(shown(value) for value in allowed)
    match node.scalar():
        case Known(value=value) if not _among(value, allowed):
            yield violation(f"{property_name} is {shown(value)}", choice)
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
        state = f"is {shown(fact.value)}" if isinstance(fact, Known) else "isn't set"
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
            yield violation(f"{'.'.join(node.path)} is {shown(value)}", allowed)
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


def expect_contains(node: Node, wanted: Sequence[str]) -> Iterator[Verdict]:
    """Require a list that holds all of these texts; an unknown element may be the missing one."""
    elements = node.items()
    if isinstance(elements, Unknown):
        yield elements
        return
    texts = [element.text() for element in elements.value] if isinstance(elements, Known) else []
    missing = [text for text in wanted if Known(value=text) not in texts]
    if missing:
        unknown = next((text for text in texts if isinstance(text, Unknown)), None)
        yield unknown or violation(f"{'.'.join(node.path)} lacks {', '.join(missing)}", " and ".join(wanted))


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """One row of a rule: the property at `path`, and how it is judged.

    `remedy` says what to do: "set multiAz to true". `when` selects the resources that the row is about; None: all.
    """

    path: tuple[str, ...]
    remedy: str
    judge: Callable[[Node], Iterator[Verdict]]
    when: Callable[[Resource], bool] | None = None

    def verdicts(self, resource: Resource) -> Iterator[Verdict]:
        """Judge the property of a resource."""
        if self.when is None or self.when(resource):
            yield from self.judge(resource.at(*self.path))


def _row(path: str, remedy: str, judge: Callable[[Node], Iterator[Verdict]]) -> Expectation:
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
    choice = " or ".join(shown(value) for value in values)
    return _row(path, f"set {path} to {choice}", lambda node: _expect_among(node, values, default))


def at_least(path: str, least: int, *, default: int | None = None) -> Expectation:
    """Require a number that is not smaller."""
    return _within(path, least, None, default)


def between(path: str, least: int, most: int, *, default: int | None = None) -> Expectation:
    """Require a number within limits, both included."""
    return _within(path, least, most, default)


def _within(path: str, least: int, most: int | None, default: int | None) -> Expectation:
    remedy = f"set {path} to {_limits(least, most)}"
    return _row(path, remedy, lambda node: within(node, least, most, default=default))


def must_be_set(path: str, allowed: str) -> Expectation:
    """Require a value, whichever: `allowed` describes it."""
    return _row(path, f"set {path} to {allowed}", lambda node: expect_set(node, allowed))


def must_be_absent(path: str, reason: str) -> Expectation:
    """Require that the property isn't set, for a reason."""
    return _row(path, f"leave {path} unset", lambda node: expect_absent(node, f"nothing: {reason}"))


def must_be_empty(path: str, reason: str) -> Expectation:
    """Require that the property isn't set or holds nothing, for a reason. Its value isn't shown."""
    return _row(path, f"leave {path} unset", lambda node: expect_empty(node, f"nothing: {reason}"))


def contains(path: str, *wanted: str) -> Expectation:
    """Require a list that holds all of these texts."""
    return _row(path, f"add {' and '.join(wanted)} to {path}", lambda node: expect_contains(node, wanted))


def when(condition: Callable[[Resource], bool], *rows: Expectation) -> tuple[Expectation, ...]:
    """Return the rows for the resources that meet a condition alone."""
    return tuple(replace(row, when=condition) for row in rows)


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
    """Return a rule that is a table of expectations. They word its remedy.

    `also` judges what no row can express; `remedy` then says what to do about it.
    """

    def judge(resource: Resource) -> Iterator[Verdict]:
        for row in rows:
            yield from row.verdicts(resource)
        yield from also(resource) if also else ()

    return ResourceRule(
        id=rule_id,
        section=section,
        description=description,
        remedy=" ".join(filter(None, (_sentence([row.remedy for row in rows]), remedy))),
        severity=severity,
        controls=tuple(controls),
        types=(types,) if isinstance(types, str) else tuple(types),
        judge=judge,
    )


def _sentence(remedies: Sequence[str]) -> str:
    """Join instructions, the verb once for those that share it: "Set a to 1 and b to 2; remove c."."""
    by_verb: dict[str, list[str]] = {}
    for remedy in remedies:
        verb, _, rest = remedy.partition(" ")
        by_verb.setdefault(verb, []).append(rest)
    text = "; ".join(f"{verb} {_listed(parts)}" for verb, parts in by_verb.items())
    return f"{text[0].upper()}{text[1:]}."


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
