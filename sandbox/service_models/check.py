"""The check of a resource's inputs against AWS's own model of the operation that creates it."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import regex

from sandbox.service_models.models import Shape
from sandbox.service_models.operations import row_of
from sandbox.service_models.request import Node, is_unknown, requests_of
from sandbox.service_models.row import NoRequest, Request
from sandbox.values import Value

NUMBERS: Final = ("integer", "long", "float", "double")
TEXTS: Final = ("string", "blob")
SHOWN_LENGTH: Final = 120
SHOWN_VALUES: Final = 12
HIDDEN: Final = "(hidden: may be a secret)"
SECRET_NAME: Final = regex.compile(r"password|passphrase|secret(?!Id)|token|credential|privateKey", regex.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One input that AWS's model refuses: the property's path, and why."""

    path: str
    reason: str


@dataclass(kw_only=True)
class Checked:
    """What the check of one resource found, and how many of its known texts and numbers a constraint held."""

    violations: list[Violation] = field(default_factory=list[Violation])
    leaves: int = 0
    held: int = 0
    unmapped: Mapping[str, int] = field(default_factory=dict[str, int])


def check(token: str, inputs: Mapping[str, Value]) -> Checked:
    """Hold a resource's inputs (camelCase, secrets opened, unknowns as Pulumi's mark) to the model of its operation."""
    row = row_of(token)
    return Checked() if isinstance(row, NoRequest) else _Check(row).run(inputs)


class _Check:
    def __init__(self, row: Request) -> None:
        self.row = row
        self.operation = row.operation
        self.checked = Checked()

    def run(self, inputs: Mapping[str, Value]) -> Checked:
        requests = requests_of(self.row, inputs)
        self.checked.unmapped = requests.unmapped
        self.checked.leaves = sum(requests.unmapped.values())
        for operation, root in requests.roots.items():
            self.operation = operation
            self.checked.violations.extend(self.node(root))
        return self.checked

    def node(self, node: Node) -> Iterator[Violation]:
        if node.unknown:
            return
        kind = node.shape.kind
        if kind == "structure":
            yield from self.structure(node)
        elif kind == "list":
            yield from self.length(node, len(node.items), "items")
            for item in node.items:
                yield from self.node(item)
        elif kind == "map":
            yield from self.map(node)
        elif node.scalar is not None and not is_unknown(node.scalar):
            yield from self.scalar(node)

    def structure(self, node: Node) -> Iterator[Violation]:
        for name in node.shape.required:
            member = f"{node.place.member}.{name}".lstrip(".")
            if name not in node.members and not node.incomplete and not self.is_provided(member):
                where = f"{node.place.path}.{name[:1].lower()}{name[1:]}".lstrip(".")
                yield Violation(path=where, reason=f"it is required by {self.named(member)}, and missing")
        for member in node.members.values():
            yield from self.node(member)

    def is_provided(self, member: str) -> bool:
        own = member if self.operation == self.row.operation else f"{self.operation}:{member}"
        return own in self.row.provided or f"*.{member.rsplit('.', 1)[-1]}" in self.row.provided

    def map(self, node: Node) -> Iterator[Violation]:
        yield from self.length(node, len(node.pairs), "entries")
        for key, value in node.pairs.items():
            if node.shape.key:
                wrong = self.wrong_text(node.shape.key, key)
                if wrong:
                    yield self.violation(node, f"the key {key!r} {wrong}")
            yield from self.node(value)

    def length(self, node: Node, count: int, noun: str) -> Iterator[Violation]:
        wrong = _out_of(node.shape, count)
        if wrong and count:
            yield self.violation(node, f"{count} {noun}, {wrong}")

    def scalar(self, node: Node) -> Iterator[Violation]:
        value, shape = node.scalar, node.shape
        if not isinstance(value, bool) and node.place.property:
            self.checked.leaves += 1
            self.checked.held += shape.is_constrained and (shape.kind in NUMBERS or shape.kind in TEXTS)
        if shape.kind in NUMBERS:
            wrong = self.wrong_number(shape, value)
        else:
            wrong = self.wrong_text(shape, value) if shape.kind in TEXTS else None
        if wrong:
            yield self.violation(node, f"{self.shown(node)} {wrong}")

    def wrong_number(self, shape: Shape, value: Value) -> str | None:
        number = _number(value)
        if number is None:
            return "is not a number"
        if shape.values and f"{number:.15g}" not in shape.values:
            return f"is not allowed: {_listed(shape.values)}"
        wrong = _out_of(shape, number)
        return wrong and f"is out of range: {wrong}"

    def wrong_text(self, shape: Shape, value: Value) -> str | None:
        text = _text(value)
        if shape.values and text not in shape.values:
            return f"is not allowed: {_listed(shape.values)}"
        size = len(text.encode()) if shape.kind == "blob" else len(text)
        wrong = _out_of(shape, size)
        if wrong:
            return f"has {size} {'bytes' if shape.kind == 'blob' else 'characters'}, {wrong}"
        if shape.pattern and not matches(shape.pattern, text):
            return f"does not match {shape.pattern}"
        return None

    def shown(self, node: Node) -> str:
        """Return the value as a message shows it: short, and not at all where it may be a secret."""
        name = node.place.property
        may_be_secret = node.shape.sensitive or SECRET_NAME.search(name) or name in self.row.hidden
        if may_be_secret or f"*.{name.rsplit('.', 1)[-1]}" in self.row.hidden:
            return HIDDEN
        text = repr(node.scalar)
        return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}…"

    def violation(self, node: Node, reason: str) -> Violation:
        return Violation(path=node.place.path, reason=f"{reason} ({self.named(node.place.member)})")

    def named(self, member: str) -> str:
        return f"{self.row.service} {self.operation} {member}"


def _number(value: Value) -> float | None:
    try:
        return float(str(value)) if not isinstance(value, bool) else None
    except ValueError:
        return None


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _out_of(shape: Shape, size: float) -> str | None:
    """Return the limit that a number or a length exceeds."""
    if shape.minimum is not None and size < shape.minimum:
        return f"at least {shape.minimum:.15g}"
    return f"at most {shape.maximum:.15g}" if shape.maximum is not None and size > shape.maximum else None


def _listed(values: frozenset[str]) -> str:
    listed = sorted(values, key=lambda value: (len(value), value) if value.isdigit() else (0, value))
    more = len(listed) - SHOWN_VALUES
    return ", ".join(listed[:SHOWN_VALUES]) + (f" and {more} more" if more > 0 else "")


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches; most of the models' patterns have no anchors and mean it so."""
    return _compiled(pattern).fullmatch(text) is not None


@functools.cache
def _compiled(pattern: str) -> "regex.Pattern[str]":
    # In Java, which the models are written for, \w, \d and \s are ASCII. regex's flag would narrow \p{L} as well.
    return regex.compile(pattern, 0 if r"\p" in pattern else regex.ASCII)
