"""Incidents: their timeline, and the end with a post-mortem; also while AWS answers only in part."""

from pathlib import Path

import pytest

from operations.frame.errors import ExitCode
from operations.incident.incident import show
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.incidents import ON_CALL, TICKET, declare, finish, incident, on_call, switch, write
from tests.operations.support import Terminal


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    return on_call()


# Showing.


def test_the_open_incidents_are_listed(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.run(lambda context: show(context, None))
    assert "No incident is open." in capsys.readouterr().out
    for number in range(12):
        terminal.world.principal = ON_CALL.replace(TICKET, f"incident-{number}")
        declare(terminal, title=f"Failure {number}.")
    finish(terminal)
    capsys.readouterr()
    assert terminal.run(lambda context: show(context, None)) is ExitCode.SUCCESS
    output = capsys.readouterr().out
    assert all(f"Failure {number}." in output for number in range(11))
    assert "Failure 11." not in output


def test_a_timeline_has_entries_commands_deployments_and_alarms(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    declare(terminal)
    terminal.world.push("v1.1.0")
    write(terminal, "Releasing the fix")
    terminal.options = {"yes": True}
    assert terminal.release("v1.1.0") is ExitCode.SUCCESS
    switch(terminal.world, "ALARM", "OK")
    capsys.readouterr()
    assert terminal.run(lambda context: show(context, TICKET)) is ExitCode.SUCCESS
    lines = capsys.readouterr().out
    order = [
        lines.index(text)
        for text in (
            "(change-1042)",
            "error-rate went on",
            "declared as SEV1: API is down",
            "Releasing the fix",
            "deployment of v1.1.0",
            "error-rate went off",
        )
    ]
    assert order == sorted(order)
    # A command of this ticket is shown without it, and the incident's own commands are not.
    assert "release v1.1.0 (0351e58a8e16): started\n" in "\n".join(line.rstrip() for line in lines.splitlines()) + "\n"
    assert "incident note" not in lines


def test_show_needs_no_ticket_and_writes_nothing(terminal: Terminal) -> None:
    declare(terminal)
    terminal.world.principal = f"arn:aws:iam::{ACCOUNT}:user/alice"
    before = len(terminal.world.events())
    assert terminal.run(lambda context: show(context, TICKET)) is ExitCode.SUCCESS
    assert len(terminal.world.events()) == before


def test_a_change_of_an_alarm_whose_data_is_cut_off_is_shown(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    declare(terminal)
    for change in terminal.world.cloudwatch.history:
        change["HistoryData"] = change["HistoryData"][:40]
    terminal.run(lambda context: show(context, TICKET))
    assert "error-rate went on" in capsys.readouterr().out


# Ending.


def document(path: str = f"{TICKET}.md") -> str:
    return Path(path).read_text(encoding="utf-8")


def test_the_post_mortem_has_what_is_known(terminal: Terminal) -> None:
    declare(terminal)
    terminal.world.clock.sleep(300)
    write(terminal, "I have it | <b>")
    terminal.world.clock.sleep(1200)
    assert finish(terminal) is ExitCode.SUCCESS
    text = document()
    for line in (
        "# Post-mortem of incident-7: API is down",
        "| Severity | SEV1 (Service down) |",
        "| Detected, by the first alarm | 2026-11-02 10:22:40 |",
        "| Declared | 2026-11-02 10:24:40 by taskflow-on-call |",
        "| Response | 2026-11-02 10:29:40, in time; required by 10:37:40 (within 15 min) |",
        "| Ended | 2026-11-02 10:49:40 by taskflow-on-call |",
        "| Duration | 27 min |",
        "| 2026-11-02 10:29:40 | taskflow-on-call | I have it \\| &lt;b> |",
        "| 2026-11-02 10:22:40 | alarm | taskflow-production-error-rate went on |",
    ):
        assert line in text
    for title in ("Impact", "Root cause", "What went well", "Actions"):
        assert f"## {title}\n**TO DO:**" in text


@pytest.mark.parametrize(
    ("minutes", "verdict"),
    [(12, "in time"), (13, "late by 0 s"), (20, "late by 7 min")],
)
def test_the_response_time_is_checked(terminal: Terminal, minutes: int, verdict: str) -> None:
    """The document requires less than 15 minutes; two of them were over at the declaration."""
    declare(terminal)
    terminal.world.clock.sleep(minutes * 60)
    write(terminal)
    finish(terminal)
    assert f", {verdict}; required by 10:37:40" in document()


def test_a_command_is_a_response_too(terminal: Terminal) -> None:
    declare(terminal)
    terminal.world.clock.sleep(60)
    terminal.world.push("v1.1.0")
    terminal.options = {"yes": True}
    terminal.release("v1.1.0")
    finish(terminal)
    assert "| Response | 2026-11-02 10:25:40, in time" in document()


def test_no_response_is_a_question(terminal: Terminal) -> None:
    declare(terminal)
    finish(terminal)
    assert "**TO DO:** no note and no command with this ticket" in document()


@pytest.mark.parametrize(
    ("denied", "name"),
    [
        ("logs FilterLogEvents", "the audit log"),
        ("ecs ListServiceDeployments", "ECS"),
        ("cloudwatch DescribeAlarmHistory", "CloudWatch"),
    ],
)
def test_a_source_that_cant_be_read_is_marked(terminal: Terminal, denied: str, name: str) -> None:
    declare(terminal)
    terminal.world.wire.denied = frozenset({denied})
    assert finish(terminal) is ExitCode.SUCCESS
    assert f"**TO DO:** add what is missing. It couldn't be read from {name}" in document()


def test_a_second_end_writes_the_same_and_keeps_the_first_time(terminal: Terminal) -> None:
    declare(terminal)
    finish(terminal)
    first = document()
    terminal.world.clock.sleep(900)
    Path(f"{TICKET}.md").unlink()
    assert finish(terminal) is ExitCode.SUCCESS
    assert document() == first
    assert finish(terminal) is ExitCode.SUCCESS
    assert [path.name for path in Path().iterdir()] == [f"{TICKET}.md"]


def test_an_existing_file_is_kept(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    Path(f"{TICKET}.md").write_text("completed by people")
    declare(terminal)
    assert finish(terminal) is ExitCode.SUCCESS
    assert document() == "completed by people"
    assert "# Post-mortem" in document(f"{TICKET}-2.md")
    assert "it is kept" in capsys.readouterr().err


def test_a_folder_that_cant_be_written_to_is_one_line(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    declare(terminal)
    assert finish(terminal, Path("missing/post-mortem.md")) is ExitCode.FAILED
    assert "missing/post-mortem.md can't be written: No such file or directory" in capsys.readouterr().err
    assert finish(terminal, Path("post-mortem.md")) is ExitCode.SUCCESS


def test_a_note_after_the_end_is_kept(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    declare(terminal)
    finish(terminal)
    terminal.world.clock.sleep(60)
    assert write(terminal) is ExitCode.SUCCESS
    assert "into the post-mortem too" in capsys.readouterr().err
    assert incident(terminal).ended


@pytest.mark.parametrize(
    ("options", "answer", "code"),
    [
        ({}, None, ExitCode.SUCCESS),
        ({}, True, ExitCode.SUCCESS),
        ({}, False, ExitCode.REFUSED),
        ({"yes": True}, False, ExitCode.SUCCESS),
    ],
    ids=["no terminal", "yes", "no", "--yes"],
)
def test_alarms_that_are_on_are_a_warning_and_a_question(
    terminal: Terminal, options: dict[str, object], answer: bool | None, code: ExitCode,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    declare(terminal)
    terminal.options, terminal.answer = options, answer
    assert finish(terminal) is code
    output = capsys.readouterr()
    assert "! 1 alarm is still on:" in output.err
    assert (incident(terminal).ended is not None) is (code is ExitCode.SUCCESS)
    assert Path(f"{TICKET}.md").exists() is (code is ExitCode.SUCCESS)


def test_an_incident_whose_alarms_are_off_ends_without_a_question(terminal: Terminal) -> None:
    declare(terminal)
    switch(terminal.world, "ALARM", "OK")
    terminal.answer = False
    assert finish(terminal) is ExitCode.SUCCESS
    assert terminal.questions == []
