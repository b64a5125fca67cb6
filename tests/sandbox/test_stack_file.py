"""Stack files that can't be read as settings: one message with file, line and reason, whatever is wrong with them."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.project import Project, generated_settings
from sandbox.stack_file import StackFileError

GOOD = "config:\n  aws:region: us-east-1\n  small:block:\n    one: 1\n    two:\n      - 2\n"


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A file's content (None: there is no file), and the whole message after the file's name."""

    content: bytes | str | None
    message: str


FILES = {
    "missing": Unreadable(content=None, message=": there is no such file"),
    "empty": Unreadable(content="", message=": the file is empty; settings stand under `config:`"),
    "comments alone": Unreadable(content="# a\n", message=": the file is empty; settings stand under `config:`"),
    "Latin-1": Unreadable(
        content=f"{GOOD}  small:name: caf\xe9\n".encode("latin-1"),
        message=", line 7: the byte 0xe9 is not UTF-8; the file may be Latin-1 or UTF-16, save it as UTF-8",
    ),
    "UTF-16": Unreadable(
        content=GOOD.encode("utf-16"), message=", line 1: the file is encoded as UTF-16; save it as UTF-8"
    ),
    "UTF-16 without its mark": Unreadable(
        content=GOOD.encode("utf-16-le"), message=", line 1: the character U+0000 can't stand in YAML"
    ),
    "a control character": Unreadable(
        content=GOOD + "  small:name: \x07\n", message=", line 7: the character U+0007 can't stand in YAML"
    ),
    "a tab": Unreadable(
        content=GOOD + "\tsmall:name: x\n", message=", line 7: a tab stands here; YAML is indented by spaces"
    ),
    "a quote left open": Unreadable(
        content=GOOD.replace("us-east-1", '"us-east-1'), message=", line 2: a quote opens here and is never closed"
    ),
    "a quote left open before another": Unreadable(
        content='config:\n  a: "x\n  b: "y"\n',
        message=", line 3: it is not YAML: expected <block end>, but found '<scalar>'. The mistake may stand above: "
        "a quote left open, or a wrong indent",
    ),
    "a wrong indent": Unreadable(
        content="config:\n  a: 1\n   b: 2\n",
        message=", line 3: it is not YAML: mapping values are not allowed here. The mistake may stand above: a quote "
        "left open, or a wrong indent",
    ),
    "two documents": Unreadable(
        content=f"---\n{GOOD}---\n{GOOD}",
        message=", line 8: a second document begins here (---); a stack file is one document",
    ),
    "a list": Unreadable(
        content="# settings\n- config\n", message=", line 2: a list stands at the top; settings stand under `config:`"
    ),
    "text": Unreadable(content="config", message=", line 1: text stands at the top; settings stand under `config:`"),
    "config misspelt": Unreadable(
        content=f"encryptionsalt: x\n{GOOD.replace('config', 'confg')}",
        message=", line 2: `confg:` stands where `config:` is meant",
    ),
    "config in capitals": Unreadable(
        content=GOOD.replace("config", "Config"), message=", line 1: `Config:` stands where `config:` is meant"
    ),
    "settings at the top": Unreadable(
        content="aws:region: us-east-1\n",
        message=", line 1: aws:region stands at the top; settings stand, indented, under `config:`",
    ),
    "no config": Unreadable(content="encryptionsalt: x\n", message=": there is no `config:`; settings stand under it"),
    "nothing under config": Unreadable(
        content="config:\n", message=", line 1: nothing stands under `config:`; settings stand there as name: value"
    ),
    "a list under config": Unreadable(
        content="config:\n  - aws:region: x\n",
        message=", line 1: a list stands under `config:`; settings stand there as name: value",
    ),
    "a key twice": Unreadable(
        content=f"{GOOD}  aws:region: us-west-2\n",
        message=", line 7: the key aws:region occurs twice; the first is in line 2",
    ),
    "config twice": Unreadable(
        content=GOOD + GOOD, message=", line 7: the key config occurs twice; the first is in line 1"
    ),
    "keys twice, deep and in a list": Unreadable(
        content="config:\n  a:b:\n    c: 1\n    c: 2\n  a:d:\n    - e: {f: 1, f: 2}\n",
        message=", line 4: the key a:b.c occurs twice; the first is in line 3\n"
        "Pulumi.one.yaml, line 6: the key a:d[0].e.f occurs twice; the first is in line 6",
    ),
    "a key that is a list": Unreadable(
        content="config:\n  [a, b]: 1\n", message=", line 2: a key of config is a list or a block; it has to be text"
    ),
    "an unknown alias": Unreadable(
        content="config:\n  a: *b\n",
        message=", line 2: it is not YAML: found undefined alias 'b'. The mistake may stand above: a quote left open, "
        "or a wrong indent",
    ),
    "a list in itself": Unreadable(
        content="config:\n  a: &b\n    - *b\n", message=", line 2: a list or block is nested too deeply, or in itself"
    ),
    "nested too deeply": Unreadable(
        content=f"config:\n  a: {'[' * 60}{']' * 60}\n",
        message=", line 2: a list or block is nested too deeply, or in itself",
    ),
    "nested far too deeply": Unreadable(content=f"config:\n  a: {'[' * 5000}", message=": it is nested too deeply"),
}


@pytest.mark.parametrize("unreadable", FILES.values(), ids=FILES)
def test_a_file_that_cannot_be_read_is_one_message(tmp_path: Path, unreadable: Unreadable) -> None:
    content = unreadable.content
    if content is not None:
        (tmp_path / "Pulumi.one.yaml").write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(StackFileError) as refusal:
        generated_settings(Project(folder=tmp_path), "one")
    assert str(refusal.value) == f"Pulumi.one.yaml{unreadable.message}"
    assert refusal.value.__cause__ is None


def test_a_folder_in_the_files_place_is_told_as_the_system_tells_it(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.one.yaml").mkdir()
    with pytest.raises(StackFileError, match="can't be read: Is a directory"):
        generated_settings(Project(folder=tmp_path), "one")


@pytest.mark.parametrize(
    "content",
    [GOOD, f"---\n{GOOD}", f"{GOOD}...\n", f"\ufeff{GOOD}", GOOD.replace("\n", "\r\n"), "config: {}\n"],
    ids=repr,
)
def test_a_readable_file_is_read(tmp_path: Path, content: str) -> None:
    """One document, with its marks or a byte order mark, and with the line ends of other systems."""
    (tmp_path / "Pulumi.one.yaml").write_bytes(content.encode())
    text, hidden = generated_settings(Project(folder=tmp_path), "one")
    assert text.startswith("config:")
    assert not hidden
