"""What changed between two lists is told box by box, and another file is an error."""

import json
from pathlib import Path

import pytest

from reports.diagram import __main__ as command
from reports.diagram.listing import as_markdown, differences, read_listing

BEFORE = {
    "architecture": {
        "box database": {"title": "RDS primary", "figures": ["PostgreSQL 15", "db.r6g.large"]},
        "box nat-1": {"title": "NAT gateway", "figures": ["elastic IP"]},
        "arrow tasks-1--database": {"title": "ECS tasks → RDS primary", "figures": ["5432"]},
    }
}


def _changes(after: object) -> str:
    lists = (read_listing(json.dumps(each)) for each in (BEFORE, after))
    return as_markdown(list(differences(*lists)))


def test_nothing_changed() -> None:
    assert _changes(BEFORE) == "No box changed.\n"


def test_added_removed_and_changed_entries() -> None:
    after = {
        "architecture": {
            "box database": {"title": "RDS primary", "figures": ["PostgreSQL 15", "db.r6g.xlarge"]},
            "box cache-1": {"title": "Redis 7.0", "figures": ["2 of 4 nodes", "a|b"]},
            "arrow tasks-1--database": {"title": "ECS tasks → RDS primary", "figures": ["6432"]},
        }
    }
    assert _changes(after).splitlines()[2:] == [
        "| architecture | changed | arrow ECS tasks → RDS primary | 5432 | 6432 |",
        "| architecture | added | Redis 7.0 (`cache-1`) |  | 2 of 4 nodes, a\\|b |",
        "| architecture | changed | RDS primary (`database`) | db.r6g.large | db.r6g.xlarge |",
        "| architecture | removed | NAT gateway (`nat-1`) | elastic IP |  |",
    ]


def test_a_picture_that_is_new_or_gone() -> None:
    assert _changes({}).count("| removed |") == 3
    assert "| failover | added |" in _changes({**BEFORE, "failover": {"box users": {"title": "Users"}}})


def test_figures_in_another_order_are_a_change() -> None:
    figures = ["db.r6g.large", "PostgreSQL 15"]
    entry = {"title": "RDS primary", "figures": figures}
    assert "| changed |" in _changes({"architecture": {**BEFORE["architecture"], "box database": entry}})


@pytest.mark.parametrize("text", ["", "[]", '{"architecture": []}', '{"a": {"box b": {"title": 1}}}'])
def test_another_file_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="not a list of boxes and arrows"):
        read_listing(text)


def test_the_command_names_what_it_cannot_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_state(stack: str) -> None:
        raise FileNotFoundError(2, "No such file or directory", f"build/{stack}.state.json")

    monkeypatch.setattr("sys.argv", ["diagram"])
    monkeypatch.setattr(command, "load_state", no_state)
    assert command.main() == 2
    assert capsys.readouterr().err == "build/production.state.json doesn't exist; `make diagram` records the states\n"
