"""The check of a resource's inputs against AWS's model of the operation that creates it."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import regex

from sandbox.service_models.models import Shape
from sandbox.service_models.operations import row_of
from sandbox.service_models.request import Node, build_requests, is_unknown
from sandbox.service_models.row import NoRequest, Request
from sandbox.values import Value

NUMBERS: Final = ("integer", "long", "float", "double")
TEXTS: Final = ("string", "blob")
MAX_SHOWN_LENGTH: Final = 120
MAX_SHOWN_VALUES: Final = 12
HIDDEN: Final = "(hidden: may be a secret)"
SECRET_NAME: Final = regex.compile(r"password|passphrase|secret(?!Id)|token|credential|privateKey", regex.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One input that violates AWS's model: the property's path and the reason."""

    path: str
    reason: str


@dataclass(kw_only=True)
class CheckResult:
    """One resource's violations; how many texts and numbers are known, constrained and in no request."""

    violations: list[Violation] = field(default_factory=list[Violation])
    known: int = 0
    constrained: int = 0
    unmapped: Mapping[str, int] = field(default_factory=dict[str, int])


def check(token: str, inputs: Mapping[str, Value]) -> CheckResult:
    """Check inputs (camelCase, secrets as plain values, unknown values as UNKNOWN) against the model."""
    row = row_of(token)
    return CheckResult() if isinstance(row, NoRequest) else _Check(row).run(inputs)


class _Check:
    def __init__(self, row: Request) -> None:
        self.row = row
        self.operation = row.operation
        self.result = CheckResult()

    def run(self, inputs: Mapping[str, Value]) -> CheckResult:
        requests = build_requests(self.row, inputs)
        self.result.unmapped = requests.unmapped
        self.result.known = sum(requests.unmapped.values())
        for operation, root in requests.roots.items():
            self.operation = operation
            self.result.violations.extend(self.node(root))
        return self.result

    def node(self, node: Node) -> Iterator[Violation]:
        if node.is_unknown:
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
            if name not in node.members and not node.is_incomplete and not self.is_set_by_provider(member):
                where = f"{node.place.path}.{name[:1].lower()}{name[1:]}".lstrip(".")
                yield Violation(path=where, reason=f"missing, required by {self.named(member)}")
        for member in node.members.values():
            yield from self.node(member)

    def is_set_by_provider(self, member: str) -> bool:
        name = member if self.operation == self.row.operation else f"{self.operation}:{member}"
        return name in self.row.set_by_provider or f"*.{member.rsplit('.', 1)[-1]}" in self.row.set_by_provider

    def map(self, node: Node) -> Iterator[Violation]:
        yield from self.length(node, len(node.pairs), "entries")
        for key, value in node.pairs.items():
            if node.shape.key:
                problem = self.text_problem(node.shape.key, key)
                if problem:
                    yield self.violation(node, f"the key {key!r} {problem}")
            yield from self.node(value)

    def length(self, node: Node, count: int, noun: str) -> Iterator[Violation]:
        limit = _exceeded_limit(node.shape, count)
        if limit and count:
            yield self.violation(node, f"{count} {noun}, {limit}")

    def scalar(self, node: Node) -> Iterator[Violation]:
        value, shape = node.scalar, node.shape
        if not isinstance(value, bool) and node.place.property:
            self.result.known += 1
            self.result.constrained += shape.is_constrained and (shape.kind in NUMBERS or shape.kind in TEXTS)
        if shape.kind in NUMBERS:
            problem = self.number_problem(shape, value)
        else:
            problem = self.text_problem(shape, value) if shape.kind in TEXTS else None
        if problem:
            yield self.violation(node, f"{self.shown(node)} {problem}")

    def number_problem(self, shape: Shape, value: Value) -> str | None:
        number = _number(value)
        if number is None:
            return "is not a number"
        if shape.values and f"{number:.15g}" not in shape.values:
            return f"is not allowed: {_listed(shape.values)}"
        limit = _exceeded_limit(shape, number)
        return limit and f"is out of range: {limit}"

    def text_problem(self, shape: Shape, value: Value) -> str | None:
        text = _text(value)
        if shape.values and text not in shape.values:
            return f"is not allowed: {_listed(shape.values)}"
        size = len(text.encode()) if shape.kind == "blob" else len(text)
        limit = _exceeded_limit(shape, size)
        if limit:
            return f"has {size} {'bytes' if shape.kind == 'blob' else 'characters'}, {limit}"
        if shape.pattern and not matches(shape.pattern, text):
            return f"does not match {shape.pattern}"
        return None

    def shown(self, node: Node) -> str:
        """Return the value for a message: shortened, or hidden if it may be a secret."""
        name = node.place.property
        may_be_secret = node.shape.sensitive or SECRET_NAME.search(name) or name in self.row.sensitive
        if may_be_secret or f"*.{name.rsplit('.', 1)[-1]}" in self.row.sensitive:
            return HIDDEN
        text = repr(node.scalar)
        return text if len(text) <= MAX_SHOWN_LENGTH else f"{text[:MAX_SHOWN_LENGTH]}…"

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


def _exceeded_limit(shape: Shape, size: float) -> str | None:
    """Return the limit that a number or a length exceeds."""
    if shape.minimum is not None and size < shape.minimum:
        return f"at least {shape.minimum:.15g}"
    return f"at most {shape.maximum:.15g}" if shape.maximum is not None and size > shape.maximum else None


def _listed(values: frozenset[str]) -> str:
    ordered = sorted(values, key=lambda value: (len(value), value) if value.isdigit() else (0, value))
    more = len(ordered) - MAX_SHOWN_VALUES
    return ", ".join(ordered[:MAX_SHOWN_VALUES]) + (f" and {more} more" if more > 0 else "")


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches: most patterns of the models have no anchors but mean the whole text."""
    return _compiled(pattern).fullmatch(text) is not None


@functools.cache
def _compiled(pattern: str) -> "regex.Pattern[str]":
    # The models have Java patterns, whose \w, \d and \s are ASCII. regex's ASCII flag would also narrow \p{L}.
    return regex.compile(pattern, 0 if r"\p" in pattern else regex.ASCII)
