"""The conformance table is read with clear errors, and its counts add up."""

from pathlib import Path

import pytest

from reports.conformance.document import headings, slug, statements
from reports.conformance.page import badges
from reports.conformance.rows import Row, rows
from reports.conformance.summary import Means, built_differently, counts, means_of


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('"Environment Details": {}', "not a heading"),
        ('"## Environment Details": {url: {sentence: a text}}', "one kind of box, edge"),
        ('"## Environment Details": {url: {figure: 1, rule: 2}}', "one kind of box, edge"),
    ],
)
def test_an_entry_of_another_form_is_an_error(text: str, error: str, tmp_path: Path) -> None:
    (tmp_path / "document.yaml").write_text(text)
    with pytest.raises(ValueError, match=error):
        headings(tmp_path / "document.yaml")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("Elsewhere: [{requirement: a}]", "not a heading of the document: Elsewhere"),
        ("Key Metrics: [{requirement: a, policies: b}]", "Key Metrics: a: unknown fields: policies"),
        ("Key Metrics: [{requirement: a, by: machines}]", "by is people"),
    ],
)
def test_a_row_of_another_form_is_an_error(text: str, error: str, tmp_path: Path) -> None:
    (tmp_path / "rows.yaml").write_text(text)
    with pytest.raises(ValueError, match=error):
        rows(tmp_path)


def test_one_text_is_a_list_of_one(tmp_path: Path) -> None:
    (tmp_path / "rows.yaml").write_text("Key Metrics: [{requirement: a, covers: b, policy: [c, d], is: 1}]")
    (row,) = rows(tmp_path)
    assert (row.covers, list(row.policy), row.is_) == (("b",), ["c", "d"], 1)


def test_slugs_are_githubs() -> None:
    assert slug("Backup & Recovery") == "backup--recovery"
    assert slug("Cache (ElastiCache Redis)") == "cache-elasticache-redis"


@pytest.mark.parametrize(
    ("fields", "means"),
    [
        ([{"policy": ("a",), "command": ("b",)}], Means.POLICY),
        ([{"by": "people"}, {"command": ("b",)}], Means.COMMAND),
        ([{"find": {"type": "a", "name": "b"}}, {"command": ("b",)}], Means.STATE),
        ([{"by": "people", "policy": ("a",)}], Means.PEOPLE),
        ([{"policy": ("a",)}, {"by": "people", "unmet": "today"}], Means.UNMET),
        ([], Means.UNMET),
    ],
)
def test_a_statement_is_met_by_its_strongest_row(fields: list[dict[str, object]], means: Means) -> None:
    (statement, *_) = statements().values()
    row = {"section": "", "requirement": "", "covers": (statement.id,)}
    listed = [Row(**row, **each) for each in fields]  # pyright: ignore[reportArgumentType]
    assert means_of(statement, listed) == means


def test_the_counts_add_up() -> None:
    number = counts(statements(), rows())
    assert sum(number.values()) == len(statements())
    assert f"{len(statements()) - number[Means.UNMET]} of the document's {len(statements())} statements" in badges(7)
    assert "(7 rules)" in badges(7)
    assert set(built_differently(rows())) <= set(statements())
