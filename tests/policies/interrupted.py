"""What the pack is asked in the preview of an `up` that goes on where another one stopped.

For a resource that was made, and is the same, the engine shows the outputs that its state has. For one that is still
to be made it shows what a preview knows of it: its inputs, in which everything is unknown that comes from another
resource to be made. (AnalyzeResources in the engine's step generator; tests/engine/test_interrupted.py has the engine
itself preview such a stack.)
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from tests.engine.both import BroughtUp
from tests.policies.plan import UNKNOWN

State = Mapping[str, object]

# The engine's mark for a special value, such as a secret: what is in it isn't shown in a preview's events.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
# Shorter texts, such as `true`, may be anybody's.
_TELLING = 8
# Outputs that follow from the provider, and say nothing of the resource.
_OF_THE_PROVIDER = ("region", "tagsAll")


@dataclass(frozen=True, kw_only=True)
class Interrupted:
    """A stack's recorded state, resource by resource in the order of their making, and the inputs of its first preview.

    `planned` has the inputs by URN, as the engine's events have them.
    """

    states: Sequence[State]
    planned: Mapping[str, State]
    computed: Mapping[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        computed = {_urn(state): frozenset(_computed(state)) for state in self.states}
        object.__setattr__(self, "computed", computed)

    @classmethod
    def of(cls, life: BroughtUp) -> "Interrupted":
        """Return the stack of a recorded life."""
        return cls(states=life.resources, planned={planned.urn: planned.inputs for planned in life.preview.planned})

    def after(self, made: int, *, computes: bool = False) -> list[State]:
        """Return the stack as the pack sees it when only the first `made` resources exist.

        `computes` is whether the provider says in a preview which outputs it will compute, as AWS's own does.
        """
        missing = frozenset(_urn(state) for state in self.states[made:])
        return [
            self._to_be_made(state, missing, computes=computes) if _urn(state) in missing else state
            for state in self.states
        ]

    def _to_be_made(self, state: State, missing: frozenset[str], *, computes: bool) -> State:
        final, planned = _mapping(state.get("inputs")), self.planned[_urn(state)]
        made_from = cast("Mapping[str, Sequence[str]]", state.get("propertyDependencies") or {})
        inputs = {
            key: self._known(value, planned.get(key, value), _Sources(self, made_from.get(key, ()), missing))
            for key, value in final.items()
            if not key.startswith("__")
        }
        outputs: dict[str, object] = dict(inputs)
        if computes:
            outputs = {**dict.fromkeys(_mapping(state.get("outputs")), UNKNOWN), "id": UNKNOWN, **inputs}
        return {**state, "id": "", "inputs": inputs, "outputs": outputs}

    def _known(self, final: object, planned: object, sources: "_Sources") -> object:
        """Return a value with everything unknown in it that is made from a missing resource."""
        if not sources.missing:
            return final
        members, shown = _mapping(final), _mapping(planned)
        if _SIGNATURE in shown:
            return self._hidden(final, sources)
        if members and shown:
            return {key: self._known(member, shown.get(key, member), sources) for key, member in members.items()}
        elements, places = _elements(final), _elements(planned)
        if elements and places:
            pairs = zip(elements, places, strict=True)
            return [self._known(element, place, sources) for element, place in pairs]
        if planned != UNKNOWN:
            return final
        # What shows nothing of any resource was computed from one: it is known once all of them are made.
        is_known = not sources.is_missing_in(final) and sources.is_made_in(final)
        return final if is_known else UNKNOWN

    def _hidden(self, final: object, sources: "_Sources") -> object:
        """Return a secret, of which a preview's events show nothing, opened and with its unknowns."""
        members = _mapping(final)
        if _SIGNATURE in members:
            return self._hidden(json.loads(str(members["plaintext"])), sources)
        if members:
            return {key: self._hidden(member, sources) for key, member in members.items()}
        elements = _elements(final)
        if elements:
            return [self._hidden(element, sources) for element in elements]
        return UNKNOWN if sources.is_missing_in(final) else final


class _Sources:
    """The resources that a property is made from, and what those compute that are still to be made."""

    def __init__(self, stack: Interrupted, urns: Sequence[str], missing: frozenset[str]) -> None:
        self.missing = missing.intersection(urns)
        self._to_compute = frozenset(text for urn in self.missing for text in stack.computed[urn])
        self._computed = frozenset(text for urn in urns if urn not in self.missing for text in stack.computed[urn])

    def is_missing_in(self, value: object) -> bool:
        """Whether a value holds something that is still to be computed: not as a part of what was computed."""
        return any(
            text in found and not any(text in other and other in found for other in self._computed)
            for found in _texts(value)
            for text in self._to_compute
        )

    def is_made_in(self, value: object) -> bool:
        """Whether a value holds something that was computed."""
        return any(text in found for found in _texts(value) for text in self._computed)


def _computed(state: State) -> frozenset[str]:
    """Return the texts that a resource has once it was made, and not before."""
    outputs = {key: value for key, value in _mapping(state.get("outputs")).items() if key not in _OF_THE_PROVIDER}
    return _texts(outputs) - _texts(state.get("inputs"))


def shares(total: int, count: int) -> list[int]:
    """Return `count` numbers spread over all from 0 to `total`."""
    return [total * part // (count - 1) for part in range(count)]


def _urn(state: State) -> str:
    return str(state["urn"])


def _mapping(value: object) -> State:
    return cast("State", value) if isinstance(value, Mapping) else {}


def _elements(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _texts(value: object) -> frozenset[str]:
    return frozenset(_texts_in(value))


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str) and len(value) >= _TELLING:
        yield value
    for member in (*_mapping(value).values(), *_elements(value)):
        yield from _texts_in(member)
