"""The reference of all settings, docs/settings.md: one section per block, one row per setting that has a value."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic.fields import FieldInfo

from settings.base import Block, Location
from settings.parse import dotted_path
from settings.secrets import SECRETS, SecretSetting
from settings.shape import ValueType, block_in, names
from settings.stack import Settings

FILE = Path(__file__).parents[1] / "docs" / "settings.md"

INTRODUCTION = """\
# Settings

`make schema` writes this page from the models in `settings/`. The values are in
[Pulumi.production.yaml](../Pulumi.production.yaml) and [Pulumi.dr.yaml](../Pulumi.dr.yaml). Paths are relative to their
block: set one with `pulumi config set --path taskflow:rds.storage 220`. `[]` is an item of a list."""

TYPES: Mapping[object, str] = {bool: "boolean", int: "integer", str: "string", tuple: "list", Mapping: "map"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One setting: its dotted path, type, default (empty if required), allowed values and purpose.

    `within` is the path of the optional block above it: it is required only with that block.
    """

    path: str
    type: str
    default: str
    allowed: str
    purpose: str
    within: str = ""


def rows(declared: Sequence[SecretSetting] = SECRETS) -> Iterator[Row]:
    """Return the rows in the settings' order, secrets last."""
    for _, _, block_rows in _sections():
        yield from block_rows
    yield from map(_secret_row, declared)


def markdown(declared: Sequence[SecretSetting] = SECRETS) -> str:
    """Return the whole page in Markdown."""
    parts = [INTRODUCTION]
    for key, purpose, block_rows in _sections():
        parts.append(f"## {key}\n{purpose}\n\n{_table(block_rows, prefix=f'{key}.')}")
    commands = "Set by `pulumi config set --secret`; `make secrets` prints the commands."
    parts.append(f"## Secrets\n{commands}\n\n{_table(list(map(_secret_row, declared)), prefix='')}")
    return "\n\n".join(parts) + "\n"


def _sections() -> Iterator[tuple[str, str, Sequence[Row]]]:
    """Return each block's key, purpose and rows."""
    for name, info in names(Settings).items():
        block = block_in(info.annotation)
        if block:
            key = "aws" if name == "aws" else dotted_path((name,))
            yield key, _purpose(info), list(_rows(block, (name,)))


def _rows(model: type[Block], at: Location, within: str = "") -> Iterator[Row]:
    for name, info in names(model).items():
        block, location, kind = block_in(info.annotation), (*at, name), ValueType.of_field(info)
        path = dotted_path(location)
        if not block:
            yield Row(
                path=path,
                type=TYPES[kind.base],
                default=_default(info),
                allowed=_allowed(kind),
                purpose=_purpose(info),
                within=within,
            )
            continue
        for row in _rows(block, location, within if info.is_required() else path):
            yield replace(row, path=row.path.replace(path, f"{path}[]", 1)) if kind.base is tuple else row


def _secret_row(secret: SecretSetting) -> Row:
    return Row(
        path=secret.key,
        type="secret",
        default="" if secret.required else "none",
        allowed=secret.allowed or "any text",
        purpose=f"{secret.purpose[:1].upper()}{secret.purpose[1:]} ({' and '.join(secret.stacks)}).",
    )


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return ""
    default: object = info.get_default()
    return "none" if default is None else str(default).lower()


def _allowed(kind: ValueType) -> str:
    """Return what is allowed, for a list also in its items."""
    if kind.base is not tuple:
        return kind.allowed
    (item,) = kind.parts
    is_listed = item.choices and all(str(choice) in kind.allowed for choice in item.choices)
    return kind.allowed if is_listed else f"{kind.allowed}; each {item.allowed}"


def _purpose(info: FieldInfo) -> str:
    """Return a setting's description without its source."""
    return (info.description or "").partition(" Source: ")[0]


def _table(listed: Sequence[Row], *, prefix: str) -> str:
    lines = ["| Setting | Type | Default | Allowed | Purpose |", "|---|---|---|---|---|"]
    for row in listed:
        required = f"required with `{row.within.removeprefix(prefix)}`" if row.within else "required"
        default = f"`{row.default}`" if row.default else required
        cells = (f"`{row.path.removeprefix(prefix)}`", row.type, default, row.allowed, row.purpose)
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines)
