"""The cells of the conformance page's tables."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import cast

from reports.conformance.document import Statement, slug
from reports.conformance.rows import Row
from reports.markdown import short_type
from reports.states import PROJECT
from settings.stacks import STACKS

BREAK = "<br>"
# Longer values are shortened: the row's file has them.
_LONGEST = 44
_CONFORMANCE = "../tests/conformance/test_conformance.py"


def requirement(row: Row, statements: Mapping[str, Statement]) -> str:
    """Return the requirement, why it differs, and what of the document it covers."""
    lines = [f"{row.requirement} ({row.note})" if row.note else row.requirement]
    if row.differs:
        lines.append(f"**Differs:** {row.differs}")
    if row.unmet:
        lines.append(f"**Not met yet.** Today {row.unmet}")
    covered = " · ".join(statements[id_].text for id_ in row.covers)
    return BREAK.join([*lines, f"<sub>{covered}</sub>"] if covered else lines)


def shown_by(row: Row) -> str:
    """Return the settings, and the properties of a resource or output that show it."""
    return BREAK.join((*map(_setting, row.setting), *_resource(row)))


def held_by(row: Row) -> str:
    """Return the rules, the commands, and people's page."""
    rules = [f"[{rule}](policies.md#{rule.partition('-')[0]})" for rule in row.policy]
    commands = [f"[`{command}`]({row.page})" for command in row.command]
    page = f"[{PurePosixPath(row.page).stem}]({row.page})"
    people = [f"people: {page}"] if row.by else []
    return BREAK.join((*rules, *commands, *people)) or "the test"


def tests(row: Row) -> str:
    """Return the stacks whose state shows it, and the files of further tests, with the tests' names as titles."""
    files: dict[str, list[str]] = defaultdict(list)
    for test in row.test:
        file, _, name = test.partition("::")
        files[file] += [name] if name else []
    stacks = "both stacks" if set(row.stacks) == set(STACKS) else ", ".join(row.stacks)
    state = [f"[{stacks}]({_CONFORMANCE})"] if row.is_evaluated else []
    return BREAK.join((*state, *(_test(file, names) for file, names in files.items())))


def decision(row: Row) -> str:
    """Return a link to the decision."""
    return f'[{row.decision[:4]}](decisions/{row.decision} "{decision_title(row.decision)}")' if row.decision else ""


def decision_title(file: str) -> str:
    """Return the title of a decision, without its number."""
    with (PROJECT / "docs" / "decisions" / file).open(encoding="utf-8") as page:
        return page.readline().strip().partition(" ")[2].partition(" ")[2]


def _test(file: str, names: Sequence[str]) -> str:
    path = PurePosixPath(file)
    titled = f' "{", ".join(names)}"' if names else ""
    return f"[{path.stem.removeprefix('test_').replace('_', ' ')}](../{file}{titled})"


def _setting(path: str) -> str:
    block = path.partition(".")[0] if path.startswith("taskflow:") else "aws"
    return f"[`{path.removeprefix('taskflow:')}`](settings.md#{slug(block)})"


def _resource(row: Row) -> Iterator[str]:
    if row.output:
        yield f"output `{row.output}`: {row.is_}"
    if not row.find:
        return
    number = "(none)" if row.absent else f"({row.count})" if row.count else ""
    yield f"**{short_type(row.find['type'])}** {number}".strip()
    yield from (f"{_path(path)}: {_value(value)}" for path, value in row.each.items())


def _path(path: str) -> str:
    """Return the end of a path, which says enough."""
    keys = path.split(".")
    return path if len(path) <= _LONGEST else f"…{'.'.join(keys[-1:])}"


def _value(value: object) -> str:
    if isinstance(value, list):
        items = cast("list[object]", value)
        text = ", ".join(map(_value, items))
        return text if len(text) <= _LONGEST else f"{len(items)} values"
    if value is None:
        return "not set"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if text.startswith("{"):
        type_, _, rest = text.strip("{}").partition(" ")
        text = f"{type_.rpartition(':')[2]} {rest.partition('}')[0]}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
