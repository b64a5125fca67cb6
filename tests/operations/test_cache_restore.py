"""`cache restore`: what it asks ElastiCache for, what it compares, how it continues, and what it leaves alone."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from operations.frame.errors import ExitCode
from operations.recovery_cache.restore import CacheRestoreOptions, restore_cache
from tests.operations.fake.cache_groups import GROUP, KEY, PARAMETERS, SUBNETS
from tests.operations.fake.wire import Fault, Killed, unreachable
from tests.operations.fake.world import World
from tests.operations.support import Terminal, settings

NAME = "taskflow-recovery-20261102-1010"
NEWEST = "automatic.taskflow-production-2"


def _restore(terminal: Terminal, fault: Fault | None = None, **options: Any) -> ExitCode:
    return terminal.run(lambda context: restore_cache(context, CacheRestoreOptions(**options)), fault)


@pytest.fixture
def devops() -> Terminal:
    return Terminal(world=World())


def _asked(terminal: Terminal, name: str = NAME) -> Mapping[str, Any]:
    return terminal.world.cache_groups.created[name][1]


def test_the_newest_snapshot_is_restored_beside_the_cache_as_the_stack_has_it(
    devops: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _restore(devops) is ExitCode.SUCCESS
    asked, cache = _asked(devops), settings().elasticache
    assert asked["SnapshotName"] == NEWEST
    assert {key: asked[key] for key in ("CacheSubnetGroupName", "CacheParameterGroupName", "KmsKeyId")} == {
        "CacheSubnetGroupName": SUBNETS, "CacheParameterGroupName": PARAMETERS, "KmsKeyId": KEY,
    }  # fmt: skip
    assert asked["SecurityGroupIds"] == [GROUP]
    assert (asked["NumNodeGroups"], asked["ReplicasPerNodeGroup"]) == (2, 1)
    assert asked["EngineVersion"] == "7.1"
    assert asked["CacheNodeType"] == cache.node_type
    assert all(asked[f"{name}Enabled"] for name in ("MultiAZ", "TransitEncryption", "AtRestEncryption"))
    assert asked["AuthToken"] == devops.world.cache.tokens[-1]
    assert {each["LogType"] for each in asked["LogDeliveryConfigurations"]} == {"slow-log", "engine-log"}
    tags = {each["Key"]: each["Value"] for each in asked["Tags"]}
    assert (tags["Ticket"], tags["RestoredFrom"]) == ("change-1042", f"snapshot {NEWEST}")
    assert tags.items() >= settings().aws.default_tags.tags.items()
    shown = capsys.readouterr().out
    assert f"clustercfg.{NAME}.abc123.use1.cache.amazonaws.com" in shown
    assert f"delete-replication-group --replication-group-id {NAME} --region us-east-1" in shown
    assert devops.world.cache.tokens[-1] not in shown


def test_a_snapshot_by_its_name(devops: Terminal) -> None:
    assert _restore(devops, snapshot="automatic.taskflow-production-0") is ExitCode.SUCCESS
    assert _asked(devops)["SnapshotName"] == "automatic.taskflow-production-0"


def test_an_unknown_snapshot_shows_those_there_are(devops: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    assert _restore(devops, snapshot="other") is ExitCode.REFUSED
    assert NEWEST in capsys.readouterr().err
    assert devops.world.events() == []


def test_a_snapshot_that_is_not_available_is_not_the_newest(devops: Terminal) -> None:
    devops.world.backups.cache[-1] = (devops.world.backups.cache[-1][0], "creating")
    assert _restore(devops) is ExitCode.SUCCESS
    assert _asked(devops)["SnapshotName"] == "automatic.taskflow-production-1"


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"AuthTokenEnabled": False}, "AUTH token is False, not True"),
        ({"MultiAZ": "disabled"}, "two zones is disabled"),
        ({"TransitEncryptionEnabled": False}, "encryption in transit is False"),
        ({"KmsKeyId": "other"}, "key is other"),
        ({"SnapshotRetentionLimit": 0}, "snapshot retention is 0"),
        ({"LogDeliveryConfigurations": [{"LogType": "slow-log", "Status": "error"}]}, "logs is []"),
        ({"NodeGroups": []}, "node groups is 0, not 2"),
        ({"SecurityGroups": [{"SecurityGroupId": "sg-default"}]}, "security groups is ['sg-default']"),
        ({"CacheSubnetGroupName": "default"}, "subnet group is default"),
        ({"CacheParameterGroup": {"CacheParameterGroupName": "default.redis7"}}, "parameter group is default.redis7"),
    ],
)
def test_what_came_up_is_compared(
    devops: Terminal, wrong: dict[str, Any], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    devops.world.cache_groups.wrong = wrong
    assert _restore(devops) is ExitCode.CHECK_FAILED
    assert text in capsys.readouterr().err


def test_in_place_is_refused_while_the_group_exists(devops: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    assert _restore(devops, in_place=True) is ExitCode.REFUSED
    assert "taskflow-production exists" in capsys.readouterr().err
    assert devops.world.cache_groups.created == {}


def test_in_place_has_the_name_and_the_token_that_the_tasks_know(devops: Terminal) -> None:
    devops.world.cache_groups.is_deleted = True
    assert _restore(devops, in_place=True) is ExitCode.USAGE
    assert _restore(devops, in_place=True, security_group="sg-1") is ExitCode.SUCCESS
    asked = _asked(devops, "taskflow-production")
    assert asked["SecurityGroupIds"] == ["sg-1"]
    assert asked["AuthToken"] == devops.world.cache.tokens[-1]
    assert _restore(devops, in_place=True, security_group="sg-1") is ExitCode.SUCCESS


def test_a_group_that_can_not_be_created(devops: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    devops.world.cache_groups.status = "create-failed"
    assert _restore(devops) is ExitCode.FAILED
    assert "describe-events" in capsys.readouterr().err


def test_another_ticket_is_another_restore(devops: Terminal) -> None:
    _restore(devops)
    devops.options["ticket"] = "change-2"
    devops.world.principal = devops.world.principal.replace("change-1042", "change-2")
    devops.world.clock.sleep(600)
    assert _restore(devops) is ExitCode.SUCCESS
    assert len(devops.world.cache_groups.created) == 2


def test_a_killed_run_is_finished_by_the_next_also_with_a_newer_snapshot(devops: Terminal) -> None:
    undisturbed = copy.deepcopy(devops)
    assert _restore(undisturbed) is ExitCode.SUCCESS
    calls = list(undisturbed.world.wire.calls)
    for at in (
        number for number, call in enumerate(calls, start=1) if call != (calls[number - 2] if number > 1 else "")
    ):
        terminal = copy.deepcopy(devops)
        with pytest.raises(Killed):
            _restore(terminal, Fault(at=at, error=Killed))
        terminal.world.clock.sleep(600)
        terminal.world.backups.cache.append(([terminal.world.clock.now()] * 2, "available"))
        assert _restore(terminal) is ExitCode.SUCCESS, f"killed before call {at}"
        assert len(terminal.world.cache_groups.created) == 1


@pytest.mark.parametrize("is_after", [False, True], ids=["lost request", "lost answer"])
def test_a_run_that_loses_the_network_is_finished_by_the_next(devops: Terminal, is_after: bool) -> None:
    undisturbed = copy.deepcopy(devops)
    assert _restore(undisturbed) is ExitCode.SUCCESS
    for at, call in enumerate(list(undisturbed.world.wire.calls), start=1):
        terminal = copy.deepcopy(devops)
        code = _restore(terminal, Fault(at=at, error=unreachable, is_after=is_after))
        assert code in {ExitCode.UNREACHABLE, ExitCode.SUCCESS}, call
        if code is ExitCode.UNREACHABLE:
            assert _restore(terminal) is ExitCode.SUCCESS, f"call {at}: {call}"
        assert len(terminal.world.cache_groups.created) == 1
