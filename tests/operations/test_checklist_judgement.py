"""The judgement of a checklist, on every combination of what its checks can find. Plain values: no AWS, no clock."""

import functools
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from operations.backup import freshness as backups
from operations.checklist import deployed, image, service, staging
from operations.checklist.answers import Answer
from operations.checklist.checklist import PREFLIGHT
from operations.checklist.items import ITEMS, Item, Phase, Source, items_of
from operations.checklist.judgement import Finding, Moment, Verdict, expiry, failed, finding_of, require_good, rows_of
from operations.frame.errors import ExitCode, OperationError
from operations.release.comparison import MEASURES, Measured
from operations.release.record import Migration, MigrationState, Record, Release, ReleaseState
from operations.release.revision import TaskDefinition
from operations.release.service import Deployment
from operations.smoke.checks import Result, Status

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
MOMENT = Moment(now=NOW, ticket="change-1")
DIGEST, OTHER = f"sha256:{1:064}", f"sha256:{2:064}"
# A machine's check passes, fails, or can't be made.
STATES = (Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN)


def answer(*, is_yes: bool = True, at: datetime = NOW, ticket: str = "change-1") -> Answer:
    return Answer(is_yes=is_yes, at=at, by="taskflow-devops/change-1", ticket=ticket)


def by_key(key: str) -> Item:
    return next(item for item in ITEMS if item.key == key)


def outcome(items: Sequence[Item], findings: Mapping[str, Finding], answers: Mapping[str, Answer]) -> str:
    """Return the error's line; empty text if everything is settled."""
    try:
        require_good(rows_of(items, findings, answers, MOMENT), "It")
    except OperationError as error:
        return error.message if error.code is ExitCode.CHECK_FAILED else f"wrong code: {error.code}"
    return ""


# The whole checklist.


def test_preflight_passes_only_if_every_check_passes() -> None:
    """Every combination of the nine checks' states: 19,683; a line names exactly those that didn't pass."""
    items = items_of(Phase.DAY_BEFORE, Phase.HOUR_BEFORE)
    answers = {item.key: answer() for item in items if item.key not in PREFLIGHT}
    found = {(key, state): Finding(verdict=state, detail="") for key in PREFLIGHT for state in STATES}
    clean = 0
    for states in itertools.product(STATES, repeat=len(PREFLIGHT)):
        findings = {key: found[key, state] for key, state in zip(PREFLIGHT, states, strict=True)}
        message = outcome(items, findings, answers)
        clean += not message
        named = {word.strip(",;()") for word in message.split()}
        assert named & PREFLIGHT.keys() == {key for key, each in findings.items() if each.verdict is not Verdict.PASSED}
    assert clean == 1


@pytest.mark.parametrize("phases", [(Phase.DAY_BEFORE, Phase.HOUR_BEFORE), (Phase.DEPLOYMENT, Phase.AFTER)])
def test_each_answer_is_needed(phases: tuple[Phase, ...]) -> None:
    """Yes, no and no answer, in every combination."""
    items = items_of(*phases)
    asked = [item.key for item in items if item.source is Source.PERSON]
    findings = {item.key: Finding(verdict=Verdict.PASSED, detail="") for item in items if item.key not in asked}
    moment = replace(MOMENT, deployed_at=NOW - timedelta(minutes=30))
    given = {True: answer(), False: answer(is_yes=False)}
    for replies in itertools.product((True, False, None), repeat=len(asked)):
        answers = {key: given[reply] for key, reply in zip(asked, replies, strict=True) if reply is not None}
        rows = {row.item.key: row.verdict for row in rows_of(items, findings, answers, moment)}
        verdicts = {True: Verdict.PASSED, False: Verdict.FAILED, None: Verdict.OPEN}
        assert [rows[key] for key in asked] == [verdicts[reply] for reply in replies]


def test_an_item_that_the_stack_lacks_is_settled() -> None:
    items = [by_key("daily-backup")]
    finding = Finding(verdict=Verdict.NOT_NEEDED, detail="a replica")
    assert outcome(items, {"daily-backup": finding}, {}) == ""


def test_a_line_names_what_failed_what_is_unknown_and_what_is_open() -> None:
    items = [by_key(key) for key in ("alarms", "daily-backup", "e2e-tests")]
    findings = {
        "alarms": Finding(verdict=Verdict.FAILED, detail=""),
        "daily-backup": Finding(verdict=Verdict.UNKNOWN, detail=""),
    }
    assert outcome(items, findings, {}) == (
        "It isn't complete (failed: alarms; can't be checked: daily-backup; open: e2e-tests)"
    )


def test_a_check_that_cannot_be_made_is_unknown_and_says_why() -> None:
    def broken() -> Finding:
        raise OperationError("the profile is wrong", advice="Name another one.")

    finding = finding_of(broken, "us-east-1")
    assert finding == Finding(
        verdict=Verdict.UNKNOWN, detail="can't be checked: the profile is wrong", advice="Name another one."
    )


# Answers.


@pytest.mark.parametrize(
    ("key", "given", "reason"),
    [
        ("e2e-tests", answer(at=NOW - timedelta(days=30)), ""),
        ("window", answer(at=NOW - timedelta(hours=1)), ""),
        ("window", answer(at=NOW - timedelta(hours=1, seconds=1)), "answered more than an hour ago"),
        ("change-request", answer(), ""),
        ("change-request", answer(ticket="change-2"), "answered for change-2"),
        ("e2e-tests", answer(ticket="change-2"), ""),
    ],
)
def test_an_answer_holds_for_the_image_the_hour_or_the_ticket(key: str, given: Answer, reason: str) -> None:
    assert expiry(by_key(key), given, MOMENT) == reason


def test_an_answer_after_the_deployment_belongs_to_this_deployment() -> None:
    deployed_at = NOW - timedelta(minutes=40)
    moment = replace(MOMENT, deployed_at=deployed_at)
    assert expiry(by_key("complaints"), answer(at=deployed_at), moment) == ""
    earlier = answer(at=deployed_at - timedelta(seconds=1))
    assert expiry(by_key("complaints"), earlier, moment) == "answered before the deployment"
    # While the version doesn't run, no answer holds.
    (row,) = rows_of([by_key("complaints")], {}, {"complaints": answer()}, MOMENT)
    assert (row.verdict, row.detail) == (Verdict.OPEN, "not answered: the version isn't running")


def test_a_finding_comes_before_an_answer() -> None:
    """Staging was confirmed by a person before the settings named the account."""
    findings = {"staging": failed("staging runs another image", "")}
    (row,) = rows_of([by_key("staging")], findings, {"staging": answer()}, MOMENT)
    assert row.verdict is Verdict.FAILED


# Each check, on every combination of what it reads.

STATUSES = (
    "", "PENDING", "IN_PROGRESS", "COMPLETE", "FAILED", "ACTIVE", "UNSUPPORTED_IMAGE", "SCAN_ELIGIBILITY_EXPIRED",
    "FINDINGS_UNAVAILABLE", "LIMIT_EXCEEDED", "IMAGE_ARCHIVED", "IMAGE_SIZE_EXCEEDED",
)  # fmt: skip
COUNTS: Sequence[Mapping[str, int] | None] = (
    None, {}, {"MEDIUM": 9, "LOW": 1, "UNDEFINED": 1}, {"HIGH": 1}, {"CRITICAL": 1}, {"CRITICAL": 0, "HIGH": 0},
)  # fmt: skip


def test_only_a_finished_scan_without_severe_findings_is_clean() -> None:
    for status, counts in itertools.product(STATUSES, COUNTS):
        scan = image.Scan(digest=DIGEST, status=status, counts=counts)
        is_clean = (
            status in {"COMPLETE", "ACTIVE"}
            and counts is not None
            and not {"HIGH", "CRITICAL"} & {level for level, count in counts.items() if count}
        )
        assert (image.judge([scan], "api").verdict is Verdict.PASSED) is is_clean, scan
        # One platform of several.
        clean = image.Scan(digest=OTHER, status="COMPLETE", counts={})
        assert (image.judge([clean, scan], "api").verdict is Verdict.PASSED) is is_clean, scan


def test_an_image_without_platforms_is_not_clean() -> None:
    assert image.judge([], "api").verdict is Verdict.FAILED


def test_findings_are_counted_over_the_platforms() -> None:
    scans = [image.Scan(digest=DIGEST, status="COMPLETE", counts={"HIGH": 2, "CRITICAL": 1}) for _ in range(2)]
    assert image.judge(scans, "api").detail == "2 critical, 4 high findings"


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("limit", [backups.LOG_LIMIT, backups.DAILY_LIMIT, backups.WEEKLY_LIMIT])
def test_a_backup_is_fresh_up_to_its_limit(limit: timedelta) -> None:
    ages: Sequence[timedelta | None] = (timedelta(0), limit, limit + SECOND, None)
    for backup_age, source_age in itertools.product(ages, ages):
        backup = backups.Backup(
            what="backup",
            at=None if backup_age is None else NOW - backup_age,
            limit=limit,
            source_created_at=None if source_age is None else NOW - source_age,
        )
        decisive = source_age if backup_age is None else backup_age
        is_fresh = decisive is not None and decisive <= limit
        assert (backups.judge(backup, NOW).verdict is Verdict.PASSED) is is_fresh, (backup_age, source_age)


def test_the_limits_are_those_of_the_backup_schedule() -> None:
    limits = (backups.LOG_LIMIT, backups.DAILY_LIMIT, backups.WEEKLY_LIMIT)
    assert limits == (timedelta(minutes=15), timedelta(hours=26), timedelta(days=8))


def test_no_alarm_may_fire_and_no_deployment_alarm_may_be_missing() -> None:
    watched = ("stack-deployment-errors", "stack-deployment-latency")
    for states in itertools.product(("OK", "ALARM", "INSUFFICIENT_DATA", None), repeat=3):
        names = (*watched, "stack-cpu")
        present = {name: state for name, state in zip(names, states, strict=True) if state}
        finding = service.judge_alarms(present, watched)
        is_quiet = "ALARM" not in present.values() and all(name in present for name in watched)
        assert (finding.verdict is Verdict.PASSED) is is_quiet, present
        if "ALARM" in states[:2] and None not in states[:2]:
            assert "ECS won't roll back" in finding.advice
    assert service.judge_alarms({"stack-cpu": "OK"}, ()).verdict is Verdict.FAILED


def test_many_alarms_are_counted_and_those_of_the_deployment_come_first() -> None:
    states = {f"stack-{name}": "ALARM" for name in ("a", "b", "c", "d", "deployment-errors")}
    assert service.judge_alarms(states, ("stack-deployment-errors",)).detail == (
        "in ALARM: stack-deployment-errors, stack-a, stack-b and 2 more"
    )


def deployment(status: str) -> Deployment:
    rolled_back_to = "revision-1" if status == "ROLLBACK_SUCCESSFUL" else None
    return Deployment(
        arn="d", status=status, created_at=NOW, target="revision-2", rolled_back_to=rolled_back_to, finished_at=NOW
    )


def release(state: ReleaseState, migration: MigrationState | None = None) -> Release:
    fields = {"attempt": 1, "token": "1", "revision": "r", "started_at": NOW}
    attempt = Migration.model_validate({**fields, "state": migration}) if migration else None
    return Release(version="v1.0.0", digest=DIGEST, ticket="change-1", at=NOW, state=state, migration=attempt)


def test_nothing_may_be_unfinished() -> None:
    statuses = (
        None, "PENDING", "IN_PROGRESS", "STOP_REQUESTED", "STOPPED", "SUCCESSFUL", "ROLLBACK_REQUESTED",
        "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED",
    )  # fmt: skip
    for status, state, migrating in itertools.product(statuses, (None, *ReleaseState), ((), ("v1.0.0",))):
        record = Record(releases=(release(state),) if state else ())
        finding = service.judge_deployments(deployment(status) if status else None, record, migrating)
        is_finished = (
            status in {None, "SUCCESSFUL", "ROLLBACK_SUCCESSFUL"}
            and state is not ReleaseState.STARTED
            and not migrating
        )
        assert (finding.verdict is Verdict.PASSED) is is_finished, (status, state, migrating)


def definition(version: str, *, is_active: bool = True) -> TaskDefinition:
    return TaskDefinition(arn=f"x/api:{version}", digest=DIGEST, version=version, content=None, is_active=is_active)


def test_there_must_be_a_way_back() -> None:
    goals = (None, definition("v1.0.0"), definition("v1.0.0", is_active=False))
    switches = (True, False)
    for goal, first, known, has_image, named in itertools.product(goals, switches, switches, switches, switches):
        way = service.WayBack(
            running=definition("v1.0.0"), goal=goal, is_first=first, is_known=known, has_image=has_image, is_named=named
        )
        finding = service.judge_way_back(way)
        can_return = known and goal is not None and goal.is_active and has_image
        assert (finding.verdict is Verdict.PASSED) is (first or can_return), way
        if can_return and not first:
            assert ("--to v1.0.0" in finding.detail) is named


def test_staging_has_run_the_image_for_a_day() -> None:
    newest = (None, deployment("IN_PROGRESS"), deployment("SUCCESSFUL"))
    ages = (None, timedelta(hours=24), timedelta(hours=24) - SECOND)
    for last, digest, since, desired in itertools.product(newest, (None, DIGEST, OTHER), ages, (0, 2)):
        seen = staging.Staging(
            newest=last, digest=digest, since=None if since is None else NOW - since, desired=desired
        )
        is_verified = last is newest[2] and digest == DIGEST and since == ages[1] and desired == 2
        assert (staging.judge(seen, DIGEST, NOW).verdict is Verdict.PASSED) is is_verified, seen


def test_migrations_have_succeeded() -> None:
    states: Sequence[MigrationState | None] = (None, *MigrationState)
    for state, is_migrated in itertools.product(states, (True, False)):
        found = release(ReleaseState.STARTED, state)
        assert (deployed.judge_migrations("v1.0.0", found, is_migrated=is_migrated).verdict is Verdict.PASSED) is (
            is_migrated
        )
    assert deployed.judge_migrations("v1.0.0", None, is_migrated=False).verdict is Verdict.FAILED


def test_one_failed_smoke_test_fails() -> None:
    failure = Result(host="api", check="health: /health", status=Status.FAILED, detail="status 503, not 200")
    assert deployed.judge_smoke([], "17 passed").verdict is Verdict.PASSED
    finding = deployed.judge_smoke([failure], "16 passed, 1 failed")
    assert finding.verdict is Verdict.FAILED
    assert finding.detail == "16 passed, 1 failed. api health: /health: status 503, not 200"


def test_a_metric_is_normal_if_it_has_data_is_as_before_and_its_alarm_is_quiet() -> None:
    values: Sequence[float | None] = (None, 0.02, 0.9)
    for before, after, firing in itertools.product(values, values, (True, False)):
        measured = Measured(measure=MEASURES[0], before=before, after=after, is_firing=firing)
        verdict = finding_of(functools.partial(deployed.judge_metric, measured), "us-east-1").verdict
        is_worse = (before == 0.02 and after == 0.9) or (before is not None and after is None)
        unknown = before is None and after is None
        expected = Verdict.FAILED if firing or is_worse else Verdict.UNKNOWN if unknown else Verdict.PASSED
        assert verdict is expected, measured


# The table.


def test_keys_are_unique_and_the_lists_are_complete() -> None:
    assert len({item.key for item in ITEMS}) == len(ITEMS)
    documented = [[item.title for item in items_of(phase) if item.is_documented] for phase in Phase]
    assert documented == [
        [
            "Staging verification complete (24+ hours)", "All E2E tests passing", "Performance benchmarks acceptable",
            "Security scan clean", "Change request approved",
        ],
        [
            "Deployment window confirmed", "On-call engineer available", "Rollback plan documented",
            "Stakeholders notified", "Monitoring dashboards open",
        ],
        ["Database migrations run", "ECS service updated", "Health checks passing", "Smoke tests passing"],
        ["Error rate normal", "Latency normal", "Key user flows tested", "No customer complaints"],
    ]  # fmt: skip


def test_every_item_of_a_machine_has_a_check() -> None:
    before = items_of(Phase.DAY_BEFORE, Phase.HOUR_BEFORE)
    assert {item.key for item in before if item.source is not Source.PERSON} == PREFLIGHT.keys()
