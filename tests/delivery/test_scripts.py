"""The scripts of the workflows when something goes wrong, and what they show."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.delivery.runner import GITHUB, Result, Runner

RELEASE = "taskflow release v1.5.0 --digest sha256:1"
STEP = {"operation": "update", "type": "aws:sqs/queue:Queue", "name": "jobs", "properties": ["tags", "policy"]}


# The commit of the event is the branch's newest.
NEWEST = {"api": "3" * 40}


def _run(
    folder: Path,
    script: str,
    *arguments: str,
    codes: Mapping[str, int] | None = None,
    outputs: Mapping[str, str] | None = None,
    **variables: str,
) -> Result:
    runner = Runner(folder=folder, codes=codes or {}, outputs=outputs or {})
    values = {"VERSION": "v1.5.0", "DIGEST": "sha256:1", "ASSETS": "", **variables}
    return runner.start([GITHUB / "scripts" / script, *arguments], checkout=None, **values)


def _planned(folder: Path, *steps: Mapping[str, object], **more: object) -> Result:
    plan = {
        "outcome": "success", "exitCode": 0, "commit": "0123456789abcdef", "plan": "f" * 64, "changes": len(steps),
        "steps": steps, **more,
    }  # fmt: skip
    return _run(folder, "plan.sh", "dr", outputs={"deploy plan": json.dumps(plan), **NEWEST})


def test_the_plan_is_shown_and_its_fingerprint_is_handed_on(tmp_path: Path) -> None:
    """tests/operations/test_deploy.py shows that the command prints such a document."""
    result = _planned(tmp_path, STEP, {**STEP, "name": "mail", "properties": []})
    assert result.code == 0, result.output
    assert result.calls[1:] == ["taskflow deploy plan --stack dr --json"]
    assert result.outputs == {"plan": "f" * 64, "changes": "2"}
    assert "### Plan of dr: 2 changes" in result.summary
    assert "| update | aws:sqs/queue:Queue | jobs | tags, policy |" in result.summary
    assert "delete" not in result.summary


def test_what_deletes_something_is_shown_first_and_counted(tmp_path: Path) -> None:
    result = _planned(tmp_path, STEP, {**STEP, "operation": "delete", "name": "mail"}, {**STEP, "operation": "replace"})
    assert "**Deletes, replaces or unprotects: 2 of 3.**" in result.summary
    operations = [line.split("|")[1].strip() for line in result.summary.splitlines() if line.startswith("| ")]
    assert operations[2:] == ["**delete**", "**replace**", "update"]


def test_a_plan_that_the_workflow_may_not_deploy_says_who_does(tmp_path: Path) -> None:
    assert "**Changes roles of people or workflows: 1 of 2.**" in _planned(tmp_path, STEP, STEP, guarded=1).summary


def test_nothing_to_deploy_is_one_line(tmp_path: Path) -> None:
    result = _planned(tmp_path)
    assert result.summary.startswith("### Plan of dr: nothing to deploy\n")
    assert "|" not in result.summary


def test_a_run_that_is_repeated_after_another_merge_plans_nothing(tmp_path: Path) -> None:
    """It would take back the newer merge."""
    result = _run(tmp_path, "plan.sh", "dr", outputs={"api": "5" * 40})
    assert (result.code, len(result.calls)) == (0, 1)
    assert result.outputs == {"plan": "", "changes": "0"}
    assert "main has a newer commit, `555555555555`. Its run deploys this one too." in result.summary


def test_a_refused_plan_fails_the_step(tmp_path: Path) -> None:
    result = _run(tmp_path, "plan.sh", "dr", codes={"deploy": 1}, outputs=NEWEST)
    assert (result.code, result.outputs, result.summary) == (1, {}, "")


def test_a_document_that_is_no_plan_fails_the_step_in_one_line(tmp_path: Path) -> None:
    result = _run(tmp_path, "plan.sh", "dr", outputs={"deploy": '{"outcome": "refused"}', **NEWEST})
    assert (result.code, result.outputs) == (2, {})
    assert "not a plan, as `taskflow deploy plan --json` prints it" in result.output
    assert "Traceback" not in result.output


def test_production_is_released_with_the_web_application_if_there_is_one(tmp_path: Path) -> None:
    assert _run(tmp_path, "release.sh", "production", ASSETS="dist").calls == [f"{RELEASE} --assets dist --yes"]


@pytest.mark.parametrize("code", [0, 1, 3, 4, 7])
def test_a_release_that_failed_isnt_rolled_back_by_the_step(tmp_path: Path, code: int) -> None:
    """Nothing was deployed, or ECS has rolled it back, or it still runs."""
    result = _run(tmp_path, "release.sh", "production", codes={"release": code})
    assert result.code == code
    assert result.calls == [f"{RELEASE} --yes"]


@pytest.mark.parametrize(
    ("codes", "calls"),
    [
        ({"smoke": 8}, ["taskflow smoke"]),
        ({"--watch": 8}, ["taskflow smoke", f"{RELEASE} --watch --yes"]),
    ],
)
def test_a_worse_release_is_rolled_back_and_fails(
    tmp_path: Path, codes: Mapping[str, int], calls: Sequence[str]
) -> None:
    """dr isn't released before: its step comes after this one."""
    result = _run(tmp_path, "release.sh", "verify", codes=codes)
    assert result.code == 1
    assert result.calls == [*calls, "taskflow rollback --yes"]
    assert "::error::" in result.output


def test_a_comparison_that_couldnt_be_made_fails_without_a_rollback(tmp_path: Path) -> None:
    result = _run(tmp_path, "release.sh", "verify", codes={"--watch": 5})
    assert result.code == 5
    assert "taskflow rollback --yes" not in result.calls


def test_an_open_checklist_stops_the_release(tmp_path: Path) -> None:
    result = _run(tmp_path, "release.sh", "checklist", codes={"preflight": 8})
    assert result.code == 8
    assert result.calls == ["taskflow preflight v1.5.0"]


def test_an_open_item_after_the_release_fails_without_a_rollback(tmp_path: Path) -> None:
    """It needs people, and both regions have the version by then."""
    result = _run(tmp_path, "release.sh", "complete", codes={"postflight": 8})
    assert (result.code, result.calls) == (8, ["taskflow postflight v1.5.0"])
    assert "::error::v1.5.0 runs in both regions" in result.output


def test_an_unknown_part_is_named(tmp_path: Path) -> None:
    assert _run(tmp_path, "release.sh", "all").code == 2


@pytest.mark.parametrize(("code", "head"), [(0, "<details><summary>✅ Drift"), (8, "<details open><summary>❌ Drift")])
def test_a_failure_is_open_in_the_summary_and_a_success_is_closed(tmp_path: Path, code: int, head: str) -> None:
    result = _run(
        tmp_path, "summarized.sh", "Drift of dr", "taskflow", "deploy", "drift",
        codes={"drift": code}, outputs={"drift": "no drift"},
    )  # fmt: skip
    assert result.code == code
    assert result.output == "no drift\n"
    assert result.summary.startswith(head)
    assert "```text\nno drift\n```\n" in result.summary


def _night(folder: Path, *, open_issue: str = "", **results: str) -> Result:
    needs = {name: {"result": result} for name, result in results.items()}
    return _run(
        folder, "nightly_issue.sh", outputs={"list": open_issue}, RESULTS=json.dumps(needs), RUN="https://run",
    )  # fmt: skip


def test_a_bad_night_opens_an_issue_that_names_what_failed(tmp_path: Path) -> None:
    result = _night(tmp_path, thorough="success", speed="failure", account="cancelled", mutants="skipped")
    assert result.code == 0, result.output
    created = "\n".join(result.calls).partition("gh issue create ")[2]
    assert created.startswith(
        "--title Nightly checks failed --label nightly --body - speed: failure\n- account: cancelled\n"
    )
    assert "https://run" in created


def test_a_second_bad_night_adds_a_comment(tmp_path: Path) -> None:
    result = _night(tmp_path, open_issue="12", speed="failure")
    assert result.calls[1].startswith("gh issue comment 12 --body - speed: failure")
    assert not any("create" in call for call in result.calls)


def test_a_good_night_closes_the_issue(tmp_path: Path) -> None:
    assert _night(tmp_path, open_issue="12", speed="success").calls[1:] == [
        "gh issue close 12 --comment Everything passed: https://run"
    ]
