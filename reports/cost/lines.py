"""What the modules of the tiers share: a charged quantity, the stack that it belongs to, and how inputs are read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

from policies.engine.export import reveal
from reports.cost.usage import Usage
from reports.states import Recorded, State
from settings.stacks import PRIMARY

HOURS = 730
SECONDS = HOURS * 3600
MINUTES = HOURS * 60
WEEKS = 52 / 12
MILLION = 1_000_000
# AWS bills gigabytes of 2^30 bytes.
GB = 1024**3


@dataclass(frozen=True, kw_only=True)
class Line:
    """A quantity that AWS charges for, in the unit of its price; `how` is how the quantity is computed."""

    price: str
    quantity: float
    what: str
    how: str
    # Where it is charged, if not in the resource's own region.
    region: str = ""


class UnpricedError(ValueError):
    """A resource whose cost isn't known; the message says what is missing."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One stack beside the others, because a stack's cost depends on them: who replicates it, who probes it."""

    state: State
    others: Sequence[State]
    usage: Usage

    @property
    def name(self) -> str:
        """Return the stack's name."""
        return self.state.stack

    @property
    def serves(self) -> bool:
        """Return whether users are with this stack: the recovery stack only waits."""
        return self.name == PRIMARY

    @property
    def states(self) -> Sequence[State]:
        """Return the states of all stacks, this one's first."""
        return (self.state, *self.others)

    @property
    def family(self) -> Sequence["Stack"]:
        """Return all stacks, this one first."""
        rest = [
            Stack(state=state, others=[each for each in self.states if each is not state], usage=self.usage)
            for state in self.others
        ]
        return (self, *rest)

    def of_type(self, kind: str) -> Sequence[Recorded]:
        """Return the stack's resources of a type."""
        return of_type([self.state], kind)


Pricer: TypeAlias = Callable[[Recorded, Stack], Iterable[Line]]


def of_type(states: Iterable[State], kind: str) -> Sequence[Recorded]:
    """Return the resources of a type in some states."""
    return [resource for state in states for resource in state.resources if resource.type == kind]


def number(resource: Recorded, key: str, default: float | None = None) -> float:
    """Return a number among the inputs. Raise UnpricedError if it is missing and has no default."""
    value = resource.inputs.get(key, default)
    if not isinstance(value, (int, float, str)) or isinstance(value, bool):
        raise UnpricedError(f"its input {key} is {value!r}, expected a number")
    return float(value)


def text(resource: Recorded, key: str, default: str | None = None) -> str:
    """Return a text among the inputs. Raise UnpricedError if it is missing and has no default."""
    value = resource.inputs.get(key, default)
    if not isinstance(value, str):
        raise UnpricedError(f"its input {key} is {value!r}, expected a text")
    return value


def elements(resource: Recorded, key: str) -> Sequence[object]:
    """Return a list among the inputs, empty if it is missing; secret lists are revealed."""
    value = reveal(resource.inputs.get(key) or [])
    if not isinstance(value, list):
        raise UnpricedError(f"its input {key} is encrypted: export the state with --show-secrets")
    return cast("Sequence[object]", value)


def members(resource: Recorded, key: str) -> Sequence[Mapping[str, object]]:
    """Return a list of objects among the inputs."""
    return cast("Sequence[Mapping[str, object]]", elements(resource, key))


def region_of(resource: Recorded) -> str:
    """Return the region of a resource, or an empty text for global resources."""
    return str(resource.outputs.get("region") or "")


def hours(price: str, count: float, what: str, unit: str = "") -> Line:
    """Return what runs all month."""
    return Line(price=price, quantity=count * HOURS, what=what, how=f"{count:g} {unit or what} × {HOURS} h")


def each(price: str, count: float, what: str, how: str = "") -> Line:
    """Return what is charged by the piece and month."""
    return Line(price=price, quantity=count, what=what, how=how or f"{count:g}")
