"""Pulumi as a command runs it: its arguments, its steps, its failures in a line, and Control-C."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from operations.frame.errors import ExitCode, OperationError
from operations.frame.pulumi import Step, SystemPulumi

URN = "urn:pulumi:dr::taskflow::taskflow:data:PostgresCluster$aws:rds/instance:Instance::database-taskflow-dr"
SCRIPT = """#!{python} -S
import json, os, signal, sys, time
folder = "{folder}/"
open(folder + "arguments", "w").write(json.dumps([sys.argv[1:], os.getcwd(), os.environ.get("AWS_PROFILE")]))
{body}
"""


@pytest.fixture
def pulumi(tmp_path: Path) -> SystemPulumi:
    return SystemPulumi(folder=tmp_path, profile="devops", program=str(tmp_path / "pulumi"))


def program(pulumi: SystemPulumi, body: str) -> None:
    file = Path(pulumi.program)
    file.write_text(SCRIPT.format(python=sys.executable, folder=pulumi.folder, body=body))
    file.chmod(0o755)


def test_a_preview_returns_the_steps_that_change_something(pulumi: SystemPulumi) -> None:
    differs = {"tags.Name": {"kind": "update"}, "rules[0].priority": {}, "rules[1].priority": {}}
    update = {"op": "update", "urn": URN, "provider": "aws", "detailedDiff": differs}
    steps = [{"op": "same", "urn": f"{URN}-2"}, update]
    program(pulumi, f"print({json.dumps({'steps': steps})!r})")
    (step,) = pulumi.preview("dr")
    assert (step.operation, step.kind, step.name) == ("update", "aws:rds/instance:Instance", "database-taskflow-dr")
    assert str(step) == "update aws:rds/instance:Instance database-taskflow-dr"
    assert step.properties == ["rules", "tags"]
    arguments, folder, profile = json.loads((pulumi.folder / "arguments").read_text())
    assert arguments == ["preview", "--stack", "dr", "--policy-pack", "policies", "--non-interactive", "--json"]
    assert (Path(folder), profile) == (pulumi.folder, "devops")


def test_a_component_has_a_step_too() -> None:
    step = Step(operation="create", urn="urn:pulumi:dr::taskflow::taskflow:data:BackupPlan::backup")
    assert (step.kind, step.name) == ("taskflow:data:BackupPlan", "backup")


def test_an_up_shows_its_output_on_standard_error(pulumi: SystemPulumi, capfd: pytest.CaptureFixture[str]) -> None:
    program(pulumi, "print('Updating (dr)')")
    pulumi.up("dr")
    assert capfd.readouterr() == ("", "Updating (dr)\n")
    arguments, *_ = json.loads((pulumi.folder / "arguments").read_text())
    assert arguments[-2:] == ["--yes", "--skip-preview"]


def test_a_refresh_reads_one_resource(pulumi: SystemPulumi) -> None:
    program(pulumi, "")
    pulumi.refresh("dr", URN)
    arguments, *_ = json.loads((pulumi.folder / "arguments").read_text())
    options = ["--non-interactive", "--target", URN, "--yes", "--skip-preview"]
    assert arguments == ["refresh", "--stack", "dr", *options]


@pytest.mark.parametrize(
    ("output", "line", "command"),
    [
        ("error: the stack is currently locked by 1 lock(s).", "is locked by another `up`", "pulumi cancel --stack dr"),
        ("error: no stack named 'dr' found", "doesn't have this stack", "export TASKFLOW_STATE_DR=s3://…"),
        ("error: update failed", "`pulumi up` of dr failed", ""),
    ],
)
def test_a_failed_up_is_one_line(
    pulumi: SystemPulumi, output: str, line: str, command: str, capfd: pytest.CaptureFixture[str]
) -> None:
    program(pulumi, f"sys.exit({output!r})")
    with pytest.raises(OperationError) as problem:
        pulumi.up("dr")
    assert line in problem.value.message
    assert problem.value.command == command
    assert output in capfd.readouterr().err


def test_an_up_by_a_plan_that_failed_needs_a_new_plan(pulumi: SystemPulumi) -> None:
    """The state has changed: the same plan would be refused."""
    program(pulumi, "sys.exit('error: update failed')")
    with pytest.raises(OperationError, match="`pulumi up` of dr failed") as problem:
        pulumi.up_by_plan("dr", Path("dr.plan.json"))
    assert problem.value.command == "taskflow deploy plan --stack dr"
    arguments, *_ = json.loads((pulumi.folder / "arguments").read_text())
    # With a preview, which finds a difference before anything is changed: tests/engine/test_saved_plan.py.
    assert arguments[-2:] == ["--yes", "--plan=dr.plan.json"]
    assert "--skip-preview" not in arguments


def test_a_step_outside_the_plan_is_refused(pulumi: SystemPulumi) -> None:
    program(pulumi, "sys.exit('error: resource urn:pulumi:dr::… violates plan: properties changed')")
    with pytest.raises(OperationError, match="isn't in the plan that was approved") as problem:
        pulumi.up_by_plan("dr", Path("dr.plan.json"))
    assert problem.value.code is ExitCode.REFUSED


def test_a_failed_preview_shows_why(pulumi: SystemPulumi, capfd: pytest.CaptureFixture[str]) -> None:
    """Its JSON has no policy violations."""
    program(pulumi, "print('{}' if '--json' in sys.argv else '[mandatory] origin-latch'); sys.exit(255)")
    with pytest.raises(OperationError, match="`pulumi preview` of dr failed"):
        pulumi.preview("dr")
    assert capfd.readouterr().err == "[mandatory] origin-latch\n"


def test_without_pulumi_nothing_happens(pulumi: SystemPulumi) -> None:
    for run in (pulumi.preview, pulumi.up):
        with pytest.raises(OperationError, match="is not installed, or not in PATH") as problem:
            run("dr")
        assert problem.value.code is ExitCode.REFUSED


def test_control_c_lets_pulumi_end_its_step(pulumi: SystemPulumi) -> None:
    """Both get the signal, as from a terminal: Pulumi saves its state, and the command ends after it."""
    body = """
def end(number, frame):
    time.sleep(0.5)
    open(folder + "saved", "w").close()
    sys.exit(1)
signal.signal(signal.SIGINT, end)
print("Updating", flush=True)
time.sleep(60)
"""
    program(pulumi, body)
    command = (
        # A process that a shell starts in the background ignores the signal, and so do its children.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from pathlib import Path; from operations.frame.pulumi import SystemPulumi\n"
        f"SystemPulumi(folder=Path({str(pulumi.folder)!r}), program={pulumi.program!r}).up('dr')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", command], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stderr
    assert process.stderr.readline() == "Updating\n"
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert (pulumi.folder / "saved").exists()
    assert "KeyboardInterrupt" in errors
