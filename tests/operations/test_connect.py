"""`taskflow db connect`: what it opens, with which identity, and that it closes everything."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from operations.database.connect import ConnectOptions
from operations.frame.errors import ExitCode
from tests.operations.connecting import IN_ROLE, Person, closes_with, person
from tests.operations.fake.sts import DEVICE, KEY
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.wire import clients


@pytest.fixture
def alice(tmp_path: Path) -> Person:
    return person(tmp_path)


def test_a_person_reads_the_database_and_nothing_is_left_behind(
    alice: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    assert alice.connect() is ExitCode.SUCCESS
    assert alice.machine.left_behind == []
    assert alice.world.wire.calls == [
        "sts GetCallerIdentity", "ssm GetParameter", "ssm GetParametersByPath",
        "sts GetCallerIdentity", "sts AssumeRole", "sts GetCallerIdentity", "logs CreateLogStream", "logs PutLogEvents",
        "ssm GetParameter", "ssm GetParametersByPath", *["ssm PutParameter"] * 2,
        "rds DescribeDBInstances", "ecs ListTasks", "ecs DescribeServices", "ecs RunTask",
        *["ecs DescribeTasks"] * 15, *["ssm StartSession"] * 2, "ssm TerminateSession", "ecs StopTask",
        "ssm PutParameter", "logs PutLogEvents",
    ]  # fmt: skip
    output = capsys.readouterr()
    assert output.out == "", "standard output is psql's"
    assert "✓ Tunnel to taskflow-production open until 11:09 UTC" in output.err


def test_psql_logs_in_as_the_document_says(alice: Person) -> None:
    """With the instance's name, through the local port, and nothing of the person's own PG variables."""
    alice.connect()
    (psql,) = alice.machine.psqls
    host = alice.world.rds.host()
    connection = {name: value for name, value in psql.variables.items() if name.startswith("PG")}
    assert connection.pop("PGPASSFILE").endswith("/pgpass")
    assert connection.pop("PGSSLROOTCERT") == str(alice.machine.cache / "rds-us-east-1.pem")
    assert connection == {
        "PGHOST": host, "PGHOSTADDR": "127.0.0.1", "PGPORT": "5433", "PGDATABASE": "taskflow",
        "PGUSER": "taskflow_readonly", "PGSSLMODE": "verify-full", "PGGSSENCMODE": "disable",
        "PGCONNECT_TIMEOUT": "15", "PGAPPNAME": "incident-7",
    }  # fmt: skip
    assert psql.arguments == ()
    assert not [value for value in psql.variables.values() if "X-Amz-Signature" in value], "the token is in the file"


def test_arguments_after_two_hyphens_are_psqls(alice: Person) -> None:
    arguments = ["-Atc", "select 1", "--csv"]
    alice.connect(arguments=arguments)
    assert list(alice.machine.psqls[0].arguments) == arguments


def test_the_task_is_the_access_task_in_the_services_network(alice: Person) -> None:
    alice.connect()
    request = dict(next(body for name, body in alice.world.wire.requests if name == "ecs RunTask"))
    token = request.pop("clientToken")
    starter = request.pop("startedBy").split("/")
    assert starter[0] == "db-connect"
    assert starter[2:] == [token, "incident-7"]
    assert request == {
        "cluster": "taskflow-production", "taskDefinition": "taskflow-production-access", "launchType": "FARGATE",
        "count": 1, "enableExecuteCommand": True,
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-service"], "assignPublicIp": "DISABLED",
            }
        },
    }  # fmt: skip


def test_the_plugin_is_started_as_awss_cli_does(alice: Person) -> None:
    """The session's token is in the environment, not in the arguments, which every user of the computer can list."""
    alice.connect()
    (plugin,) = alice.machine.plugins
    name, variable, region, operation, profile, request, endpoint = plugin.command
    assert (name, variable) == ("session-manager-plugin", "AWS_SSM_START_SESSION_RESPONSE")
    assert (region, operation, profile) == ("us-east-1", "StartSession", "")
    assert endpoint == "https://ssm.us-east-1.amazonaws.com"
    assert '"host": ["taskflow-production.' in request
    assert '"localPortNumber": ["5433"]' in request
    assert not [argument for argument in plugin.command if "token-" in argument]
    assert plugin.session
    assert (plugin.session.remote_port, plugin.session.reason) == (5432, "incident-7")


def test_the_plugin_acts_in_the_role_and_not_in_the_persons_profile(alice: Person) -> None:
    alice.connect()
    variables = alice.machine.plugins[0].variables
    assert variables["AWS_ACCESS_KEY_ID"].startswith(KEY)
    assert "AWS_PROFILE" not in variables
    assert "AWS_ACCESS_KEY_ID" not in alice.machine.psqls[0].variables


def test_everything_is_done_in_the_role(alice: Person) -> None:
    """A person may have no other permission than to assume it."""
    alice.connect()
    first = alice.world.wire.calls.index("sts AssumeRole") + 1
    assert all(key.startswith(KEY) for key in alice.world.wire.keys_used[first:])
    assert {each["principal"] for each in alice.world.events()} == {IN_ROLE}


def test_a_session_in_the_role_is_used_as_it_is(alice: Person) -> None:
    alice.world.principal = IN_ROLE
    assert alice.connect() is ExitCode.SUCCESS
    assert alice.world.sts.requests == []
    assert alice.machine.plugins[0].variables["AWS_ACCESS_KEY_ID"] == "AKIAFAKEFAKEFAKEFAKE"


def test_both_audit_events_have_the_ticket(alice: Person) -> None:
    alice.connect()
    started, ended = alice.world.events()
    assert (started["outcome"], ended["outcome"]) == ("started", "success")
    for event in (started, ended):
        assert (event["action"], event["ticket"], event["target"]) == ("db connect", "incident-7",
                                                                       "read taskflow-production")  # fmt: skip
        assert "alice" not in str(event)


def test_the_replica_is_the_one_in_the_region(alice: Person) -> None:
    assert alice.connect(is_replica=True) is ExitCode.SUCCESS
    assert alice.machine.psqls[0].variables["PGHOST"] == alice.world.rds.host("taskflow-production-replica-1")


def test_a_dry_run_assumes_no_role_and_opens_nothing(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    alice.terminal.options = {"dry_run": True, "ticket": "incident-7"}
    assert alice.connect() is ExitCode.SUCCESS
    assert alice.world.wire.calls == ["sts GetCallerIdentity", "ssm GetParameter", "ssm GetParametersByPath"]
    assert not list(alice.machine.cache.iterdir())
    assert "assume prod-db-access: the alarm emergency-access reports it" in capsys.readouterr().err


def test_the_role_is_assumed_after_the_question(alice: Person) -> None:
    """It raises an alarm."""
    alice.terminal.options, alice.terminal.answer = {"ticket": "incident-7"}, False
    assert alice.connect() is ExitCode.REFUSED
    assert alice.world.sts.requests == []


def test_the_command_line_leaves_psqls_arguments_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from operations.cli import app, hoisted

    found: list[ConnectOptions] = []

    def record(_context: object, options: ConnectOptions, _machine: object) -> None:
        found.append(options)

    def at_once(_context: object, run: Callable[[object], None]) -> None:
        run(None)

    monkeypatch.setattr("operations.database.connect.connect", record)
    monkeypatch.setattr("operations.commands.database.execute", at_once)
    line = ["db", "connect", "--port", "5434", "--replica", "--ticket", "incident-7", "--", "-c", "select 1", "--yes"]
    result = CliRunner().invoke(app, hoisted(line))
    assert result.exit_code == 0, result.output
    assert found == [ConnectOptions(arguments=["-c", "select 1", "--yes"], port=5434, is_replica=True)]


# What is refused before anything is started.


@pytest.mark.parametrize("ticket", ["change-1042", None])
def test_only_an_incidents_ticket_opens_the_database(
    alice: Person, ticket: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    alice.terminal.options["ticket"] = ticket
    assert alice.connect() is ExitCode.REFUSED
    assert "db connect of taskflow-production requires the ticket of an incident" in capsys.readouterr().err
    assert alice.world.wire.calls == ["sts GetCallerIdentity"]


@pytest.mark.parametrize(
    ("program", "version", "line"),
    [
        ("psql", None, "psql is not installed, or not in PATH"),
        ("psql", "psql (PostgreSQL) 13.21", "psql 13.21 is too old: older ones cut off the password"),
        ("session-manager-plugin", None, "session-manager-plugin is not installed"),
        ("session-manager-plugin", "1.2.707.0", "session-manager-plugin 1.2.707.0 is too old: AWS doesn't support"),
        ("session-manager-plugin", "", "session-manager-plugin of an unknown version is too old"),
    ],
)
def test_a_program_is_missing_or_too_old(
    alice: Person, program: str, version: str | None, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    alice.machine.versions[program] = version
    assert alice.connect() is ExitCode.REFUSED
    assert line in capsys.readouterr().err
    assert alice.world.wire.calls == []


def test_a_plugin_with_a_known_defect_is_named(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    alice.machine.versions["session-manager-plugin"] = "1.2.814.0"
    assert alice.connect() is ExitCode.SUCCESS
    assert "! session-manager-plugin 1.2.814.0: after a short loss of the network" in capsys.readouterr().err


def test_a_used_port_is_one_line(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    alice.machine.used_ports = {5433}
    assert alice.connect() is ExitCode.REFUSED
    assert capsys.readouterr().err.splitlines() == [
        "✗ Port 5433 of this computer is in use. Nothing was started",
        "  End the program that uses it, or choose another one: --port 5434.",
    ]
    assert alice.connect(port=5434) is ExitCode.SUCCESS
    assert alice.machine.psqls[0].variables["PGPORT"] == "5434"


def test_json_is_refused_because_standard_output_is_psqls(alice: Person) -> None:
    alice.terminal.options["as_json"] = True
    assert alice.connect() is ExitCode.USAGE
    assert alice.world.wire.calls == []


def test_an_iam_user_without_mfa_learns_the_option(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    alice.world.principal = f"arn:aws:iam::{ACCOUNT}:user/alice"
    assert alice.connect() is ExitCode.DENIED
    assert "name the device with --mfa-device ARN" in capsys.readouterr().err
    assert alice.world.ecs.tasks == []
    alice.terminal.texts = {"MFA code of alice": "123456"}
    assert alice.connect(mfa_device=DEVICE) is ExitCode.SUCCESS


def test_another_role_of_people_cant_be_used(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    alice.world.principal = f"arn:aws:sts::{ACCOUNT}:assumed-role/taskflow-on-call/incident-7"
    assert alice.connect() is ExitCode.REFUSED
    assert "taskflow-on-call can't assume prod-db-access" in capsys.readouterr().err


# What fails on the way: everything that was opened is closed.


def test_an_image_that_cant_be_pulled(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    alice.world.ecs.programs = {"taskflow-production-access": lambda _task: (10, None)}
    closes_with(alice, capsys, "The access task stopped: Essential container in task exited")


def test_a_task_that_doesnt_start(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    alice.world.ecs.task_failure = "Capacity is unavailable at this time."
    closes_with(alice, capsys, "ECS didn't start the access task: Capacity is unavailable")


def test_an_agent_that_never_starts(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    alice.world.ecs.agent_failure = "PENDING"
    closes_with(alice, capsys, "The access task's agent didn't start within 5 minutes")


def test_an_agent_that_stops(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    alice.world.ecs.agent_failure = "STOPPED"
    closes_with(alice, capsys, "its agent for sessions stopped")


def test_a_task_that_ecs_doesnt_know_yet(alice: Person) -> None:
    alice.world.ecs.describe_delay = timedelta(seconds=8)
    assert alice.connect() is ExitCode.SUCCESS


def test_an_agent_that_ssm_never_reaches(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    alice.world.sessions.connects_after = timedelta(hours=1)
    closes_with(alice, capsys, "SSM doesn't reach the access task's agent (TargetNotConnected)")


def test_a_plugin_that_fails_shows_its_last_words(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    alice.machine.plugin_failure = "listen tcp 127.0.0.1:5433: bind: address already in use"
    closes_with(alice, capsys, "listen tcp 127.0.0.1:5433: bind: address already in use")


def test_a_missing_stack(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    alice.world.ecs.definitions = {
        arn: each for arn, each in alice.world.ecs.definitions.items() if "access" not in arn
    }
    closes_with(alice, capsys, "ECS has no task definition taskflow-production-access to start")


@pytest.mark.parametrize("is_replica", [False, True])
def test_a_missing_database(alice: Person, is_replica: bool, capsys: pytest.CaptureFixture[str]) -> None:
    if is_replica:
        alice.world.rds.primary.values["ReadReplicaDBInstanceIdentifiers"] = [
            "arn:aws:rds:us-west-2:987654321098:db:taskflow-dr"
        ]
    else:
        del alice.world.rds.primary.values["Endpoint"]
    assert alice.connect(is_replica=is_replica) is ExitCode.REFUSED
    line = "has no replica in us-east-1" if is_replica else "taskflow-production has no address: it is available"
    assert line in capsys.readouterr().err
    assert (alice.world.ecs.tasks, alice.machine.left_behind) == ([], [])


def test_a_restored_instance_is_read_by_its_name(alice: Person) -> None:
    name = "taskflow-recovery-20261102-1020"
    alice.world.rds.add(name)
    assert alice.connect(instance=name) is ExitCode.SUCCESS
    assert alice.machine.psqls[0].variables["PGHOST"] == alice.world.rds.host(name)


@pytest.mark.parametrize("name", ["another", "taskflow-recovery-prod", "taskflow-production-other", "taskflow-dr"])
def test_no_other_instance_can_be_named(alice: Person, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The token is valid for every instance that the role may find: the name is checked first."""
    assert alice.connect(instance=name) is ExitCode.REFUSED
    assert f"{name} is neither an instance of taskflow-production nor a restored one" in capsys.readouterr().err
    assert alice.world.wire.calls == []


def test_an_instance_and_the_replica_exclude_each_other(alice: Person) -> None:
    assert alice.connect(instance="taskflow-production", is_replica=True) is ExitCode.USAGE


@pytest.mark.parametrize("call", ["ecs RunTask", "ssm StartSession", "rds DescribeDBInstances", "ecs DescribeServices"])
def test_a_denied_call_is_one_line(alice: Person, call: str, capsys: pytest.CaptureFixture[str]) -> None:
    alice.world.wire.denied = frozenset({call})
    closes_with(alice, capsys, f"AWS denied {call.split()[1]}", ExitCode.DENIED)


def test_a_query_that_fails_is_psqls_exit_code(alice: Person, capsys: pytest.CaptureFixture[str]) -> None:
    alice.machine.psql_code = 3
    closes_with(alice, capsys, "psql ended with exit code 3")


@pytest.mark.parametrize(("host", "port"), [("localhost", 5433), ("localhost", 5432), ("", 5433)])
def test_a_token_for_another_host_or_port_would_be_refused(alice: Person, host: str, port: int) -> None:
    """IAM signs the address of the instance: the local end of the tunnel has another one."""
    accepted: list[bool] = []

    def log_in_again() -> None:
        (psql,) = alice.machine.psqls
        (folder,) = alice.machine.folders.values()
        rds = clients("us-east-1").rds
        token = rds.generate_db_auth_token(host or alice.world.rds.host(), port, "taskflow_readonly")
        line = folder.read("pgpass").rpartition("taskflow_readonly:")[0]
        accepted.append(alice.machine.can_log_in(psql.variables))
        folder.write("pgpass", f"{line}taskflow_readonly:{token.replace(':', chr(92) + ':')}\n")
        accepted.append(alice.machine.can_log_in(psql.variables))

    alice.at(5, log_in_again)
    alice.connect()
    assert accepted == [True, False]
