"""What watches over the account: each part by its own switch, what an account has once, and what a switch leaves."""

import functools
import json
from collections.abc import Iterator, Mapping
from typing import cast

import pytest

from sandbox.values import Value
from tests.components.recorded import Recorded, recorded
from tests.engine.both import Both
from tests.engine.live_stack import Standing, steps
from tests.engine.support import run, sandboxed, without_policies
from tests.settings.support import as_data, changed

# What a switch has and others haven't, by the types' last parts; a bucket's parts are told by their name.
PARTS: Mapping[str, frozenset[str]] = {
    "guardDuty": frozenset({"Detector", "DetectorFeature"}),
    "securityHub": frozenset({"Account", "StandardsSubscription"}),
    "config": frozenset({"Recorder", "RecorderStatus", "DeliveryChannel", "ConfigRecorder"}),
    "accessAnalyzer": frozenset({"Analyzer"}),
    "ebsEncryption": frozenset({"EncryptionByDefault"}),
    "account.s3PublicAccessBlock": frozenset({"AccountPublicAccessBlock"}),
    "account.passwordPolicy": frozenset({"AccountPasswordPolicy"}),
}
ACCOUNTS = {"AccountPublicAccessBlock", "AccountPasswordPolicy"}
# What a central account goes on to use, so that nobody takes it down on the way.
KEPT = ("guardDuty", "securityHub", "ebsEncryption")
OFF: Mapping[str, Value] = {f"taskflow:baseline.{part}": False for part in PARTS if not part.startswith("account")}
RECORDER = "aws:cfg/recorder:Recorder"


def _kind(type_: object) -> str:
    return str(type_).rpartition(":")[2]


@functools.cache
def _recorded(stack: str, off: str | None = None) -> Recorded:
    edits: dict[str, Value] = {f"taskflow:baseline.{off}": False} if off else {}
    return recorded(changed(as_data(stack), edits), stack=stack)


@pytest.mark.parametrize("part", PARTS)
def test_a_switch_takes_away_its_own_and_nothing_else(part: str) -> None:
    before, after = _recorded("production"), _recorded("production", part)
    gone = set(before) - set(after)
    assert set(after) <= set(before)
    assert all(before[which] == after[which] for which in after)
    own = {_kind(token) for token, name in gone if name.startswith("baseline")}
    assert {name for _, name in gone if not name.startswith("baseline")} == set()
    assert PARTS[part] - {"ConfigRecorder"} <= own
    for other, kinds in PARTS.items():
        assert other == part or not kinds & own


@pytest.mark.parametrize("part", [part for part in PARTS if not part.startswith("account")])
def test_a_switch_of_drs_takes_away_its_own_too(part: str) -> None:
    gone = set(_recorded("dr")) - set(_recorded("dr", part))
    assert {_kind(token) for token, _ in gone} >= PARTS[part] - {"ConfigRecorder"}
    assert all(name.startswith("baseline") for _, name in gone)


@pytest.mark.xdist_group("both-stacks")
def test_what_an_account_has_once_is_productions(both: Both) -> None:
    kinds = {stack: {_kind(r["type"]) for r in both[stack].resources} for stack in both}
    assert kinds["production"] >= set().union(*PARTS.values())
    assert kinds["dr"] >= set().union(*PARTS.values()) - ACCOUNTS
    assert not kinds["dr"] & ACCOUNTS


@pytest.mark.xdist_group("both-stacks")
def test_what_has_no_region_is_recorded_in_production_only(both: Both) -> None:
    for stack, everywhere in (("production", True), ("dr", False)):
        (recorder,) = (r for r in both[stack].resources if r["type"] == RECORDER)
        group = cast("Mapping[str, Value]", cast("Mapping[str, Value]", recorder["inputs"])["recordingGroup"])
        assert group["allSupported"] is True
        assert group["includeGlobalResourceTypes"] is everywhere


@pytest.mark.xdist_group("both-stacks")
def test_configs_role_writes_to_its_own_bucket_and_reads_by_awss_policy(both: Both) -> None:
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
        # A lock by default would keep Config from delivering.
        assert not [r for r in both[stack].resources if _kind(r["type"]) == "BucketObjectLockConfiguration"
                    and bucket.rpartition(":")[2] in str(r["inputs"])]  # fmt: skip


@pytest.fixture(scope="module")
def central(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """A recovery stack that leaves everything to a central account from its first day."""
    folder = tmp_path_factory.mktemp("central")
    with sandboxed(without_policies(), world=folder / "world.json") as sandbox:
        standing = Standing(sandbox=sandbox, world=folder / "world.json", folder=folder)
        up = run(standing.stack("dr", OFF).up)
        assert up.ok, up.text
        yield standing


@pytest.mark.xdist_group("baseline")
def test_parts_come_and_go_in_a_stack_that_stands(central: Standing) -> None:
    """What was switched off is left on where a central account goes on with it; Config's records are protected."""
    assert not {_kind(thing["type"]) for thing in central.things()} & set().union(*PARTS.values())
    on = run(central.stack("dr").up)
    assert on.ok, on.text
    assert set(steps(on).values()) == {"create"}

    kept = {f"taskflow:baseline.{part}": False for part in (*KEPT, "accessAnalyzer")}
    off = run(central.stack("dr", kept).up)
    assert off.ok, off.text
    there = {_kind(thing["type"]) for thing in central.things()}
    assert there >= set().union(*(PARTS[part] for part in KEPT)), "left as it is"
    assert "Analyzer" not in there

    refused = run(central.stack("dr", OFF).up)
    assert not refused.ok
    assert "baseline-config" in refused.text
    assert "protected" in refused.text
