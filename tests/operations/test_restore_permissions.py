"""Each call of `db restore`, `db discard` and `db snapshots` is allowed to dba by the planned policies.

What only describes is in AWS's ViewOnlyAccess, whose text is moto's copy; the rest is in the role's own policy.
"""

import fnmatch
import functools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

import pytest

from operations.frame.errors import ExitCode
from tests.components.access.test_people import act
from tests.engine.simulator import evaluate
from tests.operations.fake.rds_state import VERSION
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.restores import TIME, Administrator, administrator

REGIONS = {"production": "us-east-1", "dr": "us-west-2"}
Keys = Mapping[str, str | list[str]]
Need = tuple[str, str, Keys]
# A restored instance's tags: those that exist, and those of the request that creates it.
RESTORED: Keys = {"aws:ResourceTag/RestoredFrom": "any", "aws:ResourceTag/Application": "taskflow"}
MARKED: Keys = {"aws:RequestTag/RestoredFrom": "any"}


def _rds(region: str, resource: str) -> str:
    return f"arn:aws:rds:{region}:{ACCOUNT}:{resource}"


def _restored(request: Mapping[str, Any], region: str, name: str) -> list[Need]:
    """Return what both restores need: the target with its tags, and its groups (Service Authorization Reference)."""
    resources = [
        _rds(region, f"db:{name}"),
        _rds(region, f"pg:{request['DBParameterGroupName']}"),
        _rds(region, f"subgrp:{request['DBSubnetGroupName']}"),
        _rds(region, f"og:default:postgres-{VERSION.partition('.')[0]}"),
    ]
    return [*(_need("restore", each) for each in resources), ("rds:AddTagsToResource", resources[0], MARKED)]


def _need(action: str, resource: str) -> Need:
    return action, resource, {}


def _snapshot(request: Mapping[str, Any], region: str) -> list[Need]:
    action = "rds:RestoreDBInstanceFromDBSnapshot"
    needs = _restored(request, region, request["DBInstanceIdentifier"])
    needs.append(("restore", _rds(region, f"snapshot:{request['DBSnapshotIdentifier']}"), {}))
    return [(action if each == "restore" else each, resource, keys) for each, resource, keys in needs]


def _point(request: Mapping[str, Any], region: str) -> list[Need]:
    action = "rds:RestoreDBInstanceToPointInTime"
    needs = _restored(request, region, request["TargetDBInstanceIdentifier"])
    backup = request.get("SourceDBInstanceAutomatedBackupsArn")
    if source := request.get("SourceDBInstanceIdentifier"):
        needs.append(("restore", _rds(region, f"db:{source}"), {}))
    else:
        needs.append(("restore", backup or _rds(region, "auto-backup:ab-deleted"), {}))
    return [(action if each == "restore" else each, resource, keys) for each, resource, keys in needs]


def _copy(request: Mapping[str, Any], region: str) -> list[Need]:
    target = _rds(region, f"snapshot:{request['TargetDBSnapshotIdentifier']}")
    source = _rds(region, f"snapshot:{request['SourceDBSnapshotIdentifier']}")
    keys = [_key(region, alias) for alias in ("alias/taskflow-dr-data", "alias/taskflow-production-data-copy")]
    return [
        ("rds:CopyDBSnapshot", source, {}), ("rds:CopyDBSnapshot", target, {}), ("rds:AddTagsToResource", target, {}),
        *((action, *key) for key in keys for action in ("kms:CreateGrant", "kms:DescribeKey")),
    ]  # fmt: skip


def _key(region: str, alias: str) -> tuple[str, Keys]:
    keys: Keys = {"kms:ViaService": f"rds.{region}.amazonaws.com", "kms:ResourceAliases": [alias]}
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/any", keys


def _modify(request: Mapping[str, Any], region: str) -> list[Need]:
    needs: list[Need] = [("rds:ModifyDBInstance", _rds(region, f"db:{request['DBInstanceIdentifier']}"), RESTORED)]
    if role := request.get("MonitoringRoleArn"):
        needs.append(("iam:PassRole", role, {"iam:PassedToService": "monitoring.rds.amazonaws.com"}))
    return needs


NEEDS: Mapping[str, Callable[[Mapping[str, Any], str], list[Need]]] = {
    "rds RestoreDBInstanceToPointInTime": _point,
    "rds RestoreDBInstanceFromDBSnapshot": _snapshot,
    "rds CopyDBSnapshot": _copy,
    "rds ModifyDBInstance": _modify,
    "rds DeleteDBInstance": lambda request, region: [
        ("rds:DeleteDBInstance", _rds(region, f"db:{request['DBInstanceIdentifier']}"), RESTORED)
    ],
    "rds DeleteDBSnapshot": lambda request, region: [
        ("rds:DeleteDBSnapshot", _rds(region, f"snapshot:{request['DBSnapshotIdentifier']}"), {})
    ],
    "rds ListTagsForResource": lambda request, _: [("rds:ListTagsForResource", request["ResourceName"], {})],
    "logs CreateLogGroup": lambda request, region: [
        ("logs:CreateLogGroup", f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{request['logGroupName']}", {})
    ],
    "logs PutRetentionPolicy": lambda request, region: [
        ("logs:PutRetentionPolicy", f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{request['logGroupName']}", {})
    ],
    "logs PutLogEvents": lambda request, region: [
        (
            "logs:PutLogEvents",
            f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{request['logGroupName']}:log-stream:{request['logStreamName']}",
            {},
        )
    ],
}
# Leaves the use of a key to the roles' own policies; what the planned one allows: tests/engine/test_iam.py.
KEY_POLICY: Mapping[str, object] = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    ],
}
# Every role may ask who it is; the simulator knows CreateLogStream for groups only (test_connect_permissions.py).
OTHERS = {"sts GetCallerIdentity", "logs CreateLogStream"}


@functools.cache
def _read() -> list[str]:
    """Return the actions of ViewOnlyAccess."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    document = json.loads(aws_managed_policies_data)["ViewOnlyAccess"]["Document"]
    return [action for each in document["Statement"] for action in cast("list[str]", each["Action"])]


def _point_and_discard(dba: Administrator) -> None:
    assert dba.restore(TIME) is ExitCode.SUCCESS
    requests = list(dba.world.wire.requests)
    assert dba.discard() is ExitCode.SUCCESS
    dba.world.wire.requests[:0] = requests


def _copied(dba: Administrator) -> None:
    assert dba.restore(snapshot="2026-10-25") is ExitCode.SUCCESS


def _weekly(dba: Administrator) -> None:
    assert dba.restore(snapshot="2026-11-01") is ExitCode.SUCCESS


def _deleted(dba: Administrator) -> None:
    primary = dba.rds.primary.values
    primary["DeletionProtection"] = False
    request = {"DBInstanceIdentifier": "taskflow-production", "SkipFinalSnapshot": True}
    dba.rds.delete_db_instance({**request, "DeleteAutomatedBackups": False})
    dba.world.clock.sleep(600)
    assert dba.restore(TIME) is ExitCode.SUCCESS


def _replicated(dba: Administrator) -> None:
    assert dba.restore(TIME) is ExitCode.SUCCESS


def _listed(dba: Administrator) -> None:
    assert dba.snapshots() is ExitCode.SUCCESS


RUNS = {
    "a point in time, and its end": ("production", _point_and_discard),
    "a weekly snapshot": ("production", _weekly),
    "a deleted database": ("production", _deleted),
    "a copy in the recovery region": ("dr", _copied),
    "a replicated backup": ("dr", _replicated),
    "the list": ("production", _listed),
}


def _needs(dba: Administrator, region: str) -> Iterator[Need]:
    for operation, request in dba.world.wire.requests:
        action = operation.replace(" ", ":")
        if operation in OTHERS or any(fnmatch.fnmatchcase(action, each) for each in _read()):
            continue
        yield from NEEDS[operation](request, region)


@pytest.mark.parametrize("name", RUNS)
def test_every_call_is_allowed_to_a_database_administrator(name: str) -> None:
    stack, run = RUNS[name]
    dba = administrator(stack)
    run(dba)
    found = list(_needs(dba, REGIONS[stack]))
    needs = [need for number, need in enumerate(found) if need not in found[:number]]
    requests = [
        replace(act("dba", *need), resource_policy=KEY_POLICY if need[0].startswith("kms:") else None) for need in needs
    ]
    assert [need for need, is_allowed in zip(needs, evaluate(requests), strict=True) if not is_allowed] == []


def test_no_other_instance_or_snapshot_may_be_deleted_or_changed() -> None:
    """The limits of the role hold without the command."""
    region = "us-east-1"
    adopted: Keys = {"aws:ResourceTag/Application": "taskflow"}
    serving = _rds(region, "db:taskflow-recovery-20261102-1020")
    forbidden: list[Need] = [
        ("rds:DeleteDBInstance", serving, adopted),
        ("rds:ModifyDBInstance", serving, adopted),
        ("rds:AddTagsToResource", serving, {**adopted, **MARKED}),
        ("rds:DeleteDBInstance", _rds(region, "db:taskflow-production"), {}),
        ("rds:ModifyDBInstance", _rds(region, "db:taskflow-production"), {}),
        ("rds:AddTagsToResource", _rds(region, "db:taskflow-production"), {}),
        ("rds:DeleteDBSnapshot", _rds(region, "snapshot:taskflow-production-final"), {}),
        ("rds:DeleteDBSnapshot", _rds(region, "snapshot:taskflow-recovery-20261102-1020-final"), {}),
        ("rds:RestoreDBInstanceToPointInTime", _rds(region, "db:another"), {}),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/taskflow-devops", {}),
    ]
    requests = [act("dba", *each) for each in forbidden]
    assert evaluate(requests) == [False] * len(forbidden)
