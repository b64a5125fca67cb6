"""What a rule is, what it may say of a resource, and what a person then reads."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from policies.engine.facts import Absent, Resource, Unknown
from policies.engine.graph import Found, Outside, Reference, Stack

# A fault in words, or the unknown that keeps the rule from deciding.
Verdict: TypeAlias = str | Unknown


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a rule says of a resource; None stands for the stack, where something is missing altogether."""

    resource: Resource | None
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of the document.

    `id` is kebab-case and begins with its chapter, `section` is a heading of the document, `description` says the rule
    in one sentence, `remedy` what to change.
    """

    id: str
    section: str
    description: str
    remedy: str

    def message(self, name: str, found: str) -> str:
        """Return the text of one violation by the resource of that name."""
        return f"{self.id}: {name}: {found}. {self.remedy} (document: {self.section})"


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule):
    """A rule that one resource's inputs decide: it stops an `up` before the resource is made.

    `types` are the types it judges; one that ends in a colon stands for a whole package.
    """

    types: tuple[str, ...]
    judge: Callable[[Resource], Iterable[Verdict]]

    def covers(self, kind: str) -> bool:
        """Whether it judges resources of this type."""
        return any(kind == covered or (covered.endswith(":") and kind.startswith(covered)) for covered in self.types)

    def findings(self, resource: Resource) -> Iterator[Finding]:
        """All it has to say of a resource; nothing of a type that it doesn't judge."""
        if self.covers(resource.type):
            for verdict in self.judge(resource):
                yield Finding(resource=resource, verdict=verdict)


@dataclass(frozen=True, kw_only=True)
class StackRule(Rule):
    """A rule about relations between resources, or about a missing one: the preview is its gate."""

    judge: Callable[[Stack], Iterable[Finding]]

    def findings(self, stack: Stack) -> Iterator[Finding]:
        """All it has to say of the stack's resources."""
        yield from self.judge(stack)


AnyRule: TypeAlias = ResourceRule | StackRule


def aws_type(module: str, name: str) -> str:
    """The type of one of a module's resources: `aws:iam/user:User`."""
    return f"aws:{module}/{name[0].lower()}{name[1:]}:{name}"


def violation(found: str, allowed: str) -> str:
    """Return the text of a violation: what was found, and what is allowed instead."""
    return f"{found}; allowed: {allowed}"


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
