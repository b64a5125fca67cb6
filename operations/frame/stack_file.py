"""Changes of a stack's file by a command: settings by dotted path. Comments, order and quotes stay as they are.

Pulumi deploys the stack as its file describes it, so a command changes the file first, and people commit it.
"""

import io
import os
import shutil
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML

from operations.frame.errors import ExitCode, OperationError
from settings.errors import SettingsError
from settings.load import load_file
from settings.stack import PROJECT
from settings.stack_file import StackFileError

# Written as a value: the setting is removed.
REMOVED = object()
_MISSING = object()


@dataclass(frozen=True, kw_only=True)
class SettingChange:
    """A setting that differs: its path in the file, and both values in words."""

    path: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{PROJECT}:{self.path}: {self.before} → {self.after}"


def change_settings(folder: Path, stack: str, values: Mapping[str, object]) -> Sequence[SettingChange]:
    """Set values by path, such as `rds.promoted`, in a stack's file; return what differs.

    A value is text, a number, a boolean, a list or a mapping; REMOVED removes the setting. Blocks that are missing are
    created. OperationError if the result isn't valid: then the file stays as it was. The file is replaced at once, so
    that a killed command leaves either the old or the new one.
    """
    file = folder / f"Pulumi.{stack}.yaml"
    text, changes = _changed(file, stack, values)
    if changes:
        _replace(file, text)
    return changes


@contextmanager
def tried_settings(folder: Path, stack: str, values: Mapping[str, object]) -> Generator[Sequence[SettingChange]]:
    """Change settings as `change_settings` does while the block runs, such as for a preview; then undo it.

    A command that is killed meanwhile leaves the new settings in it.
    """
    file = folder / f"Pulumi.{stack}.yaml"
    text, changes = _changed(file, stack, values)
    if not changes:
        yield changes
        return
    before = file.read_text(encoding="utf-8")
    try:
        _replace(file, text)
        yield changes
    finally:
        _replace(file, before)


def _changed(file: Path, stack: str, values: Mapping[str, object]) -> tuple[str, Sequence[SettingChange]]:
    """Return the file's text with the values, and what differs; OperationError unless the result is valid."""
    yaml = _yaml()
    try:
        root: Any = yaml.load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise OperationError(f"{file.name} can't be read: {error.strerror}", code=ExitCode.USAGE) from error
    changes = [each for path, value in values.items() if (each := _set(root["config"], path, value))]
    stream = io.StringIO()
    yaml.dump(root, stream)
    text = stream.getvalue()
    if changes:
        _validate(file, stack, text)
    return text, changes


def _yaml() -> YAML:
    """Return a parser that writes a file of this project as it read it."""
    yaml = YAML()
    yaml.preserve_quotes = True
    # No line is folded.
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _set(config: dict[str, Any], path: str, value: object) -> SettingChange | None:
    """Set a value; return the change, None if it has the value already."""
    *blocks, name = path.split(".")
    if blocks:
        blocks[0] = f"{PROJECT}:{blocks[0]}"
    else:
        name = f"{PROJECT}:{name}"
    place = config
    for block in blocks:
        if value is REMOVED and block not in place:
            return None
        place = cast("dict[str, Any]", place.setdefault(block, {}))
    before = place.get(name, _MISSING)
    if (value is REMOVED and before is _MISSING) or _is_same(before, value):
        return None
    if value is REMOVED:
        del place[name]
    else:
        place[name] = value
    return SettingChange(path=path, before=_words(before), after=_words(value))


def _is_same(before: object, value: object) -> bool:
    """Whether the file has the value: a list isn't equal to its text, and 1 isn't true."""
    # The parser returns subclasses of dict and list.
    is_alike = type(before) is type(value) or any(
        isinstance(value, kind) and isinstance(before, kind) for kind in (dict, list)
    )
    return is_alike and before == value


def _words(value: object) -> str:
    if value is REMOVED or value is _MISSING:
        return "not set"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _validate(file: Path, stack: str, text: str) -> None:
    """Load the new text as `pulumi up` will; OperationError with every problem."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / file.name).write_text(text, encoding="utf-8")
        try:
            load_file(Path(folder), stack)
        except (SettingsError, StackFileError) as error:
            raise OperationError(
                f"{file.name} would be invalid, and stays as it is:\n{error}", code=ExitCode.REFUSED
            ) from None


def _replace(file: Path, text: str) -> None:
    """Write the file beside its place and move it there, with its permissions."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        shutil.copymode(file, name)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
