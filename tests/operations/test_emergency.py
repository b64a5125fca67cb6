"""Emergency access: declared, approved, assumed by the right person, left, collected and reviewed."""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from operations.emergency.emergency import Access, end, start
from operations.emergency.processes import SystemProcesses
from operations.frame.errors import ExitCode, OperationError
from operations.incident.incident import Declaration
from operations.incident.incident import end as end_incident
from operations.incident.incident import start as declare
from operations.incident.record import Incident, Kind, incident_store
from operations.incident.severity import Severity
from tests.operations.fake.sts import DEVICE
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.world import World
from tests.operations.support import RECORD_CALLS, Terminal, own_calls_denied

TICKET, ROLE = "incident-7", "prod-break-glass"
ALICE = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_OnCall_0123456789abcdef/alice@example.com"
TRAIL = "/taskflow/production/trail"
REVIEW = Path(f"{TICKET}-emergency.md")


@dataclass(kw_only=True)
class FakeProcesses:
    """A terminal in which a shell does what a test wants."""

    does: Callable[[], None] = lambda: None
    interactive: bool = True
    runs: list[tuple[Sequence[str], Mapping[str, str]]] = field(
        default_factory=list[tuple[Sequence[str], Mapping[str, str]]]
    )

    def is_interactive(self) -> bool:
        return self.interactive

    def shell(self) -> Sequence[str]:
        return ["/bin/bash"]

    def require(self, command: Sequence[str]) -> None:
        assert command

    def run(self, command: Sequence[str], credentials: Mapping[str, str]) -> int:
        self.runs.append((command, credentials))
        self.does()
        return 3


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal of a person of Identity Center in an empty folder, with an open incident."""
    monkeypatch.chdir(tmp_path)
    terminal = Terminal(world=World(principal=ALICE), options={"yes": True, "ticket": TICKET})
    wanted = Declaration(severity=Severity.SEV1, title="API is down")
    assert terminal.run(lambda context: declare(context, wanted)) is ExitCode.SUCCESS
    terminal.world.clock.sleep(60)
    return terminal


def access(terminal: Terminal, processes: FakeProcesses | None = None, **options: object) -> ExitCode:
    wanted = Access(**{"approved_by": "Bob Lee", **options})  # pyright: ignore[reportArgumentType]
    return terminal.run(lambda context: start(context, wanted, processes or FakeProcesses()))


def collect(terminal: Terminal) -> ExitCode:
    return terminal.run(lambda context: end(context, None))


def incident(terminal: Terminal) -> Incident:
    return terminal.run_with(lambda context: incident_store(context).require(TICKET))


def called(
    world: World, action: str, *, error: str = "", is_change: bool = False, role: str = ROLE, session: str = TICKET,
    at: datetime | None = None,
) -> None:  # fmt: skip
    """Record a call in the trail."""
    at = at or world.clock.now()
    event = {
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}", "eventSource": "ecs.amazonaws.com", "eventName": action,
        "awsRegion": "us-east-1", "readOnly": not is_change,
        "userIdentity": {
            "type": "AssumedRole", "principalId": f"AROAFAKE:{session}",
            "sessionContext": {"sourceIdentity": "alice@example.com", "sessionIssuer": {"userName": role}},
        },
        **({"errorCode": error} if error else {}),
    }  # fmt: skip
    world.log_events.add(TRAIL, at, event)


# Steps 1 to 3.


def test_a_shell_gets_the_credentials_and_each_step_is_recorded(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    processes = FakeProcesses(does=lambda: terminal.world.clock.sleep(300))
    assert access(terminal, processes) is ExitCode.SUCCESS
    ((command, credentials),) = processes.runs
    assert command == ["/bin/bash"]
    assert credentials["AWS_ACCESS_KEY_ID"] == "ASIAFAKEFAKEFAKE0001"
    (request,) = terminal.world.sts.requests
    assert (request["RoleSessionName"], request["SourceIdentity"]) == (TICKET, "alice@example.com")
    assert (request["DurationSeconds"], request["RoleArn"].rpartition("/")[2]) == (3600, ROLE)
    entries = incident(terminal).entries
    assert [(each.kind, each.text) for each in entries] == [
        (Kind.APPROVED, "Bob Lee"), (Kind.ACCESS, ROLE), (Kind.LEFT, ROLE),
    ]  # fmt: skip
    assert {each.author for each in entries} == {"alice@example.com"}
    assert entries[1].until == entries[1].at + timedelta(hours=1)
    assert entries[2].at == entries[1].at + timedelta(minutes=5)
    output = capsys.readouterr()
    assert f"{ROLE} for alice@example.com, until 11:11:00 UTC" in output.out
    assert "raises the alarm emergency-access" in output.err
    assert f"taskflow emergency end --ticket {TICKET}" in output.out
    for secret in ("secret-1", "token-1"):
        assert secret not in output.out + output.err


def test_nothing_secret_and_no_name_leaves_the_process(terminal: Terminal) -> None:
    access(terminal)
    stored = json.dumps([terminal.world.parameters, terminal.world.events()])
    assert "secret-1" not in stored
    assert "token-1" not in stored
    assert "Bob Lee" not in json.dumps(terminal.world.events())
    assert list(Path().iterdir()) == []


def test_the_audit_event_is_written_before_the_role_is_assumed(terminal: Terminal) -> None:
    access(terminal)
    calls = terminal.world.wire.calls
    at = calls.index("logs PutLogEvents")
    assert at < calls.index("sts AssumeRole")
    assert terminal.world.wire.keys_used[at].startswith("AKIA")
    started, ended = terminal.world.events()[-2:]
    assert (started["action"], started["outcome"], ended["outcome"]) == ("emergency start", "started", "success")
    assert started["target"] == f"emergency access as {ROLE}"
    # The approval is recorded before, too.
    assert calls.index("ssm PutParameter") < calls.index("sts AssumeRole")


@pytest.mark.parametrize("state", ["missing", "ended"])
def test_an_open_incident_is_required(terminal: Terminal, state: str, capsys: pytest.CaptureFixture[str]) -> None:
    if state == "ended":
        terminal.run(lambda context: end_incident(context, None))
    else:
        terminal.world.parameters.clear()
    processes = FakeProcesses()
    assert access(terminal, processes) is ExitCode.REFUSED
    assert "first:\n  taskflow incident start --severity SEV1" in capsys.readouterr().err
    assert processes.runs == []
    assert terminal.world.sts.requests == []


def test_the_approval_is_asked_for(terminal: Terminal) -> None:
    terminal.texts = {"Tech lead who approved it:": "Carol Ma"}
    assert access(terminal, approved_by="") is ExitCode.SUCCESS
    assert incident(terminal).entries[0].text == "Carol Ma"


@pytest.mark.parametrize(
    ("approver", "line"),
    [
        ("", "requires the approval of the tech lead"),
        ("alice", "alice can't approve the access of alice"),
        ("Alice@Example.com", "The approval is another person's"),
    ],
)
def test_another_persons_approval_is_required(
    terminal: Terminal, approver: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert access(terminal, approved_by=approver) is ExitCode.REFUSED
    assert line in capsys.readouterr().err
    assert terminal.world.sts.requests == []


def test_it_asks_before_it_assumes_the_role(terminal: Terminal) -> None:
    terminal.options, terminal.answer = {"ticket": TICKET}, False
    assert access(terminal) is ExitCode.REFUSED
    assert terminal.world.sts.requests == []
    assert incident(terminal).entries == []


def test_a_shell_needs_a_terminal_and_a_command_doesnt(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    processes = FakeProcesses(interactive=False)
    assert access(terminal, processes) is ExitCode.REFUSED
    assert "Name a command after `--`" in capsys.readouterr().err
    command = ["aws", "sts", "get-caller-identity"]
    assert access(terminal, processes, command=command) is ExitCode.SUCCESS
    assert processes.runs[0][0] == command


def test_a_role_of_people_is_refused_before_the_approval(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.world.principal = f"arn:aws:sts::{ACCOUNT}:assumed-role/taskflow-on-call/{TICKET}"
    assert access(terminal, approved_by="") is ExitCode.REFUSED
    assert "no role of people may assume another one" in capsys.readouterr().err
    assert terminal.questions == []


def test_an_iam_user_names_the_mfa_device(terminal: Terminal) -> None:
    terminal.world.principal = f"arn:aws:iam::{ACCOUNT}:user/alice"
    assert access(terminal) is ExitCode.DENIED
    terminal.texts = {"MFA code of alice": "123456"}
    assert access(terminal, mfa_device=DEVICE) is ExitCode.SUCCESS


def test_a_denied_role_opens_no_shell(terminal: Terminal) -> None:
    terminal.world.principal = ALICE.replace("OnCall", "Developers")
    processes = FakeProcesses()
    assert access(terminal, processes) is ExitCode.DENIED
    assert processes.runs == []
    assert [each.kind for each in incident(terminal).entries] == [Kind.APPROVED]
    assert terminal.world.events()[-1]["outcome"] == "denied"


def test_a_second_shell_soon_after_is_recorded_too(terminal: Terminal) -> None:
    """The approval is the same, the use is another one."""
    for _ in range(2):
        access(terminal)
        terminal.world.clock.sleep(60)
    kinds = [each.kind for each in incident(terminal).entries]
    assert kinds == [Kind.APPROVED, Kind.ACCESS, Kind.LEFT, Kind.ACCESS, Kind.LEFT]


def test_an_interrupted_shell_is_recorded(terminal: Terminal) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    assert access(terminal, FakeProcesses(does=interrupted)) is ExitCode.INTERRUPTED
    assert incident(terminal).entries[-1].kind is Kind.LEFT
    assert terminal.world.events()[-1]["outcome"] == "interrupted"


# A log-in that may assume roles and nothing else, and outages.


def test_a_log_in_that_may_only_assume_roles_records_as_the_role(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    own_calls_denied(terminal.world, *RECORD_CALLS)
    processes = FakeProcesses()
    assert access(terminal, processes) is ExitCode.SUCCESS
    assert len(processes.runs) == 1
    names = [name for name in terminal.world.parameters if f"/{TICKET}/" in name]
    kinds = [json.loads(terminal.world.parameters[name])["kind"] for name in names]
    assert kinds == [Kind.APPROVED, Kind.ACCESS, Kind.LEFT]
    assert "Not recorded" not in capsys.readouterr().err


def test_an_undeclared_incident_is_found_out_with_the_role(terminal: Terminal) -> None:
    """The person can't read the record, the role can: no shell without an incident."""
    terminal.world.parameters.clear()
    own_calls_denied(terminal.world, *RECORD_CALLS)
    processes = FakeProcesses()
    assert access(terminal, processes) is ExitCode.REFUSED
    assert processes.runs == []


def test_an_outage_of_the_record_keeps_no_one_out(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """Parameter Store and the audit log are down: the shell opens, and what isn't recorded is printed."""
    terminal.world.wire.denied = frozenset(RECORD_CALLS)
    processes = FakeProcesses()
    assert access(terminal, processes) is ExitCode.SUCCESS
    assert len(processes.runs) == 1
    error = " ".join(capsys.readouterr().err.split())
    assert "Not recorded, write it down: 10:11:00 UTC, emergency approved, Bob Lee, by alice@example.com" in error
    assert "emergency access left" in error


# Steps 4 and 5.


def test_the_review_has_every_call_of_the_session(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    world = terminal.world

    def work() -> None:
        world.clock.sleep(30)
        for number in range(3):
            world.clock.sleep(10)
            called(world, "DescribeServices", at=world.clock.now() - timedelta(seconds=number))
        called(world, "UpdateService", is_change=True)
        called(world, "UpdateService", is_change=True, error="AccessDenied")
        # Other sessions, roles and people.
        called(world, "DeleteService", is_change=True, session="incident-8")
        called(world, "DeleteService", is_change=True, session="x-incident-7")
        called(world, "DeleteService", is_change=True, role="taskflow-devops")

    access(terminal, FakeProcesses(does=work))
    world.clock.sleep(901)
    assert collect(terminal) is ExitCode.SUCCESS
    text = REVIEW.read_text(encoding="utf-8")
    for line in (
        "# Review of emergency access in incident-7: API is down",
        "| Role and session | prod-break-glass/incident-7 |",
        "| Approved by | Bob Lee |",
        "| Used by | alice@example.com |",
        "| Calls | 5: 2 changes, 3 reads; 1 failed |",
        "| ecs | DescribeServices | us-east-1 | success | 3 | 2026-11-02 10:11:40 | 2026-11-02 10:11:58 |",
        "| ecs | UpdateService | us-east-1 | AccessDenied | 1 | 2026-11-02 10:12:00 | 2026-11-02 10:12:00 |",
        "| 2026-11-02 10:11:00 | alice@example.com | emergency access approved by Bob Lee |",
        "- [ ] **TO DO:** the tech lead who approved confirms",
    ):
        assert line in text
    assert text.index("### Changes") < text.index("UpdateService") < text.index("### Reads")
    assert "DeleteService" not in text
    reviewed = incident(terminal).entries[-1]
    assert (reviewed.kind, reviewed.text) == (Kind.REVIEWED, "5 calls, 1 failed")
    assert terminal.world.events()[-1]["action"] == "emergency end"
    assert "Calls may be missing" not in capsys.readouterr().err


@pytest.mark.parametrize(("wait", "is_warned"), [(0, True), (899, True), (900, False)])
def test_calls_that_may_come_later_are_a_warning(
    terminal: Terminal, wait: int, is_warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """CloudTrail delivers within about 15 minutes; the shell was left at 10:11."""
    access(terminal)
    terminal.world.clock.sleep(wait)
    collect(terminal)
    assert ("after 10:26 UTC" in capsys.readouterr().err) is is_warned


def test_a_session_that_wasnt_left_may_still_be_used(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """The command was killed, the shell perhaps not: its credentials are valid for an hour."""
    access(terminal)
    (left,) = (name for name, value in terminal.world.parameters.items() if '"emergency access left"' in value)
    del terminal.world.parameters[left]
    terminal.world.clock.sleep(3600 + 899)
    collect(terminal)
    assert "Calls may be missing" in capsys.readouterr().err
    terminal.world.clock.sleep(1)
    collect(terminal)
    assert "Calls may be missing" not in capsys.readouterr().err


def test_a_later_collection_completes_the_review(terminal: Terminal) -> None:
    access(terminal)
    collect(terminal)
    first = REVIEW.read_text(encoding="utf-8")
    collect(terminal)
    assert [path.name for path in Path().iterdir()] == [REVIEW.name]
    called(terminal.world, "UpdateService", is_change=True)
    terminal.world.clock.sleep(900)
    assert collect(terminal) is ExitCode.SUCCESS
    assert REVIEW.read_text(encoding="utf-8") == first
    assert "UpdateService" in REVIEW.with_stem(f"{REVIEW.stem}-2").read_text(encoding="utf-8")


def test_a_use_that_no_command_recorded_is_found(terminal: Terminal) -> None:
    """The role was assumed by hand, or the command was killed before it could write."""
    called(terminal.world, "UpdateService", is_change=True)
    assert collect(terminal) is ExitCode.SUCCESS
    assert "**TO DO:** no approval is recorded" in REVIEW.read_text(encoding="utf-8")


def test_without_a_use_there_is_nothing_to_review(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    assert collect(terminal) is ExitCode.SUCCESS
    assert "there is nothing to review" in capsys.readouterr().out
    assert not REVIEW.exists()


def test_a_trail_that_cant_be_read_leaves_no_review(terminal: Terminal) -> None:
    access(terminal)
    terminal.world.wire.denied = frozenset({"logs FilterLogEvents"})
    assert collect(terminal) is ExitCode.DENIED
    assert not REVIEW.exists()


def test_the_recovery_stacks_review_reads_productions_trail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account has one trail, in production's region."""
    monkeypatch.chdir(tmp_path)
    terminal = Terminal(
        world=World(principal=ALICE, stack="dr"), stack="dr", options={"yes": True, "ticket": TICKET}
    )  # fmt: skip
    wanted = Declaration(severity=Severity.SEV1, title="us-east-1 is down")
    terminal.run(lambda context: declare(context, wanted))
    called(terminal.world, "UpdateService", is_change=True)
    assert collect(terminal) is ExitCode.SUCCESS
    assert "| Calls | 1: 1 changes" in REVIEW.read_text(encoding="utf-8")
    groups = [request["logGroupName"] for name, request in terminal.world.wire.requests if "FilterLogEvents" in name]
    assert set(groups) == {TRAIL}


# Real processes.


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "other")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "token")
    monkeypatch.setenv("KEPT", "kept")


@pytest.mark.usefixtures("environment")
def test_a_real_shell_has_the_credentials_and_no_profile(tmp_path: Path) -> None:
    values = "$AWS_ACCESS_KEY_ID,${AWS_PROFILE-none},${AWS_WEB_IDENTITY_TOKEN_FILE-none},$KEPT"
    script = f'echo "{values}" > {tmp_path}/out; exit 3'
    processes = SystemProcesses()
    assert processes.run(["/bin/sh", "-c", script], {"AWS_ACCESS_KEY_ID": "ASIA"}) == 3
    assert (tmp_path / "out").read_text() == "ASIA,none,none,kept\n"
    assert "AWS_ACCESS_KEY_ID" not in os.environ


def test_control_c_ends_the_child_and_not_the_command(tmp_path: Path) -> None:
    """The terminal sends SIGINT to both; the child must not inherit that it is ignored."""
    before = signal.getsignal(signal.SIGINT)
    script = f"kill -INT {os.getpid()}; kill -INT $$; echo survived > {tmp_path}/out"
    assert SystemProcesses().run(["/bin/sh", "-c", script], {}) == -signal.SIGINT
    assert not (tmp_path / "out").exists()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_program_that_cant_be_started_is_one_line(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("no program")
    program.chmod(0o755)
    with pytest.raises(OperationError, match="program can't be started: Exec format error"):
        SystemProcesses().run([str(program)], {})


def test_a_missing_command_is_found_before_the_role_is_assumed() -> None:
    with pytest.raises(OperationError, match="Command not found: no-such-program"):
        SystemProcesses().require(["no-such-program", "-x"])
    SystemProcesses().require([sys.executable])


def test_the_shell_is_the_persons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/zsh")
    assert SystemProcesses().shell() == ["/bin/zsh"]
    monkeypatch.delenv("SHELL")
    assert SystemProcesses().shell() == ["/bin/sh"]
