"""Both stacks live through preview, up, up again, refresh and preview on the real engine."""

import json

import pytest

from sandbox.__main__ import PROJECT, STACKS
from sandbox.service_models.check import check
from sandbox.service_models.operations import ROWS
from tests.engine.both import Both
from tests.engine.golden import difference
from tests.engine.plan import advisories, tree

pytestmark = pytest.mark.xdist_group("both-stacks")


@pytest.mark.parametrize("stack", STACKS)
def test_the_plan_is_accepted_and_no_policy_is_violated(both: Both, stack: str) -> None:
    preview = both[stack].preview
    assert preview.ok, preview.text
    assert preview.violations == []


@pytest.mark.parametrize("stack", STACKS)
def test_the_plan_is_the_one_that_was_reviewed(both: Both, stack: str, request: pytest.FixtureRequest) -> None:
    """The golden plan: every resource, where it hangs, and what it is given. `make golden` writes it anew."""
    differs = difference(f"{stack}.plan.txt", tree(both[stack].preview.planned), request)
    assert not differs, differs


def test_four_fifths_of_what_the_previews_know_is_held_to_a_constraint_of_awss_models(both: Both) -> None:
    planned = [p for life in both.values() for p in life.preview.planned if p.type in ROWS]
    checked = [check(p.type, p.inputs) for p in planned]
    assert sum(c.held for c in checked) / sum(c.leaves for c in checked) > 0.8


def test_every_advisory_of_both_previews_is_known(both: Both, request: pytest.FixtureRequest) -> None:
    """What a rule couldn't judge in a preview is listed, so that a rule that falls silent is noticed."""
    text = advisories({name: life.preview for name, life in both.items()})
    differs = difference("advisories.txt", text, request)
    assert not differs, differs


@pytest.mark.parametrize("stack", STACKS)
def test_up_makes_what_the_preview_announced(both: Both, stack: str) -> None:
    life = both[stack]
    assert life.up.ok, life.up.text
    assert life.up.operations() == life.preview.operations()


@pytest.mark.parametrize("stack", STACKS)
def test_a_second_up_and_a_refresh_change_nothing(both: Both, stack: str) -> None:
    life = both[stack]
    assert life.again.ok, life.again.text
    assert [p.urn for p in life.again.changed] == []
    assert set(json.loads(life.refresh)) == {"same"}
    assert [p.urn for p in life.after.changed] == []


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_has_a_parent_and_carries_the_tags(both: Both, stack: str) -> None:
    """Resources hang below the stack's components, and AWS's default tags reach awsx's children too."""
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
def test_arns_are_in_the_stacks_own_account_and_region_but_for_productions_copies(both: Both, stack: str) -> None:
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
            # All buckets of the world share one space of names.
            assert arn.endswith("-987654321098"), arn
            continue
        if parts[2] == "route53":
            # Neither has it an account in its ARNs.
            continue
        assert parts[4] == "987654321098", arn
        assert parts[3] == ("" if parts[2] in ("iam", "cloudfront") else its_region), arn
    elsewhere = {its_region for _, its_region in arns} - {region}
    assert elsewhere == ({"us-west-2"} if stack == "production" else set[str]()), "copies for recovery are production's"


@pytest.mark.parametrize("stack", STACKS)
def test_the_owners_stack_files_are_only_read(both: Both, stack: str) -> None:
    """After all those operations the stack file is, byte for byte, what it was before."""
    assert (PROJECT / f"Pulumi.{stack}.yaml").read_bytes() == both[stack].stack_file_before
