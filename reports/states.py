"""Reads a stack's recorded state: what exists after an `up`, in the sandbox (`make state`) or in AWS (an export)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import cast

from settings.stacks import STACKS

PROJECT = Path(__file__).resolve().parent.parent
# Where the Makefile records them.
FILES: Mapping[str, Path] = {stack: PROJECT / "build" / f"{stack}.state.json" for stack in STACKS}

PROVIDERS = "pulumi:providers:"


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One resource of a state; `parent` and `dependencies` are URNs."""

    urn: str
    type: str
    name: str
    inputs: Mapping[str, object] = field(repr=False)
    outputs: Mapping[str, object] = field(repr=False)
    id: str = ""
    parent: str = ""
    dependencies: Sequence[str] = ()
    is_protected: bool = False

    @property
    def is_component(self) -> bool:
        """Return whether it is a component of this program, which creates nothing in AWS itself."""
        return not self.id


@dataclass(frozen=True, kw_only=True)
class State:
    """The resources of a stack, in the order in which the engine created them."""

    stack: str
    resources: Sequence[Recorded]
    providers: Sequence[Recorded] = ()

    @cached_property
    def by_urn(self) -> Mapping[str, Recorded]:
        """Return the resources by URN."""
        return {resource.urn: resource for resource in self.resources}

    def ancestors(self, resource: Recorded) -> Iterator[Recorded]:
        """Return the components that contain a resource, the innermost first; the stack itself is the last."""
        while parent := self.by_urn.get(resource.parent):
            yield parent
            resource = parent

    def component(self, resource: Recorded) -> str:
        """Return the logical name of the outermost component that contains a resource: `network`, `database` …

        A resource outside every component is its own.
        """
        chain = [resource, *self.ancestors(resource)]
        return next((each.name for each in reversed(chain) if each.type != "pulumi:pulumi:Stack"), resource.name)


def read_state(stack: str, text: str) -> State:
    """Return the state in the JSON of `pulumi stack export`, without what is pending deletion; providers apart.

    Raise ValueError for any other JSON.
    """
    try:
        states = cast("Sequence[Mapping[str, object]]", json.loads(text)["deployment"]["resources"])
        recorded = [_recorded(state) for state in states if not state.get("delete")]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an exported state: {error!r}") from error
    return State(
        stack=stack,
        resources=[each for each in recorded if not each.type.startswith(PROVIDERS)],
        providers=[each for each in recorded if each.type.startswith(PROVIDERS)],
    )


def load_state(stack: str) -> State:
    """Return the recorded state of a stack, which the Makefile has made."""
    return read_state(stack, FILES[stack].read_text(encoding="utf-8"))


def _recorded(state: Mapping[str, object]) -> Recorded:
    return Recorded(
        urn=str(state["urn"]),
        type=str(state["type"]),
        name=str(state["urn"]).rpartition("::")[2],
        inputs=cast("Mapping[str, object]", state.get("inputs") or {}),
        outputs=cast("Mapping[str, object]", state.get("outputs") or {}),
        id=str(state.get("id") or ""),
        parent=str(state.get("parent") or ""),
        dependencies=tuple(cast("Sequence[str]", state.get("dependencies") or ())),
        is_protected=bool(state.get("protect", False)),
    )
