"""What a rule may expect of one property: a value, a range, presence or absence."""

from collections.abc import Iterable, Iterator

from policies.engine.facts import Absent, Fact, Known, Node, Scalar, Unknown, shown
from policies.engine.rule import Verdict, violation


def expect(node: Node, *allowed: Scalar, default: Scalar | None = None) -> Iterator[Verdict]:
    """A property that has to have one of the allowed values; `default` is what AWS takes where nothing is said."""
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
    """A known number, also one that is written as a text of digits; None for all else."""
    value = fact.value if isinstance(fact, Known) else None
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() else None
    return None if isinstance(value, bool) else value


def within(node: Node, least: int, most: int | None = None, *, default: int | None = None) -> Iterator[Verdict]:
    """A number that has to be within limits; `default` is what AWS takes where nothing is said."""
    property_name = ".".join(node.path)
    allowed = f"at least {least}" if most is None else f"{least} to {most}"
    fact = node.scalar()
    found = default if isinstance(fact, Absent) else number(fact)
    is_within = found is not None and least <= found and (most is None or found <= most)
    if isinstance(fact, Unknown):
        yield fact
    elif not is_within:
        state = f"is {shown(fact.value)}" if isinstance(fact, Known) else "isn't set"
        yield violation(f"{property_name} {state}", allowed)


def must_be_set(node: Node, allowed: str) -> Iterator[Verdict]:
    """A property that has to be there, whatever it says: what is unknown yet is there."""
    if isinstance(node.scalar(), Absent):
        yield violation(f"{'.'.join(node.path)} isn't set", allowed)


def must_be_absent(node: Node, allowed: str) -> Iterator[Verdict]:
    """A property that mustn't be there."""
    match node.scalar():
        case Known(value=value):
            yield violation(f"{'.'.join(node.path)} is {shown(value)}", allowed)
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


def must_be_empty(node: Node, allowed: str) -> Iterator[Verdict]:
    """A property that mustn't be there, or holds nothing, and whose value isn't shown."""
    match node.items():
        case Known(value=values) if values:
            yield violation(f"{'.'.join(node.path)} is set", allowed)
        case Unknown() as unknown:
            yield unknown
        case _:
            pass
