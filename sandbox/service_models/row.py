"""What a row says of a resource type: the API operation that its inputs become, and the names that differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Request:
    """The API operation that creates a resource, and where its inputs stand in the operation's request.

    Most names need no entry: a property is the member of the same name whatever the case, in the singular or the
    plural; a list of one is an object, and an object a list of one; a map of tags is a list of pairs; JSON in a text
    is the structure that it holds; CloudFront's `Items` are the list itself.

    `names` gives the others: a property's path without its indexes (`versioningConfiguration.status`), or `*.name` for
    a property at any depth, and the member's path from the structure in which the parent property stands
    (`AccessConfig.Name`). A target that begins with an operation (`PutRetentionPolicy:retentionInDays`) is a member of
    another operation's request, from its root; an empty target is the parent's own structure; None is a property that
    no request has.

    `provided` are members that the model requires and the provider fills in, by their path in the request or as
    `*.Quantity` at any depth; the name of another operation goes before its own (`PutRetentionPolicy:logGroupName`).
    `unset_by_zero` are properties that the provider omits from the request when they are 0.
    `hidden` are properties whose values may be secrets although the model doesn't call them sensitive, as in `names`.
    """

    service: str
    operation: str
    names: Mapping[str, str | None] = field(default_factory=dict[str, "str | None"])
    provided: frozenset[str] = frozenset()
    unset_by_zero: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()

    @property
    def operations(self) -> list[tuple[str, str]]:
        """All operations of the row, each as service and operation."""
        further = {target.split(":")[0] for target in self.names.values() if target and ":" in target}
        return [(self.service, name) for name in (self.operation, *sorted(further))]


@dataclass(frozen=True, kw_only=True)
class NoRequest:
    """A resource type that no operation with a model creates, and why."""

    reason: str


Row = Request | NoRequest
