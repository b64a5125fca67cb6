"""The constraints on an API operation's input, from botocore's service models.

For each member of a request a model has the pattern, allowed values, length, range, and whether it is required;
botocore itself enforces few of them. Reading the models takes seconds and the stand-ins start with every preview.
Therefore the constraints are compiled once per botocore version, in a separate process, into the user's cache folder:
one JSON file per operation (`botocore-1.44.5/wafv2.CreateWebACL.json`). No network is used.
"""

import functools
import gzip
import importlib.metadata
import importlib.util
import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from sandbox.cache import cache_folder, write_json
from sandbox.service_models.documented import LIMITS, Limit

# The version of the cached files' format: increment it when their content changes.
FORMAT: Final = 2

# Patterns that match any text, so they are no constraint.
MATCH_ALL: Final = frozenset({"", ".*", "(?s).*", r"[\s\S]*", r"[\S\s]*", r"^[\s\S]*$", r"(?s)^.*$"})

# The models write characters beyond U+FFFF as UTF-16 pairs, which is an error in a character class.
_SURROGATE_PAIRS: Final = r"\uD800\uDC00-\uDBFF\uDFFF"
_BEYOND_FFFF: Final = r"\U00010000-\U0010FFFF"

_lock = threading.Lock()


class ModelError(ValueError):
    """botocore has no such service or operation, or its models can't be read."""


@dataclass(kw_only=True)
class Shape:
    """One type of an operation's input, and its constraints.

    `kind` is botocore's: structure, list, map, string, integer, long, float, double, boolean, blob, timestamp.
    A map's `members` are the keys that have their own limit.
    `minimum` and `maximum` are a number's range, a text's length in characters, a blob's in bytes, or a list's length.
    """

    kind: str
    members: "Mapping[str, Shape]" = field(default_factory=dict[str, "Shape"])
    required: Sequence[str] = ()
    of: "Shape | None" = None
    key: "Shape | None" = None
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    values: frozenset[str] = frozenset()
    sensitive: bool = False

    @property
    def is_constrained(self) -> bool:
        """Whether the model limits the value, apart from its kind and being required."""
        return bool(self.pattern or self.values) or self.minimum is not None or self.maximum is not None

    @functools.cached_property
    def by_lower_name(self) -> Mapping[str, str]:
        """The members' names by their lower-case form."""
        return {name.lower(): name for name in self.members}


def request_shape(service: str, operation: str) -> Shape:
    """Return the shape of an operation's request; ModelError if botocore lacks the operation."""
    with _lock:
        return _request_shape(service, operation)


@functools.cache
def _request_shape(service: str, operation: str) -> Shape:
    file = _file(service, operation)
    if not file.exists():
        _compile_missing((service, operation))
    tables: Mapping[str, Any] = json.loads(file.read_text())
    return _Loader(tables["shapes"], LIMITS.get(service, {})).shape(tables["root"])


class _Loader:
    """Build shapes from an operation's cached tables, with the limits from the documentation."""

    def __init__(self, tables: Mapping[str, Mapping[str, Any]], limits: Mapping[str, Limit]) -> None:
        self.tables = tables
        self.limits = limits
        self.shapes: dict[str, Shape] = {}

    def shape(self, name: str) -> Shape:
        if name not in self.shapes:
            table = self.tables[name]
            # Stored before it is filled: a web ACL's statements are recursive.
            shape = self.shapes[name] = Shape(
                kind=table["kind"],
                required=table.get("required", ()),
                pattern=table.get("pattern"),
                minimum=table.get("minimum"),
                maximum=table.get("maximum"),
                values=frozenset(table.get("values", ())),
                sensitive=table.get("sensitive", False),
            )
            shape.members = {
                member: self.member(f"{name}.{member}", of) for member, of in table.get("members", {}).items()
            }
            shape.of = self.shape(table["of"]) if "of" in table else None
            shape.key = self.shape(table["key"]) if "key" in table else None
        return self.shapes[name]

    def member(self, name: str, of: str) -> Shape:
        """Return a structure's member, with the limits from its documentation."""
        shape = self.shape(of)
        if shape.kind == "map" and shape.of:
            named = {key: limit for key, limit in self.limits.items() if key.startswith(f"{name}.")}
            keys = {key.removeprefix(f"{name}."): _limited(shape.of, limit) for key, limit in named.items()}
            return replace(shape, members=keys) if keys else shape
        if name not in self.limits:
            return shape
        if shape.kind == "list" and shape.of:
            return replace(shape, of=_limited(shape.of, self.limits[name]))
        return _limited(shape, self.limits[name])


def _limited(shape: Shape, limit: Limit) -> Shape:
    return replace(
        shape,
        kind=limit.kind or shape.kind,
        pattern=limit.pattern or shape.pattern,
        minimum=shape.minimum if limit.minimum is None else limit.minimum,
        maximum=shape.maximum if limit.maximum is None else limit.maximum,
        values=frozenset(limit.values) or shape.values,
    )


# The cached files, and the process that compiles them.


def version() -> str:
    """Return the installed botocore's version."""
    return importlib.metadata.version("botocore")


def _file(service: str, operation: str) -> Path:
    return cache_folder() / f"service-models-{FORMAT}" / f"botocore-{version()}" / f"{service}.{operation}.json"


def _compile_missing(first: tuple[str, str]) -> None:
    """Compile the missing files of all operations in the table, in one process that reads each model once."""
    from sandbox.service_models.operations import all_operations

    missing = [first, *(o for o in all_operations() if o != first and not _file(*o).exists())]
    process = subprocess.run(
        [sys.executable, "-m", "sandbox.service_models.models", *(".".join(o) for o in missing)],
        check=False,
        capture_output=True,
        text=True,
    )
    if process.returncode:
        raise ModelError(f"botocore's model of {'.'.join(first)} can't be read: {process.stderr.strip()[-300:]}")


def _data_folder() -> Path:
    # Not by importing botocore, which takes longer than everything else here.
    found = importlib.util.find_spec("botocore")
    if found is None or not found.submodule_search_locations:
        raise ModelError("botocore isn't installed: run `make setup`")
    return Path(found.submodule_search_locations[0]) / "data"


def service_model(service: str) -> Mapping[str, Any]:
    """Return botocore's newest model of a service."""
    versions = sorted((_data_folder() / service).glob("*/service-2.json*"))
    if not versions:
        raise ModelError(f"botocore has no model of the service {service!r}")
    text = versions[-1].read_bytes()
    return json.loads(gzip.decompress(text) if versions[-1].suffix == ".gz" else text)


def regex_pattern(pattern: str) -> str:
    """Convert a model's pattern for the module `regex`."""
    return pattern.replace(_SURROGATE_PAIRS, _BEYOND_FFFF)


def compiled_operation(model: Mapping[str, Any], operation: str) -> dict[str, Any]:
    """Return an operation's constraints for the cache: its input's shape and all nested shapes."""
    if operation not in model["operations"]:
        raise ModelError(f"{model['metadata']['endpointPrefix']} has no operation {operation}")
    root = model["operations"][operation].get("input", {}).get("shape")
    tables: dict[str, Any] = {}
    waiting = [root] if root else []
    while waiting:
        name = waiting.pop()
        if name not in tables:
            tables[name], within = _table(model["shapes"][name])
            waiting.extend(within)
    return {"root": root or "Nothing", "shapes": tables or {"Nothing": {"kind": "structure"}}}


def _table(shape: Mapping[str, Any]) -> tuple[dict[str, Any], Iterable[str]]:
    """Return a shape's constraints and the names of its nested shapes."""
    table: dict[str, Any] = {"kind": shape["type"]}
    for ours, theirs in (("minimum", "min"), ("maximum", "max"), ("values", "enum"), ("sensitive", "sensitive"),
                         ("required", "required")):  # fmt: skip
        if theirs in shape:
            table[ours] = shape[theirs]
    if shape.get("pattern", "") not in MATCH_ALL:
        table["pattern"] = regex_pattern(shape["pattern"])
    within = {member: of["shape"] for member, of in shape.get("members", {}).items()}
    if within:
        table["members"] = within
    for ours, theirs in (("of", "member"), ("of", "value"), ("key", "key")):
        if theirs in shape:
            table[ours] = shape[theirs]["shape"]
    return table, [*within.values(), *(table[part] for part in ("of", "key") if part in table)]


def compile_models(names: Iterable[str]) -> None:
    """Write the files of operations with names like `wafv2.CreateWebACL`."""
    models: dict[str, Mapping[str, Any]] = {}
    for name in names:
        service, operation = name.split(".")
        if service not in models:
            models[service] = service_model(service)
        write_json(_file(service, operation), compiled_operation(models[service], operation))


if __name__ == "__main__":
    compile_models(sys.argv[1:])
