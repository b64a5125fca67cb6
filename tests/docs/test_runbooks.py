"""The commands of the rotation runbook work: run unchanged, with the real CLI on a separate backend."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from sandbox.__main__ import STACKS
from sandbox.cli.find import find_or_install
from tests.docs.rotation import KEYS, rotation_commands, rotation_steps

OLD = "Old0" * 10

# Replaces `up` with a file of the secret settings that it would have.
FAKE_PULUMI = """#!/bin/sh
if [ "$1" = up ]; then
    number=$(ls "{folder}" | wc -l)
    {cli} config --show-secrets --json --stack "$3" > "{folder}/up-$number-$3.json"
else
    exec {cli} "$@"
fi
"""


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A project with both stacks, which have the old secret, and a `pulumi` whose `up` only records settings."""
    for name in ("bin", "state", "home", "ups"):
        (tmp_path / name).mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: taskflow\nruntime: python\n")
    pulumi = tmp_path / "bin" / "pulumi"
    pulumi.write_text(FAKE_PULUMI.format(cli=find_or_install(), folder=tmp_path / "ups"))
    pulumi.chmod(0o755)
    for stack in STACKS:
        shell(tmp_path, f"pulumi stack init {stack} --no-select")
        shell(tmp_path, f"printf %s {OLD} | pulumi config set --secret {KEYS[0]} --stack {stack}")
    return tmp_path


def shell(workplace: Path, script: str) -> str:
    """Run a script in a shell; return its output."""
    backend = f"file://{workplace / 'state'}"
    variables = {
        "PATH": f"{workplace / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_HOME": str(workplace / "home"),
        "PULUMI_BACKEND_URL": backend,
        "BACKEND_IN_US_EAST_1": backend,
        "BACKEND_IN_US_WEST_2": backend,
        "PULUMI_CONFIG_PASSPHRASE": "a test passphrase",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    result = subprocess.run(
        ["sh", "-eu", "-c", script],
        cwd=workplace, env={**os.environ, **variables}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr


def test_the_rotation_commands_follow_its_table(workplace: Path) -> None:
    """Before each `up` the stack has exactly the values of the table's row, and no value was printed."""
    script = rotation_commands().partition("curl ")[0]
    output = shell(workplace, script)
    ups = sorted((workplace / "ups").iterdir(), key=lambda file: int(file.name.split("-")[1]))
    secrets = [
        (file.stem.rpartition("-")[2], {key: each["value"] for key, each in json.loads(file.read_text()).items()})
        for file in ups
    ]
    new = secrets[0][1][KEYS[1]]
    assert len(new) == 64
    assert secrets == rotation_steps({"old": OLD, "new": new})
    assert OLD not in output
    assert new not in output
    for stack in STACKS:
        assert "secure:" in (workplace / f"Pulumi.{stack}.yaml").read_text()
