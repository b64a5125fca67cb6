"""The processes beside the program: the stand-in providers, and the policy pack."""

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import psutil

from sandbox.service_models.coverage import Summary


def forget_owners_environment() -> None:
    """Take Pulumi's and AWS's own settings out of this process: nothing here is to reach a real backend or account."""
    for name in tuple(os.environ):
        if name.startswith(("PULUMI_", "AWS_")):
            del os.environ[name]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}


class StandIn:
    """The process of the stand-in providers."""

    def __init__(self, world: Path | None = None) -> None:
        command = [sys.executable, "-m", "sandbox.server", *([str(world)] if world else [])]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment()
        )
        self._addresses: str | None = None
        self.start_up_seconds = 0.0
        self.seconds = 0.0
        self.coverage = Summary()

    @property
    def addresses(self) -> str:
        """Give where each package is served (`aws:PORT,awsx:PORT,…`), waiting for the start if need be."""
        if self._addresses is None:
            self._addresses = self._process.stdout.readline().strip() if self._process.stdout else ""
            if not self._addresses:
                raise RuntimeError("the stand-in providers didn't start; their error stands above")
        return self._addresses

    def save(self) -> None:
        """Have the world's file written, as it is after an operation."""
        if self._process.stdin and self._process.stdout:
            self._process.stdin.write("save\n")
            self._process.stdin.flush()
            self._process.stdout.readline()

    def stop(self) -> None:
        """Stop them; take their figures: `coverage`, and processor seconds (`seconds` includes `start_up_seconds`)."""
        printed, _ = self._process.communicate()
        for line in printed.splitlines():
            if line.startswith("models "):
                self.coverage = Summary.from_json(line.removeprefix("models "))
            if line.startswith("cpu "):
                self.start_up_seconds, self.seconds = (float(part) for part in line.split()[1:])


class PackServer:
    """The process that serves a policy pack to every operation of a sandbox; `port` is a file, filled when it serves.

    The engine would start it anew for each, and wait for nearly a second of imports before it runs the program.
    """

    def __init__(self, pack: Path) -> None:
        self.pack = pack
        self._folder = tempfile.TemporaryDirectory(prefix="taskflow-pack-")
        self.port = Path(self._folder.name) / "port"
        with self.port.open("wb") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-u", "-m", "sandbox.pack"], cwd=pack, env=_environment(),
                stdin=subprocess.PIPE, stdout=file, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        self.pid = self._process.pid
        # Reaps a pack that couldn't start, so that the plugin, which waits for its port, finds it gone.
        threading.Thread(target=self._process.wait, daemon=True).start()

    def seconds(self) -> float:
        """Give the processor seconds that it took so far."""
        times = psutil.Process(self.pid).cpu_times()
        return times.user + times.system

    def stop(self) -> None:
        """End the process."""
        self._process.communicate()
        self._folder.cleanup()
