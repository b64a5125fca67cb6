"""`taskflow db connect` while psql runs, and RDS's certificates: the hour, the token, the tunnel, the way out."""

from datetime import timedelta
from pathlib import Path

import pytest

from operations.database.connect import ConnectOptions, connect
from operations.frame.errors import ExitCode
from tests.operations.connecting import APPROVER, HOUR, Person, Truststore, authority, closes_with, person
from tests.operations.fake.wire import ServiceError


@pytest.fixture
def alice(tmp_path: Path) -> Person:
    return person(tmp_path)


def test_a_tunnel_that_dies_in_the_middle_of_a_query_is_opened_again(
    alice: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    alice.at(5, alice.machine.drop_tunnel)
    assert alice.connect() is ExitCode.SUCCESS
    assert len(alice.machine.plugins) == 2
    assert [each.is_terminated for each in alice.world.sessions.all] == [True, True], "no session stays open"
    lines = capsys.readouterr().err
    assert "! The tunnel dropped. Opening it again" in lines
    assert (
        "! The tunnel is open again. Repeat the query; if psql isn't connected, enter \\c dbname=taskflow first."
        in lines
    )
    assert alice.machine.left_behind == []


def test_a_tunnel_that_keeps_failing_ends_the_session(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        alice.machine.drop_tunnel()
        alice.machine.plugin_failure = "dial tcp: lookup ssmmessages.us-east-1.amazonaws.com: no such host"

    alice.machine.psql_seconds = HOUR
    alice.at(5, fail)
    closes_with(alice, capsys, "can't be opened again: The tunnel doesn't open: ")


def test_a_task_that_ends_while_psql_runs(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    def end() -> None:
        task = alice.world.ecs.tasks[-1]
        task.stops_at, task.stopped_reason = alice.world.clock.now(), "Task stopped by user"

    alice.machine.psql_seconds = HOUR
    alice.at(5, end)
    closes_with(alice, capsys, "The access task has ended: Task stopped by user")


def test_a_session_that_is_left_open_ends_with_its_hour(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    alice.machine.psql_seconds = 2 * HOUR
    start = alice.world.clock.now()
    assert alice.connect() is ExitCode.FAILED
    assert alice.world.clock.now() - start <= timedelta(hours=1), "the credentials close it, so they must be valid"
    lines = capsys.readouterr().err
    assert "! The session ends at 11:" in lines or "! The session ends at 10:" in lines
    assert "✗ The session has ended: it is limited to an hour" in lines
    assert alice.machine.left_behind == []


def test_a_new_log_in_works_for_the_whole_hour(alice: Person) -> None:
    """A token is valid for 15 minutes: `\\c` after half an hour, and after most of it."""
    accepted: list[bool] = []
    alice.machine.psql_seconds = 3500
    for second in (60, 1000, 2000, 3300):
        alice.at(second, lambda: accepted.append(alice.machine.can_log_in(alice.machine.psqls[0].variables)))
    alice.connect()
    assert accepted == [True] * 4


def test_control_c_belongs_to_psql_while_it_runs(alice: Person) -> None:
    alice.connect()
    assert alice.machine.log == ["Control-C is psql's", "Control-C ends the command"]


def test_a_signal_closes_everything(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    alice.at(5, interrupt)
    closes_with(alice, capsys, "Interrupted; the tunnel is closed and the access task stopped", ExitCode.INTERRUPTED)
    assert alice.world.events()[-1]["outcome"] == "interrupted"


def test_what_cant_be_closed_is_named(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    """The session ends with its task, the task with its hour, or by the next run."""
    alice.world.wire.denied = frozenset({"ecs StopTask"})
    assert alice.connect() is ExitCode.SUCCESS
    lines = " ".join(capsys.readouterr().err.split())
    assert "! The access task can't be stopped: AWS denied StopTask" in lines
    assert "the next `taskflow db connect` on this computer stops it, and it ends itself at 11:" in lines
    assert alice.machine.left_behind == [f"task {alice.world.ecs.tasks[0].started_by}"]
    alice.world.wire.denied = frozenset()
    assert alice.connect() is ExitCode.SUCCESS
    assert "Stopping the access task of an earlier run" in capsys.readouterr().err
    assert alice.machine.left_behind == []


def test_two_sessions_of_one_incident_leave_each_other_alone(alice: Person, tmp_path: Path) -> None:
    """Another person's, and another one of this person: only a run whose process is gone is a leftover."""
    alice.connect()
    task, computer = alice.world.ecs.tasks[0], (alice.machine.cache / "computer").read_text()
    alice.machine.folder("parallel")
    for marker, is_stopped in (
        (f"db-connect/{computer}/parallel/incident-7", False),
        ("db-connect/0therc0m/killed/incident-7", False),
        (f"db-connect/{computer}/killed/incident-6", True),
    ):
        task.started_by, task.stops_at = marker, alice.world.clock.now() + timedelta(hours=1)
        # Not by a new process of this computer, which would end the parallel run.
        alice.terminal.run(lambda context: connect(context, ConnectOptions(approved_by=APPROVER), alice.machine))
        assert (task.stops_at <= alice.world.clock.now()) is is_stopped, marker


# Certificates.


def test_certificates_are_kept_for_a_month(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    alice.connect()
    alice.terminal.https = Truststore(status=0, problem="no answer in time")
    alice.world.clock.sleep(29 * 24 * HOUR)
    assert alice.connect() is ExitCode.SUCCESS
    alice.world.clock.sleep(2 * 24 * HOUR)
    capsys.readouterr()
    assert alice.connect() is ExitCode.SUCCESS
    assert "! RDS's certificates can't be renewed (no answer in time). Those of 31 days ago" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Truststore(status=0, problem="no answer in time"), "no answer in time"),
        (Truststore(status=403), "HTTP status 403"),
        (Truststore(body="<html>sign in to the hotel's network</html>"), "the answer has no certificates"),
    ],
)
def test_without_certificates_nothing_is_started(
    alice: Person, answer: Truststore, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    alice.terminal.https = answer
    assert alice.connect() is ExitCode.UNREACHABLE
    lines = capsys.readouterr().err
    assert reason in lines
    assert "--ca-bundle" in lines
    assert alice.world.wire.calls == ["sts GetCallerIdentity"]


def test_a_chosen_bundle_is_used(alice: Person, tmp_path: Path) -> None:
    file = tmp_path / "bundle.pem"
    file.write_text(authority())
    alice.terminal.https = Truststore(status=0, problem="no network")
    assert alice.connect(ca_bundle=file) is ExitCode.SUCCESS
    assert alice.machine.psqls[0].variables["PGSSLROOTCERT"] == str(file)
    file.write_text("nothing")
    assert alice.connect(ca_bundle=file) is ExitCode.USAGE


def test_an_error_of_aws_on_the_way_out_doesnt_hide_the_reason(
    alice: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(_request: object) -> dict[str, object]:
        raise ServiceError("InternalServerError", "reason", 500)

    alice.machine.psql_code = 1
    alice.world.wire.handlers = {**alice.world.wire.handlers, "ssm TerminateSession": failing}
    assert alice.connect() is ExitCode.FAILED
    lines = capsys.readouterr().err
    assert "psql ended with exit code 1" in lines
    assert "The SSM session can't be ended: AWS is unreachable" in lines
    assert alice.machine.left_behind == [], "the session ended with its task"
