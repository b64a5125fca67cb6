"""The account baseline: the setting of each part, account-wide parts, and what remains when a part is switched off."""

import functools
import json
from collections.abc import Iterator, Mapping
from typing import cast

import pytest

from sandbox.values import Value
from tests.components.recorded import RecordedResources, record_resources
from tests.engine.both import BothStacks
from tests.engine.live_stack import LiveStacks, steps
from tests.engine.support import project_without_policies, run, sandboxed
from tests.settings.support import as_data, changed

# The resource types of each setting, without module and package; those of Config's bucket are excluded.
PARTS: Mapping[str, frozenset[str]] = {
    "guardDuty": frozenset({"Detector", "DetectorFeature"}),
    "securityHub": frozenset({"Account", "StandardsSubscription"}),
    "config": frozenset({"Recorder", "RecorderStatus", "DeliveryChannel", "ConfigRecorder"}),
    "accessAnalyzer": frozenset({"Analyzer"}),
    "ebsEncryption": frozenset({"EncryptionByDefault"}),
    "account.s3PublicAccessBlock": frozenset({"AccountPublicAccessBlock"}),
    "account.passwordPolicy": frozenset({"AccountPasswordPolicy"}),
}
ACCOUNT_WIDE = {"AccountPublicAccessBlock", "AccountPasswordPolicy"}
# Parts that stay on for the central account when they are switched off.
RETAINED = ("guardDuty", "securityHub", "ebsEncryption")
OFF: Mapping[str, Value] = {f"taskflow:baseline.{part}": False for part in PARTS if not part.startswith("account")}
RECORDER = "aws:cfg/recorder:Recorder"


def _kind(type_: object) -> str:
    return str(type_).rpartition(":")[2]


@functools.cache
def _recorded(stack: str, off: str | None = None) -> RecordedResources:
    edits: dict[str, Value] = {f"taskflow:baseline.{off}": False} if off else {}
    return record_resources(changed(as_data(stack), edits), stack=stack)


@pytest.mark.parametrize("part", PARTS)
def test_a_setting_removes_only_its_own_resources(part: str) -> None:
    before, after = _recorded("production"), _recorded("production", part)
    removed = set(before) - set(after)
    assert set(after) <= set(before)
    assert all(before[which] == after[which] for which in after)
    removed_kinds = {_kind(token) for token, name in removed if name.startswith("baseline")}
    assert {name for _, name in removed if not name.startswith("baseline")} == set()
    assert PARTS[part] - {"ConfigRecorder"} <= removed_kinds
    for other, kinds in PARTS.items():
        assert other == part or not kinds & removed_kinds


@pytest.mark.parametrize("part", [part for part in PARTS if not part.startswith("account")])
def test_a_setting_of_dr_removes_only_its_own_resources(part: str) -> None:
    removed = set(_recorded("dr")) - set(_recorded("dr", part))
    assert {_kind(token) for token, _ in removed} >= PARTS[part] - {"ConfigRecorder"}
    assert all(name.startswith("baseline") for _, name in removed)


@pytest.mark.xdist_group("both-stacks")
def test_only_production_has_the_account_wide_parts(both: BothStacks) -> None:
    kinds = {stack: {_kind(r["type"]) for r in both[stack].resources} for stack in both}
    assert kinds["production"] >= set().union(*PARTS.values())
    assert kinds["dr"] >= set().union(*PARTS.values()) - ACCOUNT_WIDE
    assert not kinds["dr"] & ACCOUNT_WIDE


@pytest.mark.xdist_group("both-stacks")
def test_only_production_records_global_resources(both: BothStacks) -> None:
    for stack, has_global_resources in (("production", True), ("dr", False)):
        (recorder,) = (r for r in both[stack].resources if r["type"] == RECORDER)
        group = cast("Mapping[str, Value]", cast("Mapping[str, Value]", recorder["inputs"])["recordingGroup"])
        assert group["allSupported"] is True
        assert group["includeGlobalResourceTypes"] is has_global_resources


@pytest.mark.xdist_group("both-stacks")
def test_configs_role_writes_only_to_its_bucket_and_reads_by_awss_policy(both: BothStacks) -> None:
    for stack in both:
        roles = [r for r in both[stack].resources if str(r["urn"]).endswith("::baseline-config")]
        inputs = {_kind(r["type"]): cast("Mapping[str, Value]", r["inputs"]) for r in roles if "inputs" in r}
        assert inputs["RolePolicyAttachment"]["policyArn"] == "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"
        trust = json.loads(str(inputs["Role"]["assumeRolePolicy"]))["Statement"][0]
        assert trust["Principal"] == {"Service": "config.amazonaws.com"}
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "987654321098"}}
        statements = json.loads(str(inputs["RolePolicy"]["policy"]))["Statement"]
        writes = next(s for s in statements if s["Action"] == ["s3:PutObject"])
        bucket = f"arn:aws:s3:::taskflow-{stack}-config-987654321098"
        assert writes["Resource"] == [f"{bucket}/AWSLogs/987654321098/Config/*"]
        # Config can't deliver to a bucket with a default retention.
        assert not [r for r in both[stack].resources if _kind(r["type"]) == "BucketObjectLockConfiguration"
                    and bucket.rpartition(":")[2] in str(r["inputs"])]  # fmt: skip


@pytest.fixture(scope="module")
def central(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveStacks]:
    """Yield a recovery stack that leaves every part to a central account."""
    folder = tmp_path_factory.mktemp("central")
    with sandboxed(project_without_policies(), world=folder / "world.json") as sandbox:
        live = LiveStacks(sandbox=sandbox, world=folder / "world.json", folder=folder)
        up = run(live.stack("dr", OFF).up)
        assert up.ok, up.text
        yield live


@pytest.mark.xdist_group("baseline")
def test_parts_can_be_switched_on_and_off(central: LiveStacks) -> None:
    """Parts that a central account takes over stay on; Config's records are protected."""
    assert not {_kind(resource["type"]) for resource in central.resources()} & set().union(*PARTS.values())
    on = run(central.stack("dr").up)
    assert on.ok, on.text
    assert set(steps(on).values()) == {"create"}

    edits = {f"taskflow:baseline.{part}": False for part in (*RETAINED, "accessAnalyzer")}
    off = run(central.stack("dr", edits).up)
    assert off.ok, off.text
    remaining = {_kind(resource["type"]) for resource in central.resources()}
    assert remaining >= set().union(*(PARTS[part] for part in RETAINED))
    assert "Analyzer" not in remaining

    rejected = run(central.stack("dr", OFF).up)
    assert not rejected.ok
    assert "baseline-config" in rejected.text
    assert "protected" in rejected.text
