"""One step of making the CLI: a command with a time limit, whose progress a person can follow."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


class StepError(Exception):
    """A step failed; the text names it, with the end of what it printed."""

    def __init__(self, what: str, why: str) -> None:
        lines = "\n".join(f"    {line}" for line in why.strip().splitlines()[-12:])
        super().__init__(f"  Failed: {what}\n{lines}")


def run_step(
    what: str,
    command: Sequence[str],
    *,
    folder: Path,
    limit: float,
    report: bool,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a command in `folder`, reporting on stderr that it still runs; StepError if it fails or takes too long.

    `limit` is in seconds; `environment` is added to this process's own.
    """
    done = threading.Event()
    ticker = threading.Thread(target=_tick, args=(what, done), daemon=True)
    if report:
        ticker.start()
    try:
        _run(what, command, folder, limit, {**os.environ, **(environment or {})})
    finally:
        done.set()
        if report:
            ticker.join()


def _run(what: str, command: Sequence[str], folder: Path, limit: float, environment: Mapping[str, str]) -> None:
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A group of its own, so that what the command started ends with it.
            start_new_session=True,
        )
    except OSError as error:
        raise StepError(what, str(error)) from error
    try:
        printed, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        raise StepError(what, f"it took more than {limit:.0f} s") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    if process.returncode:
        raise StepError(what, printed or f"it ended with exit code {process.returncode}")


def _tick(what: str, done: threading.Event) -> None:
    start = time.monotonic()
    interactive = sys.stderr.isatty()
    sys.stderr.write(f"{what} …" + ("" if interactive else "\n"))
    sys.stderr.flush()
    while not done.wait(1 if interactive else 30):
        passed = time.monotonic() - start
        sys.stderr.write(f"\r{what} … {passed:.0f} s" if interactive else f"  still running after {passed:.0f} s\n")
        sys.stderr.flush()
    sys.stderr.write(
        f"\r{what}: {time.monotonic() - start:.0f} s\n" if interactive else f"  took {time.monotonic() - start:.0f} s\n"
    )
    sys.stderr.flush()
