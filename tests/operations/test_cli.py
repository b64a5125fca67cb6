"""The command line: help, options before and after the command, settings, start-up, and the launcher."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from operations.cli import app, hoisted
from sandbox.__main__ import PROJECT
from settings.stacks import STACKS

LAUNCHER = PROJECT / ".venv" / "bin" / "taskflow"


def taskflow(*arguments: str, folder: Path = PROJECT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does, without credentials and without a network."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "COLUMNS": "80",
        **variables,
    }
    return subprocess.run(
        [sys.executable, "-m", "operations", *arguments], cwd=folder, env=environment,
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        (["release", "v1.0.0", "--stack", "dr"], ["--stack", "dr", "release", "v1.0.0"]),
        (["release", "--yes", "v1.0.0", "--json"], ["--yes", "--json", "release", "v1.0.0"]),
        (["--stack=dr", "smoke"], ["--stack=dr", "smoke"]),
        (["rollback", "--to", "v1.0.0", "--ticket=incident-1"], ["--ticket=incident-1", "rollback", "--to", "v1.0.0"]),
        (["smoke", "--stack"], ["--stack", "smoke"]),
        (["smoke", "--", "--yes"], ["smoke", "--", "--yes"]),
    ],
)
def test_global_options_stand_before_or_after_the_command(given: list[str], becomes: list[str]) -> None:
    assert hoisted(given) == becomes


def test_help_fits_a_terminal_and_names_each_command() -> None:
    result = taskflow("--help")
    assert result.returncode == 0
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    commands = (
        "preflight", "release", "postflight", "rollback", "smoke", "audit query", "incident start", "incident end",
        "emergency start", "emergency end", "db connect", "db bootstrap", "db fence", "db cutover", "db rotate",
        "cache rotate", "dr status", "dr promote", "dr fence", "data erase-report", "backup status", "backup report",
        "deploy plan", "deploy up", "deploy drift",
    )  # fmt: skip
    for command in commands:
        assert f"\n  {command.split()[0]} " in result.stdout
        # In this process: each one takes a second to start.
        of_command = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "80"})
        assert of_command.exit_code == 0
        assert f"taskflow {command}" in of_command.stdout
        assert all(len(line) <= 80 for line in of_command.stdout.splitlines())
    # A summary that is cut ends in dots.
    assert "..." not in result.stdout.partition("Commands:")[2]


def test_help_starts_in_half_a_second() -> None:
    """In the processor's time, the least of five: a busy machine must not fail it."""
    times: list[float] = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        taskflow("--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(times) < 0.5


def test_help_imports_nothing_heavy() -> None:
    program = "import sys, operations.cli; print(*sorted({'boto3', 'pydantic', 'pulumi', 'rich'} & sys.modules.keys()))"
    result = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert result.stdout.split() == []


def test_only_run_time_dependencies_are_imported() -> None:
    """The command works where the packages of the tests aren't installed."""
    program = (
        "import sys, operations.cli, operations.frame.run, operations.release.release, operations.release.rollback, "
        "operations.smoke.smoke, operations.checklist.checklist, operations.incident.incident, "
        "operations.emergency.emergency, operations.database.rotate, operations.database.bootstrap, "
        "operations.database.fence, "
        "operations.rotation.cache, operations.audit.query, operations.database.connect, "
        "operations.data.erase_report, operations.backup.status, operations.backup.report, "
        "operations.database.system, operations.deploy.deploy; "
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True)
    loaded = set(result.stdout.split())
    assert not loaded & {"pulumi", "pulumi_aws", "pytest", "hypothesis", "moto", "trustme", "sandbox", "tests", "regex"}


@pytest.mark.parametrize("stack", STACKS)
def test_a_missing_log_in_is_one_line(stack: str) -> None:
    result = taskflow("rollback", "--stack", stack, "--ticket", "incident-1")
    assert result.returncode == 6
    assert result.stderr.splitlines()[0] == "✗ No valid AWS credentials: Unable to locate credentials"
    assert "Traceback" not in result.stderr


def test_an_unknown_profile_is_one_line() -> None:
    result = taskflow("smoke", "--profile", "nobody")
    assert result.returncode == 6
    assert "The config profile (nobody) could not be found" in result.stderr


def test_an_unknown_stack_is_one_line() -> None:
    result = taskflow("smoke", "--stack", "staging")
    assert result.returncode == 2
    assert result.stderr.splitlines() == ["✗ Pulumi.staging.yaml: no such file"]


@pytest.mark.parametrize(
    "arguments", [("release",), ("release", "v1.0.0", "--same-image"), ("deploy",), ("release", "--x")]
)
def test_a_wrong_command_line_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    result = taskflow(*arguments)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_setup_links_the_launcher(tmp_path: Path) -> None:
    """It works from any folder, also through a link in a folder of PATH."""
    link = tmp_path / "taskflow"
    link.symlink_to(LAUNCHER)
    for command in (LAUNCHER, link):
        result = subprocess.run([str(command), "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        assert "TaskFlow's runbook as commands" in result.stdout
