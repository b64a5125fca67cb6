"""The Pulumi CLI: the one on PATH if it is recent enough, else one built once from its Go module.

The module's versions and checksums are pinned in cli/go.mod and cli/go.sum; the binary is kept in the user's cache.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from sandbox.cache import cache_folder

VERSION = (3, 259, 0)
MODULE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
CLI_FOLDER = Path(__file__).parent / "cli"
GO_DOWNLOAD = "https://go.dev/doc/install"
PULUMI_DOWNLOAD = "https://www.pulumi.com/docs/install/"


class EngineError(Exception):
    """There is no CLI, and none can be made; the text says which step failed and what to install."""


def find_or_build(*, report: bool = True) -> Path:
    """Give the CLI's path, building it first where that is needed (minutes, once, with progress on stderr).

    EngineError says what to install, or which step failed.
    """
    return found_on_path() or _built(report=report)


def found_on_path() -> Path | None:
    """Give the `pulumi` on PATH if it is recent enough."""
    found = shutil.which("pulumi")
    version = _version_of(Path(found)) if found else None
    return Path(found) if found and version and version >= VERSION else None


def dotted(version: tuple[int, ...]) -> str:
    """Give a version as people write it."""
    return ".".join(str(part) for part in version)


def _version_of(binary: Path) -> tuple[int, ...] | None:
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        said = subprocess.run(
            [binary, "version"], check=False, capture_output=True, text=True, env=environment, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    numbers = re.match(r"v?(\d+)\.(\d+)\.(\d+)", said.stdout.strip())
    return tuple(int(part) for part in numbers.groups()) if numbers else None


def _built(*, report: bool) -> Path:
    binary = cache_folder() / f"pulumi-{dotted(VERSION)}" / "pulumi"
    if binary.exists():
        return binary
    go = shutil.which("go")
    if go is None:
        raise EngineError(
            f"No pulumi {dotted(VERSION)} or newer on PATH, and no Go to build one with.\n"
            f"Install either the Pulumi CLI ({PULUMI_DOWNLOAD})\n"
            f"or Go ({GO_DOWNLOAD}), and try again."
        )
    binary.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=binary.parent, prefix="building-") as folder:
        part = Path(folder) / "pulumi"
        # Listing what the CLI is built from fetches just that; `go mod download` would want all that is ever named.
        _step("download the Pulumi CLI's modules", [go, "list", "-mod=readonly", "-deps", MODULE], report=report)
        _step("build the Pulumi CLI (about 5 minutes, once)", _build_command(go, part), report=report)
        if _version_of(part) != VERSION:
            raise EngineError("build the Pulumi CLI: the binary that was built doesn't run")
        part.replace(binary)
    return binary


def _build_command(go: str, binary: Path) -> list[str]:
    flags = f"-s -w -X {VERSION_VARIABLE}={dotted(VERSION)}"
    return [go, "build", "-mod=readonly", "-trimpath", "-ldflags", flags, "-o", str(binary), MODULE]


def _step(what: str, command: list[str], *, report: bool) -> None:
    """Run one step in the CLI's folder, saying every few seconds that it still runs; EngineError if it fails."""
    done = threading.Event()
    ticker = threading.Thread(target=_tick, args=(what, done), daemon=True)
    if report:
        ticker.start()
    try:
        ran = subprocess.run(
            command, check=False, cwd=CLI_FOLDER, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
    finally:
        done.set()
        if report:
            ticker.join()
    if ran.returncode:
        last = "\n".join(f"  {line}" for line in ran.stdout.strip().splitlines()[-12:])
        raise EngineError(f"Failed: {what}. Nothing was left behind; try again once this is mended:\n{last}")


def _tick(what: str, done: threading.Event) -> None:
    start = time.monotonic()
    interactive = sys.stderr.isatty()
    sys.stderr.write(f"{what} …" + ("" if interactive else "\n"))
    sys.stderr.flush()
    while not done.wait(1 if interactive else 30):
        passed = time.monotonic() - start
        sys.stderr.write(f"\r{what} … {passed:.0f} s" if interactive else f"  still at it after {passed:.0f} s\n")
        sys.stderr.flush()
    sys.stderr.write(
        f"\r{what}: {time.monotonic() - start:.0f} s\n" if interactive else f"  took {time.monotonic() - start:.0f} s\n"
    )
    sys.stderr.flush()
