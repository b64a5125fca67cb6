"""The runbooks' commands do what the runbooks say: run as they stand, with the real CLI on a backend of its own."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from sandbox.__main__ import STACKS
from sandbox.cli.find import find_or_make
from tests.docs.rotation import KEYS, commands, rotation_steps

OLD = "Old0" * 10

# `up` is stood in for by a note of the secret settings that it would have.
STAND_IN = """#!/bin/sh
if [ "$1" = up ]; then
    number=$(ls "{folder}" | wc -l)
    {cli} config --show-secrets --json --stack "$3" > "{folder}/up-$number-$3.json"
else
    exec {cli} "$@"
fi
"""


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A project with both stacks, which know the old secret, and a `pulumi` that ends at `up`."""
    for name in ("bin", "state", "home", "ups"):
        (tmp_path / name).mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: taskflow\nruntime: python\n")
    pulumi = tmp_path / "bin" / "pulumi"
    pulumi.write_text(STAND_IN.format(cli=find_or_make(), folder=tmp_path / "ups"))
    pulumi.chmod(0o755)
    for stack in STACKS:
        shell(tmp_path, f"pulumi stack init {stack} --no-select")
        shell(tmp_path, f"printf %s {OLD} | pulumi config set --secret {KEYS[0]} --stack {stack}")
    return tmp_path


def shell(workplace: Path, script: str) -> str:
    """Run a script as a person's shell would; give all that was shown."""
    backend = f"file://{workplace / 'state'}"
    own = {
        "PATH": f"{workplace / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_HOME": str(workplace / "home"),
        "PULUMI_BACKEND_URL": backend,
        "BACKEND_IN_US_EAST_1": backend,
        "BACKEND_IN_US_WEST_2": backend,
        "PULUMI_CONFIG_PASSPHRASE": "a passphrase of a test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    done = subprocess.run(
        ["sh", "-eu", "-c", script],
        cwd=workplace, env={**os.environ, **own}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_the_rotations_commands_lead_through_its_table(workplace: Path) -> None:
    """Before each `up` the stack has exactly the values that the table's row says, and none was shown."""
    script = commands().partition("curl ")[0]
    shown = shell(workplace, script)
    ups = sorted((workplace / "ups").iterdir(), key=lambda file: int(file.name.split("-")[1]))
    had = [
        (file.stem.rpartition("-")[2], {key: each["value"] for key, each in json.loads(file.read_text()).items()})
        for file in ups
    ]
    new = had[0][1][KEYS[1]]
    assert len(new) == 64
    assert had == rotation_steps({"old": OLD, "new": new})
    assert OLD not in shown
    assert new not in shown
    for stack in STACKS:
        assert "secure:" in (workplace / f"Pulumi.{stack}.yaml").read_text()
