"""The resources that the engine passes to the pack in the preview after an interrupted `up`.

For an existing, unchanged resource it passes the outputs in the state. For a missing one it passes the inputs, in which
every output of another missing resource is unknown. (AnalyzeResources in the engine's step generator; in
tests/engine/test_interrupted.py the engine itself previews such a stack.)
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from tests.engine.both import StackLifecycle
from tests.policies.plan import UNKNOWN

State = Mapping[str, object]

# The engine's mark for a special value, such as a secret, whose contents a preview's events don't show.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
# Shorter texts, such as `true`, may come from any resource.
_MIN_DISTINCT = 8
# Outputs that depend on the provider, not on the resource.
_OF_THE_PROVIDER = ("region", "tagsAll")


@dataclass(frozen=True, kw_only=True)
class Interrupted:
    """A stack's recorded state, in the order of creation, and the inputs of its first preview.

    `planned` has the inputs by URN, as in the engine's events.
    """

    states: Sequence[State]
    planned: Mapping[str, State]
    computed: Mapping[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        computed = {_urn(state): frozenset(_computed(state)) for state in self.states}
        object.__setattr__(self, "computed", computed)

    @classmethod
    def of(cls, life: StackLifecycle) -> "Interrupted":
        """Return the stack of a recorded life cycle."""
        return cls(states=life.resources, planned={planned.urn: planned.inputs for planned in life.preview.planned})

    def after(self, created: int, *, computes: bool = False) -> list[State]:
        """Return the stack as the engine passes it when only the first `created` resources exist.

        `computes` is whether the provider announces in a preview which outputs it will compute, as AWS's does.
        """
        missing = frozenset(_urn(state) for state in self.states[created:])
        return [
            self._as_planned(state, missing, computes=computes) if _urn(state) in missing else state
            for state in self.states
        ]

    def _as_planned(self, state: State, missing: frozenset[str], *, computes: bool) -> State:
        final, planned = _mapping(state.get("inputs")), self.planned[_urn(state)]
        dependencies = cast("Mapping[str, Sequence[str]]", state.get("propertyDependencies") or {})
        inputs = {
            key: self._known(value, planned.get(key, value), _Sources(self, dependencies.get(key, ()), missing))
            for key, value in final.items()
            if not key.startswith("__")
        }
        outputs: dict[str, object] = dict(inputs)
        if computes:
            outputs = {**dict.fromkeys(_mapping(state.get("outputs")), UNKNOWN), "id": UNKNOWN, **inputs}
        return {**state, "id": "", "inputs": inputs, "outputs": outputs}

    def _known(self, final: object, planned: object, sources: "_Sources") -> object:
        """Return a value in which the outputs of missing resources are unknown."""
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
        # A value without any output's text was computed from one: it is known once all sources exist.
        is_known = not sources.is_missing_in(final) and sources.is_existing_in(final)
        return final if is_known else UNKNOWN

    def _hidden(self, final: object, sources: "_Sources") -> object:
        """Return a secret, which a preview's events don't show, in plain text and with its unknowns."""
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
    """The resources that a property depends on, and the outputs of those that are missing."""

    def __init__(self, stack: Interrupted, urns: Sequence[str], missing: frozenset[str]) -> None:
        self.missing = missing.intersection(urns)
        self._to_compute = frozenset(text for urn in self.missing for text in stack.computed[urn])
        self._computed = frozenset(text for urn in urns if urn not in self.missing for text in stack.computed[urn])

    def is_missing_in(self, value: object) -> bool:
        """Whether a value contains a missing output, other than as a part of an existing one."""
        return any(
            text in found and not any(text in other and other in found for other in self._computed)
            for found in _texts(value)
            for text in self._to_compute
        )

    def is_existing_in(self, value: object) -> bool:
        """Whether a value contains an existing output."""
        return any(text in found for found in _texts(value) for text in self._computed)


def _computed(state: State) -> frozenset[str]:
    """Return the texts of a resource's outputs that its inputs don't contain."""
    outputs = {key: value for key, value in _mapping(state.get("outputs")).items() if key not in _OF_THE_PROVIDER}
    return _texts(outputs) - _texts(state.get("inputs"))


def cut_points(total: int, count: int) -> list[int]:
    """Return `count` numbers evenly spread from 0 to `total`."""
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
    if isinstance(value, str) and len(value) >= _MIN_DISTINCT:
        yield value
    for member in (*_mapping(value).values(), *_elements(value)):
        yield from _texts_in(member)
