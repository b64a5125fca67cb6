"""An owner's stack file as YAML nodes, or one error that says what is wrong with the file, and in which line.

Pulumi's own messages about such files name neither in every case, and some mistakes (a second document, a misspelt
`config:`) pass it unnoticed.
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
DEEPEST = 50


class StackFileError(ValueError):
    """A stack file can't be read as settings; the text says which file, where and why."""

    def __init__(self, file: Path, *problems: tuple[int | None, str]) -> None:
        lines = (f"{file.name}{f', line {line}' if line else ''}: {problem}" for line, problem in problems)
        super().__init__("\n".join(lines))


def read_settings(file: Path) -> Sequence[Entry]:
    """Return the entries under `config:`; StackFileError when the file can't be read or has no settings."""
    text = _text(file)
    try:
        root = cast("yaml.Node | None", yaml.compose(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise StackFileError(file, _unreadable(error, text)) from None
    except RecursionError:
        raise StackFileError(file, (None, "it is nested too deeply")) from None
    if root is None:
        raise StackFileError(file, (None, "the file is empty; settings stand under `config:`"))
    if problems := list(_refused_nodes(root)):
        raise StackFileError(file, *problems)
    return _config(file, root)


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise StackFileError(file, (None, "there is no such file")) from None
    except OSError as error:
        raise StackFileError(file, (None, f"the file can't be read: {error.strerror}")) from None
    for mark, encoding in OTHER_ENCODINGS.items():
        if data.startswith(mark):
            raise StackFileError(file, (1, f"the file is encoded as {encoding}; save it as UTF-8"))
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line, byte = data.count(b"\n", 0, error.start) + 1, data[error.start]
        problem = f"the byte 0x{byte:02x} is not UTF-8; the file may be Latin-1 or UTF-16, save it as UTF-8"
        raise StackFileError(file, (line, problem)) from None


def _unreadable(error: yaml.YAMLError, text: str) -> tuple[int | None, str]:
    """Return the line and the reason of an error of YAML's."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return line, f"the character U+{ord(text[error.position]):04X} can't stand in YAML"
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return None, f"it is not YAML: {error}"
    line, problem = error.problem_mark.line + 1, error.problem or ""
    if "'\\t'" in problem:
        return line, "a tab stands here; YAML is indented by spaces"
    if "quoted scalar" in (error.context or "") and error.context_mark:
        return error.context_mark.line + 1, "a quote opens here and is never closed"
    if "another document" in problem:
        return line, "a second document begins here (---); a stack file is one document"
    return line, f"it is not YAML: {problem}. The mistake may stand above: a quote left open, or a wrong indent"


def _refused_nodes(node: yaml.Node, path: str = "", above: tuple[yaml.Node, ...] = ()) -> Iterator[tuple[int, str]]:
    """Find keys that occur twice or are no text, and what would have no end."""
    if any(node is other for other in above) or len(above) > DEEPEST:
        yield node.start_mark.line + 1, "a list or block is nested too deeply, or in itself"
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _refused_nodes(item, f"{path}[{index}]", (*above, node))
    elif isinstance(node, yaml.MappingNode):
        first: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                yield line, f"a key{f' of {path}' if path else ''} is a list or a block; it has to be text"
                continue
            name = str(key.value)
            its_path = name if path in ("", "config") else f"{path}.{name}"
            if name in first:
                yield line, f"the key {its_path} occurs twice; the first is in line {first[name]}"
            first.setdefault(name, line)
            yield from _refused_nodes(value, its_path, (*above, node))


def _config(file: Path, root: yaml.Node) -> Sequence[Entry]:
    if not isinstance(root, yaml.MappingNode):
        problem = f"{_kind(root)} stands at the top; settings stand under `config:`"
        raise StackFileError(file, (root.start_mark.line + 1, problem))
    lines = {str(key.value): key.start_mark.line + 1 for key, _ in root.value}
    config = next((value for key, value in root.value if key.value == "config"), None)
    if config is None:
        similar = difflib.get_close_matches("config", list(lines), n=1)
        settings = next((name for name in lines if ":" in name), None)
        if similar:
            raise StackFileError(file, (lines[similar[0]], f"`{similar[0]}:` stands where `config:` is meant"))
        if settings:
            problem = f"{settings} stands at the top; settings stand, indented, under `config:`"
            raise StackFileError(file, (lines[settings], problem))
        raise StackFileError(file, (None, "there is no `config:`; settings stand under it"))
    if not isinstance(config, yaml.MappingNode):
        found = "nothing" if config.value == "" else _kind(config)
        problem = f"{found} stands under `config:`; settings stand there as name: value"
        raise StackFileError(file, (lines["config"], problem))
    return config.value


def _kind(node: yaml.Node) -> str:
    return "a list" if isinstance(node, yaml.SequenceNode) else "text"
