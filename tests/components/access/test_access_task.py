"""The access task as planned: its container, and the entry point that ends every command."""

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import pytest

from sandbox.__main__ import STACKS
from tests.components.recorded import record_resources
from tests.settings.support import as_data, changed

TASK = "aws:ecs/taskDefinition:TaskDefinition"
REGIONS = {"production": "us-east-1", "dr": "us-west-2"}


def _container(stack: str, **settings: object) -> Mapping[str, object]:
    values = changed(as_data(stack), {f"taskflow:tools.{name}": cast("str", value) for name, value in settings.items()})
    definitions = record_resources(values, stack=stack)[TASK, "access-task"]["containerDefinitions"]
    (container,) = json.loads(str(definitions))
    return container


@pytest.mark.parametrize("stack", STACKS)
def test_the_image_is_in_the_stacks_own_region(stack: str) -> None:
    """Each stack can start it while the other region is down."""
    digest = f"sha256:{'a1' * 32}"
    registry = f"987654321098.dkr.ecr.{REGIONS[stack]}.amazonaws.com"
    assert _container(stack, image=digest)["image"] == f"{registry}/taskflow-tools@{digest}"


def test_the_container_allows_sessions_and_little_else() -> None:
    container = _container("production")
    assert container["readonlyRootFilesystem"] is False, "ECS Exec doesn't work with a read-only root"
    assert container["user"] == "1000:1000"
    linux = cast("Mapping[str, Mapping[str, Sequence[str]]]", container["linuxParameters"])
    assert linux["initProcessEnabled"] is True, "the SSM agent leaves zombie processes"
    kept = {"CHOWN", "DAC_OVERRIDE", "FOWNER"}
    assert not kept & set(linux["capabilities"]["drop"]), "the SSM agent creates its folders as root"
    assert {"NET_RAW", "SETUID", "SYS_CHROOT"} <= set(linux["capabilities"]["drop"])
    assert not {"environment", "secrets", "portMappings", "healthCheck"} & set(container)


@pytest.mark.skipif(not Path("/usr/bin/timeout").exists(), reason="the image has GNU timeout there")
@pytest.mark.parametrize(
    "command",
    [None, ["sh", "-c", "trap '' TERM INT HUP; while :; do sleep 1; done"]],
    ids=["its own command", "a command that ignores signals"],
)
def test_the_entry_point_ends_every_command(command: Sequence[str] | None) -> None:
    """The caller of RunTask may replace the command, but not the entry point."""
    container = _container("production", accessTimeout=60)
    *program, seconds = cast("Sequence[str]", container["entryPoint"])
    assert seconds == "60"
    started = time.monotonic()
    ended = subprocess.run(
        [*program, "1", *(command or cast("Sequence[str]", container["command"]))], check=False, timeout=20
    )
    assert 1 <= time.monotonic() - started < 10
    assert ended.returncode in (-9, 137), "killed"
