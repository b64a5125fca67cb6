"""The steps of a release that refuse what isn't a reviewed, tagged version, and that may be repeated."""

from pathlib import Path

import pytest

from tests.delivery.repository import git
from tests.delivery.runner import Result, Runner
from tests.delivery.test_steps import REGISTRY, RELEASE, STEPS

ON_BRANCH = STEPS["release.yml, build: The tag is on the default branch"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a clone of a repository, with v1.5.0 on `main` and v1.6.0 on a branch that isn't merged."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    for arguments in (
        ("init", "--quiet", "--initial-branch=main"),
        ("commit", "--quiet", "--allow-empty", "--message=first"),
        ("tag", "--annotate", "--message=Release v1.5.0", "v1.5.0"),
        ("commit", "--quiet", "--allow-empty", "--message=second"),
        ("switch", "--quiet", "--create", "work"),
        ("commit", "--quiet", "--allow-empty", "--message=unreviewed"),
        ("tag", "v1.6.0"),
        ("switch", "--quiet", "main"),
    ):
        git(origin, *arguments)
    git(tmp_path, "clone", "--quiet", str(origin), str(clone))
    return clone


def _on_branch(repository: Path, reference: str) -> Result:
    folder = repository.parent / "runner"
    folder.mkdir()
    commit = git(repository, "rev-parse", reference).strip()
    return Runner(folder=folder, event="tag").run(ON_BRANCH, checkout=repository, GITHUB_SHA=commit)


@pytest.mark.parametrize("reference", ["v1.5.0", "v1.5.0^{commit}", "origin/main"])
def test_a_tag_of_the_default_branch_is_released(repository: Path, reference: str) -> None:
    """By the object of an annotated tag, and by its commit."""
    result = _on_branch(repository, reference)
    assert result.code == 0, result.output


def test_a_tag_of_another_branch_is_refused(repository: Path) -> None:
    result = _on_branch(repository, "v1.6.0")
    assert result.code == 1
    assert "::error::v1.5.0 isn't on main" in result.output


@pytest.mark.parametrize(
    ("event", "version", "ticket", "message"),
    [
        ("tag", "1.5.0", "", "isn't a version such as v1.5.0"),
        ("tag", "v1.5", "", "isn't a version such as v1.5.0"),
        ("tag", "v1.5.0; id", "", "isn't a version such as v1.5.0"),
        ("tag", "v1.6.0", "", "is released by its tag, not by refs/tags/v1.5.0"),
        ("push", "v1.5.0", "", "is released by its tag, not by refs/heads/main"),
        ("tag", "v1.5.0", "incident-1", "isn't a ticket such as change-1042"),
        ("tag", "v1.5.0", "change-1 --x", "isn't a ticket such as change-1042"),
    ],
)
def test_what_is_no_tagged_version_is_refused(
    tmp_path: Path, event: str, version: str, ticket: str, message: str
) -> None:
    context = {"inputs.version": version, "inputs.ticket": ticket}
    result = Runner(folder=tmp_path, event=event, context=context).run(STEPS["release.yml, names: names"])
    assert (result.code, result.outputs) == (2, {})
    assert message in result.output


def test_a_repeated_run_takes_the_image_that_was_pushed(tmp_path: Path) -> None:
    """Tags are immutable: a second push would fail. What this run didn't build, it doesn't attest."""
    runner = Runner(folder=tmp_path, event="tag", context=RELEASE, outputs={"describe-images": "sha256:1"})
    result = runner.run(STEPS["release.yml, build: Build and push"])
    assert result.code == 0, result.output
    assert result.outputs == {"digest": "sha256:1"}
    assert not any("buildx" in call for call in result.calls)


def test_a_failed_build_hands_nothing_on(tmp_path: Path) -> None:
    runner = Runner(folder=tmp_path, event="tag", context=RELEASE, codes={"describe-images": 254, "buildx": 1})
    result = runner.run(STEPS["release.yml, build: Build and push"])
    assert (result.code, result.outputs) == (1, {})
    assert result.calls[-1].endswith(f"--tag {REGISTRY}/taskflow-api:v1.5.0 api")


def test_an_image_of_someone_else_is_refused(tmp_path: Path) -> None:
    runner = Runner(folder=tmp_path, event="tag", context=RELEASE, codes={"attestation": 1})
    result = runner.run(STEPS["release.yml, build: The image was built by this workflow, of this repository"])
    assert result.code == 1
    assert "::error::The image of v1.5.0 has no attestation of this workflow" in result.output
