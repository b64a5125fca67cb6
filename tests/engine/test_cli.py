"""Finding the Pulumi CLI, or building it: what is said when neither can be done, and that nothing half-made stays."""

import os
import stat
from pathlib import Path

import pytest

from sandbox.engine import VERSION, EngineError, dotted, find_or_build, found_on_path


def script(folder: Path, name: str, body: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(file.stat().st_mode | stat.S_IEXEC)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that is all of PATH, and an empty cache beside it."""
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tools


def left_behind(tmp_path: Path) -> list[str]:
    return sorted(p.name for p in (tmp_path / "cache").rglob("*") if p.is_file() or p.name.startswith("building"))


def test_a_recent_cli_on_path_is_used(place: Path) -> None:
    script(place, "pulumi", f"echo v{dotted(VERSION)}")
    assert find_or_build(report=False) == place / "pulumi"


@pytest.mark.parametrize("said", ["v3.258.1", "v3.99.0", "nonsense", ""])
def test_an_old_or_broken_cli_on_path_is_not_used(place: Path, said: str) -> None:
    script(place, "pulumi", f"echo '{said}'")
    assert found_on_path() is None


def test_with_neither_cli_nor_go_it_says_what_to_install(place: Path) -> None:
    with pytest.raises(EngineError) as refusal:
        find_or_build(report=False)
    assert "Pulumi CLI" in str(refusal.value)
    assert "Go" in str(refusal.value)
    assert dotted(VERSION) in str(refusal.value)


def test_a_failed_download_names_its_step_and_leaves_nothing(place: Path, tmp_path: Path) -> None:
    script(place, "go", 'echo "dial tcp: network is unreachable" >&2; exit 1')
    with pytest.raises(EngineError, match=r"Failed: download the Pulumi CLI's modules") as refusal:
        find_or_build(report=False)
    assert "network is unreachable" in str(refusal.value)
    assert left_behind(tmp_path) == []


def test_a_failed_build_names_its_step_and_leaves_nothing(place: Path, tmp_path: Path) -> None:
    script(place, "go", '[ "$1" = list ] && exit 0; echo "out of disk space" >&2; exit 2')
    with pytest.raises(EngineError, match="Failed: build the Pulumi CLI"):
        find_or_build(report=False)
    assert left_behind(tmp_path) == []


def test_a_binary_that_does_not_run_is_not_kept(place: Path, tmp_path: Path) -> None:
    script(
        place,
        "go",
        'for last; do out=$previous; previous=$last; done; [ "$1" = list ] && exit 0; echo nothing > "$out"',
    )
    with pytest.raises(EngineError, match="doesn't run"):
        find_or_build(report=False)
    assert left_behind(tmp_path) == []


def test_a_build_is_kept_and_not_repeated(place: Path, tmp_path: Path) -> None:
    body = f'''[ "$1" = list ] && exit 0
for last; do out=$previous; previous=$last; done
printf '#!/bin/sh\\necho v{dotted(VERSION)}\\n' > "$out"; chmod +x "$out"'''
    script(place, "go", body)
    built = find_or_build(report=False)
    script(place, "go", "exit 9")
    assert find_or_build(report=False) == built
    assert left_behind(tmp_path) == ["pulumi"]
