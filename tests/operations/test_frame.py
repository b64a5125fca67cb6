"""What every command keeps: account, ticket, question, dry run, audit events, exit codes and one clear line."""

import copy
import json

import pytest
from botocore.exceptions import ConnectTimeoutError, NoCredentialsError

from operations.frame.errors import ExitCode
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.wire import Fault, ServiceError
from tests.operations.fake.world import World
from tests.operations.support import Terminal

WRITES = ("Update", "Register", "Run", "Stop", "Put", "Create")


@pytest.fixture
def terminal() -> Terminal:
    world = World()
    world.push("v1.0.0")
    return Terminal(world=world)


def is_unchanged(world: World) -> bool:
    """Whether no call of the last run could have changed anything."""
    return not [call for call in world.wire.calls if call.partition(" ")[2].startswith(WRITES)]


def test_another_account_is_refused(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.world.account = "111111111111"
    assert terminal.release("v1.0.0") is ExitCode.REFUSED
    assert f"for the account 111111111111; taskflow-production is in {ACCOUNT}" in capsys.readouterr().err
    assert terminal.world.wire.calls == ["sts GetCallerIdentity"]


@pytest.mark.parametrize(
    ("session", "option", "code", "ticket"),
    [
        ("change-1042", None, ExitCode.SUCCESS, "change-1042"),
        ("incident-7", None, ExitCode.SUCCESS, "incident-7"),
        ("alice", "change-1", ExitCode.SUCCESS, "change-1"),
        ("change-1042", "change-1042", ExitCode.SUCCESS, "change-1042"),
        ("alice", None, ExitCode.REFUSED, None),
        ("change-1042", "incident-7", ExitCode.REFUSED, None),
        ("alice", "JIRA-12", ExitCode.USAGE, None),
        ("change-", None, ExitCode.REFUSED, None),
    ],
)
def test_a_change_requires_a_ticket(
    terminal: Terminal, session: str, option: str | None, code: ExitCode, ticket: str | None
) -> None:
    terminal.world.principal = f"arn:aws:sts::{ACCOUNT}:assumed-role/taskflow-devops/{session}"
    terminal.options["ticket"] = option
    assert terminal.release("v1.0.0") is code
    assert {event["ticket"] for event in terminal.world.events()} == ({ticket} if ticket else set())


@pytest.mark.parametrize(
    ("answer", "code"), [(True, ExitCode.SUCCESS), (False, ExitCode.REFUSED), (None, ExitCode.REFUSED)]
)
def test_a_change_is_confirmed(terminal: Terminal, answer: bool | None, code: ExitCode) -> None:
    """None: there is no terminal, as in a pipeline without --yes."""
    terminal.options, terminal.answer = {}, answer
    assert terminal.release("v1.0.0") is code
    assert terminal.questions == ["Change taskflow-production now?"]
    assert is_unchanged(terminal.world) is (answer is not True)


@pytest.mark.parametrize("command", ["release", "rollback", "settings"])
def test_a_dry_run_changes_nothing(terminal: Terminal, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.world.push("v1.1.0")
    for version in ("v1.0.0", "v1.1.0"):
        terminal.release(version)
    terminal.world.push("v1.2.0")
    terminal.world.set_template({"A": "changed"})
    terminal.options = {"dry_run": True}
    runs = {
        "release": lambda: terminal.release("v1.2.0"),
        "rollback": terminal.rollback,
        "settings": lambda: terminal.release(same_image=True),
    }
    assert runs[command]() is ExitCode.SUCCESS
    assert is_unchanged(terminal.world)
    output = capsys.readouterr().out
    assert "  • deploy " in output
    assert output.endswith("Dry run: nothing was changed.\n")


def test_each_change_leaves_two_audit_events(terminal: Terminal) -> None:
    """Fields as in docs/audit-records.md: who, ticket, what, outcome."""
    terminal.release("v1.0.0")
    started, ended = terminal.world.events()
    assert (started["outcome"], ended["outcome"]) == ("started", "success")
    for event in (started, ended):
        assert event["event_type"] == "operation"
        assert event["action"] == "release"
        assert event["principal"].endswith(":assumed-role/taskflow-devops/change-1042")
        assert event["target"].startswith("release v1.0.0")
        assert event["stack"] == "production"
        assert event["request_id"] == started["request_id"]
    assert ended["digest"] == terminal.world.images["v1.0.0"]


def test_the_first_event_is_written_before_the_first_change(terminal: Terminal) -> None:
    terminal.release("v1.0.0")
    changes = [call for call in terminal.world.wire.calls if call.partition(" ")[2].startswith(WRITES)]
    assert changes[:2] == ["logs CreateLogStream", "logs PutLogEvents"]


def test_nothing_is_changed_without_an_audit_event(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.world.wire.denied = frozenset({"logs PutLogEvents"})
    assert terminal.release("v1.0.0") is ExitCode.DENIED
    assert "The audit event can't be written; nothing was changed" in capsys.readouterr().err
    assert terminal.world.running == "placeholder"


def test_an_interruption_is_recorded(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """Control-C while the deployment runs: the deployment goes on, and the command says so."""
    terminal.release("v1.0.0")
    terminal.world.push("v1.1.0")
    other = copy.deepcopy(terminal)
    other.release("v1.1.0")
    at = other.world.wire.calls.index("ecs UpdateService") + 6
    assert other.world.wire.calls[at - 1] == "ecs DescribeServiceDeployments"
    assert terminal.release("v1.1.0", Fault(at=at, error=KeyboardInterrupt)) is ExitCode.INTERRUPTED
    assert "Interrupted. What has begun in AWS keeps running" in capsys.readouterr().err
    assert terminal.world.events()[-1]["outcome"] == "interrupted"
    assert terminal.release("v1.1.0") is ExitCode.SUCCESS


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (
            lambda: ConnectTimeoutError(endpoint_url="https://x"),
            ExitCode.UNREACHABLE,
            "AWS is unreachable in us-east-1",
        ),
        (NoCredentialsError, ExitCode.DENIED, "No valid AWS credentials: Unable to locate credentials"),
    ],
)
def test_an_error_is_one_line_and_one_advice(
    terminal: Terminal, error: type[Exception], code: ExitCode, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert terminal.release("v1.0.0", Fault(at=1, error=error)) is code
    message, *advice = capsys.readouterr().err.splitlines()
    assert line in message
    assert all(each.startswith("  ") for each in advice)


@pytest.mark.parametrize(
    ("code", "status", "ends"),
    [
        ("AccessDeniedException", 400, ExitCode.DENIED),
        ("ExpiredTokenException", 400, ExitCode.DENIED),
        ("ThrottlingException", 400, ExitCode.UNREACHABLE),
        ("ServerException", 500, ExitCode.UNREACHABLE),
        ("ClusterNotFoundException", 400, ExitCode.FAILED),
    ],
)
def test_an_error_of_aws_has_an_exit_code(terminal: Terminal, code: str, status: int, ends: ExitCode) -> None:
    def failing(_request: object) -> dict[str, object]:
        raise ServiceError(code, "reason", status)

    terminal.world.wire.handlers = {**terminal.world.wire.handlers, "ecs DescribeServices": failing}
    assert terminal.release("v1.0.0") is ends


def test_a_denied_call_names_operation_and_principal(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.world.wire.denied = frozenset({"ecs UpdateService"})
    assert terminal.release("v1.0.0") is ExitCode.DENIED
    assert "AWS denied UpdateService: not authorized to perform: ecs:UpdateService" in capsys.readouterr().err
    assert terminal.world.events()[-1]["outcome"] == "denied"


def test_json_is_one_document_on_stdout(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.options["as_json"] = True
    assert terminal.release("v1.0.0") is ExitCode.SUCCESS
    output = capsys.readouterr()
    result = json.loads(output.out)
    digest = terminal.world.images["v1.0.0"]
    assert result == {
        "outcome": "success", "exitCode": 0, "version": "v1.0.0", "digest": digest,
        "target": f"release v1.0.0 ({digest[7:19]})",
        "changes": [
            "migrate the database: npm run migrate",
            "deploy it to taskflow-api-production: 4 tasks; the placeholder runs now",
        ],
    }  # fmt: skip
    assert "Updating taskflow-api-production" in output.err


def test_json_has_the_error(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.options["as_json"] = True
    assert terminal.release("v9.0.0") is ExitCode.REFUSED
    result = json.loads(capsys.readouterr().out)
    assert (result["outcome"], result["exitCode"]) == ("refused", 3)
    assert result["error"] == "taskflow-api in us-east-1 has no image v9.0.0"


def test_a_missing_stack_is_refused(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.world.ecs.deployments.clear()
    assert terminal.release("v1.0.0") is ExitCode.REFUSED
    assert "There is no service taskflow-api-production" in capsys.readouterr().err


def test_an_invalid_record_is_an_error_with_the_way_out(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.world.parameters["/taskflow/production/release"] = '{"format": 2}'
    assert terminal.release("v1.0.0") is ExitCode.FAILED
    error = capsys.readouterr().err
    assert "The release record /taskflow/production/release is invalid" in error
    assert "aws ssm get-parameter-history --name /taskflow/production/release" in error


def test_the_record_keeps_within_a_parameter(terminal: Terminal) -> None:
    """Ninety releases, with the longest versions: the oldest go, the newest stays."""
    versions = [f"v1.{number}.0-{'x' * 20}" for number in range(90)]
    for version in versions:
        terminal.world.push(version)
        assert terminal.release(version) is ExitCode.SUCCESS
    record = terminal.world.parameters["/taskflow/production/release"]
    assert len(record) <= 4096
    assert json.loads(record)["releases"][0]["version"] == versions[-1]
