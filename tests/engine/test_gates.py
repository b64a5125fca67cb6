"""What stops a plan: a refused setting, a violated policy. And what a stranger reads then."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from sandbox.__main__ import PROJECT, main
from sandbox.values import Value
from sandbox.workspace import PLACEHOLDER
from tests.engine.support import Run, edited, run, sandboxed


def previewed(folder: Path, stack: str, edits: Mapping[str, Value]) -> Run:
    with sandboxed(edited(folder, stack, edits)) as sandbox:
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
def test_a_refused_setting_is_told_at_once_without_a_traceback_or_a_secret(
    tmp_path: Path, edits: Mapping[str, Value], paths: list[str]
) -> None:
    preview = previewed(tmp_path, "production", edits)
    assert not preview.ok
    assert "Pulumi.production.yaml" in preview.text
    for path in paths:
        assert path in preview.text
    assert "Traceback" not in preview.text
    assert PLACEHOLDER not in preview.text
    assert [p.type for p in preview.planned if p.type.startswith("aws")] == [], (
        "something was planned before the refusal"
    )


def test_a_violating_setting_fails_the_preview_and_names_rule_resource_and_section(tmp_path: Path) -> None:
    """A year of flow logs is a setting that the models allow and the document doesn't: the policy says so."""
    preview = previewed(tmp_path, "production", {"taskflow:network.flowLogs.retentionInDays": 365})
    assert not preview.ok
    assert "logs-retention" in preview.text
    assert "network-flow-logs" in preview.text
    assert "Backup" in preview.text
    assert [line.split(":")[0] for line in preview.violations if "logs-retention" in line]


def test_the_preview_command_fails_when_a_stack_does_and_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make preview` ends with 1, tells the refusal once, and the other stack is previewed all the same."""
    broken = edited(tmp_path, "production", {"taskflow:network.cidrBlock": "10.20.0.1/16"})
    (tmp_path / "Pulumi.dr.yaml").write_text((PROJECT / "Pulumi.dr.yaml").read_text())
    monkeypatch.setattr("sandbox.__main__.project", lambda: broken)
    assert main(["preview"]) == 1
    told = capsys.readouterr().out
    assert told.count("1. taskflow:network.cidrBlock") == 1
    assert "production: failed" in told
    assert "dr: plan accepted, no policy violated" in told
    assert told.strip().endswith("Nothing was created: AWS is stood in for.")


def test_a_file_encrypted_by_a_key_far_away_previews_here(tmp_path: Path) -> None:
    """The owner's key is neither asked nor needed, and a secret of the file is a placeholder in the sandbox."""
    encrypted = edited(tmp_path, "dr", {"pulumi:tags": {"secure": "AAABAOwnersSecret"}})
    file = tmp_path / "Pulumi.dr.yaml"
    owners = "secretsprovider: awskms://alias/taskflow?region=us-west-2\nencryptedkey: AQICAHjOwnersKey\n"
    file.write_text(owners + file.read_text())
    with sandboxed(encrypted) as sandbox:
        preview = run(sandbox.stack("dr").preview)
    assert preview.ok, preview.text
    assert file.read_text().startswith(owners)


@pytest.mark.parametrize(
    ("path", "value", "rule", "name"),
    [
        ("taskflow:rds.backupRetention", 7, "backup-daily", "database-taskflow-production"),
        ("taskflow:elasticache.snapshotRetention", 1, "cache-retention", "cache"),
    ],
)
def test_retention_below_the_documents_is_refused_by_a_policy(
    tmp_path: Path, path: str, value: Value, rule: str, name: str
) -> None:
    """The settings know AWS's bounds, the policies the document's: told with the resource and the section."""
    stopped = previewed(tmp_path, "production", {path: value})
    assert not stopped.ok
    (violation,) = stopped.violations
    assert f"{rule}: {name}: " in violation
    assert "(document: Backup Schedule)" in violation or "(document: Cache (ElastiCache Redis))" in violation
