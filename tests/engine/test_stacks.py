"""Both stacks on the real engine: preview, `up`, second `up`, refresh, second preview."""

import json

import pytest

from sandbox.__main__ import PROJECT, STACKS
from sandbox.service_models.check import check
from sandbox.service_models.operations import ROWS
from tests.engine.both import BothStacks
from tests.engine.golden import golden_difference
from tests.engine.plan import advisory_lines, plan_tree

pytestmark = pytest.mark.xdist_group("both-stacks")


@pytest.mark.parametrize("stack", STACKS)
def test_the_plan_is_accepted_without_violations(both: BothStacks, stack: str) -> None:
    preview = both[stack].preview
    assert preview.ok, preview.text
    assert preview.violations == []


@pytest.mark.parametrize("stack", STACKS)
def test_the_plan_is_the_one_that_was_reviewed(both: BothStacks, stack: str, request: pytest.FixtureRequest) -> None:
    """The golden plan has every resource, its parent and its inputs; `make golden` updates it."""
    differs = golden_difference(f"{stack}.plan.txt", plan_tree(both[stack].preview.planned), request)
    assert not differs, differs


def test_four_fifths_of_the_known_values_are_constrained_by_awss_models(both: BothStacks) -> None:
    planned = [p for lifecycle in both.values() for p in lifecycle.preview.planned if p.type in ROWS]
    results = [check(p.type, p.inputs) for p in planned]
    assert sum(result.constrained for result in results) / sum(result.known for result in results) > 0.8


def test_every_advisory_of_both_previews_is_known(both: BothStacks, request: pytest.FixtureRequest) -> None:
    """The golden file lists what rules can't check in a preview, to notice a rule that stops checking."""
    text = advisory_lines({name: lifecycle.preview for name, lifecycle in both.items()})
    differs = golden_difference("advisories.txt", text, request)
    assert not differs, differs


@pytest.mark.parametrize("stack", STACKS)
def test_up_performs_the_previewed_operations(both: BothStacks, stack: str) -> None:
    lifecycle = both[stack]
    assert lifecycle.up.ok, lifecycle.up.text
    assert lifecycle.up.operations() == lifecycle.preview.operations()


@pytest.mark.parametrize("stack", STACKS)
def test_a_second_up_and_a_refresh_change_nothing(both: BothStacks, stack: str) -> None:
    lifecycle = both[stack]
    assert lifecycle.second_up.ok, lifecycle.second_up.text
    assert [p.urn for p in lifecycle.second_up.changed] == []
    assert set(json.loads(lifecycle.refresh)) == {"same"}
    assert [p.urn for p in lifecycle.second_preview.changed] == []


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_has_a_parent_and_the_default_tags(both: BothStacks, stack: str) -> None:
    """Also the children of awsx's Vpc."""
    for resource in both[stack].resources:
        type_ = str(resource["type"])
        if type_.startswith("pulumi:"):
            continue
        assert resource.get("parent"), resource["urn"]
        outputs = resource.get("outputs")
        if isinstance(outputs, dict) and "tagsAll" in outputs:
            tags = outputs["tagsAll"]
            assert isinstance(tags, dict)
            assert tags.get("Environment") == stack, f"{resource['urn']} lacks the default tags"
            assert tags.get("Application") == "taskflow", f"{resource['urn']} lacks the default tags"


@pytest.mark.parametrize("stack", STACKS)
def test_arns_have_the_stacks_account_and_region_except_productions_copies(both: BothStacks, stack: str) -> None:
    region = {"production": "us-east-1", "dr": "us-west-2"}[stack]
    arns: list[tuple[str, str]] = []
    for resource in both[stack].resources:
        inputs, outputs = resource.get("inputs"), resource.get("outputs")
        if isinstance(inputs, dict) and isinstance(outputs, dict) and "arn" in outputs:
            arns.append((str(outputs["arn"]), str(inputs.get("region", region))))
    assert arns
    for arn, its_region in arns:
        parts = arn.split(":")
        if parts[2] == "s3":
            # Bucket names are global.
            assert arn.endswith("-987654321098"), arn
            continue
        if parts[2] == "route53":
            # Route 53's ARNs have no account.
            continue
        assert parts[4] == "987654321098", arn
        assert parts[3] == ("" if parts[2] in ("iam", "cloudfront") else its_region), arn
    elsewhere = {its_region for _, its_region in arns} - {region}
    assert elsewhere == ({"us-west-2"} if stack == "production" else set[str]()), (
        "only production creates copies in the recovery region"
    )


@pytest.mark.parametrize("stack", STACKS)
def test_the_committed_stack_files_are_only_read(both: BothStacks, stack: str) -> None:
    """They are byte for byte the same after all operations."""
    assert (PROJECT / f"Pulumi.{stack}.yaml").read_bytes() == both[stack].stack_file_before
