"""The SDK's types as data, and the check of a resource's inputs against them.

Importing an SDK takes seconds and the stand-ins start with every preview. Therefore the types are read once per SDK
version, in a separate process, into the user's cache folder: one JSON file per service (`aws-7.51.1/ec2.json`).
Checked are names, nesting, required properties and kinds of scalars. Not checked here: enums, JSON in strings, and
properties that only AWS requires.
"""

import functools
import importlib
import importlib.metadata
import inspect
import json
import keyword
import subprocess
import sys
import typing
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, UnionType

from sandbox.cache import cache_folder, write_json
from sandbox.values import UNKNOWN, Value

# The version of the cached files' format: increment it when their content changes.
FORMAT = 2

PACKAGES = {"aws": "pulumi_aws", "random": "pulumi_random"}
PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int, float),
    "array": (list,),
    "map": (dict,),
    "object": (dict,),
}
# bool comes first: it is a subclass of int.
PYTHON_SCALARS: Sequence[tuple[type, str]] = ((bool, "boolean"), (str, "string"), (int, "integer"), (float, "number"))
ASSET_SIGNATURE = "4dabf18193072939515e22adb298388d"


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One input that violates the SDK's types: the property's path and the reason."""

    path: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The type of a property: a scalar, `any`, or an array, map or object of further shapes."""

    kind: str
    of: "Shape | None" = None
    fields: "Mapping[str, Field] | None" = None


@dataclass(frozen=True, kw_only=True)
class Field:
    """One property of a resource or of a nested object."""

    shape: Shape
    required: bool


@dataclass(frozen=True, kw_only=True)
class ResourceShape:
    """The inputs of a resource type, and the names of its outputs."""

    inputs: Mapping[str, Field]
    outputs: frozenset[str]


class UnknownTypeError(ValueError):
    """The SDK has no such resource type."""


def resource_shape(token: str) -> ResourceShape:
    """Return the shape of a type such as `aws:ec2/vpc:Vpc`; UnknownTypeError if the SDK lacks it."""
    package, module, _ = token.split(":")
    service = module.split("/")[0]
    shapes = _service(package, service)
    if token not in shapes:
        raise UnknownTypeError(f"{PACKAGES[package]} {_version(package)} has no resource type {token}")
    return shapes[token]


def check(token: str, inputs: Mapping[str, Value]) -> list[Violation]:
    """Check inputs (camelCase, secrets as plain values, unknown values as UNKNOWN) against the SDK's types."""
    return list(_check_fields("", inputs, resource_shape(token).inputs))


def _check_fields(path: str, values: Mapping[str, Value], fields: Mapping[str, Field]) -> Iterator[Violation]:
    for name, value in values.items():
        if name in fields:
            yield from _check_value(f"{path}{name}", value, fields[name].shape)
        elif not name.startswith("__"):
            yield Violation(path=f"{path}{name}", reason="the SDK has no such property")
    for name, field in fields.items():
        if field.required and values.get(name) is None:
            yield Violation(path=f"{path}{name}", reason="missing, required by the SDK")


def _check_value(path: str, value: Value, shape: Shape) -> Iterator[Violation]:
    if value is None or value == UNKNOWN or shape.kind == "any":
        return
    if not _is_kind(value, shape.kind):
        article = "an" if shape.kind[0] in "aio" else "a"
        yield Violation(path=path, reason=f"{article} {shape.kind} is expected, not {_describe(value)}")
    elif isinstance(value, list) and shape.of:
        for index, item in enumerate(value):
            yield from _check_value(f"{path}[{index}]", item, shape.of)
    elif isinstance(value, dict) and shape.of:
        for key, item in value.items():
            yield from _check_value(f"{path}.{key}", item, shape.of)
    elif isinstance(value, dict) and shape.fields is not None and ASSET_SIGNATURE not in value:
        yield from _check_fields(f"{path}.", value, shape.fields)


def _is_kind(value: Value, kind: str) -> bool:
    if isinstance(value, bool) and kind != "boolean":
        return False
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, PYTHON_TYPES[kind])


def _describe(value: Value) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    return f"{type(value).__name__} {value!r}"


# The cached tables, and the process that writes them.


def _version(package: str) -> str:
    return importlib.metadata.version(PACKAGES[package].replace("_", "-"))


@functools.cache
def _service(package: str, service: str) -> Mapping[str, ResourceShape]:
    file = cache_folder() / f"shapes-{FORMAT}" / f"{package}-{_version(package)}" / f"{service}.json"
    if not file.exists():
        process = subprocess.run(
            [sys.executable, "-m", "sandbox.shapes", package, service, str(file)],
            check=False,
            capture_output=True,
            text=True,
        )
        if process.returncode:
            raise UnknownTypeError(f"{PACKAGES[package]} has no service {service!r}: {process.stderr.strip()[-300:]}")
    tables: Mapping[str, Mapping[str, typing.Any]] = json.loads(file.read_text())
    objects: dict[str, Shape] = {}
    return {token: _load_resource(table, tables["objects"], objects) for token, table in tables["resources"].items()}


def _load_resource(
    table: Mapping[str, typing.Any], tables: Mapping[str, typing.Any], objects: dict[str, Shape]
) -> ResourceShape:
    return ResourceShape(inputs=_load_fields(table["inputs"], tables, objects), outputs=frozenset(table["outputs"]))


def _load_fields(
    table: Mapping[str, typing.Any], tables: Mapping[str, typing.Any], objects: dict[str, Shape]
) -> Mapping[str, Field]:
    return {
        name: Field(shape=_load_shape(shape, tables, objects), required=required)
        for name, (shape, required) in table.items()
    }


def _load_shape(
    table: str | Sequence[typing.Any], tables: Mapping[str, typing.Any], objects: dict[str, Shape]
) -> Shape:
    if isinstance(table, str):
        return Shape(kind=table)
    kind, of = table
    if kind != "object":
        return Shape(kind=kind, of=_load_shape(of, tables, objects))
    if of not in objects:
        fields: dict[str, Field] = {}
        # Stored before it is filled: a web ACL's statements are recursive.
        objects[of] = Shape(kind="object", fields=fields)
        fields.update(_load_fields(tables[of], tables, objects))
    return objects[of]


class _Reader:
    """Convert one service's SDK module to tables, in the process that writes them."""

    def __init__(self) -> None:
        import pulumi

        self.output = pulumi.Output
        self.objects: dict[str, dict[str, typing.Any]] = {}

    def resources(self, module: ModuleType) -> dict[str, typing.Any]:
        import pulumi

        tables: dict[str, typing.Any] = {}
        members = typing.cast("Mapping[str, object]", vars(module))
        for name, cls in members.items():
            if (
                isinstance(cls, type)
                and issubclass(cls, pulumi.CustomResource)
                and cls.__module__.startswith(module.__name__)
            ):
                tables[getattr(cls, "pulumi_type")] = self._resource(name, cls)  # noqa: B009  (missing in the base class)
        return tables

    def _resource(self, name: str, cls: type) -> dict[str, typing.Any]:
        import pulumi._types as types

        module = importlib.import_module(cls.__module__)
        # The SDK uses this suffix where the name is also a property's type: BucketVersioningInitArgs.
        args = getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args", None)
        outputs = types.resource_py_to_pulumi_names(cls)
        return {
            "inputs": self._fields(args) if args else {},
            "outputs": sorted(outputs.values()),
        }

    def _fields(self, args: type) -> dict[str, typing.Any]:
        import pulumi._types as types

        names = types.input_type_py_to_pulumi_names(args)
        hints = types.input_type_types(args)
        parameters = inspect.signature(args.__init__).parameters
        return {
            camel: [self._shape(hints[camel]), parameters[snake].default is inspect.Parameter.empty]
            for snake, camel in names.items()
        }

    def _shape(self, hint: typing.Any) -> typing.Any:
        import pulumi._types as types

        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin in (typing.Union, UnionType):
            return self._union(arguments)
        if isinstance(hint, type) and types.is_input_type(hint):
            return self._object(hint)
        if origin is Sequence or origin is list:
            return ["array", self._shape(arguments[0])]
        if origin is Mapping or origin is dict:
            return ["map", self._shape(arguments[1])]
        return next(
            (kind for scalar, kind in PYTHON_SCALARS if isinstance(hint, type) and issubclass(hint, scalar)), "any"
        )

    def _union(self, arguments: Sequence[typing.Any]) -> typing.Any:
        # Input[T] is Union[T, Awaitable[T], Output[T]]: without the last two, T or several types remain.
        plain = [a for a in arguments if a is not type(None) and typing.get_origin(a) not in (Awaitable, self.output)]
        shapes = [self._shape(a) for a in plain]
        return shapes[0] if len(shapes) == 1 or all(s == shapes[0] for s in shapes) else "any"

    def _object(self, hint: type) -> typing.Any:
        name = f"{hint.__module__}.{hint.__name__}"
        if name not in self.objects:
            self.objects[name] = {}
            self.objects[name].update(self._fields(hint))
        return ["object", name]


def _write_tables(package: str, service: str, file: Path) -> None:
    root = PACKAGES[package]
    folder = f"{service}_" if keyword.iskeyword(service) else service
    module = importlib.import_module(root if service == "index" else f"{root}.{folder}")
    getattr(module, "any_name", None)  # the SDK loads a service when an attribute is first accessed
    reader = _Reader()
    tables = {"resources": reader.resources(module), "objects": reader.objects}
    write_json(file, tables)


if __name__ == "__main__":
    _write_tables(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
