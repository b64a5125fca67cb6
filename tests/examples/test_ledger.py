"""The example: another application's environment from the same components, previewed and brought up."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.__main__ import PROJECT
from sandbox.project import Project
from sandbox.workspace import Sandbox
from tests.engine.support import run, sandboxed

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
LEDGER = Project(folder=PROJECT / "examples" / "ledger", secrets={"demo": ["ledger:originSecret"]})


pytestmark = pytest.mark.xdist_group("ledger")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with sandboxed(LEDGER) as opened:
        yield opened


def test_the_example_previews_and_comes_up(sandbox: Sandbox) -> None:
    stack = sandbox.stack("demo")
    preview = run(stack.preview)
    assert preview.ok, preview.text
    names = {p.name for p in preview.planned if p.type.startswith("aws:")}
    assert "ledger-demo-private-1" in names
    assert "taskflow" not in str([p.inputs for p in preview.planned]).lower(), (
        "a component contains an application's name"
    )
    regions = [p.inputs.get("region") for p in preview.planned if p.type.startswith("aws:")]
    assert not any(regions), "no copies in another region"
    endpoints = [p.name for p in preview.planned if p.type == "aws:ec2/vpcEndpoint:VpcEndpoint"]
    assert endpoints == ["network-s3"], "an empty list means no interface endpoints"
    groups = [p.inputs.get("originGroups") for p in preview.planned if p.type == DISTRIBUTION]
    assert groups == [None, None], "no origin group without a replica"
    up = run(stack.up)
    assert up.ok, up.text


def test_errors_in_the_examples_settings_are_reported_like_taskflows(sandbox: Sandbox, tmp_path: Path) -> None:
    """All at once: a conflict of two fields, and a value of the wrong type."""
    file = "Pulumi.demo.yaml"
    text = (LEDGER.folder / file).read_text()
    broken = text.replace("storage: 20\n", "storage: 300\n").replace("maxStorage: 50", "maxStorage: 22")
    (tmp_path / file).write_text(broken.replace("http2: true", 'http2: "true"'))
    sandbox.project = replace(LEDGER, stack_files=tmp_path)
    preview = run(sandbox.stack("demo").preview)
    assert not preview.ok
    assert "Pulumi.demo.yaml: 2 invalid settings" in preview.text
    assert "1. ledger:rds.maxStorage" in preview.text
    assert "below 110 % of ledger:rds.storage (300)" in preview.text
    assert "2. ledger:cloudfront.http2" in preview.text
    assert "Traceback" not in preview.text
