"""What a rule is, what it finds, and the message that a person reads."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from policies.engine.facts import Absent, Resource, Unknown
from policies.engine.graph import Found, Outside, Reference, Stack

# The text of a violation, or the unknown value that keeps the rule from deciding.
Verdict: TypeAlias = str | Unknown
# As Security Hub ranks its controls: by what an attacker gains, or what a failure costs.
Severity: TypeAlias = Literal["critical", "high", "medium", "low"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A verdict on a resource; None stands for the stack, which lacks something."""

    resource: Resource | None
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of the document.

    `id` is kebab-case and begins with its chapter, `section` is a heading of the document, `description` states the
    requirement in one sentence, `remedy` what to change. `controls` are the identifiers of the same requirement in AWS
    Foundational Security Best Practices (`RDS.8`) or the CIS AWS Foundations Benchmark (`CIS 3.6`).
    """

    id: str
    section: str
    description: str
    remedy: str
    severity: Severity = "medium"
    controls: tuple[str, ...] = ()

    def message(self, name: str, found: str) -> str:
        """Return the text of one violation by the resource of that name."""
        return f"{self.id}: {name}: {found}. {self.remedy} (document: {self.section})"


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule):
    """A rule that a resource's own inputs decide: it stops an `up` before the resource is created.

    `types` are the types that it judges; one that ends in a colon stands for a whole package.
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
    """A rule about relations between resources, or about a missing one: it stops the preview."""

    judge: Callable[[Stack], Iterable[Finding]]

    def findings(self, stack: Stack) -> Iterator[Finding]:
        """Judge the resources of a stack."""
        yield from self.judge(stack)


AnyRule: TypeAlias = ResourceRule | StackRule


def aws_type(module: str, name: str) -> str:
    """The type of one of a module's resources: `aws:iam/user:User`."""
    return f"aws:{module}/{name[0].lower()}{name[1:]}:{name}"


def violation(found: str, allowed: str) -> str:
    """Return the text of a violation: what was found, and what is allowed instead."""
    return f"{found}; allowed: {allowed}"


def findings(resource: Resource | None, verdicts: Iterable[Verdict]) -> Iterator[Finding]:
    """Return a finding for each verdict on a resource."""
    for verdict in verdicts:
        yield Finding(resource=resource, verdict=verdict)


def report(resource: Resource | None, found: str, allowed: str) -> Finding:
    """Return the finding of a violation by a resource, or by the stack as a whole."""
    return Finding(resource=resource, verdict=violation(found, allowed))


def unknowns(resource: Resource, *values: object) -> Iterator[Finding]:
    """A finding for each of the values that is unknown."""
    for value in values:
        if isinstance(value, Unknown):
            yield Finding(resource=resource, verdict=value)


def each_has(
    wholes: Iterable[Resource],
    parts: Iterable[Resource],
    whole_of: Callable[[Resource], Reference],
    *,
    lacking: str,
    judge: Callable[[Resource], Iterator[Finding]] | None = None,
) -> Iterator[Finding]:
    """What is `lacking` of each whole that no part is of, and what `judge` says of a whole's part.

    A part that may be of any of them keeps the rule from deciding that one has none.
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
            yield Finding(resource=whole, verdict=lacking)


def expect_reference(resource: Resource, key: str, stack: Stack, type_: str, what: str) -> Iterator[Finding]:
    """What of a property doesn't name a resource of this stack of that type."""
    match stack.refer(resource, resource.at(key), type_):
        case Found():
            pass
        case Unknown() as unknown:
            yield Finding(resource=resource, verdict=unknown)
        case Outside(text=text):
            yield report(resource, f"{key} is {text}", f"{what} of this stack")
        case Absent():
            yield report(resource, f"{key} isn't set", f"{what} of this stack")
