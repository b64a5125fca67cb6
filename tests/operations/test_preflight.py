"""`taskflow preflight` in the fake world: its checks against AWS, its questions, its record and its audit events."""

import json
from datetime import timedelta
from typing import Any

import pytest

from operations.checklist.answers import MAX_NOTE, Answer, answer_store
from operations.checklist.items import ITEMS, Source
from operations.frame.context import Context
from operations.frame.errors import ExitCode
from tests.operations.checklists import Person, started
from tests.operations.fake.world import World

RECORD = "/taskflow/production/checklist/v1.1.0"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PERSONAL = [item.key for item in ITEMS[:16] if item.source is not Source.MACHINE]


@pytest.fixture
def person() -> Person:
    return started()


def answers(world: World) -> dict[str, Any]:
    return json.loads(world.parameters[RECORD])["answers"]


# A whole run.


def test_all_is_well(person: Person, capsys: pytest.CaptureFixture[str]) -> None:
    before = len(person.world.ecs.deployments)
    assert person.preflight() is ExitCode.SUCCESS
    output = capsys.readouterr().out
    digest = person.world.images["v1.1.0"]
    assert f"✓ The preflight of v1.1.0 ({digest[7:19]}) is complete: 16 items" in output
    assert f"taskflow release v1.1.0 --digest {digest} --watch" in output
    assert len(person.asked) == 8
    assert set(answers(person.world)) == set(PERSONAL)
    assert len(person.world.ecs.deployments) == before


def test_a_second_run_asks_nothing_and_shows_who_answered(person: Person, capsys: pytest.CaptureFixture[str]) -> None:
    person.replies = {"All E2E tests passing": "yes  run 812 is green"}
    person.preflight()
    person.asked.clear()
    capsys.readouterr()
    assert person.preflight() is ExitCode.SUCCESS
    assert person.asked == []
    assert "yes, 2026-11-02 10:12 by taskflow-devops/change-1042: run 812 is green" in capsys.readouterr().out


def test_the_day_before_only_its_own_list_is_needed(person: Person) -> None:
    assert person.preflight(day_before=True) is ExitCode.SUCCESS
    assert set(answers(person.world)) == {"staging", "e2e-tests", "benchmarks", "change-request"}
    person.world.clock.sleep(DAY.total_seconds())
    person.world.take_backups()
    person.asked.clear()
    assert person.preflight() is ExitCode.SUCCESS
    assert person.asked == [
        "Deployment window confirmed", "On-call engineer available", "Stakeholders notified",
        "Monitoring dashboards open",
    ]  # fmt: skip


def test_the_audit_events_have_verdicts_and_no_notes(person: Person) -> None:
    person.replies = {"Stakeholders notified": "n ask alice@example.com first"}
    assert person.preflight() is ExitCode.CHECK_FAILED
    begun, ended = [event for event in person.world.events() if event["action"] == "preflight"]
    digest = person.world.images["v1.1.0"]
    assert begun["target"] == ended["target"] == f"preflight v1.1.0 ({digest[7:19]})"
    assert (begun["outcome"], ended["outcome"]) == ("started", "failure")
    assert ended["digest"] == digest
    assert ended["items"]["stakeholders"] == "failed"
    assert {key for key, verdict in ended["items"].items() if verdict != "passed"} == {"stakeholders"}
    assert len(ended["items"]) == 16
    assert "alice" not in json.dumps([begun, ended])
    assert "alice" in person.world.parameters[RECORD]


@pytest.mark.parametrize("session", ["incident-7", "alice"])
def test_an_approved_change_needs_a_change_ticket(person: Person, session: str) -> None:
    role, _, _ = person.world.principal.rpartition("/")
    person.world.principal = f"{role}/{session}"
    assert person.preflight() is ExitCode.REFUSED


def test_a_version_without_an_image_is_refused(person: Person, capsys: pytest.CaptureFixture[str]) -> None:
    assert person.preflight("v9.9.9") is ExitCode.REFUSED
    assert "taskflow-api in us-east-1 has no image v9.9.9" in capsys.readouterr().err
    assert person.preflight("latest") is ExitCode.USAGE
    assert not [event for event in person.world.events() if event["action"] == "preflight"]


# Answers.


def test_yes_as_an_option_answers_no_question(person: Person) -> None:
    person.options = {"yes": True}
    person.has_terminal = False
    assert person.preflight() is ExitCode.CHECK_FAILED


def test_without_a_terminal_the_open_items_are_named(person: Person, capsys: pytest.CaptureFixture[str]) -> None:
    person.has_terminal = False
    assert person.preflight(confirmed=["e2e-tests", "staging"]) is ExitCode.CHECK_FAILED
    error = " ".join(capsys.readouterr().err.split())
    assert "open: benchmarks, change-request, window, on-call, stakeholders, dashboards)" in error
    assert "--confirm ITEM" in error
    assert set(answers(person.world)) == {"staging", "e2e-tests"}


def test_a_pipeline_confirms_every_item(person: Person) -> None:
    person.has_terminal = False
    assert person.preflight(confirmed=PERSONAL) is ExitCode.SUCCESS


def test_json_asks_nothing(person: Person) -> None:
    found = person.verdicts(person.preflight)
    assert person.asked == []
    assert {key for key, (verdict, _) in found.items() if verdict == "open"} == set(PERSONAL)


@pytest.mark.parametrize("key", ["alarms", "user-flows", "E2E"])
def test_only_what_a_person_is_asked_can_be_confirmed(
    person: Person, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert person.preflight(confirmed=[key]) is ExitCode.USAGE
    error = " ".join(capsys.readouterr().err.split())
    assert f"{key} is not an item that a person answers here" in error
    assert "--confirm takes one of staging, e2e-tests" in error
    assert RECORD not in person.world.parameters


def test_a_no_is_asked_again_and_a_confirmation_replaces_it(person: Person) -> None:
    person.replies = {"On-call engineer available": "n", "Stakeholders notified": "No"}
    assert person.preflight() is ExitCode.CHECK_FAILED
    person.asked.clear()
    person.replies = {}
    assert person.preflight(confirmed=["stakeholders"]) is ExitCode.SUCCESS
    assert person.asked == ["On-call engineer available"]


def test_enter_leaves_an_item_open(person: Person) -> None:
    person.replies = {"Stakeholders notified": ""}
    assert person.preflight() is ExitCode.CHECK_FAILED
    assert "stakeholders" not in answers(person.world)
    assert len(answers(person.world)) == 7


def test_a_reply_that_is_neither_yes_nor_no_is_asked_again(person: Person) -> None:
    replies = iter(["maybe", "yesterday", "y"])

    def reply(title: str) -> str:
        return next(replies) if title.startswith("All E2E") else "y"

    person.reply = reply
    assert person.preflight() is ExitCode.SUCCESS
    assert next(replies, None) is None


@pytest.mark.parametrize(("seconds", "asked"), [(3600, 0), (3601, 4)], ids=["an hour", "more than an hour"])
def test_answers_of_the_last_hour_hold_for_an_hour(person: Person, seconds: int, asked: int) -> None:
    person.preflight()
    person.asked.clear()
    person.world.clock.sleep(seconds)
    assert person.preflight() is ExitCode.SUCCESS
    assert len(person.asked) == asked


def test_answers_are_for_an_image(person: Person) -> None:
    """The tag was deleted and pushed again: what was tested is another image."""
    person.preflight()
    person.asked.clear()
    person.world.images["v1.1.0"] = f"sha256:{7:064}"
    assert person.preflight() is ExitCode.SUCCESS
    assert len(person.asked) == 8


def test_an_approval_is_of_one_change_request(person: Person) -> None:
    person.preflight()
    person.asked.clear()
    role, _, _ = person.world.principal.rpartition("/")
    person.world.principal = f"{role}/change-2000"
    assert person.preflight() is ExitCode.SUCCESS
    assert person.asked == ["Change request approved"]
    assert answers(person.world)["change-request"]["ticket"] == "change-2000"


def test_a_note_is_one_short_line_without_references(person: Person) -> None:
    """SSM takes double braces in a text for a reference to another parameter."""
    person.replies = {"All E2E tests passing": f"y {{{{ssm:x}}}}\ttwo {'ü' * 150}"}
    assert person.preflight() is ExitCode.SUCCESS
    note = answers(person.world)["e2e-tests"]["note"]
    assert note.startswith("ssm:x two ü")
    assert len(note) == 100


def test_the_record_fits_into_a_parameter(person: Person) -> None:
    """The longest names, and notes that JSON makes twice as long: the oldest notes go, no answer does."""
    now = person.world.clock.now()
    keys = [item.key for item in ITEMS if item.source is not Source.MACHINE]

    def write(context: Context) -> None:
        store = answer_store(context.aws, context.environment, "v1.1.0")
        for number, key in enumerate(keys):
            answer = Answer(
                is_yes=True,
                at=now + timedelta(minutes=number),
                by=f"{'r' * 64}/{'s' * 64}",
                ticket=f"change-{'x' * 50}",
                note='"' * MAX_NOTE,
            )
            store.update(lambda record, key=key, answer=answer: record.with_answer("sha256:1", key, answer))

    assert person.run(write) is ExitCode.SUCCESS
    assert len(person.world.parameters[RECORD]) <= 4096
    assert list(answers(person.world)) == keys
    noted = [key for key, answer in answers(person.world).items() if "note" in answer]
    assert noted
    assert noted == keys[-len(noted) :]


def test_a_checklist_changes_nothing_that_is_to_be_confirmed(person: Person) -> None:
    person.options = {}
    assert person.preflight() is ExitCode.SUCCESS
    assert person.questions == []


def test_a_dry_run_shows_the_checklist_and_records_nothing(person: Person, capsys: pytest.CaptureFixture[str]) -> None:
    person.options = {"dry_run": True}
    before = dict(person.world.parameters), len(person.world.events())
    assert person.preflight() is ExitCode.CHECK_FAILED
    assert "Dry run: nothing is asked or recorded." in capsys.readouterr().out
    assert person.asked == []
    assert (dict(person.world.parameters), len(person.world.events())) == before
