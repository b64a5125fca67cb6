"""A rule, its findings, and the messages of its violations."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from policies.engine.facts import Absent, Node, Resource, Unknown
from policies.engine.graph import IDENTITY, Found, Outside, Reference, Stack

# The text of a violation, or the unknown value that leaves the rule undecided.
Verdict: TypeAlias = str | Unknown
# As Security Hub ranks its controls: by what an attacker gains, or what a failure costs.
Severity: TypeAlias = Literal["critical", "high", "medium", "low"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A verdict on a resource; None: on the stack, in which something is missing."""

    resource: Resource | None
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of the document.

    `id` is kebab-case and begins with its chapter, `section` is a heading of the document, `description` states the
    requirement as a fact, in one sentence, `remedy` what to change. `controls` are the identifiers of the same
    requirement in AWS Foundational Security Best Practices (`RDS.8`) or version 5.0.0 of the CIS AWS Foundations
    Benchmark (`CIS 3.6`).
    """

    id: str
    section: str
    description: str
    remedy: str
    severity: Severity = "medium"
    controls: tuple[str, ...] = ()

    def message(self, name: str, found: str) -> str:
        """Return the message of one violation by the resource of that name."""
        return f"{self.id}: {name}: {found}. {self.remedy} (document: {self.section})"


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule):
    """A rule about the inputs of one resource: a violation stops an `up` before the resource is created.

    `types` are the types that it judges; one that ends in a colon is a whole package.
    """

    types: tuple[str, ...]
    judge: Callable[[Resource], Iterable[Verdict]]

    def covers(self, kind: str) -> bool:
        """Whether it judges resources of this type."""
        return any(kind == covered or (covered.endswith(":") and kind.startswith(covered)) for covered in self.types)

    def findings(self, resource: Resource) -> Iterator[Finding]:
        """Judge a resource; one of another type has no findings."""
        if self.covers(resource.type):
            yield from findings(resource, self.judge(resource))


@dataclass(frozen=True, kw_only=True)
class StackRule(Rule):
    """A rule about relations between resources, or a missing resource: a violation stops the preview."""

    judge: Callable[[Stack], Iterable[Finding]]

    def findings(self, stack: Stack) -> Iterator[Finding]:
        """Judge the resources of a stack."""
        yield from self.judge(stack)


AnyRule: TypeAlias = ResourceRule | StackRule


def aws_type(module: str, name: str) -> str:
    """Return the type of a resource of an AWS module: `aws:iam/user:User`."""
    return f"aws:{module}/{name[0].lower()}{name[1:]}:{name}"


def violation(found: str, allowed: str) -> str:
    """Return the text of a violation: the value found, and the allowed one."""
    return f"{found}; allowed: {allowed}"


def findings(resource: Resource | None, verdicts: Iterable[Verdict]) -> Iterator[Finding]:
    """Return a finding for each verdict on a resource."""
    for verdict in verdicts:
        yield Finding(resource=resource, verdict=verdict)


def report(resource: Resource | None, found: str, allowed: str) -> Finding:
    """Return the finding of a violation by a resource, or by the stack as a whole."""
    return Finding(resource=resource, verdict=violation(found, allowed))


def unknowns(resource: Resource, *values: object) -> Iterator[Finding]:
    """Return a finding for each of the values that is unknown."""
    for value in values:
        if isinstance(value, Unknown):
            yield Finding(resource=resource, verdict=value)


def each_has(
    wholes: Iterable[Resource],
    parts: Iterable[Resource],
    whole_of: Callable[[Resource], Reference],
    *,
    missing: str,
    judge: Callable[[Resource], Iterator[Finding]] | None = None,
) -> Iterator[Finding]:
    """Require that each whole has a part, and judge the parts; `missing` is the violation of a whole without one.

    A part whose whole is unknown leaves it undecided whether any whole has none.
    """
    complete: set[str] = set()
    is_certain = True
    for part in parts:
        match whole_of(part):
            case Found(resource=whole):
                complete.add(whole.urn)
                yield from judge(part) if judge else ()
            case Unknown() as unknown:
                is_certain = False
                yield Finding(resource=part, verdict=unknown)
            case _:
                pass
    for whole in wholes:
        if is_certain and whole.urn not in complete:
            yield Finding(resource=whole, verdict=missing)


def expect_reference(
    resource: Resource,
    place: Node | str,
    stack: Stack,
    types: str | Sequence[str],
    kind: str,
    *,
    by: Sequence[str] = IDENTITY,
    absent: str = "",
    is_optional: bool = False,
    judge: Callable[[Resource], Iterable[Finding]] | None = None,
) -> Iterator[Finding]:
    """Require a reference to a resource of this stack, and judge that resource by `judge`.

    `kind` is its name with an article ("a role"), `by` are the outputs that the property may hold, `absent` is what AWS
    does if the property isn't set; `is_optional` allows that.
    """
    node = resource.at(place) if isinstance(place, str) else place
    name, allowed = ".".join(node.path), f"{kind} of this stack"
    match stack.refer(resource, node, *((types,) if isinstance(types, str) else types), by=by):
        case Found(resource=found):
            yield from judge(found) if judge else ()
        case Unknown() as unknown:
            yield Finding(resource=resource, verdict=unknown)
        case Outside(text=text):
            yield report(resource, f"{name} is {text}", allowed)
        case Absent() if not is_optional:
            yield report(resource, f"{name} isn't set{f': {absent}' if absent else ''}", allowed)
        case Absent():
            pass
