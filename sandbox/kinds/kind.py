"""What AWS and the provider answer for one resource type: ids, ARNs, computed outputs, generated and taken names.

Templates are format strings. Placeholders: `{hex}` (17 hex digits, new for each resource), `{hex8}`, `{hex32}`,
`{number}` (up to ten digits), `{octet}` (0 to 255), `{count}` (how often the resource was created), `{account}`,
`{region}`, `{id}`, `{name}` (the generated name or the program's), `{random}` (a value of the random provider),
`{in[property]}` (an input), and for one type each `{half}`, `{reach}` and `{issuer}` (see world.py).

Ids and ARNs have the form of AWS's Service Authorization Reference; the id is the one that the provider imports by.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sandbox.values import Value


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One resource type.

    - `outputs` are computed; AWS leaves `empty_outputs` empty.
    - `aws_defaults` are AWS's values for absent inputs; `provider_defaults` are filled in by the provider's Check.
    - `autoname` is the property whose value the provider generates, up to `autoname_max` characters.
    - `unique` is a property whose value must be unique in `unique_scope`, and only among the resources with the same
      value of `unique_within`, if it is set; `collision_error` is AWS's error.
    - `revision` is the computed output that counts the revisions which share an id; each has its own ARN.
    - `deletion_guard` is an input that prevents deletion; `deletion_error` is AWS's error.
    - `imported_by` is the property by which the provider imports, if it isn't the id. `import_values` are the inputs
      that AWS doesn't return, with the value that an import gives them; None for no value.
    - `change_errors` are inputs that can be removed from an existing resource but neither added nor changed, with the
      provider's error.
    """

    id: str
    outputs: Mapping[str, Value] = field(default_factory=dict[str, Value])
    aws_defaults: Mapping[str, Value] = field(default_factory=dict[str, Value])
    provider_defaults: Mapping[str, Value] = field(default_factory=dict[str, Value])
    empty_outputs: frozenset[str] = frozenset()
    autoname: str | None = None
    autoname_max: int = 255
    unique: str | None = None
    unique_within: str | None = None
    unique_scope: Literal["region", "account"] = "region"
    collision_error: str = ""
    is_regional: bool = True
    has_tags: bool = True
    is_stateful: bool = False
    revision: str | None = None
    deletion_guard: str | None = None
    deletion_error: str = ""
    imported_by: str | None = None
    import_values: Mapping[str, Value] = field(default_factory=dict[str, Value])
    change_errors: Mapping[str, str] = field(default_factory=dict[str, str])


def fill(template: Value, context: Mapping[str, object]) -> Value:
    """Fill a template, at any depth; KeyError for a placeholder that the context lacks."""
    if isinstance(template, str):
        return template.format_map(context)
    if isinstance(template, dict):
        return {name: fill(value, context) for name, value in template.items()}
    return [fill(item, context) for item in template] if isinstance(template, list) else template
