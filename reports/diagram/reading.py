"""Reads the properties of recorded resources: typed, secrets unwrapped, in an order that doesn't depend on the run."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, cast

from reports.states import Recorded, State

Json: TypeAlias = Mapping[str, object]

# The key by which Pulumi marks a secret in a state.
_SECRET = "4dabf18193072939515e22adb298388d"  # noqa: S105  (a fixed signature of the state's format)


def _unwrapped(value: object) -> object:
    """Return a secret's value, any other value as it is; raise ValueError for a secret that is encrypted."""
    if not isinstance(value, Mapping) or _SECRET not in value:
        return value  # pyright: ignore[reportUnknownVariableType]
    secret = cast("Json", value)
    if "plaintext" not in secret:
        raise ValueError("the state's secrets are encrypted: export it with `--show-secrets`")
    return json.loads(str(secret["plaintext"]))


def _plain(value: object) -> object:
    """Return a value with the secrets in it unwrapped."""
    value = _unwrapped(value)
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in cast("Json", value).items()}
    return [_plain(entry) for entry in cast("list[object]", value)] if isinstance(value, list) else value


def value(resource: Recorded, *path: str | int) -> object:
    """Return an input by its path: names of properties, and positions in lists; None if it isn't set."""
    current: object = resource.inputs
    for step in path:
        current = _unwrapped(current)
        if isinstance(step, int):
            entries = cast("Sequence[object]", current or ())
            current = entries[step] if step < len(entries) else None
        else:
            current = cast("Json", current or {}).get(step)
    return _plain(current)


def text(resource: Recorded, *path: str | int) -> str:
    """Return a text, empty if it isn't set."""
    found = value(resource, *path)
    return "" if found is None else str(found)


def number(resource: Recorded, *path: str | int) -> int:
    """Return a whole number, 0 if it isn't set."""
    return int(float(text(resource, *path) or 0))


def objects(resource: Recorded, *path: str | int) -> Sequence[Json]:
    """Return a list of objects, also one that is recorded as JSON text."""
    found = value(resource, *path)
    return cast("Sequence[Json]", json.loads(found) if isinstance(found, str) else found or ())


def entries(of: Json, key: str) -> Sequence[Json]:
    """Return a list of objects inside another one."""
    return cast("Sequence[Json]", of.get(key) or ())


def within(of: Json, block: str, key: str) -> str:
    """Return a value in a block of an object as text, empty if it isn't set."""
    return str(cast("Json", of.get(block) or {}).get(key) or "")


def texts(resource: Recorded, *path: str | int) -> Sequence[str]:
    """Return a list of texts."""
    return [str(entry) for entry in cast("Sequence[object]", value(resource, *path) or ())]


def output(resource: Recorded, name: str) -> str:
    """Return an output as text: an address, an ARN."""
    return str(resource.outputs.get(name) or "")


def kind(resource: Recorded) -> str:
    """Return the type as this package writes it: `rds/instance` for aws:rds/instance:Instance."""
    provider, _, rest = resource.type.partition(":")
    return rest.partition(":")[0] if provider == "aws" else resource.type


@dataclass(frozen=True, kw_only=True)
class Stack:
    """The resources of one stack, by kind."""

    state: State

    @property
    def name(self) -> str:
        """Return the stack's name."""
        return self.state.stack

    @cached_property
    def application(self) -> str:
        """Return the Pulumi project, which is the application's name."""
        return next((resource.urn.split("::")[1] for resource in self.state.resources), "")

    @cached_property
    def region(self) -> str:
        """Return the region in which most resources are."""
        regions = Counter(region for r in self.state.resources if (region := output(r, "region")))
        return regions.most_common(1)[0][0] if regions else ""

    @cached_property
    def account(self) -> str:
        """Return the AWS account, as the ARNs name it."""
        arns = (output(resource, "arn") for resource in self.state.resources)
        return next((parts[4] for arn in arns if len(parts := arn.split(":")) > 4 and parts[4].isdigit()), "")

    def of(self, *kinds: str) -> Sequence[Recorded]:
        """Return the resources of some kinds in the stack's own region, by name."""
        return [resource for resource in self.everywhere(*kinds) if self._region(resource) == self.region]

    def elsewhere(self, *kinds: str) -> Sequence[Recorded]:
        """Return the resources of some kinds in another region: the copies for recovery."""
        return [resource for resource in self.everywhere(*kinds) if self._region(resource) != self.region]

    def everywhere(self, *kinds: str) -> Sequence[Recorded]:
        """Return the resources of some kinds in all regions, by name."""
        found = [resource for name in kinds for resource in self._by_kind.get(name, ())]
        return sorted(found, key=lambda resource: resource.urn)

    @cached_property
    def _by_kind(self) -> Mapping[str, Sequence[Recorded]]:
        kinds: dict[str, list[Recorded]] = {}
        for resource in self.state.resources:
            if not resource.is_component:
                kinds.setdefault(kind(resource), []).append(resource)
        return kinds

    def _region(self, resource: Recorded) -> str:
        return text(resource, "region") or self.region

    def short(self, name: str) -> str:
        """Return a physical name without what all names of the stack have in common."""
        name = name.removesuffix(f"-{self.account}")
        return name.removeprefix(f"{self.application}-{self.name}-").removeprefix(f"{self.application}/{self.name}/")
