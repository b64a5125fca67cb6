"""The settings as a table, for the README: one row for each setting that has no settings below it, secrets last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pydantic.fields import FieldInfo

from settings.base import Block, Place
from settings.parse import path
from settings.secrets import SECRETS, SecretSetting
from settings.shape import block_in, kind_of, names
from settings.stack import Settings
from settings.values import Items


@dataclass(frozen=True, kw_only=True)
class Row:
    """One setting: its dotted path, the kind of its value, its default (empty if it is required), what it is for.

    `within` is the path of the block above it that may be left out: only with that one is it required.
    """

    path: str
    type: str
    default: str
    description: str
    within: str = ""


def rows(declared: Sequence[SecretSetting] = SECRETS) -> Iterator[Row]:
    """Give the table's rows in the settings' order."""
    for name, info in names(Settings).items():
        block = block_in(info.annotation)
        if block:
            yield from _rows(block, (name,))
    for secret in declared:
        description = f"{secret.purpose} ({' and '.join(secret.stacks)})"
        yield Row(path=secret.key, type="secret", default="" if secret.required else "none", description=description)


def markdown(declared: Sequence[SecretSetting] = SECRETS) -> str:
    """Give the table in Markdown."""
    lines = ["| Setting | Type | Default | Purpose |", "|---|---|---|---|"]
    for row in rows(declared):
        required = f"required with `{row.within}`" if row.within else "required"
        default = f"`{row.default}`" if row.default else required
        lines.append(f"| `{row.path}` | {row.type} | {default} | {row.description.replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"


def _rows(model: type[Block], at: Place, within: str = "") -> Iterator[Row]:
    for name, info in names(model).items():
        block, place = block_in(info.annotation), (*at, name)
        if block:
            for row in _rows(block, place, within if info.is_required() else path(place)):
                # What each block of a list has.
                is_list = isinstance(kind_of(info), Items)
                yield replace(row, path=row.path.replace(path(place), f"{path(place)}[]", 1)) if is_list else row
        else:
            yield _row(info, place, within)


def _row(info: FieldInfo, place: Place, within: str) -> Row:
    kind = kind_of(info)
    default: object = None if info.is_required() else info.get_default()
    shown = "" if info.is_required() else "none" if default is None else str(default).lower()
    return Row(
        path=path(place),
        type=kind.name if kind else "value",
        default=shown,
        description=info.description or "",
        within=within,
    )
