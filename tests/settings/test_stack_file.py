"""Stack files that can't be read as settings: each problem is one message with file, line and reason."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.project import Project, generate_settings
from settings.stack_file import StackFileError

GOOD = "config:\n  aws:region: us-east-1\n  small:block:\n    one: 1\n    two:\n      - 2\n"


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A file's content (None: no file), and the message after the file's name."""

    content: bytes | str | None
    message: str


FILES = {
    "missing": Unreadable(content=None, message=": no such file"),
    "empty": Unreadable(content="", message=": the file is empty; settings belong under `config:`"),
    "comments alone": Unreadable(content="# a\n", message=": the file is empty; settings belong under `config:`"),
    "Latin-1": Unreadable(
        content=f"{GOOD}  small:name: caf\xe9\n".encode("latin-1"),
        message=", line 7: byte 0xe9 isn't UTF-8; the file may be Latin-1 or UTF-16: save it as UTF-8",
    ),
    "UTF-16": Unreadable(
        content=GOOD.encode("utf-16"), message=", line 1: the file is encoded as UTF-16; save it as UTF-8"
    ),
    "UTF-16 without a byte order mark": Unreadable(
        content=GOOD.encode("utf-16-le"), message=", line 1: YAML doesn't allow the character U+0000"
    ),
    "a control character": Unreadable(
        content=GOOD + "  small:name: \x07\n", message=", line 7: YAML doesn't allow the character U+0007"
    ),
    "a tab": Unreadable(content=GOOD + "\tsmall:name: x\n", message=", line 7: tab character; indent YAML with spaces"),
    "an unclosed quote": Unreadable(
        content=GOOD.replace("us-east-1", '"us-east-1'), message=", line 2: unclosed quote"
    ),
    "an unclosed quote before another quote": Unreadable(
        content='config:\n  a: "x\n  b: "y"\n',
        message=", line 3: invalid YAML: expected <block end>, but found '<scalar>'. The cause may be in a "
        "line above: an unclosed quote or wrong indentation",
    ),
    "wrong indentation": Unreadable(
        content="config:\n  a: 1\n   b: 2\n",
        message=", line 3: invalid YAML: mapping values are not allowed here. The cause may be in a line above: an "
        "unclosed quote or wrong indentation",
    ),
    "two documents": Unreadable(
        content=f"---\n{GOOD}---\n{GOOD}",
        message=", line 8: second YAML document (---); a stack file contains one document",
    ),
    "a list": Unreadable(
        content="# settings\n- config\n", message=", line 2: the top level is a list; settings belong under `config:`"
    ),
    "text": Unreadable(content="config", message=", line 1: the top level is text; settings belong under `config:`"),
    "config misspelt": Unreadable(
        content=f"encryptionsalt: x\n{GOOD.replace('config', 'confg')}",
        message=", line 2: unknown key `confg:`; did you mean `config:`?",
    ),
    "config in capitals": Unreadable(
        content=GOOD.replace("config", "Config"), message=", line 1: unknown key `Config:`; did you mean `config:`?"
    ),
    "settings at the top": Unreadable(
        content="aws:region: us-east-1\n",
        message=", line 1: aws:region is at the top level; indent settings under `config:`",
    ),
    "no config": Unreadable(content="encryptionsalt: x\n", message=": no `config:`; settings belong under it"),
    "nothing under config": Unreadable(
        content="config:\n", message=", line 1: `config:` is empty; settings belong there as name: value"
    ),
    "a list under config": Unreadable(
        content="config:\n  - aws:region: x\n",
        message=", line 1: `config:` is a list; settings belong there as name: value",
    ),
    "a key twice": Unreadable(
        content=f"{GOOD}  aws:region: us-west-2\n",
        message=", line 7: duplicate key aws:region; first in line 2",
    ),
    "config twice": Unreadable(content=GOOD + GOOD, message=", line 7: duplicate key config; first in line 1"),
    "keys twice, deep and in a list": Unreadable(
        content="config:\n  a:b:\n    c: 1\n    c: 2\n  a:d:\n    - e: {f: 1, f: 2}\n",
        message=", line 4: duplicate key a:b.c; first in line 3\n"
        "Pulumi.one.yaml, line 6: duplicate key a:d[0].e.f; first in line 6",
    ),
    "a key that is a list": Unreadable(
        content="config:\n  [a, b]: 1\n", message=", line 2: a key of config is a list or block; keys must be text"
    ),
    "an unknown alias": Unreadable(
        content="config:\n  a: *b\n",
        message=", line 2: invalid YAML: found undefined alias 'b'. The cause may be in a line above: an unclosed "
        "quote or wrong indentation",
    ),
    "a list in itself": Unreadable(
        content="config:\n  a: &b\n    - *b\n",
        message=", line 2: a list or block is nested too deeply or contains itself",
    ),
    "nested too deeply": Unreadable(
        content=f"config:\n  a: {'[' * 60}{']' * 60}\n",
        message=", line 2: a list or block is nested too deeply or contains itself",
    ),
    "nested far too deeply": Unreadable(content=f"config:\n  a: {'[' * 5000}", message=": nested too deeply"),
}


@pytest.mark.parametrize("unreadable", FILES.values(), ids=FILES)
def test_a_file_that_cannot_be_read_is_one_message(tmp_path: Path, unreadable: Unreadable) -> None:
    content = unreadable.content
    if content is not None:
        (tmp_path / "Pulumi.one.yaml").write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(StackFileError) as error:
        generate_settings(Project(folder=tmp_path), "one")
    assert str(error.value) == f"Pulumi.one.yaml{unreadable.message}"
    assert error.value.__cause__ is None


def test_a_folder_instead_of_a_file_has_the_systems_error(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.one.yaml").mkdir()
    with pytest.raises(StackFileError, match="can't be read: Is a directory"):
        generate_settings(Project(folder=tmp_path), "one")


@pytest.mark.parametrize(
    "content",
    [GOOD, f"---\n{GOOD}", f"{GOOD}...\n", f"\ufeff{GOOD}", GOOD.replace("\n", "\r\n"), "config: {}\n"],
    ids=repr,
)
def test_a_readable_file_is_read(tmp_path: Path, content: str) -> None:
    """One document, also with document markers, a byte order mark or CRLF line ends."""
    (tmp_path / "Pulumi.one.yaml").write_bytes(content.encode())
    text, hidden = generate_settings(Project(folder=tmp_path), "one")
    assert text.startswith("config:")
    assert not hidden
