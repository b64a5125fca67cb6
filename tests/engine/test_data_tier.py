"""Lifecycle of the data tier on the engine: promotion, external rotation, destroy, changed settings."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from operations.dr.plan import A_PROMOTION, Standby, promotion_of
from operations.frame.plan import require_expected
from operations.frame.pulumi import Step
from sandbox.kinds.table import KINDS
from sandbox.values import Value
from tests.engine.live_stack import POLICIES, LiveStacks, live_stacks, steps
from tests.engine.support import resources, run
from tests.settings.support import PROMOTED

pytestmark = pytest.mark.xdist_group("data-tier")

INSTANCE = "aws:rds/instance:Instance"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
FIRST = Standby(name="taskflow-dr", setting="rds.promoted", is_promoted=True)
REDIS = "aws:elasticache/replicationGroup:ReplicationGroup"
STATEFUL = {token for token, kind in KINDS.items() if kind.is_stateful}


@pytest.fixture(scope="module")
def dr(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[LiveStacks]:
    yield from live_stacks(tmp_path_factory.mktemp("dr"), recording, "dr")


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[LiveStacks]:
    yield from live_stacks(tmp_path_factory.mktemp("production"), recording, "production")


def test_promotion_makes_the_replica_a_primary_in_place(dr: LiveStacks) -> None:
    """The document's standby for a lost region: one setting promotes the same instance and keeps its data."""
    (before,) = dr.resources(INSTANCE)
    promoted = dr.stack("dr", PROMOTED, policies=POLICIES)
    up = run(promoted.up)
    assert up.ok, up.text
    assert up.violations == []
    assert steps(up, *STATEFUL) == {"database-taskflow-dr": "update"}
    # `taskflow dr promote` refuses a plan with other steps.
    done = [Step(operation=each.operation, urn=each.urn) for each in up.changed]
    require_expected(done, promotion_of(FIRST), A_PROMOTION, "dr")
    removed = {name for name, step in steps(up).items() if step not in ("create", "update")}
    assert removed == {"alerts-replica-lag-taskflow-dr"}, "a primary has no replica lag"
    (after,) = dr.resources(INSTANCE)
    assert after["id"] == before["id"]
    inputs = after["inputs"]
    assert "replicateSourceDb" not in inputs
    expected = {"multiAz": True, "backupRetentionPeriod": 30, "deletionProtection": True, "applyImmediately": True}
    assert {name: inputs[name] for name in expected} == expected
    assert inputs["skipFinalSnapshot"] is False
    assert not {"username", "dbName", "engine", "password"} & set(inputs), "each of these would replace the instance"
    assert run(promoted.up).changed == []

    back = run(dr.stack("dr").up)
    assert not back.ok, "a standalone instance can't become a replica again"
    assert "cannot elect new source database for replication" in back.text
    assert dr.resources(INSTANCE)[0]["inputs"] == inputs


def test_a_rotation_is_never_undone(production: LiveStacks) -> None:
    """Secret and passwords change outside of Pulumi: a refresh reads the change, and no `up` reverts it."""
    world = json.loads(production.world.read_text())
    rotated: dict[str, Value] = {}
    for resource in world["resources"]:
        if resource["type"] == VERSION:
            resource["outputs"] |= {"secretString": '{"rotated": true}', "versionStages": ["INITIAL"]}
        elif resource["type"] == REDIS:
            resource["outputs"]["authToken"] = "rotated-outside-of-pulumi"
        elif resource["type"] == INSTANCE and "password" in resource["inputs"]:
            resource["outputs"]["password"] = "rotated-outside-of-pulumi"
        else:
            continue
        rotated[resource["urn"]] = resource["outputs"]
    assert len(rotated) == 5, "two secrets of the database, one of Redis, the primary and the cache"
    production.world.write_text(json.dumps(world))
    stack = production.stack("production")
    assert run(stack.up).changed == [], "without a refresh Pulumi sees no change"
    stack.refresh()
    after = run(stack.up)
    assert after.ok, after.text
    assert after.changed == []
    now = {t["urn"]: t["outputs"] for t in production.resources(VERSION, REDIS, INSTANCE) if t["urn"] in rotated}
    assert now == rotated


def test_automatic_upgrades_of_aws_are_never_undone(production: LiveStacks) -> None:
    """A refresh reads the newer minor versions, and no `up` plans a downgrade, which would replace Redis."""
    world = json.loads(production.world.read_text())
    for resource in world["resources"]:
        if resource["type"] == REDIS:
            resource["outputs"] |= {"engineVersion": "7.1", "engineVersionActual": "7.1.0"}
        elif resource["type"] == INSTANCE:
            resource["outputs"]["engineVersionActual"] = "15.18"
    production.world.write_text(json.dumps(world))
    stack = production.stack("production")
    stack.refresh()
    after = run(stack.up)
    assert after.ok, after.text
    assert after.changed == []
    running = production.stack("production").outputs()["runningVersions"].value
    assert running == {"postgres": "15.18", "redis": "7.1.0"}


def test_no_secret_is_in_plain_text(production: LiveStacks) -> None:
    """Neither in the stored state nor in the outputs."""
    generated = {
        str(t["outputs"]["result"]) for t in production.resources("random:index/randomPassword:RandomPassword")
    }
    assert len(generated) == 3
    (file,) = (production.sandbox.folder / "state").rglob("stacks/taskflow/production.json")
    text = file.read_text()
    outputs = json.dumps({k: str(v.value) for k, v in production.stack("production").outputs().items()})
    for secret in generated:
        assert secret not in text
        assert secret not in outputs


@pytest.mark.parametrize("promoted", [pytest.param(False, marks=pytest.mark.thorough), True])
def test_a_successor_is_created_beside_the_first_instance(production: LiveStacks, promoted: bool) -> None:
    """The failback after a promotion: a new replica of the recovery region's instance; the old one stays."""
    source: Value = {"instance": "arn:aws:rds:us-west-2:987654321098:db:taskflow-dr", "maxConnections": 800}
    successor: Value = {"identifier": "taskflow-production-2", "source": source, "promoted": promoted}
    changed_stack = production.stack("production", {"taskflow:rds.successor": successor}, policies=POLICIES)
    preview = run(changed_stack.preview)
    assert preview.ok, preview.text
    changed = {n: op for n, op in steps(preview, *STATEFUL).items() if n.startswith(("database-", "backup-"))}
    instances = {"database-taskflow-production-2", "database-taskflow-production-2-replica-1"}
    logs = {f"{name}-{log}" for name in instances for log in ("postgresql", "upgrade")}
    copies = {"backup-taskflow-production-2"} if promoted else set[str]()
    assert changed == dict.fromkeys(instances | logs | copies, "create"), "existing resources don't change"


# Five changes of tests/components/test_changed_settings.py, on the engine.


def test_a_changed_size_is_changed_in_place(production: LiveStacks) -> None:
    sizes: Mapping[str, Value] = {
        "taskflow:rds.instanceClass": "db.r6g.xlarge",
        "taskflow:elasticache.numNodeGroups": 3,
    }
    operations = steps(run(production.stack("production", sizes).preview))
    assert {"database-taskflow-production": "update", "cache": "update"}.items() <= operations.items()
    assert set(operations.values()) <= {"create", "update"}
    created = {name for name, step in operations.items() if step == "create"}
    assert all(name.startswith("alerts-redis-") and "-0003-" in name for name in created), (
        "alarms of the third node group"
    )


@pytest.mark.parametrize(
    ("path", "value", "name"),
    [
        ("taskflow:rds.databaseName", "other", "database-taskflow-production"),
        ("taskflow:rds.identifier", "taskflow-production-2", "database-taskflow-production"),
        pytest.param("taskflow:backup.vaultLock.maxRetention", 400, "backup", marks=pytest.mark.thorough),
    ],
)
def test_the_engine_refuses_to_replace_stateful_resources(
    production: LiveStacks, path: str, value: Value, name: str
) -> None:
    """A change that requires a replacement fails in the preview: the old resource is protected."""
    preview = run(production.stack("production", {path: value}).preview)
    assert not preview.ok
    assert "protect" in preview.text
    assert name in preview.text


def test_destroying_with_a_preview_deletes_nothing(production: LiveStacks) -> None:
    before = production.resources()
    destroyed = production.stack("production").destroy()
    assert destroyed.returncode != 0
    assert "protect" in destroyed.stdout + destroyed.stderr
    assert production.resources() == before


def test_destroying_without_a_preview_deletes_nothing_stateful(production: LiveStacks) -> None:
    """The last test of this stack. Only resources without data are deleted, as documented in the README."""
    before = {t["urn"]: t["type"] for t in production.resources()}
    destroyed = production.stack("production").destroy(skip_preview=True)
    assert destroyed.returncode != 0
    after = {t["urn"] for t in production.resources()}
    deleted = {type_ for urn, type_ in before.items() if urn not in after}
    assert deleted, "destroy deletes resources until it reaches a protected one"
    assert not deleted & STATEFUL
    assert {urn for urn, type_ in before.items() if type_ in STATEFUL} <= after


def test_all_stateful_resources_are_protected(dr: LiveStacks) -> None:
    stateful = [r for r in resources(dr.stack("dr")) if r["type"] in STATEFUL]
    assert len(stateful) > 15
    assert [r["urn"] for r in stateful if r.get("protect") is not True] == []


def test_stand_ins_and_policies_agree_on_stateful_types() -> None:
    from policies.shared.resilience import STATEFUL as COVERED

    assert set(COVERED) == STATEFUL
