"""Cutover to a restored database: a stack imports the instance, serves from it, and retires the old one.

Each stack's tests change it one after the other.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

import pytest

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
    (primary,) = (r for r in world["resources"] if r["type"] == INSTANCE and "dbName" in r["inputs"]) or [None]
    text = json.dumps(original).replace(f"{of}.c", f"{RESTORED}.c").replace(f":db:{of}", f":db:{RESTORED}")
    restored: AwsResource = {**json.loads(text), "urn": "", "id": "db-RESTORED0000000000000000AA"}
    described: dict[str, Value] = {
        "identifier": RESTORED,
        "resourceId": restored["id"],
        # RDS describes the running minor version.
        "engineVersion": "15.17",
        "tags": {"Ticket": "incident-20261129-0900", "RestoredFrom": f"{of} at 08:55"},
    }
    del primary
    for values in (restored["inputs"], restored["outputs"]):
        values |= {**described, **differences}
        del values["finalSnapshotIdentifier"]
    world["resources"].append(restored)
    for export in EXPORTS:
        name = f"/aws/rds/instance/{of}/{export}"
        (group,) = (r for r in world["resources"] if r["type"] == LOG_GROUP and r["id"] == name)
        renamed = json.loads(json.dumps(group).replace(name, f"/aws/rds/instance/{RESTORED}/{export}"))
        world["resources"].append({**renamed, "urn": ""})
    live.world.write_text(json.dumps(world))
    return restored


def discard(live: LiveStacks) -> None:
    """Remove what `restore` added."""
    world = json.loads(live.world.read_text())
    world["resources"] = [r for r in world["resources"] if r["urn"]]
    live.world.write_text(json.dumps(world))
