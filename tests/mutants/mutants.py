"""The mutants of a recorded state: each differs from it in one value, one option or one missing resource."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias, cast

from policies.engine.facts import Resource
from sandbox.service_models.operations import row_of
from sandbox.service_models.request import Node, build_requests
from sandbox.service_models.row import NoRequest
from sandbox.values import Value
from tests.mutants.documents import is_opening
from tests.mutants.edits import Edit, Path, Place, Surroundings, edits_of, places, put
from tests.mutants.figures import Figure, at
from tests.policies.watched import PROTECT

# What concerns protection, encryption, public access and retention, wherever it stands: by the name of the type or of
# a part of the path. Policy documents are part of it: they decide who has access.
IN_SCOPE: Final = re.compile(
    r"protect|deletion|delet|skip|final|force|lock|versioning|prevent|immutab|mutab"
    r"|kms|encrypt|tls|ssl|certificate|cipher|sse|secureTransport|token|protocol|signing|signature|rotation|secret"
    r"|public|acl|block|cidr|ingress|egress|principal|statement|policyArn|boundary|internal|securityGroup|ownership"
    r"|retention|lifecycle|expir|days$|backup|snapshot|archive|replicat",
    re.IGNORECASE,
)
# Names and texts for people, which contain such words.
OUT_OF_SCOPE: Final = re.compile(
    r"(^|\.)(\w*[dD]escription|comment|displayName|tags(\.\w+)?|name|ruleName|metricName|Name|id|Id|priority|rulePriority|Sid|Version)$"
)
# What another resource is known by.
_IDENTITY: Final = ("id", "arn", "name", "url", "bucket", "keyId", "identifier", "dnsName", "bucketRegionalDomainName")


# A type, a property and a kind of edit.
Group: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One change of a state: of the value at `path` (`edit`), of the option `protect`, or a resource left out.

    `property_name` is the path without indexes, `figure` a row of the conformance table that no longer holds.
    """

    stack: str
    urn: str
    type: str
    kind: str
    path: Path = ()
    edit: Edit | None = field(default=None, repr=False)
    figure: str = ""

    @property
    def property_name(self) -> str:
        """Return the path with `*` for each index; "(resource)" for a resource left out."""
        return ".".join("*" if isinstance(step, int) else step for step in self.path) or "(resource)"

    @property
    def group(self) -> Group:
        """Return the type, the property and the kind of the edit."""
        return (self.type, self.property_name, self.kind)

    @property
    def name(self) -> str:
        """Return the resource's logical name."""
        return self.urn.rsplit("::", 1)[-1]

    def __str__(self) -> str:
        return f"{self.stack} {self.type} {self.name} {'.'.join(map(str, self.path))} {self.kind}"


LEFT_OUT: Final = "left out"
UNPROTECTED: Final = "unprotected"


def mutants_of(resources: Sequence[Resource], outputs: Sequence[Resource], figures: Sequence[Figure]) -> list[Mutant]:
    """Return the mutants of a state, in its order; `resources` have its inputs, and `outputs` the outputs."""
    others = _Others(outputs)
    return [mutant for resource in resources for mutant in _mutants(resource, figures, others)]


def _mutants(resource: Resource, figures: Sequence[Figure], others: "_Others") -> Iterator[Mutant]:
    whole = Mutant(stack=resource.stack, urn=resource.urn, type=resource.type, kind=LEFT_OUT)
    own = [figure for figure in figures if figure.urn == resource.urn]
    if resource.type.startswith(("aws:", "random:")):
        yield replace(whole, figure=next((each.requirement for each in own if each.is_of_existence), ""))
    if resource.protect:
        yield replace(whole, kind=UNPROTECTED, path=(PROTECT,))
    choices = _choices(resource)
    seen: set[str] = set()
    for place in _places(resource, own):
        allowed = choices.get(_path_text(place.path), frozenset[str]())
        references = others.of(resource, place)
        near = Surroundings(
            path=place.path, choices=allowed, others=references or (), is_reference=references is not None
        )
        for edit in edits_of(place.value, near):
            if edit.kind == "removed" and _is_default(resource, place):
                continue
            changed = cast("Mapping[str, object]", put(resource.properties, place.path, edit.value))
            text = json.dumps((place.path[0], changed.get(str(place.path[0]))))
            if text not in seen and is_opening(resource.properties, place.path, edit):
                seen.add(text)
                figure = next((each.requirement for each in own if not each.holds_in(changed)), "")
                yield replace(whole, kind=edit.kind, path=place.path, edit=edit, figure=figure)
    for figure in own:
        for value in figure.unset_values():
            edit = Edit(kind="set", value=value)
            yield replace(whole, kind=edit.kind, path=figure.path, edit=edit, figure=figure.requirement)


def _places(resource: Resource, figures: Sequence[Figure]) -> Iterator[Place]:
    """Return the places of a resource that are in scope, and the containers of such places."""
    found = list(places(resource.properties))
    own = {place.path for place in found if _in_scope(resource, place) or any(f.covers(place.path) for f in figures)}
    above = {path[:depth] for path in own for depth in range(1, len(path))}
    return (place for place in found if place.path in own | above)


def _is_default(resource: Resource, place: Place) -> bool:
    """Whether the provider has added a value by itself: it does so again if the value is removed."""
    defaults = at(resource.properties, (*place.path[:-1], "__defaults"))
    return isinstance(defaults, list) and place.path[-1] in defaults


def _in_scope(resource: Resource, place: Place) -> bool:
    names = ".".join(step for step in place.path if isinstance(step, str))
    if not resource.type.startswith("aws:") or OUT_OF_SCOPE.search(names):
        return False
    is_leaf = not isinstance(place.value, Mapping | list)
    return is_leaf and bool(IN_SCOPE.search(f"{resource.type.rpartition(':')[0]}.{names}"))


def _path_text(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def _choices(resource: Resource) -> Mapping[str, frozenset[str]]:
    """Return the values that AWS's models allow, by the path of each property that has such a list."""
    row = row_of(resource.type) if resource.type.startswith("aws:") else NoRequest(reason="no API of AWS")
    if isinstance(row, NoRequest):
        return {}
    roots = build_requests(row, cast("Mapping[str, Value]", resource.properties)).roots.values()
    return {node.place.path: node.shape.values for root in roots for node in _nodes(root) if node.shape.values}


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for below in (*node.members.values(), *node.items, *node.pairs.values()):
        yield from _nodes(below)


class _Others:
    """The resources by the texts that they are known by, to point a reference to another one of the same type."""

    def __init__(self, outputs: Sequence[Resource]) -> None:
        self.owners: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        self.values: dict[tuple[str, str], list[str]] = defaultdict(list)
        for resource in outputs:
            for key in _IDENTITY:
                text = resource.properties.get(key)
                if isinstance(text, str) and text:
                    self.owners[text].append((resource.urn, resource.type, key))
                    self.values[resource.type, key].append(text)

    def of(self, resource: Resource, place: Place) -> Sequence[str] | None:
        """Return the texts of others of the type that a reference refers to; None if the text is no reference."""
        owners = self.owners.get(place.value, ()) if isinstance(place.value, str) else ()
        for urn, kind, key in owners:
            if urn != resource.urn:
                return [text for text in self.values[kind, key] if text != place.value]
        return None
