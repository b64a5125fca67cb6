"""`pulumi preview` and `up` as with an AWS account, if the official CLI's language host is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.__main__ import PROJECT, STACKS
from sandbox.cli.find import find_on_path
from sandbox.processes import StandInServer
from sandbox.project import generate_settings
from sandbox.workspace import PASSPHRASE
from tests.engine.support import project

HOST = "pulumi-language-python"

pytestmark = pytest.mark.skipif(
    not (shutil.which(HOST) and find_on_path()),
    reason=f"no {HOST} and recent pulumi on PATH: install the official CLI to run this test",
)


@pytest.mark.parametrize("stack", STACKS)
def test_pulumi_previews_and_deploys_without_special_flags(tmp_path: Path, stack: str) -> None:
    """The test sets only the backend, its passphrase and the stand-ins; the CLI starts program and pack."""
    copy = tmp_path / "project"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "build", "tests"))
    (copy / ".venv").symlink_to(PROJECT / ".venv")
    text, hidden = generate_settings(project(), stack)
    (copy / f"Pulumi.{stack}.yaml").write_text(text)
    stand_in = StandInServer()
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
