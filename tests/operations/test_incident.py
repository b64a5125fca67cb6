"""Incidents: declared by severity, and noted; also while AWS answers only in part."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from components.alerting.alarms import RESPONSES
from operations.frame.context import Context
from operations.frame.errors import ExitCode
from operations.incident.incident import Declaration, start
from operations.incident.record import Incident, IncidentStore, Kind, TimelineEntry, incident_store
from operations.incident.severity import MEANINGS, Severity, in_words, response_time
from settings.stacks import STACKS
from tests.operations.fake.ecs import Behaviour
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.wire import Fault, unreachable
from tests.operations.incidents import (
    ERRORS,
    ON_CALL,
    RECORD,
    RUNBOOK,
    TICKET,
    declare,
    finish,
    incident,
    on_call,
    write,
)
from tests.operations.support import Terminal, settings


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    return on_call()


# Declaring.


def test_an_incident_is_declared_with_what_is_known(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    assert declare(terminal) is ExitCode.SUCCESS
    output = capsys.readouterr().out
    for text in (
        "incident-7 is declared as SEV1 (Service down): API is down",
        # Two minutes of the fifteen are over: the time counts from the alarm.
        "Respond by 10:37 UTC: within 15 min of the first alarm.",
        f"{ERRORS} since 2026-11-02 10:22 UTC. Error rate above 1 %",
        RUNBOOK,
        "v1.0.0, 2026-11-02 10:10 UTC, released, change-1042",
        "taskflow rollback --ticket incident-7",
        "taskflow smoke",
    ):
        assert text in output
    found = incident(terminal)
    assert (found.severity, found.title, found.declared.author) == (Severity.SEV1, "API is down", "taskflow-on-call")
    assert found.declared.detected_at == terminal.world.clock.now() - timedelta(minutes=2)


def test_alarms_of_the_stack_are_shown_on_all_pages(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """Composite alarms too, which CloudWatch omits by default; no alarm of another stack, or that is off."""
    world = terminal.world
    now = world.clock.now()
    for name in ("cpu", "memory", "disk"):
        world.set_alarm(name, "ALARM", StateUpdatedTimestamp=now - timedelta(days=20))
    world.set_alarm("outage-critical", "ALARM", AlarmRule="ALARM(x)", StateUpdatedTimestamp=now)
    world.alarms["taskflow-dr-cpu"] = {"AlarmName": "taskflow-dr-cpu", "StateValue": "ALARM"}
    declare(terminal)
    output = capsys.readouterr().out
    assert "Alarms that are on: 5" in output
    assert "taskflow-production-outage-critical" in output
    assert "taskflow-dr" not in output
    assert "p95-latency" not in output


def test_an_alarm_of_weeks_ago_is_not_when_the_incident_began(terminal: Terminal) -> None:
    terminal.world.alarms[ERRORS]["StateTransitionedTimestamp"] -= timedelta(days=20)
    declare(terminal)
    assert incident(terminal).declared.detected_at is None


def test_a_running_deployment_is_shown(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    world = terminal.world
    world.push("v2.0.0", Behaviour.SLOW)
    terminal.options = {"yes": True}
    assert terminal.release("v2.0.0") is ExitCode.UNFINISHED
    declare(terminal)
    assert "A deployment is running since" in capsys.readouterr().err


@pytest.mark.parametrize("severity", [Severity.SEV3, Severity.SEV4])
def test_a_minor_problem_is_a_ticket(
    terminal: Terminal, severity: Severity, capsys: pytest.CaptureFixture[str]
) -> None:
    assert declare(terminal, severity) is ExitCode.REFUSED
    error = capsys.readouterr().err
    within = in_words(response_time(settings(), severity))
    assert f"respond within {within}" in error
    assert "--severity SEV2" in error
    assert terminal.world.events()[-1]["action"] == "release"


def test_the_severity_is_asked_for(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.texts = {"Severity": "2", "What is broken": "Auth is broken"}
    assert declare(terminal, None, "") is ExitCode.SUCCESS
    output = capsys.readouterr().out
    for level, meaning in MEANINGS.items():
        assert level in output
        assert meaning.description in output
        assert meaning.example in output
    assert (incident(terminal).severity, incident(terminal).title) == (Severity.SEV2, "Auth is broken")


@pytest.mark.parametrize(
    ("severity", "title", "texts", "line"),
    [
        (None, "API is down", {}, "The severity is missing"),
        (None, "API is down", {"Severity": "high"}, "high is not a severity"),
        (Severity.SEV1, "", {}, "A new incident needs a title"),
    ],
)
def test_what_is_missing_without_a_terminal_is_a_usage_error(
    terminal: Terminal, severity: Severity | None, title: str, texts: dict[str, str], line: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    terminal.texts = texts
    assert declare(terminal, severity, title) is ExitCode.USAGE
    assert line in capsys.readouterr().err
    assert terminal.world.parameters.keys() == {"/taskflow/production/release"}


@pytest.mark.parametrize("session", ["change-1042", "alice"])
def test_an_incidents_ticket_is_required(
    terminal: Terminal, session: str, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    terminal.world.principal = ON_CALL.replace(TICKET, session)
    assert declare(terminal) is ExitCode.REFUSED
    assert "requires the ticket of an incident" in capsys.readouterr().err


def test_a_second_declaration_shows_the_first(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    declare(terminal)
    before = dict(terminal.world.parameters)
    capsys.readouterr()
    assert declare(terminal, None, "Something else") is ExitCode.SUCCESS
    output = capsys.readouterr().out
    assert "incident-7 is declared already, as SEV1: nothing was changed." in output
    assert RUNBOOK in output
    assert terminal.world.parameters == before


def test_another_severity_is_recorded(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    declare(terminal, Severity.SEV2)
    terminal.world.clock.sleep(60)
    assert declare(terminal, Severity.SEV1) is ExitCode.SUCCESS
    assert "incident-7 is SEV1 (Service down) now; it was SEV2" in capsys.readouterr().out
    found = incident(terminal)
    assert (found.severity, found.declared.severity) == (Severity.SEV1, Severity.SEV2)
    # There and back again: the earlier change isn't a repetition.
    for severity in (Severity.SEV2, Severity.SEV1):
        terminal.world.clock.sleep(60)
        declare(terminal, severity)
        assert incident(terminal).severity is severity


def test_an_incident_isnt_lowered_to_a_ticket(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    declare(terminal)
    assert declare(terminal, Severity.SEV3) is ExitCode.REFUSED
    assert "taskflow incident end --ticket incident-7" in capsys.readouterr().err


def test_an_ended_incident_isnt_declared_again(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    declare(terminal)
    finish(terminal)
    assert declare(terminal) is ExitCode.REFUSED
    assert "incident-7 ended at" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("denied", "warning"),
    [
        ("cloudwatch DescribeAlarms", "The alarms can't be read"),
        ("ecs ListServiceDeployments", "The service's deployments can't be read"),
        ("logs PutLogEvents", "The audit event `started` can't be written"),
        ("ssm GetParameter", "The release record can't be read"),
    ],
)
def test_what_cant_be_read_is_a_warning(
    terminal: Terminal, denied: str, warning: str, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.world.wire.denied = frozenset({denied})
    assert declare(terminal) is ExitCode.SUCCESS
    assert warning in capsys.readouterr().err
    assert RECORD in terminal.world.parameters


def test_what_is_known_is_shown_if_nothing_can_be_recorded(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """Parameter Store is what is down."""
    terminal.world.wire.denied = frozenset({"ssm GetParameter", "ssm PutParameter"})
    assert declare(terminal) is ExitCode.DENIED
    output = capsys.readouterr()
    assert RUNBOOK in output.out
    assert "AWS denied PutParameter" in output.err


def test_an_incident_that_another_person_has_declared_meanwhile_stays(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """It couldn't be read at first; AWS refuses to overwrite it."""
    declare(terminal)
    wanted = Declaration(severity=Severity.SEV2, title="Auth is broken")
    code = terminal.run(lambda context: start(context, wanted), Fault(at=2, error=unreachable))
    assert code is ExitCode.SUCCESS
    assert "was declared already, as SEV1 at 10:24 UTC by taskflow-on-call: API is down" in capsys.readouterr().err
    assert (incident(terminal).title, incident(terminal).severity) == ("API is down", Severity.SEV1)


def test_a_dry_run_records_nothing(terminal: Terminal) -> None:
    terminal.options = {"dry_run": True}
    assert declare(terminal) is ExitCode.SUCCESS
    assert RECORD not in terminal.world.parameters
    assert [event["action"] for event in terminal.world.events()] == ["release", "release"]


def test_audit_events_have_ticket_and_severity_but_no_text(terminal: Terminal) -> None:
    declare(terminal)
    write(terminal, "Bob restarts it")
    finish(terminal)
    events = [event for event in terminal.world.events() if event["action"].startswith("incident")]
    assert [(event["action"], event["outcome"]) for event in events] == [
        (f"incident {name}", outcome) for name in ("start", "note", "end") for outcome in ("started", "success")
    ]
    assert {event["ticket"] for event in events} == {TICKET}
    assert events[0]["severity"] == "SEV1"
    assert "API is down" not in json.dumps(events)
    assert "Bob" not in json.dumps(events)


def test_json_has_what_a_program_needs(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.options = {"as_json": True}
    declare(terminal)
    result = json.loads(capsys.readouterr().out)
    assert (result["ticket"], result["severity"], result["isDeploying"]) == (TICKET, "SEV1", False)
    assert result["alarms"][0]["runbook"] == RUNBOOK
    assert result["releases"][0]["version"] == "v1.0.0"


# Notes.


def test_a_note_needs_an_incident(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    assert write(terminal) is ExitCode.REFUSED
    assert "incident-7 isn't declared as an incident" in capsys.readouterr().err


def test_a_note_is_added(terminal: Terminal) -> None:
    declare(terminal)
    terminal.world.clock.sleep(60)
    assert write(terminal, "Restarting") is ExitCode.SUCCESS
    (entry,) = incident(terminal).entries
    assert (entry.kind, entry.text, entry.author) == (Kind.NOTE, "Restarting", "taskflow-on-call")
    assert entry.at == terminal.world.clock.now()


def test_the_same_note_after_a_lost_answer_is_one(terminal: Terminal) -> None:
    declare(terminal)
    for _ in range(2):
        write(terminal)
        terminal.world.clock.sleep(60)
    assert len(incident(terminal).entries) == 1
    terminal.world.clock.sleep(600)
    write(terminal)
    assert len(incident(terminal).entries) == 2


def test_two_people_write_the_same_note(terminal: Terminal) -> None:
    """At the same moment, too."""
    declare(terminal)
    for person in ("alice", "bob"):
        terminal.world.principal = f"arn:aws:iam::{ACCOUNT}:user/{person}"
        terminal.options = {"ticket": TICKET}
        write(terminal)
    assert sorted(each.author for each in incident(terminal).entries) == ["alice", "bob"]


def test_notes_have_no_limit_in_total(terminal: Terminal) -> None:
    """More than one parameter, or one page of parameters, holds."""
    declare(terminal)
    for number in range(25):
        terminal.world.clock.sleep(1)
        assert write(terminal, f"{number} {'x' * 1000}") is ExitCode.SUCCESS
    texts = [each.text.split()[0] for each in incident(terminal).entries]
    assert texts == [str(number) for number in range(25)]


def test_a_note_that_is_too_long_is_refused_with_its_length(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    declare(terminal)
    assert write(terminal, "ä" * 2100) is ExitCode.USAGE
    assert "bytes with its time and author; an entry holds 4096" in capsys.readouterr().err
    assert incident(terminal).entries == []


def test_an_entry_that_cant_be_read_hides_no_other(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    declare(terminal)
    write(terminal)
    terminal.world.parameters[f"{RECORD}/20261102T100000-broken"] = "{}"
    capsys.readouterr()
    assert len(incident(terminal).entries) == 1
    assert "broken is invalid and left out" in capsys.readouterr().err


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(min_size=1, max_size=400) | st.sampled_from(["{{ssm:x}}", "{{", "}}", "\\{{\\}}", '"{"', "{{\n}}"]))
def test_any_text_is_stored_as_it_was_written(terminal: Terminal, text: str) -> None:
    """Parameter Store rejects `{{…}}`, and its names have few characters."""
    world = terminal.world
    world.parameters.clear()
    world.wire.restart()

    def stored(context: Context) -> str:
        store = incident_store(context)
        entry = TimelineEntry(kind=Kind.NOTE, at=context.clock.now(), author="alice", text=text)
        declared = store.declare(TICKET, entry)
        store.add(Incident(ticket=TICKET, declared=declared, entries=()), entry)
        found = store.require(TICKET)
        assert found.title == text
        return found.entries[0].text

    assert terminal.run_with(stored) == text


# The document's figures.


def test_alarms_promise_the_same_response_times() -> None:
    """The descriptions of alarms have the times in words."""
    for stack in STACKS:
        for level, words in RESPONSES.values():
            promised = in_words(response_time(settings(stack), Severity(level)))
            assert promised == words.replace("hours", "h")


def test_a_declaration_and_a_lost_answer(terminal: Terminal) -> None:
    """botocore repeats a PutParameter whose answer was lost: the second one finds the first."""

    def twice(context: Context) -> None:
        store: IncidentStore = incident_store(context)
        entry = TimelineEntry(kind=Kind.DECLARED, at=context.clock.now(), author="alice", text="x")
        assert store.declare(TICKET, entry) == store.declare(TICKET, entry) == entry

    assert terminal.run(twice) is ExitCode.SUCCESS


Command = Callable[[Terminal, Fault | None], ExitCode]


def test_a_lost_network_is_one_line(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    declare(terminal)
    at = 1 + next(
        index for index, call in enumerate(_calls(terminal, "first")) if call == "ssm PutParameter"
    )  # fmt: skip
    assert write(terminal, "second", Fault(at=at, error=unreachable)) is ExitCode.UNREACHABLE
    assert "AWS is unreachable" in capsys.readouterr().err
    assert write(terminal, "second") is ExitCode.SUCCESS
    assert [each.text for each in incident(terminal).entries] == ["first", "second"]


def _calls(terminal: Terminal, text: str) -> list[str]:
    write(terminal, text)
    return list(terminal.world.wire.calls)
