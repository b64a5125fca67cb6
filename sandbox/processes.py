"""The processes that run beside the program: the stand-in providers and the policy pack."""

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import psutil

from sandbox.service_models.coverage import Summary


def clear_environment() -> None:
    """Remove Pulumi's and AWS's variables from this process, so that it can't reach a real backend or account."""
    for name in tuple(os.environ):
        if name.startswith(("PULUMI_", "AWS_")):
            del os.environ[name]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}


class StandInServer:
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
        """Return each package's address (`aws:PORT,awsx:PORT,…`); wait for the start if necessary."""
        if self._addresses is None:
            self._addresses = self._process.stdout.readline().strip() if self._process.stdout else ""
            if not self._addresses:
                raise RuntimeError("the stand-in providers didn't start, see the error above")
        return self._addresses

    def save(self) -> None:
        """Write the world's file, and wait until it is written."""
        if self._process.stdin and self._process.stdout:
            self._process.stdin.write("save\n")
            self._process.stdin.flush()
            self._process.stdout.readline()

    def stop(self) -> None:
        """Stop the process; read its `coverage` and processor seconds (`seconds` includes `start_up_seconds`)."""
        output, _ = self._process.communicate()
        for line in output.splitlines():
            if line.startswith("models "):
                self.coverage = Summary.from_json(line.removeprefix("models "))
            if line.startswith("cpu "):
                self.start_up_seconds, self.seconds = (float(part) for part in line.split()[1:])


class PackServer:
    """The process that serves a policy pack to all operations of a sandbox; its port is written to the file `port`.

    The engine would start a pack for each operation and wait for its imports, nearly a second, before the program.
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
        # Reaps a pack that couldn't start: the plugin, which waits for the port, then sees that the process has ended.
        threading.Thread(target=self._process.wait, daemon=True).start()

    def seconds(self) -> float:
        """Return the processor seconds used so far."""
        times = psutil.Process(self.pid).cpu_times()
        return times.user + times.system

    def stop(self) -> None:
        """Stop the process."""
        self._process.communicate()
        self._folder.cleanup()
