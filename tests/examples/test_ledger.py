"""The example: another application's environment from the same components, previewed and brought up."""

from sandbox.__main__ import PROJECT
from sandbox.project import Project
from tests.engine.support import run, sandboxed

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
LEDGER = Project(folder=PROJECT / "examples" / "ledger", secrets={"demo": ["ledger:originSecret"]})


def test_the_example_previews_and_comes_up() -> None:
    with sandboxed(LEDGER) as sandbox:
        stack = sandbox.stack("demo")
        preview = run(stack.preview)
        assert preview.ok, preview.text
        names = {p.name for p in preview.planned if p.type.startswith("aws:")}
        assert "ledger-demo-private-1" in names
        assert "taskflow" not in str([p.inputs for p in preview.planned]).lower(), (
            "a component knows an application by name"
        )
        regions = [p.inputs.get("region") for p in preview.planned if p.type.startswith("aws:")]
        assert not any(regions), "no copies were asked for"
        endpoints = [p.name for p in preview.planned if p.type == "aws:ec2/vpcEndpoint:VpcEndpoint"]
        assert endpoints == ["network-s3"], "an empty list leaves the paid endpoints out"
        groups = [p.inputs.get("originGroups") for p in preview.planned if p.type == DISTRIBUTION]
        assert groups == [None, None], "one bucket of assets is no group"
        up = run(stack.up)
        assert up.ok, up.text
