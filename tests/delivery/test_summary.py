"""The summary of a pull request: verdicts, changed resources, cost and pictures, from a repository with a change."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.__main__ import PROJECT
from tests.delivery.repository import commit, git
from tests.delivery.runner import Result, Runner
from tests.delivery.test_steps import STEPS

SUMMARY = STEPS["preview.yml, preview: Verdicts, resources, cost and pictures in the summary"]
PICTURES = ("docs/architecture.svg", "docs/architecture-dr.svg", "docs/failover.svg")
LISTS = ("docs/cost.json", "docs/architecture.json", "tests/golden/production.plan.txt", "tests/golden/dr.plan.txt")
ACCEPTED = """\
── production ──
    + 465 to create

production: plan accepted, no policy violations
dr: plan accepted, no policy violations
"""
FAILED = "production: plan accepted, no policy violations\ndr: failed, see the error above\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a repository with the lists of this one, and the workflow's scripts."""
    folder = tmp_path / "checkout"
    for name in (*LISTS, *PICTURES):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, folder / name)
    shutil.copytree(PROJECT / ".github" / "scripts", folder / ".github" / "scripts")
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


def _replaced(folder: Path, name: str, old: str, new: str) -> None:
    file = folder / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def _summarized(checkout: Path, *, event: str = "pull_request", plans: str | None = ACCEPTED) -> Result:
    """Run the step, in which `reports` compares with this repository's lists unless they are named."""
    commit(checkout)
    folder = checkout.parent / "runner"
    folder.mkdir()
    runner = Runner(folder=folder, event=event)
    if plans is not None:
        (folder / "temp" / "plans.txt").write_text(plans)
    return runner.run(SUMMARY, checkout=checkout)


def test_no_change_is_a_line_for_each_part(checkout: Path) -> None:
    result = _summarized(checkout)
    assert result.code == 0, result.output
    assert "- ✅ production: plan accepted, no policy violations\n- ✅ dr: plan accepted" in result.summary
    assert "### Resources: no change\n" in result.summary
    assert "### Monthly cost: no difference\n" in result.summary
    assert "No box changed.\n" in result.summary
    assert "|" not in result.summary.partition("<details>")[0]


def _larger_cache(checkout: Path) -> None:
    _replaced(checkout, "tests/golden/production.plan.txt", "numNodeGroups: 2", "numNodeGroups: 3")
    cost = json.loads((checkout / "docs/cost.json").read_text())
    item = next(each for each in cost if each["component"] == "cache")
    item["usd"] += 100
    (checkout / "docs/cost.json").write_text(json.dumps(cost))
    pictures = json.loads((checkout / "docs/architecture.json").read_text())
    box = next(each for each in pictures["architecture"].values() if "Redis" in each["title"])
    box["figures"].append("3 shards")
    (checkout / "docs/architecture.json").write_text(json.dumps(pictures))
    (checkout / "docs/architecture.svg").write_text("<svg/>")


def test_a_change_is_shown_with_its_resources_cost_and_picture(checkout: Path) -> None:
    _larger_cache(checkout)
    result = _summarized(checkout)
    assert "### Resources: 1 changed" in result.summary
    assert "| production | changed | elasticache ReplicationGroup | cache | `numNodeGroups: 2 → 3` |" in result.summary
    assert "### Monthly cost: +$100" in result.summary
    assert "| 3 shards |" in result.summary
    address = "https://github.com/taskflow/infrastructure/blob/2222222222222222222222222222222222222222"
    assert f"- changed: [docs/architecture.svg]({address}/docs/architecture.svg)\n" in result.summary
    assert "docs/failover.svg" not in result.summary


@pytest.mark.parametrize(
    ("event", "address"),
    [
        ("pull_request_of_a_fork", "someone/infrastructure/blob/2222222222222222222222222222222222222222"),
        ("push", "taskflow/infrastructure/blob/3333333333333333333333333333333333333333"),
    ],
)
def test_a_picture_is_the_one_of_the_change(checkout: Path, event: str, address: str) -> None:
    _larger_cache(checkout)
    assert f"(https://github.com/{address}/docs/architecture.svg)" in _summarized(checkout, event=event).summary


def test_a_failed_stack_is_marked_and_both_plans_are_shown(checkout: Path) -> None:
    result = _summarized(checkout, plans=FAILED)
    assert "- ✅ production: plan accepted" in result.summary
    assert "- ❌ dr: failed: its error is below\n" in result.summary
    assert FAILED in result.summary.partition("<details open>")[2]


def test_without_a_plan_the_rest_is_still_shown(checkout: Path) -> None:
    result = _summarized(checkout, plans=None)
    assert (result.code, "❌ No plan" in result.summary, "<details><summary>Both" in result.summary) == (0, True, False)
    assert "### Monthly cost" in result.summary


def _broken_list(checkout: Path) -> None:
    (checkout / "docs/cost.json").write_text("{}")


def _absent_base(checkout: Path) -> None:
    for name in LISTS:
        (checkout / name).unlink()
    commit(checkout)
    for name in LISTS:
        shutil.copy(PROJECT / name, checkout / name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_broken_list, "### Monthly cost: not compared\n"),
        (_absent_base, "### Resources: the base has no tests/golden/production.plan.txt\n"),
    ],
)
def test_what_cant_be_compared_says_so(checkout: Path, change: Callable[[Path], None], message: str) -> None:
    change(checkout)
    result = _summarized(checkout)
    assert result.code == 0
    assert message in result.summary
    assert "Traceback" not in result.summary
