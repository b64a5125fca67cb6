"""The rows cover everything that the document requires, and name rules, settings, tests and pages that exist."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import cast

import pytest

from operations.cli import app
from policies.rules import RULES
from reports.conformance.document import headings, statements
from reports.conformance.rows import Row, rows
from reports.conformance.stack_files import setting
from reports.states import PROJECT
from settings.stacks import STACKS

STATEMENTS = statements()
ROWS = rows()
RULE_IDS = {rule.id for rule in RULES}


@pytest.mark.places
def test_every_statement_of_the_document_is_covered() -> None:
    uncovered = set(STATEMENTS) - {id_ for row in ROWS for id_ in row.covers}
    assert not uncovered, "add a row, or name the statement in the `covers` of one"


def test_a_row_covers_statements_or_goes_beyond_the_document() -> None:
    assert not [row.requirement for row in ROWS if bool(row.covers) == bool(row.beyond)]
    assert not {id_ for row in ROWS for id_ in row.covers} - set(STATEMENTS)


def test_ids_and_requirements_are_unique() -> None:
    assert len(STATEMENTS) == sum(len(heading.statements) for heading in headings())
    # The same requirement may be shown by one row for each stack.
    shown = [(row.section, row.requirement, *row.stacks) for row in ROWS]
    assert len(shown) == len(set(shown))


def test_a_row_is_met_by_something() -> None:
    """By the state of the stacks, by a rule or a command with a test, or by people, who have a page."""
    assert not [(row.requirement, lack) for row in ROWS for lack in _lacks(row)]


def _lacks(row: Row) -> Iterator[str]:
    if row.is_evaluated and not (row.output or row.absent or row.each or row.count):
        yield "each, count, absent or output"
    if not row.is_evaluated and not row.by and not (row.policy or row.command):
        yield "find, output, policy, command or by"
    if not row.is_evaluated and not row.by and not row.test:
        yield "test"
    if not row.page and (row.command or row.by or not row.is_evaluated):
        yield "page"
    if row.differs and not row.decision:
        yield "decision, with the reasons of what is built differently"


def test_a_row_names_what_exists() -> None:
    assert not [(row.requirement, name) for row in ROWS for name in _unknown(row)]


def _unknown(row: Row) -> Iterator[str]:
    yield from set(row.policy) - RULE_IDS
    yield from set(row.stacks) - set(STACKS)
    yield from (command for command in row.command if not _is_command(command))
    pages = ([f"decisions/{row.decision}"] if row.decision else []) + ([row.page] if row.page else [])
    yield from (page for page in pages if not (PROJECT / "docs" / page).exists())
    for test in row.test:
        file, _, name = test.partition("::")
        if not (PROJECT / file).exists() or (name and name not in _tests_of(file)):
            yield test


def test_a_setting_has_the_figure_of_its_row() -> None:
    """Its value, in each stack of the row, is a word of the row or of what it covers in the document."""
    wrong = [
        f"{row.requirement}: {path} is {value} in Pulumi.{stack}.yaml"
        for row in ROWS
        for path in row.setting
        for stack in row.stacks
        for value in _scalars(setting(stack, path))
        if value.lower() not in _words_of(row)
    ]
    assert not wrong


def test_a_setting_that_does_not_exist_is_an_error() -> None:
    for path in ("taskflow:nothing", "taskflow:rds.nothing", "taskflow:scaling.policies[2]", "taskflow:rds.storage.x"):
        with pytest.raises(KeyError, match="has no"):
            setting("production", path)


def _words_of(row: Row) -> set[str]:
    texts = (row.requirement, row.note, *(STATEMENTS[id_].text for id_ in row.covers))
    return {word for text in (*texts, *_scalars([*row.each.values(), row.is_])) for word in _words(text)}


def _words(text: str) -> Iterator[str]:
    """Return a text's words, numbers without their units, and what a word consists of."""
    for word in re.split(r"[\s,;()\[\]\"']+", text.lower()):
        yield word.strip(".:")
        yield from re.findall(r"\d+(?:\.\d+)?", word)
        yield from re.split(r"[/:]+", word)


def _scalars(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(cast("Mapping[str, object]", value).values())
    if isinstance(value, list):
        for each in cast("list[object]", value):
            yield from _scalars(each)
    elif value is not None:
        yield str(value)


@cache
def _tests_of(file: str) -> set[str]:
    tree = ast.parse((PROJECT / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def _is_command(name: str) -> bool:
    """Return whether a text is a command, with or without options, or a command of a group."""
    program, first, *others = [*name.split(), "", ""]
    alone = {each.callback.__name__ for each in app.registered_commands if each.callback}
    groups = {str(each.name or each.typer_instance.info.name): each.typer_instance
              for each in app.registered_groups if each.typer_instance}  # fmt: skip
    if program != "taskflow" or first not in groups:
        return program == "taskflow" and first in alone
    inner = groups[first].registered_commands
    return others[0] in {each.name or (each.callback.__name__ if each.callback else "") for each in inner}
