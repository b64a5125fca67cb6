"""The data tier over its life on the engine: promotion, rotation from outside, destroying, changed settings."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from sandbox.kinds.table import KINDS
from sandbox.values import Value
from tests.engine.live_stack import POLICIES, Standing, stand, steps
from tests.engine.support import resources, run
from tests.settings.support import PROMOTED

pytestmark = pytest.mark.xdist_group("data-tier")

INSTANCE = "aws:rds/instance:Instance"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
REDIS = "aws:elasticache/replicationGroup:ReplicationGroup"
STATEFUL = {token for token, kind in KINDS.items() if kind.stateful}


@pytest.fixture(scope="module")
def dr(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[Standing]:
    yield from stand(tmp_path_factory.mktemp("dr"), recording, "dr")


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[Standing]:
    yield from stand(tmp_path_factory.mktemp("production"), recording, "production")


def test_promotion_makes_the_replica_a_primary_in_place(dr: Standing) -> None:
    """The document's standby for a lost region: one setting, at once, and what was there stays there."""
    (before,) = dr.things(INSTANCE)
    promoted = dr.stack("dr", PROMOTED, policies=POLICIES)
    up = run(promoted.up)
    assert up.ok, up.text
    assert up.violations == []
    assert steps(up, *STATEFUL) == {"database-taskflow-dr": "update"}
    taken_away = {name for name, step in steps(up).items() if step not in ("create", "update")}
    assert taken_away == {"alerts-replica-lag-taskflow-dr"}, "a primary is behind nobody"
    (after,) = dr.things(INSTANCE)
    assert after["id"] == before["id"]
    inputs = after["inputs"]
    assert "replicateSourceDb" not in inputs
    wanted = {"multiAz": True, "backupRetentionPeriod": 30, "deletionProtection": True, "applyImmediately": True}
    assert {name: inputs[name] for name in wanted} == wanted
    assert inputs["skipFinalSnapshot"] is False
    assert not {"username", "dbName", "engine", "password"} & set(inputs), "adding one of these would replace it"
    assert run(promoted.up).changed == []

    back = run(dr.stack("dr").up)
    assert not back.ok, "a stand-alone instance can't be made a replica again"
    assert "cannot elect new source database for replication" in back.text
    assert dr.things(INSTANCE)[0]["inputs"] == inputs


def test_what_a_rotation_changed_is_never_written_back(production: Standing) -> None:
    """Secret and passwords change outside of Pulumi; a refresh sees it, and no `up` undoes it."""
    world = json.loads(production.world.read_text())
    rotated: dict[str, Value] = {}
    for thing in world["things"]:
        if thing["type"] == VERSION:
            thing["outputs"] |= {"secretString": '{"rotated": true}', "versionStages": ["INITIAL"]}
        elif thing["type"] == REDIS:
            thing["outputs"]["authToken"] = "rotated-outside-of-pulumi"
        elif thing["type"] == INSTANCE and "password" in thing["inputs"]:
            thing["outputs"]["password"] = "rotated-outside-of-pulumi"
        else:
            continue
        rotated[thing["urn"]] = thing["outputs"]
    assert len(rotated) == 5, "two secrets of the database and one of Redis, a primary and a cache"
    production.world.write_text(json.dumps(world))
    stack = production.stack("production")
    assert run(stack.up).changed == [], "without a refresh nothing is noticed"
    stack.refresh()
    after = run(stack.up)
    assert after.ok, after.text
    assert after.changed == []
    now = {t["urn"]: t["outputs"] for t in production.things(VERSION, REDIS, INSTANCE) if t["urn"] in rotated}
    assert now == rotated


def test_what_aws_upgraded_by_itself_is_left_alone(production: Standing) -> None:
    """A refresh sees the newer minors, and no `up` plans the older ones, which would replace Redis."""
    world = json.loads(production.world.read_text())
    for thing in world["things"]:
        if thing["type"] == REDIS:
            thing["outputs"] |= {"engineVersion": "7.1", "engineVersionActual": "7.1.0"}
        elif thing["type"] == INSTANCE:
            thing["outputs"]["engineVersionActual"] = "15.18"
    production.world.write_text(json.dumps(world))
    stack = production.stack("production")
    stack.refresh()
    after = run(stack.up)
    assert after.ok, after.text
    assert after.changed == []
    running = production.stack("production").outputs()["runningVersions"].value
    assert running == {"postgres": "15.18", "redis": "7.1.0"}


def test_no_secret_stands_in_plain_text(production: Standing) -> None:
    """Not in the state as it is kept, and not in the outputs."""
    generated = {str(t["outputs"]["result"]) for t in production.things("random:index/randomPassword:RandomPassword")}
    assert len(generated) == 3
    (kept,) = (production.sandbox.folder / "state").rglob("stacks/taskflow/production.json")
    text = kept.read_text()
    outputs = json.dumps({k: str(v.value) for k, v in production.stack("production").outputs().items()})
    for secret in generated:
        assert secret not in text
        assert secret not in outputs


@pytest.mark.parametrize("promoted", [pytest.param(False, marks=pytest.mark.thorough), True])
def test_a_successor_stands_beside_the_first_instance_and_serves_once_it_is_promoted(
    production: Standing, promoted: bool
) -> None:
    """The way back after a promotion: a new instance, made from the recovery region's, while the old one stays."""
    source: Value = {"instance": "arn:aws:rds:us-west-2:987654321098:db:taskflow-dr", "maxConnections": 800}
    successor: Value = {"identifier": "taskflow-production-2", "source": source, "promoted": promoted}
    changed_stack = production.stack("production", {"taskflow:rds.successor": successor}, policies=POLICIES)
    preview = run(changed_stack.preview)
    assert preview.ok, preview.text
    changed = {n: op for n, op in steps(preview, *STATEFUL).items() if n.startswith(("database-", "backup-"))}
    instances = {"database-taskflow-production-2", *(["database-taskflow-production-2-replica-1"] if promoted else [])}
    logs = {f"{name}-{log}" for name in instances for log in ("postgresql", "upgrade")}
    copies = {"backup-taskflow-production-2"} if promoted else set[str]()
    assert changed == dict.fromkeys(instances | logs | copies, "create"), "what stands already stays as it is"


# Five of tests/components/test_changed_settings.py's changes, where the engine has the last word.


def test_a_changed_size_is_changed_in_place(production: Standing) -> None:
    sizes: Mapping[str, Value] = {
        "taskflow:rds.instanceClass": "db.r6g.xlarge",
        "taskflow:elasticache.numNodeGroups": 3,
    }
    done = steps(run(production.stack("production", sizes).preview))
    assert {"database-taskflow-production": "update", "cache": "update"}.items() <= done.items()
    assert set(done.values()) <= {"create", "update"}
    made = {name for name, step in done.items() if step == "create"}
    assert all(name.startswith("alerts-redis-") and "-0003-" in name for name in made), "alarms of the third node group"


@pytest.mark.parametrize(
    ("path", "value", "name"),
    [
        ("taskflow:rds.databaseName", "other", "database-taskflow-production"),
        ("taskflow:rds.identifier", "taskflow-production-2", "database-taskflow-production"),
        pytest.param("taskflow:backup.vaultLock.maxRetention", 400, "backup", marks=pytest.mark.thorough),
    ],
)
def test_what_would_lose_data_is_refused_by_the_engine(
    production: Standing, path: str, value: Value, name: str
) -> None:
    """A change that AWS can only make by a new thing stops in the preview: the old one is protected."""
    preview = run(production.stack("production", {path: value}).preview)
    assert not preview.ok
    assert "protect" in preview.text
    assert name in preview.text


def test_destroying_with_a_preview_deletes_nothing(production: Standing) -> None:
    before = production.things()
    destroyed = production.stack("production").destroy()
    assert destroyed.returncode != 0
    assert "protect" in destroyed.stdout + destroyed.stderr
    assert production.things() == before


def test_destroying_without_a_preview_deletes_nothing_stateful(production: Standing) -> None:
    """The last test of this stack. What goes is what the README says: it can be made again, and holds no data."""
    before = {t["urn"]: t["type"] for t in production.things()}
    destroyed = production.stack("production").destroy(skip_preview=True)
    assert destroyed.returncode != 0
    after = {t["urn"] for t in production.things()}
    gone = {type_ for urn, type_ in before.items() if urn not in after}
    assert gone, "it deletes what it can before it comes to a protected resource"
    assert not gone & STATEFUL
    assert {urn for urn, type_ in before.items() if type_ in STATEFUL} <= after


def test_what_a_fresh_up_makes_is_protected_where_it_is_stateful(dr: Standing) -> None:
    stateful = [r for r in resources(dr.stack("dr")) if r["type"] in STATEFUL]
    assert len(stateful) > 15
    assert [r["urn"] for r in stateful if r.get("protect") is not True] == []


def test_one_stand_in_type_is_stateful_for_the_policies_as_well() -> None:
    """What the stand-ins call stateful and what the rule about protection covers is the same."""
    from policies.rules.resilience import STATEFUL as COVERED

    assert set(COVERED) == STATEFUL
