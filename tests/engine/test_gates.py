"""A preview fails on invalid settings and policy violations, with a readable message."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from sandbox.__main__ import PROJECT, main
from sandbox.project import PLACEHOLDER, Project
from sandbox.values import Value
from sandbox.workspace import Sandbox
from tests.engine.support import Run, edited_project, run, sandboxed

pytestmark = pytest.mark.xdist_group("gates")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with sandboxed() as sandbox:
        yield sandbox


def previewed(sandbox: Sandbox, project: Project, stack: str) -> Run:
    sandbox.project = project
    return run(sandbox.stack(stack).preview)


@pytest.mark.parametrize(
    ("edits", "paths"),
    [
        (
            {"taskflow:network.cidrBlock": "10.20.0.1/16", "taskflow:network.flowLogs.retentionInDays": "90"},
            ["taskflow:network.cidrBlock", "taskflow:network.flowLogs.retentionInDays"],
        ),
        ({"taskflow:netwrok": {"a": 1}}, ["taskflow:netwrok"]),
        ({"aws:allowedAccountIds": None}, ["aws:allowedAccountIds"]),
        ({"taskflow:network.publicSubnets": {"secure": "v1:abc"}}, ["taskflow:network"]),
    ],
    ids=["two errors at once", "misspelt key", "missing account", "secret inside a block"],
)
def test_invalid_settings_are_reported_at_once_without_a_traceback_or_a_secret(
    sandbox: Sandbox, tmp_path: Path, edits: Mapping[str, Value], paths: list[str]
) -> None:
    preview = previewed(sandbox, edited_project(tmp_path, "production", edits), "production")
    assert not preview.ok
    assert "Pulumi.production.yaml" in preview.text
    for path in paths:
        assert path in preview.text
    assert "Traceback" not in preview.text
    assert PLACEHOLDER not in preview.text
    assert [p.type for p in preview.planned if p.type.startswith("aws")] == [], (
        "resources were planned before the error"
    )


def test_violations_fail_the_preview_with_rule_resource_and_section(sandbox: Sandbox, tmp_path: Path) -> None:
    """These values are within AWS's limits, which settings check, but violate the document's, which policies check."""
    edits: Mapping[str, Value] = {
        "taskflow:network.flowLogs.retentionInDays": 365,
        "taskflow:rds.backupRetention": 7,
        "taskflow:elasticache.snapshotRetention": 1,
    }
    preview = previewed(sandbox, edited_project(tmp_path, "production", edits), "production")
    assert not preview.ok
    for rule, name, section in (
        ("logs-retention", "network-flow-logs", "Backup Schedule"),
        ("backup-daily", "database-taskflow-production", "Backup Schedule"),
        ("cache-retention", "cache", "Backup Schedule"),
    ):
        (violation,) = (line for line in preview.violations if line.startswith(f"{rule}: "))
        assert f"{rule}: {name}: " in violation
        assert f"(document: {section})" in violation
        assert rule in preview.text


def test_the_preview_command_fails_and_names_the_failed_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make preview` exits with 1, prints the error once, and still previews the other stack."""
    broken = edited_project(tmp_path, "production", {"taskflow:network.cidrBlock": "10.20.0.1/16"})
    (tmp_path / "Pulumi.dr.yaml").write_text((PROJECT / "Pulumi.dr.yaml").read_text())
    monkeypatch.setattr("sandbox.__main__.project", lambda: broken)
    assert main(["preview"]) == 1
    output = capsys.readouterr().out
    assert output.count("1. taskflow:network.cidrBlock") == 1
    assert "production: failed" in output
    assert "dr: plan accepted, no policy violations" in output
    assert output.strip().endswith("Nothing was created: the plans ran against stand-ins for AWS.")


def test_a_file_encrypted_by_a_key_in_aws_can_be_previewed(sandbox: Sandbox, tmp_path: Path) -> None:
    """The key isn't used: the file's secrets are placeholders in the sandbox."""
    encrypted = edited_project(tmp_path, "dr", {"pulumi:tags": {"secure": "AAABAOwnersSecret"}})
    file = tmp_path / "Pulumi.dr.yaml"
    header = "secretsprovider: awskms://alias/taskflow?region=us-west-2\nencryptedkey: AQICAHjOwnersKey\n"
    file.write_text(header + file.read_text())
    preview = previewed(sandbox, encrypted, "dr")
    assert preview.ok, preview.text
    assert file.read_text().startswith(header)
