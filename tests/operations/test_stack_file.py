"""Commands change a stack's file: what they set and nothing else, or nothing at all."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operations.frame.errors import ExitCode, OperationError
from operations.frame.stack_file import REMOVED, change_settings, tried_settings
from sandbox.__main__ import PROJECT
from settings.load import load_file
from settings.stacks import STACKS

PROMOTED = {"rds.promoted": True, "service.minCount": 4, "service.desiredCount": 4}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for stack in STACKS:
        shutil.copy(PROJECT / f"Pulumi.{stack}.yaml", tmp_path)
    return tmp_path


def lines(folder: Path, stack: str) -> list[str]:
    return (folder / f"Pulumi.{stack}.yaml").read_text().splitlines()


def test_only_the_lines_of_the_settings_change(folder: Path) -> None:
    before = lines(folder, "dr")
    changes = change_settings(folder, "dr", PROMOTED)
    after = lines(folder, "dr")
    assert [str(each) for each in changes] == [
        "taskflow:rds.promoted: false → true",
        "taskflow:service.minCount: 2 → 4",
        "taskflow:service.desiredCount: 2 → 4",
    ]
    different = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert different == [
        ("    promoted: false", "    promoted: true"),
        ("    desiredCount: 2", "    desiredCount: 4"),
        ("    minCount: 2", "    minCount: 4"),
    ]
    assert load_file(folder, "dr").rds.promoted


@pytest.mark.parametrize("stack", STACKS)
def test_a_file_that_a_command_writes_is_the_same_otherwise(folder: Path, stack: str) -> None:
    """Comments, quotes, order and line lengths of the whole file: there and back."""
    before = lines(folder, stack)
    change_settings(folder, stack, {"rds.logRetention": 180})
    assert lines(folder, stack) != before
    change_settings(folder, stack, {"rds.logRetention": 90})
    assert lines(folder, stack) == before


def test_a_second_run_changes_nothing(folder: Path) -> None:
    change_settings(folder, "dr", PROMOTED)
    file = folder / "Pulumi.dr.yaml"
    written = file.stat().st_mtime_ns
    assert change_settings(folder, "dr", PROMOTED) == []
    assert file.stat().st_mtime_ns == written


def test_a_block_is_added_and_removed(folder: Path) -> None:
    successor = {
        "identifier": "taskflow-production-2",
        "source": {"instance": "arn:aws:rds:us-west-2:987654321098:db:taskflow-dr", "maxConnections": 800},
    }
    before = lines(folder, "production")
    change_settings(folder, "production", {"rds.successor": successor})
    assert load_file(folder, "production").rds.successor
    change_settings(folder, "production", {"rds.successor.promoted": True})
    found = load_file(folder, "production").rds.successor
    assert found
    assert found.promoted
    (change,) = change_settings(folder, "production", {"rds.successor": REMOVED})
    assert change.after == "not set"
    assert lines(folder, "production") == before
    assert change_settings(folder, "production", {"rds.successor": REMOVED, "nothing.there": REMOVED}) == []


def test_an_invalid_result_leaves_the_file(folder: Path) -> None:
    before = lines(folder, "dr")
    with pytest.raises(OperationError, match="originTakesTraffic") as problem:
        change_settings(folder, "dr", {"loadBalancer.originTakesTraffic": True})
    assert problem.value.code is ExitCode.REFUSED
    assert "Pulumi.dr.yaml would be invalid, and stays as it is" in problem.value.message
    assert lines(folder, "dr") == before


def test_settings_are_tried(folder: Path) -> None:
    """Also if the preview fails, the file is as before."""
    before = lines(folder, "dr")

    def preview() -> None:
        with tried_settings(folder, "dr", PROMOTED) as changes:
            assert len(changes) == 3
            assert lines(folder, "dr") != before
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        preview()
    assert lines(folder, "dr") == before
    change_settings(folder, "dr", PROMOTED)
    with tried_settings(folder, "dr", PROMOTED) as changes:
        assert changes == []
    assert lines(folder, "dr") != before


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(values=st.fixed_dictionaries({"minCount": st.integers(1, 20), "desiredCount": st.integers(1, 20)}))
def test_what_is_written_is_what_pulumi_reads(values: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("stack")
    shutil.copy(PROJECT / "Pulumi.dr.yaml", folder)
    before = lines(folder, "dr")
    try:
        change_settings(folder, "dr", {f"service.{name}": value for name, value in values.items()})
    except OperationError:
        assert lines(folder, "dr") == before
        return
    service = load_file(folder, "dr").service
    assert {"minCount": service.min_count, "desiredCount": service.desired_count} == values


def test_a_command_that_is_killed_while_it_writes_leaves_the_old_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = lines(folder, "dr")

    def killed(_handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("operations.frame.stack_file.os.fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        change_settings(folder, "dr", PROMOTED)
    assert lines(folder, "dr") == before
    assert sorted(path.name for path in folder.iterdir()) == ["Pulumi.dr.yaml", "Pulumi.production.yaml"]
