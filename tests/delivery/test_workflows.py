"""The workflows: pinned, with least permissions, and with exactly the identities that the account's roles trust."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from operations.checklist.items import ITEMS, Phase
from policies.figures.access import WORKFLOW_PREFIX
from policies.figures.workflows import WORKFLOWS
from sandbox.__main__ import PROJECT
from tests.settings.support import as_data

GITHUB = PROJECT / ".github"
FILES = sorted((GITHUB / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
# A role of the account, by the composite action or by AWS's own.
ROLE = re.compile(rf"role/{WORKFLOW_PREFIX}([a-z-]+)$")

Job = Mapping[str, Any]


def _workflow(file: Path) -> Mapping[Any, Any]:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def _jobs() -> Iterator[tuple[Path, str, Job]]:
    for file in FILES:
        for name, job in _workflow(file)["jobs"].items():
            yield file, name, job


def _roles(job: Job) -> set[str]:
    """Return the jobs after which the roles are named that a job of a workflow takes."""
    inputs = [step.get("with", {}) for step in job["steps"]]
    composite = {each["job"] for each in inputs if "job" in each}
    direct = {found[1] for each in inputs if (found := ROLE.search(str(each.get("role-to-assume", ""))))}
    return composite | direct


@pytest.mark.parametrize("file", [*FILES, *GITHUB.glob("actions/*/action.yml")], ids=lambda file: file.name)
def test_every_action_is_pinned_by_commit_or_is_of_this_repository(file: Path) -> None:
    used = [line.strip().removeprefix("- ") for line in file.read_text().splitlines() if "uses:" in line]
    assert not [line for line in used if not PINNED.fullmatch(line) and not line.startswith("uses: $/")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_workflow_has_no_permissions_and_a_job_only_those_that_it_needs(file: Path) -> None:
    workflow = _workflow(file)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        allowed = {"contents": "read"}
        if _roles(job):
            allowed["id-token"] = "write"
        if any("attest" in step.get("uses", "") for step in job["steps"]):
            allowed["attestations"] = "write"
        if any("nightly_issue" in step.get("run", "") for step in job["steps"]):
            allowed["issues"] = "write"
        has_actions = any("uses" in step for step in job["steps"])
        assert job["permissions"] == (allowed if has_actions else {})
        # GitHub ends a job after six hours.
        assert job["timeout-minutes"] < 360


def test_a_pull_request_of_a_fork_gets_no_credentials() -> None:
    """`pull_request_target` would give them to its code; a job with a role is for branches of this repository."""
    triggers = {file.name: _workflow(file)[True] for file in FILES}
    assert not any("pull_request_target" in each or "workflow_run" in each for each in triggers.values())
    assert [name for name, each in triggers.items() if "pull_request" in each] == ["preview.yml"]
    same_repository = "github.event.pull_request.head.repo.full_name == github.repository"
    for job in _workflow(GITHUB / "workflows" / "preview.yml")["jobs"].values():
        assert not _roles(job) or same_repository in job["if"]


def test_no_role_is_taken_before_it_exists() -> None:
    """`DELIVERY` is set as the last step of docs/deploying.md; jobs that follow another one are skipped with it."""
    for file, name, job in _jobs():
        if _roles(job) and file.name != "release.yml" and not job.get("needs"):
            assert "vars.DELIVERY == 'on'" in job["if"], f"{file.name}: {name}"


def test_a_deployment_is_never_cancelled_and_one_at_a_time_from_its_plan_to_dr() -> None:
    deploy = _workflow(GITHUB / "workflows" / "deploy.yml")
    assert deploy["concurrency"] == {"group": "deploy", "cancel-in-progress": False}
    release = _workflow(GITHUB / "workflows" / "release.yml")["jobs"]["release"]
    assert release["concurrency"] == {"group": "release", "cancel-in-progress": False}


def test_every_nightly_job_is_in_the_issue() -> None:
    jobs = _workflow(GITHUB / "workflows" / "nightly.yml")["jobs"]
    assert {*jobs} - {"issue"} == {*jobs["issue"]["needs"]}


def test_each_role_is_taken_by_its_own_job_in_its_own_environment() -> None:
    """As the roles' trust policies require: another file or environment would be refused by STS."""
    taken = {
        role: (file.name, job["environment"])
        for file, _, job in _jobs()
        for role in _roles(job)
        if "matrix" not in role
    }
    assert taken == {
        name.removeprefix(WORKFLOW_PREFIX): (figures.workflow, figures.environment)
        for name, figures in WORKFLOWS.items()
    }


def test_no_long_lived_key_is_used() -> None:
    texts = "".join(file.read_text() for file in GITHUB.rglob("*.yml"))
    assert "aws-access-key-id" not in texts
    assert not re.search(r"\$\{\{[^}]*secrets\.", texts)


def test_account_and_states_are_the_stack_files() -> None:
    production = as_data("production")
    account, delivery = production["aws:allowedAccountIds"], production["taskflow:delivery"]
    assert isinstance(delivery, dict)
    buckets = {str(state["bucket"]) for state in delivery["states"]}  # pyright: ignore
    for file in FILES:
        variables = _workflow(file).get("env", {})
        if "ACCOUNT" in variables:
            assert [variables["ACCOUNT"]] == account
        states = {value for name, value in variables.items() if name.startswith("TASKFLOW_STATE_")}
        assert {re.sub(r"^s3://|\?.*", "", state) for state in states} in ({*()}, buckets)


def test_the_deployment_form_is_the_documents_checklist() -> None:
    form = _workflow(GITHUB / "ISSUE_TEMPLATE" / "deployment.yml")
    parts = [part["attributes"] for part in form["body"] if part["type"] == "checkboxes"]
    assert [part["label"].lower() for part in parts] == [phase.value.lower() for phase in Phase]
    lists = [[option["label"] for option in part["options"]] for part in parts]
    assert lists == [[item.title for item in ITEMS if item.phase is phase and item.is_documented] for phase in Phase]


@pytest.mark.parametrize(
    "path",
    ["Pulumi.production.yaml", "Pulumi.dr.yaml", "policies/", ".github/", "tests/conformance/", "components/access/"],
)
def test_what_decides_about_production_has_owners_of_its_own(path: str) -> None:
    patterns = [line.split()[0] for line in (GITHUB / "CODEOWNERS").read_text().splitlines() if line.startswith("/")]
    assert any(Path(f"/{path}").match(pattern) or pattern == f"/{path}" for pattern in patterns)


def test_every_pattern_of_the_code_owners_matches_a_file() -> None:
    for line in (GITHUB / "CODEOWNERS").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern = line.split()[0].lstrip("/")
            assert list(PROJECT.glob(f"{pattern}*" if pattern.endswith("/") else pattern)), line
