"""Plain `pulumi preview` and `up`, as with an AWS account, where the official CLI's language host is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.__main__ import PROJECT, STACKS
from sandbox.cli.find import found_on_path
from sandbox.processes import StandIn
from sandbox.project import generated_settings
from sandbox.workspace import PASSPHRASE
from tests.engine.support import project

HOST = "pulumi-language-python"

pytestmark = pytest.mark.skipif(
    not (shutil.which(HOST) and found_on_path()),
    reason=f"no {HOST} beside a recent pulumi on PATH: install the official CLI to run this",
)


@pytest.mark.parametrize("stack", STACKS)
def test_plain_pulumi_previews_and_comes_up_without_a_flag_of_ours(tmp_path: Path, stack: str) -> None:
    """Only the backend, its passphrase and the stand-ins are the test's: program and pack are started as ever."""
    copy = tmp_path / "project"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "build", "tests"))
    (copy / ".venv").symlink_to(PROJECT / ".venv")
    text, hidden = generated_settings(project(), stack)
    (copy / f"Pulumi.{stack}.yaml").write_text(text)
    stand_in = StandIn()
    environment = {
        **os.environ,
        "PULUMI_BACKEND_URL": f"file://{tmp_path}",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DEBUG_PROVIDERS": stand_in.addresses,
    }

    def pulumi(*arguments: str) -> str:
        command = ["pulumi", *arguments, "--non-interactive"]
        ran = subprocess.run(command, check=False, cwd=copy, env=environment, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    try:
        pulumi("stack", "init", stack)
        for key, value in hidden.items():
            pulumi("config", "set", "--secret", key, value, "--stack", stack)
        assert "to create" in pulumi("preview", "--stack", stack, "--policy-pack", "policies")
        assert "created" in pulumi("up", "--yes", "--stack", stack, "--policy-pack", "policies")
    finally:
        stand_in.stop()
