"""Cutover to a restored database: a stack imports the instance, serves from it, and retires the old one.

Each stack's tests change it one after the other.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

import pytest

from operations.cutover.plan import is_of_switch
from operations.frame.plan import Expected, require_expected
from operations.frame.pulumi import Step
from operations.recovery.instances import addition_of
from sandbox.values import Value
from tests.engine.live_stack import POLICIES, AwsResource, LiveStacks, live_stacks, steps
from tests.engine.support import Run, resources, run
from tests.settings.support import PROMOTED

pytestmark = pytest.mark.xdist_group("cutover")

INSTANCE = "aws:rds/instance:Instance"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
SELECTION = "aws:backup/selection:Selection"
EXPORTS = ("postgresql", "upgrade")
PRODUCTION, DR, RESTORED = "taskflow-production", "taskflow-dr", "taskflow-recovery-20261129-0910"
NEXT_REPLICA = "taskflow-dr-2"
IDENTIFIER, SUCCESSOR = "taskflow:rds.identifier", "taskflow:rds.successor"

ADOPTED: Mapping[str, Value] = {SUCCESSOR: {"identifier": RESTORED, "restored": True}}
SERVING: Mapping[str, Value] = {SUCCESSOR: {"identifier": RESTORED, "restored": True, "promoted": True}}
ALONE: Mapping[str, Value] = {IDENTIFIER: RESTORED}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[LiveStacks]:
    """Yield both stacks in one account; production's database is restored, and dr follows it."""
    yield from live_stacks(tmp_path_factory.mktemp("cutover"), recording, "production", "dr")


@pytest.fixture(scope="module")
def dr(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[LiveStacks]:
    """Yield dr, which has taken over and whose own database is restored."""
    yield from live_stacks(tmp_path_factory.mktemp("cutover-dr"), recording, "dr")


def restore(live: LiveStacks, of: str, **differences: Value) -> AwsResource:
    """Add what `taskflow db restore` leaves in AWS: an instance like another one, and its log groups."""
    world = json.loads(live.world.read_text())
    (original,) = (r for r in world["resources"] if r["type"] == INSTANCE and r["inputs"]["identifier"] == of)
    text = json.dumps(original).replace(f"{of}.c", f"{RESTORED}.c").replace(f":db:{of}", f":db:{RESTORED}")
    restored: AwsResource = json.loads(text)
    restored["urn"], restored["id"] = "", "db-RESTORED0000000000000000AA"
    described: dict[str, Value] = {
        "identifier": RESTORED,
        "resourceId": restored["id"],
        # RDS describes these of every instance; the version is the running one.
        "engine": "postgres",
        "engineVersion": "15.17",
        "engineLifecycleSupport": "open-source-rds-extended-support-disabled",
        "allocatedStorage": 200,
        "username": "taskflow_admin",
        "dbName": "taskflow",
        "tags": {"Ticket": "incident-20261129-0900", "RestoredFrom": f"{of} at 08:55"},
    }
    for values in (restored["inputs"], restored["outputs"]):
        values |= {**described, **differences}
        del values["finalSnapshotIdentifier"]
    world["resources"].append(restored)
    for export in EXPORTS:
        name = f"/aws/rds/instance/{of}/{export}"
        (group,) = (r for r in world["resources"] if r["type"] == LOG_GROUP and r["id"] == name)
        renamed: AwsResource = json.loads(json.dumps(group).replace(name, f"/aws/rds/instance/{RESTORED}/{export}"))
        world["resources"].append({**renamed, "urn": ""})
    live.world.write_text(json.dumps(world))
    return restored


def discard(live: LiveStacks) -> None:
    """Remove what `restore` added."""
    world = json.loads(live.world.read_text())
    world["resources"] = [r for r in world["resources"] if r["urn"]]
    live.world.write_text(json.dumps(world))


def of_instance(live: LiveStacks, identifier: str) -> AwsResource:
    (found,) = (r for r in live.resources(INSTANCE) if r["inputs"]["identifier"] == identifier)
    return found


def up(
    live: LiveStacks, stack: str, edits: Mapping[str, Value], *, expected: Expected | None = None
) -> dict[str, Sequence[str]]:
    """Run `up` with the policies; return each resource's steps, and require that a second `up` has nothing to do.

    `expected` is what the command accepts of the plan.
    """
    changed = live.stack(stack, edits, policies=POLICIES)
    done = run(changed.up)
    assert done.ok, done.text
    assert done.violations == []
    if expected:
        planned = [Step(operation=each.operation, urn=each.urn) for each in done.changed]
        require_expected(planned, expected, "the command", stack)
    again = run(changed.preview)
    assert again.ok, again.text
    assert (steps(again), again.violations) == ({}, [])
    return all_steps(done)


def all_steps(done: Run) -> dict[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for planned in done.changed:
        found.setdefault(planned.name, []).append(planned.operation)
    return dict(found)


def unprotect(live: LiveStacks, stack: str, *instances: str) -> list[str]:
    """Do by hand what retires instances: unprotect them and what belongs to them, in the state and in AWS."""
    names = {f"database-{instance}" for instance in instances}
    names |= {f"{name}-{export}" for name in names for export in EXPORTS} | {f"backup-{each}" for each in instances}
    unprotected: list[str] = []
    for resource in resources(live.stack(stack)):
        urn = str(resource["urn"])
        if urn.rpartition("::")[2] in names:
            live.stack(stack).unprotect(urn)
            unprotected.append(urn.rpartition("::")[2])
    world = json.loads(live.world.read_text())
    for resource in world["resources"]:
        if resource["type"] == INSTANCE and resource["inputs"]["identifier"] in instances:
            resource["inputs"]["deletionProtection"] = resource["outputs"]["deletionProtection"] = False
    live.world.write_text(json.dumps(world))
    return unprotected


# Production: what the import refuses, and what it corrects.


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kmsKeyId", "arn:aws:kms:us-east-1:987654321098:key/00000000-0000-4000-8000-00000000000f"),
        pytest.param("dbName", "other", marks=pytest.mark.thorough),
        pytest.param("username", "postgres", marks=pytest.mark.thorough),
        pytest.param("storageEncrypted", False, marks=pytest.mark.thorough),
    ],
)
def test_an_instance_that_would_be_replaced_is_refused(live: LiveStacks, name: str, value: Value) -> None:
    """A snapshot under another key, of another database or without encryption can't become production's database."""
    restore(live, PRODUCTION, **{name: value})
    try:
        preview = run(live.stack("production", ADOPTED).preview)
    finally:
        discard(live)
    assert not preview.ok
    assert f"database-{RESTORED}" in preview.text
    assert "protect" in preview.text
    assert name in preview.text


def test_differences_that_can_be_corrected_are_in_the_plan(live: LiveStacks) -> None:
    """The engine imports what it finds, and updates it in the same `up`: compare before it."""
    different: Mapping[str, Value] = {
        "parameterGroupName": "default.postgres15",
        "deletionProtection": False,
        "iamDatabaseAuthenticationEnabled": False,
    }
    restore(live, PRODUCTION, **different)
    try:
        preview = run(live.stack("production", ADOPTED).preview)
    finally:
        discard(live)
    assert preview.ok, preview.text
    assert all_steps(preview)[f"database-{RESTORED}"] == ["import", "update"]
    assert all(name in preview.text for name in different)


def test_an_instance_that_does_not_exist_is_refused(live: LiveStacks) -> None:
    preview = run(live.stack("production", ADOPTED).preview)
    assert not preview.ok
    assert "does not exist" in preview.text


# Production: the cutover, step by step.


def test_a_restored_instance_is_adopted_and_prepared(live: LiveStacks) -> None:
    """It gets a replica, alarms and backups while the old instance still serves, which doesn't change."""
    before, restored = of_instance(live, PRODUCTION), restore(live, PRODUCTION)
    host = live.stack("production").outputs()["databaseHost"].value
    done = up(live, "production", ADOPTED, expected=addition_of(RESTORED))
    assert done[f"database-{RESTORED}"] == ["import", "update"]
    assert [done[f"database-{RESTORED}-{export}"] for export in EXPORTS] == [["import"], ["import"]]
    assert done[f"database-{RESTORED}-replica-1"] == done[f"backup-{RESTORED}"] == ["create"]
    assert done[f"alerts-connections-{RESTORED}"] == done[f"alerts-replication-slot-{RESTORED}"] == ["create"]
    assert not any(PRODUCTION in name for name in done), "the old instance and all of its resources stay as they are"
    assert of_instance(live, PRODUCTION) == before
    assert live.stack("production").outputs()["databaseHost"].value == host
    selected = [t["inputs"]["resources"] for t in live.resources(SELECTION) if ":production::" in t["urn"]]
    assert selected == [[before["outputs"]["arn"], restored["outputs"]["arn"]]]


def test_the_adoption_brings_what_rds_does_not_return(live: LiveStacks) -> None:
    now = of_instance(live, RESTORED)
    assert now["id"] == "db-RESTORED0000000000000000AA", "it is the same instance"
    assert now["inputs"]["skipFinalSnapshot"] is False
    assert now["inputs"]["deleteAutomatedBackups"] is False
    assert str(now["inputs"]["finalSnapshotIdentifier"]).startswith(f"{RESTORED}-final-")
    assert now["inputs"]["engineVersion"] == "15", "RDS raises the minor from here on"
    assert "password" not in now["inputs"], "it is set by a rotation, not by Pulumi"
    assert not {"Ticket", "RestoredFrom"} & set(cast("dict[str, str]", now["outputs"]["tagsAll"])), (
        "the tags by which the commands find an instance that may be discarded"
    )


def test_dr_replicates_the_adopted_instance_beside_the_old_one(live: LiveStacks) -> None:
    source: Value = {"instance": str(of_instance(live, RESTORED)["outputs"]["arn"]), "maxConnections": 800}
    done = up(live, "dr", {SUCCESSOR: {"identifier": NEXT_REPLICA, "source": source}})
    assert done[f"database-{NEXT_REPLICA}"] == ["create"]
    assert not any(name.endswith(DR) for name in done), "the replica of the old instance stays"
    assert live.stack("dr").outputs()["databaseHost"].value == of_instance(live, DR)["outputs"]["address"]


def test_the_promoted_instance_serves(live: LiveStacks) -> None:
    """Only what names the host changes; a release then starts tasks with the new host."""
    done = up(live, "production", SERVING, expected=is_of_switch)
    assert set(done) == {"service", "database-task", "data-export", "dashboard"}
    host = of_instance(live, RESTORED)["outputs"]["address"]
    assert live.stack("production").outputs()["databaseHost"].value == host
    changed = ("aws:ecs/taskDefinition:TaskDefinition", "aws:cloudwatch/dashboard:Dashboard")
    state = [r for r in resources(live.stack("production")) if str(r["urn"]).rpartition("::")[2] in done]
    texts = [json.dumps(r["inputs"]) for r in state if r["type"] in changed]
    assert len(texts) == len(done)
    assert all(RESTORED in text for text in texts)


def test_the_old_instance_can_not_leave_by_mistake(live: LiveStacks) -> None:
    before = live.resources()
    preview = run(live.stack("production", ALONE).preview)
    assert not preview.ok
    assert "protect" in preview.text
    assert f"database-{RESTORED}" not in steps(preview)
    assert live.resources() == before


@pytest.mark.thorough
def test_the_adopted_instance_is_moved_up_and_the_old_one_retired(live: LiveStacks) -> None:
    """No replacement: the names of its resources contain the identifier, wherever the settings have it."""
    unprotected = unprotect(live, "production", PRODUCTION, f"{PRODUCTION}-replica-1")
    assert len(unprotected) == 7, "two instances with two log groups each, and the replication of the backups"
    before = of_instance(live, RESTORED)
    done = up(live, "production", ALONE)
    assert of_instance(live, RESTORED) == before
    deleted = {name for name, each in done.items() if each == ["delete"]}
    assert set(unprotected) <= deleted
    assert all(PRODUCTION in name for name in deleted)
    assert not any(RESTORED in name for name in done)
    identifiers = {str(r["inputs"]["identifier"]) for r in live.resources(INSTANCE)}
    assert identifiers == {RESTORED, f"{RESTORED}-replica-1", DR, NEXT_REPLICA}
    logs = {r["id"] for r in live.resources(LOG_GROUP)}
    assert {f"/aws/rds/instance/{PRODUCTION}/{export}" for export in EXPORTS} <= logs, "its logs are retained"


@pytest.mark.thorough
def test_dr_is_moved_up_to_its_new_replica(live: LiveStacks) -> None:
    unprotect(live, "dr", DR)
    source: Value = {"instance": str(of_instance(live, RESTORED)["outputs"]["arn"]), "maxConnections": 800}
    before = of_instance(live, NEXT_REPLICA)
    done = up(live, "dr", {IDENTIFIER: NEXT_REPLICA, "taskflow:rds.source": source})
    assert of_instance(live, NEXT_REPLICA) == before
    assert done[f"database-{DR}"] == ["delete"]
    assert not any(NEXT_REPLICA in name for name in done)
    assert live.stack("dr").outputs()["databaseHost"].value == before["outputs"]["address"]


# dr, which has taken over.


@pytest.mark.thorough
def test_the_promoted_database_of_dr_can_be_restored_too(dr: LiveStacks) -> None:
    """Its secrets are production's, and after the move it keeps the source of the instance that it replaced."""
    up(dr, "dr", PROMOTED)
    restore(dr, DR)
    done = up(dr, "dr", {**PROMOTED, **SERVING})
    assert done[f"database-{RESTORED}"] == ["import", "update"]
    restored = of_instance(dr, RESTORED)
    assert dr.stack("dr").outputs()["databaseHost"].value == restored["outputs"]["address"]
    unprotect(dr, "dr", DR)
    moved = up(dr, "dr", {**PROMOTED, **ALONE})
    assert moved.pop(f"database-{RESTORED}", ["update"]) == ["update"], "in place: it only loses inputs that RDS keeps"
    assert not any(RESTORED in name for name in moved)
    assert of_instance(dr, RESTORED)["id"] == restored["id"]
