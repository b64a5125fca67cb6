"""`taskflow db connect` requires an open incident and another person's approval, and records the session in it."""

from datetime import timedelta
from pathlib import Path

import pytest

from operations.frame.context import Context
from operations.frame.errors import ExitCode
from operations.incident.incident import end as end_incident
from operations.incident.record import Incident, Kind, incident_store
from operations.incident.timeline import describe
from tests.operations.connecting import APPROVER, TICKET, Person, person
from tests.operations.support import RECORD_CALLS, own_calls_denied


@pytest.fixture
def alice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.chdir(tmp_path)
    return person(tmp_path)


def incident(alice: Person) -> Incident:
    return alice.terminal.run_with(lambda context: incident_store(context).require(TICKET))


def test_approval_start_and_end_are_in_the_timeline(alice: Person) -> None:
    assert alice.connect() is ExitCode.SUCCESS
    approved, begun, left = incident(alice).entries
    assert (approved.kind, approved.text) == (Kind.DATABASE_APPROVED, APPROVER)
    assert (begun.kind, begun.text) == (Kind.DATABASE_ACCESS, "prod-db-access")
    assert begun.until == begun.at + timedelta(hours=1)
    assert left.kind is Kind.DATABASE_LEFT
    assert left.at > begun.at
    assert {each.author for each in incident(alice).entries} == {"alice@example.com"}
    assert [describe(each) for each in (approved, begun, left)] == [
        "database access approved by Robin Park",
        "database access as prod-db-access until 11:10:00 UTC",
        "database access ended",
    ]


def test_the_record_is_written_before_anything_is_started(alice: Person) -> None:
    alice.world.wire.denied = frozenset({"ssm PutParameter"})
    assert alice.connect() is ExitCode.DENIED
    assert (alice.world.ecs.tasks, alice.machine.psqls) == ([], [])


def ended(context: Context) -> None:
    end_incident(context, None)


@pytest.mark.parametrize("state", ["isn't declared", "ended at"])
def test_an_open_incident_is_required_before_the_role_is_assumed(
    alice: Person, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if state == "ended at":
        assert alice.terminal.run(ended) is ExitCode.SUCCESS
    else:
        alice.world.parameters.clear()
    assert alice.connect() is ExitCode.REFUSED
    assert f"Database access requires an open incident, and incident-7 {state}" in capsys.readouterr().err
    assert alice.world.sts.requests == []


@pytest.mark.parametrize(
    ("approver", "line"),
    [
        ("", "Database access requires the approval of the tech lead"),
        ("alice", "alice can't approve the access of alice"),
    ],
)
def test_another_persons_approval_is_required(
    alice: Person, approver: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert alice.connect(approved_by=approver) is ExitCode.REFUSED
    assert line in capsys.readouterr().err
    assert alice.world.sts.requests == []


def test_the_approval_is_asked_for(alice: Person) -> None:
    alice.terminal.texts = {"Tech lead who approved it:": "Carol Ma"}
    assert alice.connect(approved_by="") is ExitCode.SUCCESS
    assert incident(alice).entries[0].text == "Carol Ma"


@pytest.mark.parametrize("is_declared", [True, False])
def test_a_log_in_that_may_only_assume_roles_reads_the_incident_in_the_role(alice: Person, is_declared: bool) -> None:
    own_calls_denied(alice.world, *RECORD_CALLS)
    if not is_declared:
        alice.world.parameters.clear()
    assert alice.connect() is (ExitCode.SUCCESS if is_declared else ExitCode.REFUSED)
    assert len(alice.world.sts.requests) == 1
    assert bool(alice.world.ecs.tasks) is is_declared


def test_an_end_that_cant_be_recorded_is_a_warning(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    def deny() -> None:
        alice.world.wire.denied = frozenset({"ssm PutParameter"})

    alice.at(5, deny)
    assert alice.connect() is ExitCode.SUCCESS
    assert "! The timeline of incident-7 can't be written" in capsys.readouterr().err
    assert alice.machine.left_behind == []
