"""One step of the CLI's installation: a command with a time limit and progress on stderr."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


class StepError(Exception):
    """A step failed; the message has its name and its last lines of output."""

    def __init__(self, step: str, reason: str) -> None:
        lines = "\n".join(f"    {line}" for line in reason.strip().splitlines()[-12:])
        super().__init__(f"  Failed: {step}\n{lines}")


def run_step(
    step: str,
    command: Sequence[str],
    *,
    folder: Path,
    limit: float,
    report: bool,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a command in `folder`, with progress on stderr; StepError if it fails or exceeds the limit.

    `limit` is in seconds; `environment` is added to this process's.
    """
    done = threading.Event()
    reporter = threading.Thread(target=_report, args=(step, done), daemon=True)
    if report:
        reporter.start()
    try:
        _run(step, command, folder, limit, {**os.environ, **(environment or {})})
    finally:
        done.set()
        if report:
            reporter.join()


def _run(step: str, command: Sequence[str], folder: Path, limit: float, environment: Mapping[str, str]) -> None:
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A separate group, so that the command's child processes end with it.
            start_new_session=True,
        )
    except OSError as error:
        raise StepError(step, str(error)) from error
    try:
        output, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        raise StepError(step, f"timeout after {limit:.0f} s") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    if process.returncode:
        raise StepError(step, output or f"exit code {process.returncode}")


def _report(step: str, done: threading.Event) -> None:
    start = time.monotonic()
    interactive = sys.stderr.isatty()
    sys.stderr.write(f"{step} …" + ("" if interactive else "\n"))
    sys.stderr.flush()
    while not done.wait(1 if interactive else 30):
        passed = time.monotonic() - start
        sys.stderr.write(f"\r{step} … {passed:.0f} s" if interactive else f"  still running after {passed:.0f} s\n")
        sys.stderr.flush()
    sys.stderr.write(
        f"\r{step}: {time.monotonic() - start:.0f} s\n" if interactive else f"  took {time.monotonic() - start:.0f} s\n"
    )
    sys.stderr.flush()
