"""The placeholder, run with the container's command and under the API's restrictions."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.values import Value
from tests.components.recorded import record_resources
from tests.settings.support import as_data, changed

TEMPLATE = ("aws:ecs/taskDefinition:TaskDefinition", "service")


@pytest.fixture(scope="module")
def container() -> Mapping[str, Value]:
    """Return the container definition of the template."""
    inputs = record_resources(changed(as_data("production"), {}), stack="production")[TEMPLATE]
    (container,) = json.loads(str(inputs["containerDefinitions"]))
    return container


@dataclass(frozen=True, kw_only=True)
class Running:
    process: subprocess.Popen[bytes]
    port: int

    def status(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request("GET", path)
        return connection.getresponse().status


@pytest.fixture
def running(container: Mapping[str, Value], tmp_path: Path) -> Iterator[Running]:
    """Run the container's command on a free port, in a read-only folder, with an empty environment."""
    command = container["command"]
    assert isinstance(command, list)
    program, flag, text, port, path = map(str, command)
    assert (program, flag, port) == ("python", "-c", "3001")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        free_port = int(free.getsockname()[1])
    tmp_path.chmod(0o555)
    arguments = [sys.executable, "-I", flag, text, str(free_port), path]
    with subprocess.Popen(arguments, cwd=tmp_path, env={}, stderr=subprocess.DEVNULL) as process:
        server = Running(process=process, port=free_port)
        for _ in range(100):
            with suppress(OSError):
                server.status("/")
                break
            time.sleep(0.05)
        yield server
        process.kill()
    assert list(tmp_path.iterdir()) == [], "the placeholder wrote a file"


def test_it_answers_only_the_health_path(running: Running) -> None:
    assert running.status("/health") == 200
    assert running.status("/health?from=probe") == 200
    assert running.status("/") == 503
    assert running.status("/api/tasks") == 503
    assert running.status("/healthy") == 503


def test_it_stops_on_sigterm(running: Running) -> None:
    """ECS sends SIGTERM through the init process."""
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(timeout=5) == -signal.SIGTERM


def test_load_balancer_and_container_check_the_same_path(container: Mapping[str, Value]) -> None:
    check = container["healthCheck"]
    assert isinstance(check, dict)
    assert check["command"] == ["CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1:3001/health || exit 1"]
