"""Each shell step of each workflow, run on this machine with recorded events; what needs GitHub is listed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from sandbox.__main__ import PROJECT
from tests.delivery.runner import FAKES, Runner, Step, actions, steps

STEPS = {str(step): step for step in steps()}
REGISTRY = "987654321098.dkr.ecr.us-east-1.amazonaws.com"
IMAGE = (
    "aws ecr describe-images --repository-name taskflow-api --image-ids imageTag=v1.5.0 "
    "--query imageDetails[0].imageDigest --output text"
)
NIGHT = {"steps.taskflow.outputs.command": "taskflow", "matrix.stack": "dr", "matrix.region": "us-west-2"}
RELEASE = {
    "inputs.version": "v1.5.0", "inputs.ticket": "", "inputs.context": "api", "inputs.assets && 'assets' || ''": "",
    "needs.build.outputs.digest": "sha256:1", "steps.push.outputs.digest": "sha256:1", "github.token": "token",
    **{
        f"steps.{name}.outputs.{output}": value
        for name in ("checklist", "verify", "dr")
        for output, value in (("command", "taskflow"), ("scripts", ".github/scripts"))
    },
}  # fmt: skip
DEPLOY = {
    "github.run_id": "77", "steps.taskflow.outputs.command": "taskflow",
    "github.token": "token", "needs.plan-production.outputs.plan": "f1", "needs.plan-dr.outputs.plan": "f2",
}  # fmt: skip
PLAN = '{"outcome": "success", "commit": "0123456789abcdef", "plan": "f1", "changes": 0, "steps": []}'


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a step calls and hands on, if all goes well."""

    calls: Sequence[str]
    event: str = "push"
    context: Mapping[str, str] = field(default_factory=dict[str, str])
    # What programs print, and which files they write, by words of the call.
    prints: Mapping[str, str] = field(default_factory=dict[str, str])
    writes: Mapping[str, str] = field(default_factory=dict[str, str])
    codes: Mapping[str, int] = field(default_factory=dict[str, int])
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])


def _plan(stack: str) -> Case:
    return Case(
        context=DEPLOY,
        prints={"deploy": PLAN, "api": "3" * 40},
        calls=[
            "gh api repos/taskflow/infrastructure/commits/main --jq .sha",
            f"taskflow deploy plan --stack {stack} --json",
        ],
        outputs={"plan": "f1", "changes": "0"},
    )


def _up(stack: str, plan: str) -> Case:
    return Case(context=DEPLOY, calls=[f"taskflow deploy up --stack {stack} --approved {plan} --yes"])


def _night(*calls: str, **writes: str) -> Case:
    return Case(event="schedule", context=NIGHT, calls=calls, writes=writes)


def _release(*calls: str) -> Case:
    return Case(event="tag", context=RELEASE, calls=calls)


CASES: Mapping[str, Case] = {
    "deploy.yml, plan-production: Plan": _plan("production"),
    "deploy.yml, deploy-production: Deploy the approved plan": _up("production", "f1"),
    "deploy.yml, plan-dr: Plan": _plan("dr"),
    "deploy.yml, deploy-dr: Deploy the approved plan": _up("dr", "f2"),
    "nightly.yml, thorough: All checks, including the thorough ones": _night("make test-all"),
    "nightly.yml, speed: make bench": _night("make bench"),
    "nightly.yml, mutants: make mutants": _night("make mutants"),
    "nightly.yml, exemptions: make exemptions DAYS=14": _night("make exemptions DAYS=14"),
    "nightly.yml, account: Drift": _night("taskflow deploy drift --stack dr"),
    "nightly.yml, account: Backups": _night("taskflow backup status --stack dr"),
    "nightly.yml, account: Restore tests": _night(
        "taskflow backup report --stack dr --output {temp}/report.md", **{"report.md": "# Report"}
    ),
    "nightly.yml, issue: Issue": Case(
        event="schedule",
        context={
            "github.token": "token", "github.server_url": "https://github.com", "github.run_id": "77",
            "github.repository": "taskflow/infrastructure", "toJSON(needs)": '{"speed": {"result": "success"}}',
        },
        calls=["gh issue list --label nightly --state open --json number --jq .[0].number // empty"],
    ),
    "preview.yml, preview: Both stacks' plans": Case(event="pull_request_of_a_fork", calls=["make preview"]),
    "preview.yml, preview: All checks": Case(event="pull_request_of_a_fork", calls=["make test"]),
    "preview.yml, account: Real plan": Case(
        event="pull_request",
        context=NIGHT,
        calls=["pulumi preview --stack dr --policy-pack policies --non-interactive --color never"],
    ),
    "release.yml, names: names": replace(_release(), outputs={"ticket": "change-v1-5-0"}),
    "release.yml, build: Build and push": replace(
        _release(
            "aws ecr get-login-password",
            f"docker login --username AWS --password-stdin {REGISTRY}",
            IMAGE,
            "docker buildx build --platform linux/amd64 --provenance=false --push "
            f"--metadata-file {{temp}}/metadata.json --tag {REGISTRY}/taskflow-api:v1.5.0 api",
        ),
        codes={"describe-images": 254},
        writes={"metadata.json": '{"containerimage.digest": "sha256:1"}'},
        outputs={"digest": "sha256:1", "pushed": "true"},
    ),
    "release.yml, build: The image was built by this workflow, of this repository": _release(
        f"gh attestation verify oci://{REGISTRY}/taskflow-api@sha256:1 --repo taskflow/taskflow "
        "--signer-workflow taskflow/infrastructure/.github/workflows/release.yml"
    ),
    "release.yml, build: Wait for the scan": _release(
        "aws ecr wait image-scan-complete --repository-name taskflow-api --image-id imageDigest=sha256:1"
    ),
    "release.yml, release: Checklist, answered beforehand": _release("taskflow preflight v1.5.0"),
    "release.yml, release: Release to production": _release("taskflow release v1.5.0 --digest sha256:1 --yes"),
    "release.yml, release: Smoke tests and the half hour after": _release(
        "taskflow smoke", "taskflow release v1.5.0 --digest sha256:1 --watch --yes"
    ),
    "release.yml, release: Checklist after the release": _release("taskflow postflight v1.5.0"),
    "release.yml, release: Release to dr": _release(
        "taskflow release v1.5.0 --stack dr --digest sha256:1 --yes", "taskflow smoke --stack dr"
    ),
    "example release.yml, web: npm ci && npm run build": Case(event="tag", calls=["npm ci", "npm run build"]),
    "action.yml, taskflow: install": Case(
        context={"inputs.checkout == 'true' && github.workspace || format('{0}/../../..', github.action_path)": "."},
        calls=["make -C {project} .venv/.ready"],
        outputs={"command": "{project}/.venv/bin/taskflow", "scripts": "{project}/.github/scripts"},
    ),
}  # fmt: skip
# Steps that work on a repository of Git: they have tests of their own, on one that is made for them.
ON_A_REPOSITORY = {
    "preview.yml, preview: Verdicts, resources, cost and pictures in the summary": "test_summary.py",
    "release.yml, build: The tag is on the default branch": "test_release_steps.py",
}
# What runs only on GitHub: nothing of it is a shell step.
NEEDS_GITHUB = {
    "actions/checkout": "reads the repository from GitHub",
    "actions/upload-artifact": "hands files to another job of the run",
    "actions/download-artifact": "takes them",
    "actions/attest-build-provenance": "signs with an identity that GitHub proves",
    "aws-actions/configure-aws-credentials": "exchanges GitHub's token for a session of AWS",
    "pulumi/actions": "installs the CLI; the sandbox has it here",
    "$/.github/actions/taskflow": "brings the two before; its shell step is run here",
    "taskflow/infrastructure/.github/workflows/release.yml": "calls the workflow whose steps are run here",
}


def _filled(text: str, folder: Path) -> str:
    return text.replace("{temp}", str(folder / "temp")).replace("{project}", str(PROJECT))


def test_every_step_is_run_by_a_test() -> None:
    assert {*CASES, *ON_A_REPOSITORY} == {*STEPS}
    folder = Path(__file__).parent
    assert all((folder / file).exists() for file in ON_A_REPOSITORY.values())


def test_everything_else_needs_github() -> None:
    assert actions() == {*NEEDS_GITHUB}


@pytest.mark.parametrize("name", CASES)
def test_a_step_calls_what_it_is_for(name: str, tmp_path: Path) -> None:
    step, case = STEPS[name], CASES[name]
    runner = _runner(tmp_path, case)
    result = runner.run(step)
    assert result.code == 0, result.output
    assert result.calls == [_filled(call, tmp_path) for call in case.calls]
    assert result.outputs == {name: _filled(value, tmp_path) for name, value in case.outputs.items()}


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if case.calls and not case.codes and "issue" not in name]
)
def test_a_step_fails_if_its_program_fails(name: str, tmp_path: Path) -> None:
    """Also behind `tee` and in a script: what fails unnoticed would be deployed."""
    case = CASES[name]
    runner = _runner(tmp_path, case)
    runner.codes = {case.calls[-1].split()[0]: 3}
    assert runner.run(STEPS[name]).code != 0


@pytest.mark.parametrize("step", STEPS.values(), ids=str)
def test_no_expression_is_part_of_a_script(step: Step) -> None:
    """A value in a script is run as a part of it; in a variable it stays a value."""
    assert "${{" not in step.run


def test_only_programs_of_the_runner_are_called() -> None:
    """Those that GitHub's image has, and those that the workflows install."""
    assert {call.split()[0] for case in CASES.values() for call in case.calls} == {*FAKES}


def _runner(folder: Path, case: Case) -> Runner:
    return Runner(
        folder=folder,
        event=case.event,
        context=case.context,
        outputs=case.prints,
        files=case.writes,
        codes=case.codes,
    )
