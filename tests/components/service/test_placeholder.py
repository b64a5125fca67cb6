"""What runs before the first release, run as the container runs it: it answers within the API's own bounds."""

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
from tests.components.recorded import recorded
from tests.settings.support import as_data, changed

TEMPLATE = ("aws:ecs/taskDefinition:TaskDefinition", "service")


@pytest.fixture(scope="module")
def container() -> Mapping[str, Value]:
    """The template's container, as ECS is told it."""
    inputs = recorded(changed(as_data("production"), {}), stack="production")[TEMPLATE]
    (container,) = json.loads(str(inputs["containerDefinitions"]))
    return container


@dataclass(frozen=True, kw_only=True)
class Running:
    process: subprocess.Popen[bytes]
    port: int

    def ask(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request("GET", path)
        return connection.getresponse().status


@pytest.fixture
def running(container: Mapping[str, Value], tmp_path: Path) -> Iterator[Running]:
    """The container's own command on a free port, in a folder that can't be written to, told nothing."""
    command = container["command"]
    assert isinstance(command, list)
    program, flag, text, port, path = map(str, command)
    assert (program, flag, port) == ("python", "-c", "3001")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    tmp_path.chmod(0o555)
    asked = [sys.executable, "-I", flag, text, str(number), path]
    with subprocess.Popen(asked, cwd=tmp_path, env={}, stderr=subprocess.DEVNULL) as process:
        found = Running(process=process, port=number)
        for _ in range(100):
            with suppress(OSError):
                found.ask("/")
                break
            time.sleep(0.05)
        yield found
        process.kill()
    assert list(tmp_path.iterdir()) == [], "it writes nothing"


def test_it_answers_the_health_path_and_nothing_else(running: Running) -> None:
    assert running.ask("/health") == 200
    assert running.ask("/health?from=probe") == 200
    assert running.ask("/") == 503
    assert running.ask("/api/tasks") == 503
    assert running.ask("/healthy") == 503


def test_it_stops_when_it_is_told_to(running: Running) -> None:
    """ECS sends SIGTERM, by way of the init process."""
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(timeout=5) == -signal.SIGTERM


def test_the_load_balancer_and_the_container_ask_for_the_same_path(container: Mapping[str, Value]) -> None:
    check = container["healthCheck"]
    assert isinstance(check, dict)
    assert check["command"] == ["CMD-SHELL", "wget -q -O /dev/null http://127.0.0.1:3001/health || exit 1"]
