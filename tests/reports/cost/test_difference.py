"""The difference between two lists of items, as a page and on the command line."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from reports.cost.__main__ import main
from reports.cost.difference import difference, dump_items, load_items
from reports.cost.markdown import difference_page
from tests.reports.cost.made_up import items_of, service, state, vpc

BEFORE = items_of(state(*service(tasks=4), *vpc(gateways=2)))
AFTER = items_of(state(*service(tasks=2), *vpc(gateways=2)))


def test_items_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "items.json"
    file.write_text(dump_items(BEFORE), encoding="utf-8")
    assert load_items(file) == BEFORE


def test_nothing_changed_is_no_difference() -> None:
    change = difference(BEFORE, BEFORE)
    assert (change.usd, change.components, change.items) == (0, [], [])
    assert difference_page(change).startswith("### Monthly cost: no difference")


def test_less_than_half_a_cent_is_no_difference() -> None:
    almost = [replace(item, usd=item.usd + 0.0001) for item in BEFORE]
    assert not difference(BEFORE, almost).components


def test_the_page_shows_components_the_total_and_the_changed_items() -> None:
    page = difference_page(difference(BEFORE, AFTER))
    assert page.splitlines()[0] == "### Monthly cost: -$4,476.00"
    assert "| production | service | $9,031.00 | $4,555.00 | -$4,476.00 |" in page
    assert "| **total** |  | **$11,951.00** | **$7,475.00** | **-$4,476.00** |" in page
    assert (
        "| production | service | service | tasks: vCPU | $2,920.00 | $1,460.00 | -$1,460.00 | 1,460.00 vCPU-hour"
        in page
    )
    assert "network" not in page


def _run(arguments: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["reports.cost", *arguments])
    return main()


def test_the_command_compares_two_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    base, head = tmp_path / "base.json", tmp_path / "head.json"
    base.write_text(dump_items(BEFORE), encoding="utf-8")
    head.write_text(dump_items(AFTER), encoding="utf-8")
    assert _run(["--against", str(base), "--items", str(head)], monkeypatch) == 0
    assert "### Monthly cost: -$4,476.00" in capsys.readouterr().out
    assert _run(["--against", str(head), "--items", str(base)], monkeypatch) == 0
    assert "### Monthly cost: +$4,476.00" in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "{}", '[{"usd": 1}]', None])
def test_another_file_is_an_error(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "items.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    assert _run(["--against", str(file)], monkeypatch) == 1
    error = capsys.readouterr().err
    assert "items.json: " in error
    assert "Traceback" not in error
