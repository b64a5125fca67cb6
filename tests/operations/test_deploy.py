"""`deploy plan`, `up` and `drift`: what was approved is deployed, and nothing else."""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from operations.deploy.deploy import GUARDED
from operations.frame.errors import ExitCode
from operations.frame.pulumi import Step
from sandbox.__main__ import PROJECT
from tests.operations.approving import Approver
from tests.operations.fake.plans import URN, StateBucket
from tests.operations.fake.wire import Fault, unreachable
from tests.operations.fake.world import World
from tests.operations.test_cli import taskflow

DAY = timedelta(days=1).total_seconds()


@pytest.fixture
def person() -> Approver:
    return Approver(world=World())


def test_a_plan_is_saved_encrypted_beside_the_state_and_names_the_next_command(
    person: Approver, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bucket's fake requires the stack file's key and owner."""
    assert person.plan() is ExitCode.SUCCESS
    assert list(person.bucket.plans) == [f"plans/production/{person.head()}.json"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "  • create aws:sqs/queue:Queue jobs"
    assert lines[-3].startswith(f"✓ Plan {person.fingerprint()[:12]} of taskflow-production: 3 create")
    assert lines[-1] == f"    taskflow deploy up --approved {person.fingerprint()} --ticket change-…"
    # Nothing was changed, so that there is nothing to record.
    assert (person.engine.done, person.world.events()) == ([], [])


def test_drs_plan_is_in_its_own_region(capsys: pytest.CaptureFixture[str]) -> None:
    person = Approver(world=World(stack="dr"), stack="dr", bucket=StateBucket(region="us-west-2"))
    assert person.plan() is ExitCode.SUCCESS
    assert capsys.readouterr().out.endswith(
        f"taskflow deploy up --approved {person.fingerprint()} --stack dr --ticket change-…\n"
    )
    assert person.deploy() is ExitCode.SUCCESS
    assert person.engine.deployed == person.engine.program


def test_the_approved_plan_is_deployed_and_recorded(person: Approver) -> None:
    person.plan()
    assert person.deploy() is ExitCode.SUCCESS
    assert person.engine.deployed == person.engine.program
    started, ended = person.world.events()
    assert (started["action"], started["outcome"], ended["outcome"]) == ("deploy up", "started", "success")
    assert started["ticket"] == "change-1042"
    assert {started["plan"], ended["plan"]} == {person.fingerprint()}
    assert started["commit"] == person.head()


def test_break_glass_may_deploy_whose_sessions_belong_to_an_incident(person: Approver) -> None:
    person.plan()
    person.world.principal = person.world.principal.replace("change-1042", "incident-7")
    assert person.deploy() is ExitCode.SUCCESS
    assert person.world.events()[0]["ticket"] == "incident-7"


def test_a_dry_run_saves_and_deploys_nothing(person: Approver) -> None:
    person.options = {"dry_run": True}
    assert person.plan() is ExitCode.SUCCESS
    assert person.bucket.plans == {}
    person.options = {"yes": True}
    person.plan()
    person.options = {"dry_run": True}
    assert person.deploy() is ExitCode.SUCCESS
    assert (person.engine.done, person.world.events()) == ([], [])


def test_without_changes_there_is_nothing_to_approve(person: Approver, capsys: pytest.CaptureFixture[str]) -> None:
    person.engine.deployed = dict(person.engine.program)
    assert person.plan() is ExitCode.SUCCESS
    assert capsys.readouterr().out == "✓ Nothing to deploy to taskflow-production\n"


def test_the_document_has_what_the_workflow_reads(person: Approver, capsys: pytest.CaptureFixture[str]) -> None:
    """tests/delivery gives the same fields to the workflow's script."""
    person.options = {"as_json": True}
    person.plan()
    document = json.loads(capsys.readouterr().out)
    assert document == {
        "outcome": "success", "exitCode": 0, "commit": person.head(), "plan": person.fingerprint(), "changes": 3,
        "steps": [
            {"operation": "create", "type": "aws:sqs/queue:Queue", "name": name, "properties": []}
            for name in ("jobs", "mail", "files")
        ],
    }  # fmt: skip


def test_a_change_that_the_boundary_denies_is_told_with_the_plan(
    person: Approver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Denied half-way, it would leave the rest undone."""
    urns = [f"urn:pulumi:production::taskflow::{component}aws:iam/role:Role::x" for component in (*GUARDED, "")]
    steps = [Step(operation="update", urn=urn) for urn in urns]
    inner = person.engine.plan

    def plan(stack: str, file: Path) -> Sequence[Step]:
        inner(stack, file)
        return steps

    monkeypatch.setattr(person.engine, "plan", plan)
    person.options = {"as_json": True}
    person.plan()
    printed = capsys.readouterr()
    assert json.loads(printed.out)["guarded"] == len(GUARDED)
    assert "2 of them change roles of people or workflows, which only break-glass may" in printed.err


def test_those_components_exist() -> None:
    files = (PROJECT / "components" / "access").glob("*.py")
    types = "".join(file.read_text() for file in files)
    assert all(f'"{component.removesuffix("$")}"' in types for component in GUARDED)


def _older(person: Approver) -> None:
    person.world.clock.sleep(DAY + 60)


def _other_deployment(person: Approver) -> None:
    person.bucket.versions["production"] = 7


def _other_plan(person: Approver) -> None:
    """A plan of the same commit after someone deployed another one: it has another fingerprint."""
    _other_deployment(person)
    person.plan()


def _other_commit(person: Approver) -> None:
    person.commit()


def _tampered(person: Approver) -> None:
    ((key, body),) = person.bucket.plans.items()
    document = json.loads(body)
    person.bucket.plans[key] = json.dumps({**document, "document": '{"jobs": 2}'}).encode()


def _unreadable(person: Approver) -> None:
    person.bucket.plans = dict.fromkeys(person.bucket.plans, b'{"stack": "production"}')


def _changed_tree(person: Approver) -> None:
    (person.folder / "more.py").touch()


def _wrong_account(person: Approver) -> None:
    person.world.account = "111122223333"


def _no_ticket(person: Approver) -> None:
    person.world.principal = person.world.principal.replace("change-1042", "alice")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_older, "✗ The plan is 24 hours old, and valid for a day"),
        (_other_deployment, "✗ The state of taskflow-production has changed since the plan was made"),
        (_other_plan, " was approved\n  It was planned again since"),
        (_other_commit, "✗ There is no plan of production for "),
        (_tampered, " was approved\n"),
        (_unreadable, "can't be read\n"),
        (_changed_tree, "✗ The working tree has changes: ?? more.py"),
        (_wrong_account, "✗ These credentials are for the account 111122223333"),
        (_no_ticket, "✗ deploy up of taskflow-production requires a ticket"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_anything_else_than_the_approved_plan_is_refused(
    person: Approver, change: Callable[[Approver], None], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    person.plan()
    approved = person.fingerprint()
    change(person)
    capsys.readouterr()
    assert person.deploy(approved) is ExitCode.REFUSED
    assert message in capsys.readouterr().err
    assert (person.engine.done, person.world.events()) == ([], [])


def test_a_stale_plan_is_planned_again_by_the_command_that_is_shown(
    person: Approver, capsys: pytest.CaptureFixture[str]
) -> None:
    person.plan()
    _other_deployment(person)
    capsys.readouterr()
    person.deploy()
    assert capsys.readouterr().err.endswith("  taskflow deploy plan\n")
    assert person.plan() is ExitCode.SUCCESS
    assert person.deploy() is ExitCode.SUCCESS


@pytest.mark.parametrize("approved", ["", "abc", "f" * 63, "F" * 64, f"{'f' * 64}\n", "../" * 10])
def test_what_is_no_fingerprint_is_refused_before_anything_is_read(person: Approver, approved: str) -> None:
    assert person.deploy(approved) is ExitCode.USAGE
    assert person.world.wire.calls == []


def test_what_changes_while_the_question_is_open_is_noticed(person: Approver) -> None:
    person.plan()
    person.options, person.answer = {}, True
    person.meanwhile = lambda: _other_deployment(person)
    assert person.deploy() is ExitCode.REFUSED
    assert person.questions == ["Change taskflow-production now?"]
    assert person.engine.done == []
    assert [each["outcome"] for each in person.world.events()] == ["started", "failure"]


def test_a_program_that_the_plan_doesnt_have_stops_the_deployment(person: Approver) -> None:
    """What Pulumi notices itself: tests/engine/test_saved_plan.py shows it on the real engine."""
    person.plan()
    person.engine.program["mail"] = 2
    assert person.deploy() is ExitCode.REFUSED
    assert person.engine.done == ["jobs"]
    assert person.world.events()[-1]["reason"] == "mail isn't in the plan"


def test_a_state_that_isnt_in_the_stack_file_is_named(person: Approver, capsys: pytest.CaptureFixture[str]) -> None:
    file = person.folder / "Pulumi.production.yaml"
    file.write_text(file.read_text().replace("key: arn:aws:kms:us-east-1", "key: arn:aws:kms:eu-west-1"))
    person.commit()
    assert person.plan() is ExitCode.USAGE
    assert "No state of us-east-1 is named in the stack file" in capsys.readouterr().err


def test_a_folder_that_is_no_checkout_is_one_line(person: Approver, capsys: pytest.CaptureFixture[str]) -> None:
    (person.folder / ".git").rename(person.folder / "git")
    assert person.plan() is ExitCode.REFUSED
    assert capsys.readouterr().err.startswith("✗ The commit can't be read: ")


def test_a_denied_call_is_one_line(person: Approver, capsys: pytest.CaptureFixture[str]) -> None:
    person.world.wire.denied = frozenset({"s3 PutObject"})
    assert person.plan() is ExitCode.DENIED
    assert capsys.readouterr().err.startswith("✗ ")


def test_a_lost_network_is_one_line(person: Approver, capsys: pytest.CaptureFixture[str]) -> None:
    assert person.plan(Fault(at=3, error=unreachable)) is ExitCode.UNREACHABLE
    assert "AWS is unreachable in us-east-1" in capsys.readouterr().err


def test_no_drift_is_one_line(person: Approver, capsys: pytest.CaptureFixture[str]) -> None:
    assert person.drift() is ExitCode.SUCCESS
    assert capsys.readouterr() == ("✓ taskflow-production is what its program describes\n", "")


def test_drift_is_listed_and_fails(person: Approver, capsys: pytest.CaptureFixture[str]) -> None:
    first = Step(operation="update", urn=URN.format(stack="production", name="jobs"), properties=["tags", "retention"])
    more = [replace(first, urn=f"{first.urn}-{number}") for number in range(40)]
    person.engine.drifted = [Step(operation="create", urn=URN.format(stack="production", name="mail")), *more]
    assert person.drift() is ExitCode.CHECK_FAILED
    printed = capsys.readouterr()
    assert printed.out.startswith(
        "  • create aws:sqs/queue:Queue mail\n  • update aws:sqs/queue:Queue jobs-0: tags, retention\n"
    )
    assert printed.out.endswith("    and 11 more\n")
    assert printed.err.startswith("✗ taskflow-production differs from its program: 1 create, 40 update\n")
    assert person.world.events() == []


def test_a_missing_approval_is_a_usage_error() -> None:
    result = taskflow("deploy", "up", "--ticket", "change-1")
    assert (result.returncode, "Traceback" in result.stderr) == (2, False)
    assert "--approved" in result.stderr


def test_the_document_of_a_plan_is_gone_afterwards(
    tmp_path: Path, person: Approver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the settings of every resource. The fake Pulumi requires that no other user can read it meanwhile."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    person.plan()
    person.engine.fail = 2
    assert person.deploy() is ExitCode.FAILED
    assert list(tmp_path.iterdir()) == []
