"""The example: another application's environment from the same components, under a policy pack of its own."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from components.shared.environment import Environment
from sandbox.__main__ import PROJECT
from sandbox.project import read_project
from sandbox.workspace import Sandbox
from tests.bench.growth import program
from tests.engine.support import Run, run, sandboxed
from tests.examples.ledger import LEDGER, Recorded

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
STACK_FILE = "Pulumi.demo.yaml"

pytestmark = pytest.mark.xdist_group("ledger")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with sandboxed(LEDGER) as opened:
        yield opened


def test_the_example_previews_and_comes_up_under_its_policies(ledger: Recorded) -> None:
    preview = ledger.preview
    assert preview.ok, preview.text
    assert ledger.up.ok, ledger.up.text
    assert "ledger@v0.0.1" in preview.text, "the ledger's own pack ran"
    assert preview.violations == ledger.up.violations == []
    # The `up` begins with a preview, whose advisories are the same; nothing is unknown after it.
    assert {line.partition(":")[0] for line in preview.advisories} == {"access-wildcards", "storage-bucket-tls"}


def test_the_example_is_another_application(ledger: Recorded) -> None:
    planned = [p for p in ledger.preview.planned if p.type.startswith("aws:")]
    assert "ledger-demo-private-1" in {p.name for p in planned}
    assert "taskflow" not in str([p.inputs for p in planned]).lower(), "a component contains an application's name"
    regions = {p.type: p.inputs["region"] for p in planned if p.inputs.get("region")}
    assert set(regions) == {"aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"}, "no copies elsewhere"
    endpoints = [p.name for p in planned if p.type == "aws:ec2/vpcEndpoint:VpcEndpoint"]
    assert endpoints == ["network-s3"], "an empty list means no interface endpoints"
    groups = [p.inputs.get("originGroups") for p in planned if p.type == DISTRIBUTION]
    assert groups == [None, None], "no origin group without a replica"


def test_errors_in_the_examples_settings_are_reported_like_taskflows(sandbox: Sandbox, tmp_path: Path) -> None:
    """All at once: a conflict of two fields, a value of the wrong type, and a secret in plain text."""
    preview = _preview_edited(
        sandbox,
        tmp_path,
        ("storage: 20\n", "storage: 300\n"),
        ("maxStorage: 50", "maxStorage: 22"),
        ("http2: true", 'http2: "true"'),
        ("  ledger:environment:", "  ledger:originSecret: in-plain-text\n  ledger:environment:"),
    )
    assert not preview.ok
    assert "Pulumi.demo.yaml: 3 invalid settings" in preview.text
    assert "1. ledger:rds.maxStorage" in preview.text
    assert "below 110 % of ledger:rds.storage (300)" in preview.text
    assert "2. ledger:cloudfront.http2" in preview.text
    assert "3. ledger:originSecret" in preview.text
    assert "pulumi config set --secret ledger:originSecret --stack demo" in preview.text
    assert "in-plain-text" not in preview.text
    assert "Traceback" not in preview.text


def test_a_setting_against_the_examples_figures_is_a_violation(sandbox: Sandbox, tmp_path: Path) -> None:
    """Valid for the settings, and another figure than the policy's."""
    preview = _preview_edited(sandbox, tmp_path, ("instanceClass: db.t4g.medium", "instanceClass: db.r6g.large"))
    assert not preview.ok
    assert [line.split(":")[0] for line in preview.violations] == ["database-size"]
    assert "instanceClass is db.r6g.large; allowed: db.t4g.medium. " in preview.violations[0]


def test_a_further_services_names_are_those_that_the_keys_allow() -> None:
    """KMS allows CloudWatch Logs the stack's log groups and those of its web ACLs, by pattern (EncryptionKeys)."""
    stack = Environment(
        application="ledger", stack="demo", region="us-east-1", account="1", domain="ledger.example", hosted_zone="Z"
    )
    part = replace(stack, part="billing")
    assert part.log_group_name("api") == "/ledger/demo/billing/api"
    assert fnmatchcase(part.log_group_name("api"), stack.log_group_name("*"))
    assert fnmatchcase(part.name, f"{stack.name}-*")
    assert part.host_name("origin") == "origin-billing.ledger.example"


@pytest.mark.thorough
def test_a_copy_under_another_name_is_accepted(tmp_path: Path) -> None:
    """The first step of the README's "Start your own": the word `ledger` is replaced, and nothing else."""
    for folder in ("components", "policies", "settings"):
        (tmp_path / folder).symlink_to(PROJECT / folder)
    copy = tmp_path / "examples" / "orders"
    shutil.copytree(LEDGER.folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (path for path in copy.rglob("*") if path.is_file()):
        file.write_text(file.read_text().replace("ledger", "orders"))
    with sandboxed(read_project(copy)) as opened:
        preview = run(opened.stack("demo").preview)
    assert preview.ok, preview.text
    assert "orders@v0.0.1" in preview.text
    assert not preview.violations
    assert "ledger" not in str([(p.name, p.inputs) for p in preview.planned])


@pytest.mark.thorough
def test_further_services_come_up_beside_the_first(sandbox: Sandbox) -> None:
    """Taken names fail in an `up` alone."""
    sandbox.reset()
    sandbox.project = LEDGER
    up = run(sandbox.stack("demo", program=program(3)).up)
    assert up.ok, up.text
    assert not up.violations
    services = {p.name for p in up.planned if p.type == "aws:ecs/service:Service"}
    assert services == {"service", "s2-service", "s3-service"}


def _preview_edited(sandbox: Sandbox, folder: Path, *edits: tuple[str, str]) -> Run:
    """Preview the ledger with an edited stack file."""
    text = (LEDGER.folder / STACK_FILE).read_text()
    for before, after in edits:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    (folder / STACK_FILE).write_text(text)
    sandbox.project = replace(LEDGER, stack_files=folder)
    return run(sandbox.stack("demo").preview)
