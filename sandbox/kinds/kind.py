"""What a row says of a resource type: ids, ARNs, computed outputs, generated names, names that are taken.

Templates are filled like format strings. Placeholders: `{hex}` (17 hex digits, new for each thing), `{hex8}`,
`{hex32}`, `{number}` (up to ten digits), `{octet}` (0 to 255), `{account}`, `{region}`, `{id}`, `{name}` (generated or
given), `{random}` (a text as random's provider makes it) and `{in[property]}` (an input).

The shapes of ids and ARNs are those of AWS's Service Authorization Reference; which id a resource goes by is what the
provider uses for import.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sandbox.values import Value


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What AWS answers for one resource type.

    `outputs` are computed, `answers` are what AWS makes of an absent input, `defaults` are inputs that the provider's
    own Check fills in, and `absent` lists computed outputs that AWS leaves empty. `autoname` is the property that the
    provider generates a name for. `unique` is one whose value must be new in its scope (with `unique_within`, for the
    same value of that property); `collision` is what AWS says otherwise. `guard` is an input by which AWS refuses to
    delete a thing, and `guarded` what it says then. `unmovable` are inputs that may be taken away from what exists, but
    neither given to it nor changed, with what the provider says otherwise.
    """

    id: str
    outputs: Mapping[str, Value] = field(default_factory=dict[str, Value])
    answers: Mapping[str, Value] = field(default_factory=dict[str, Value])
    defaults: Mapping[str, Value] = field(default_factory=dict[str, Value])
    absent: frozenset[str] = frozenset()
    autoname: str | None = None
    autoname_max: int = 255
    unique: str | None = None
    unique_within: str | None = None
    unique_scope: Literal["region", "account"] = "region"
    collision: str = ""
    regional: bool = True
    tags: bool = True
    stateful: bool = False
    guard: str | None = None
    guarded: str = ""
    unmovable: Mapping[str, str] = field(default_factory=dict[str, str])


def fill(template: Value, context: Mapping[str, object]) -> Value:
    """Fill a template, at any depth; KeyError for a placeholder that the context lacks."""
    if isinstance(template, str):
        return template.format_map(context)
    if isinstance(template, dict):
        return {name: fill(value, context) for name, value in template.items()}
    return [fill(item, context) for item in template] if isinstance(template, list) else template
