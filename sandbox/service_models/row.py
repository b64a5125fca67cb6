"""One row of the table: the API operation that creates a resource, and the members that its properties become."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Request:
    """The API operation that creates a resource, and where its properties are in the operation's request.

    Most properties need no entry in `names`. A property becomes the member of the same name, in any case, singular or
    plural. A list of one matches an object and an object a list of one. A map of tags becomes a list of pairs. JSON in
    a string becomes the structure that it contains. CloudFront's `Items` are the list itself.

    - `names` has the other properties. The key is a property's path without indexes (`versioningConfiguration.status`),
      or `*.name` at any depth. The value is the member's path from the structure of the parent property
      (`AccessConfig.Name`). With an operation first (`PutRetentionPolicy:retentionInDays`) it is a member of another
      operation's request, from its root. An empty value means the parent's structure, None no member of any request.
    - `set_by_provider` are members that the model requires and the provider sets, by their path in the request or as
      `*.Quantity` at any depth, with the name of another operation first (`PutRetentionPolicy:logGroupName`).
    - `omitted_if_zero` are properties that the provider omits from the request when they are 0.
    - `sensitive` are properties, as in `names`, that may hold secrets although the model doesn't mark them.
    """

    service: str
    operation: str
    names: Mapping[str, str | None] = field(default_factory=dict[str, "str | None"])
    set_by_provider: frozenset[str] = frozenset()
    omitted_if_zero: frozenset[str] = frozenset()
    sensitive: frozenset[str] = frozenset()

    @property
    def operations(self) -> list[tuple[str, str]]:
        """All operations of the row, each as service and operation."""
        further = {member.split(":")[0] for member in self.names.values() if member and ":" in member}
        return [(self.service, name) for name in (self.operation, *sorted(further))]


@dataclass(frozen=True, kw_only=True)
class NoRequest:
    """A resource type without an API operation that has a model, and the reason."""

    reason: str


Row = Request | NoRequest
