"""A stack file as YAML nodes, or one error with the file, the line and the reason.

Pulumi's messages don't always name file and line, and it doesn't report some mistakes (a second document, a misspelt
`config:`).
"""

import codecs
import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias, cast

import yaml

# A key and its value in a mapping.
Entry: TypeAlias = tuple[yaml.Node, yaml.Node]

OTHER_ENCODINGS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16", codecs.BOM_UTF32_BE: "UTF-32"}
MAX_DEPTH = 50


class StackFileError(ValueError):
    """A stack file can't be read as settings; the message has file, line and reason."""

    def __init__(self, file: Path, *problems: tuple[int | None, str]) -> None:
        lines = (f"{file.name}{f', line {line}' if line else ''}: {problem}" for line, problem in problems)
        super().__init__("\n".join(lines))


def read_settings(file: Path) -> Sequence[Entry]:
    """Return the entries under `config:`; StackFileError if the file can't be read or has no settings."""
    text = _text(file)
    try:
        root = cast("yaml.Node | None", yaml.compose(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise StackFileError(file, _unreadable(error, text)) from None
    except RecursionError:
        raise StackFileError(file, (None, "nested too deeply")) from None
    if root is None:
        raise StackFileError(file, (None, "the file is empty; settings belong under `config:`"))
    if problems := list(_invalid_nodes(root)):
        raise StackFileError(file, *problems)
    return _config(file, root)


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise StackFileError(file, (None, "no such file")) from None
    except OSError as error:
        raise StackFileError(file, (None, f"the file can't be read: {error.strerror}")) from None
    for mark, encoding in OTHER_ENCODINGS.items():
        if data.startswith(mark):
            raise StackFileError(file, (1, f"the file is encoded as {encoding}; save it as UTF-8"))
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line, byte = data.count(b"\n", 0, error.start) + 1, data[error.start]
        problem = f"byte 0x{byte:02x} isn't UTF-8; the file may be Latin-1 or UTF-16: save it as UTF-8"
        raise StackFileError(file, (line, problem)) from None


def _unreadable(error: yaml.YAMLError, text: str) -> tuple[int | None, str]:
    """Return the line and the reason of a YAML error."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return line, f"YAML doesn't allow the character U+{ord(text[error.position]):04X}"
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return None, f"invalid YAML: {error}"
    line, problem = error.problem_mark.line + 1, error.problem or ""
    if "'\\t'" in problem:
        return line, "tab character; indent YAML with spaces"
    if "quoted scalar" in (error.context or "") and error.context_mark:
        return error.context_mark.line + 1, "unclosed quote"
    if "another document" in problem:
        return line, "second YAML document (---); a stack file contains one document"
    return line, f"invalid YAML: {problem}. The cause may be in a line above: an unclosed quote or wrong indentation"


def _invalid_nodes(node: yaml.Node, path: str = "", above: tuple[yaml.Node, ...] = ()) -> Iterator[tuple[int, str]]:
    """Find duplicate keys, keys that aren't text, and nodes that are nested without end."""
    if any(node is other for other in above) or len(above) > MAX_DEPTH:
        yield node.start_mark.line + 1, "a list or block is nested too deeply or contains itself"
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _invalid_nodes(item, f"{path}[{index}]", (*above, node))
    elif isinstance(node, yaml.MappingNode):
        first: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                yield line, f"a key{f' of {path}' if path else ''} is a list or block; keys must be text"
                continue
            name = str(key.value)
            its_path = name if path in ("", "config") else f"{path}.{name}"
            if name in first:
                yield line, f"duplicate key {its_path}; first in line {first[name]}"
            first.setdefault(name, line)
            yield from _invalid_nodes(value, its_path, (*above, node))


def _config(file: Path, root: yaml.Node) -> Sequence[Entry]:
    if not isinstance(root, yaml.MappingNode):
        problem = f"the top level is {_kind(root)}; settings belong under `config:`"
        raise StackFileError(file, (root.start_mark.line + 1, problem))
    lines = {str(key.value): key.start_mark.line + 1 for key, _ in root.value}
    config = next((value for key, value in root.value if key.value == "config"), None)
    if config is None:
        similar = difflib.get_close_matches("config", list(lines), n=1)
        settings = next((name for name in lines if ":" in name), None)
        if similar:
            raise StackFileError(file, (lines[similar[0]], f"unknown key `{similar[0]}:`; did you mean `config:`?"))
        if settings:
            problem = f"{settings} is at the top level; indent settings under `config:`"
            raise StackFileError(file, (lines[settings], problem))
        raise StackFileError(file, (None, "no `config:`; settings belong under it"))
    if not isinstance(config, yaml.MappingNode):
        kind = "empty" if config.value == "" else _kind(config)
        problem = f"`config:` is {kind}; settings belong there as name: value"
        raise StackFileError(file, (lines["config"], problem))
    return config.value


def _kind(node: yaml.Node) -> str:
    return "a list" if isinstance(node, yaml.SequenceNode) else "text"
