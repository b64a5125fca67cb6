"""Roles that a person assumes for one command: session, identity, MFA, and where the credentials go."""

import pytest

from operations.frame.context import Context
from operations.frame.errors import ExitCode
from operations.frame.roles import AssumedRole, assume_role, person_of
from tests.operations.fake.sts import DEVICE
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.world import World
from tests.operations.support import Terminal

STS, IAM = f"arn:aws:sts::{ACCOUNT}", f"arn:aws:iam::{ACCOUNT}"
CENTER = f"{STS}:assumed-role/AWSReservedSSO_OnCall_0123456789abcdef/alice@example.com"
USER = f"{IAM}:user/team/alice"


@pytest.fixture
def terminal() -> Terminal:
    return Terminal(world=World(principal=CENTER))


def assume(terminal: Terminal, mfa_device: str | None = None) -> tuple[ExitCode, AssumedRole | None]:
    """Assume the role of break-glass; return how it ends, and the credentials."""
    assumed: list[AssumedRole] = []

    def run(context: Context) -> None:
        assumed.append(assume_role(context, "prod-break-glass", ticket="incident-7", mfa_device=mfa_device))

    return terminal.run(run), (assumed or [None])[0]


@pytest.mark.parametrize(
    ("principal", "person"),
    [
        (CENTER, "alice@example.com"),
        (USER, "alice"),
        (f"{STS}:assumed-role/taskflow-on-call/incident-7", "taskflow-on-call"),
        (f"{STS}:assumed-role/ci/run-17", "run-17"),
        (f"{IAM}:root", "root"),
    ],
)
def test_the_person_is_in_the_callers_arn(principal: str, person: str) -> None:
    assert person_of(principal) == person


def test_identity_center_needs_no_mfa_device(terminal: Terminal) -> None:
    code, assumed = assume(terminal)
    assert code is ExitCode.SUCCESS
    assert terminal.questions == []
    (request,) = terminal.world.sts.requests
    assert request == {
        "RoleArn": f"{IAM}:role/prod-break-glass",
        "RoleSessionName": "incident-7",
        "SourceIdentity": "alice@example.com",
        "DurationSeconds": 3600,
    }
    assert assumed
    assert (assumed.expires_at - terminal.world.clock.now()).total_seconds() == 3600


def test_an_iam_user_is_asked_for_the_code(terminal: Terminal) -> None:
    terminal.world.principal, terminal.texts = f"{IAM}:user/alice", {"MFA code of alice": "123456"}
    code, assumed = assume(terminal, DEVICE)
    assert (code, bool(assumed)) == (ExitCode.SUCCESS, True)
    (request,) = terminal.world.sts.requests
    assert (request["SerialNumber"], request["TokenCode"]) == (DEVICE, "123456")


@pytest.mark.parametrize(
    ("texts", "device", "code", "line"),
    [
        ({}, None, ExitCode.DENIED, "name the device with --mfa-device ARN"),
        ({"MFA code": "654321"}, DEVICE, ExitCode.DENIED, "The code may be wrong, or used before"),
        ({"MFA code": "12345"}, DEVICE, ExitCode.USAGE, "An MFA code has six digits"),
        ({}, DEVICE, ExitCode.REFUSED, "The MFA code can't be asked for"),
    ],
)
def test_a_user_without_a_valid_code_learns_what_to_do(
    terminal: Terminal,
    texts: dict[str, str],
    device: str | None,
    code: ExitCode,
    line: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal.world.principal, terminal.texts = f"{IAM}:user/alice", texts
    assert assume(terminal, device) == (code, None)
    assert line in capsys.readouterr().err


def test_a_person_who_isnt_listed_is_denied(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.world.principal = CENTER.replace("OnCall", "Developers")
    assert assume(terminal)[0] is ExitCode.DENIED
    assert "AWS denied the role prod-break-glass: User: " in capsys.readouterr().err


def test_a_role_of_people_cant_assume_another(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """The boundary denies it; the command says so before it asks STS."""
    terminal.world.principal = f"{STS}:assumed-role/taskflow-on-call/incident-7"
    assert assume(terminal)[0] is ExitCode.REFUSED
    assert "taskflow-on-call can't assume prod-break-glass" in capsys.readouterr().err
    assert terminal.world.sts.requests == []


@pytest.mark.parametrize(("name", "identity"), [("a", "a-"), ("x" * 80, "x" * 64), ("alice smith", "alice-smith")])
def test_a_name_becomes_a_source_identity_that_sts_accepts(terminal: Terminal, name: str, identity: str) -> None:
    terminal.world.principal = f"{CENTER.rpartition('/')[0]}/{name}"
    assert assume(terminal)[0] is ExitCode.SUCCESS
    assert terminal.world.sts.requests[0]["SourceIdentity"] == identity


def test_clients_of_the_role_sign_with_its_credentials(terminal: Terminal) -> None:
    def run(context: Context) -> None:
        assumed = assume_role(context, "prod-break-glass", ticket="incident-7", mfa_device=None)
        assumed.aws("us-east-1").sts.get_caller_identity()
        context.aws.sts.get_caller_identity()

    assert terminal.run(run) is ExitCode.SUCCESS
    own = "AKIAFAKEFAKEFAKEFAKE"
    assert terminal.world.wire.keys_used == [own, own, "ASIAFAKEFAKEFAKE0001", own]


def test_the_credentials_are_in_the_environment_only(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    assumed = assume(terminal)[1]
    assert assumed
    assert assumed.environment() == {
        "AWS_ACCESS_KEY_ID": "ASIAFAKEFAKEFAKE0001",
        "AWS_SECRET_ACCESS_KEY": "secret-1",
        "AWS_SESSION_TOKEN": "token-1",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    output = capsys.readouterr()
    for secret in ("secret-1", "token-1"):
        assert secret not in output.out + output.err + repr(assumed) + repr(assumed.aws("us-east-1"))
