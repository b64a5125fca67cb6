"""A person who replaces the database by a restored instance, in the fake world: what takes writes is recorded."""

import base64
import functools
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from operations.cutover.cutover import CutoverOptions, cutover
from operations.database.fence import CLOSE_LOGINS, END_SESSIONS
from operations.frame.errors import ExitCode
from operations.frame.plan import INSTANCE_KIND
from operations.frame.pulumi import Step
from settings.stack import Settings
from tests.operations.deploying import DEVOPS, Deployer
from tests.operations.fake.one_off import Task
from tests.operations.fake.pulumi import FakeEngine
from tests.operations.fake.rds_state import arn
from tests.operations.fake.wire import Fault
from tests.operations.fake.world import World
from tests.operations.restores import TIME, administrator

OLD, FOLLOWER = "taskflow-production", "taskflow-dr-2"
HOST = "DATABASE_HOST"
PREFIX = "urn:pulumi:production::taskflow::taskflow:data:PostgresCluster$"
# The names of what the database task runs.
PROGRAMS = {CLOSE_LOGINS: "close", END_SESSIONS: "end"}


def step(operation: str, kind: str, name: str) -> Step:
    return Step(operation=operation, urn=f"{PREFIX}{kind}::{name}")


@dataclass(kw_only=True)
class CutoverPulumi(FakeEngine):
    """Production, which adopts a restored instance and then serves from it."""

    stack: str = "production"

    def wanted(self, settings: Settings) -> dict[str, Any]:
        successor = settings.rds.successor
        return {"adopted": successor.identifier if successor else "", "serving": settings.rds.serving_identifier()}

    def steps_to(self, wanted: Mapping[str, Any]) -> Sequence[Step]:
        found, name = list[Step](), wanted["adopted"]
        if name != self.state["adopted"]:
            selection = "aws:backup/selection:Selection"
            found += [
                step("import", INSTANCE_KIND, f"database-{name}"),
                step("update", INSTANCE_KIND, f"database-{name}"),
                step("create", INSTANCE_KIND, f"database-{name}-replica-1"),
                step("import", "aws:cloudwatch/logGroup:LogGroup", f"database-{name}-postgresql"),
                step("update", "aws:cloudwatch/eventRule:EventRule", "alerts-events-database-event"),
                *(step(each, selection, "backup") for each in ("create-replacement", "replace", "delete-replaced")),
            ]
        if wanted["serving"] != self.state["serving"]:
            found.append(step("replace", "aws:ecs/taskDefinition:TaskDefinition", "service"))
        return found

    def bring_to(self, wanted: Mapping[str, Any]) -> None:
        if wanted["adopted"] != self.state["adopted"]:
            self.pass_point(self.stack)
            self._adopt(wanted["adopted"])
            self.pass_point(self.stack)
            self.state["adopted"] = wanted["adopted"]
        if wanted["serving"] != self.state["serving"]:
            self.pass_point(self.stack)
            self.world.set_template({HOST: self.world.rds.host(wanted["serving"])})
            self.pass_point(self.stack)
            self.state["serving"] = wanted["serving"]

    def _adopt(self, name: str) -> None:
        instance = self.world.rds.find(name)
        kept = [each for each in instance.values["TagList"] if each["Key"] not in ("Ticket", "RestoredFrom")]
        instance.values["TagList"] = kept
        replica = f"{name}-replica-1"
        if replica not in self.world.rds.instances:
            self.world.rds.add(replica, ReadReplicaSourceDBInstanceIdentifier=name)
        # RDS creates a replica for half an hour.
        self.world.clock.sleep(1800)


@dataclass(kw_only=True)
class Switcher(Deployer):
    """A person who cuts over, with Pulumi that deploys production, and what the API writes to."""

    name: str = ""
    # What the database task did, by the instance: close, end, roles, login.
    applied: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    closed: set[str] = field(default_factory=set[str])
    # Since when which instances take writes of the API.
    log: list[tuple[datetime, frozenset[str]]] = field(default_factory=list[tuple[datetime, frozenset[str]]])

    def __post_init__(self) -> None:
        super().__post_init__()
        self.pulumi = CutoverPulumi(world=self.world, folder=self.folder)
        self.world.ecs.programs["taskflow-production-database"] = self._database_task
        self.world.clock.listeners.append(self.note)

    def cutover(
        self, fault: Fault | None = None, *, name: str = "", without_dr: bool = False, old_is_cut_off: bool = False
    ) -> ExitCode:
        options = CutoverOptions(name=name or self.name, without_dr=without_dr, old_is_cut_off=old_is_cut_off)
        return self.run(lambda context: cutover(context, options), fault)

    def follow(self, lag: float = 1.0, **changes: object) -> None:
        """Do what an `up` of dr does: its second replica, of the restored instance."""
        recovery = self.world.partner
        assert recovery
        source = arn("us-east-1", "db", self.name)
        values: dict[str, Any] = {"ReadReplicaSourceDBInstanceIdentifier": source, **changes}
        recovery.rds.add(FOLLOWER, **{key: value for key, value in values.items() if value is not None})
        recovery.gauges["replicaLag"] = lambda _: lag

    # What takes writes.

    def _database_task(self, task: Task) -> tuple[float, int | None]:
        sql = task.environment.get("SQL", "")
        sql = gzip.decompress(base64.b64decode(sql)).decode() if sql else ""
        instance = task.environment.get("PGHOST", self.world.rds.host()).partition(".")[0]
        done = PROGRAMS.get(sql, "roles" if sql else "login")
        self.applied.append((instance, done))
        if self.world.logins.failure is not None or sql not in PROGRAMS:
            return self.world.logins.run(task)
        if done == "close":
            self.closed.add(instance)
            self.note()
        return 20, 0

    def note(self) -> None:
        """Note which instances the API can write to now."""
        taking = frozenset(self.world.hosts() - self.closed)
        if not self.log or self.log[-1][1] != taking:
            self.log.append((self.world.clock.now(), taking))

    def require_one_writer(self) -> None:
        """At no moment two instances, and never the old one again after the new one."""
        order = [taking for _, taking in self.log]
        assert all(len(taking) <= 1 for taking in order), order
        first = next((number for number, taking in enumerate(order) if self.name in taking), len(order))
        assert not any(OLD in taking for taking in order[first:]), order

    @property
    def outage(self) -> timedelta:
        """How long no instance took writes of the API."""
        ends = [*(at for at, _ in self.log[1:]), self.world.clock.now()]
        spans = zip(self.log, ends, strict=True)
        return sum((end - at for (at, taking), end in spans if not taking), timedelta(0))


def switcher() -> Switcher:
    """Return a person with a restored instance; v1.0.0 runs, with the database's address."""
    return _prepared().copy()


@functools.cache
def _prepared() -> Switcher:
    dba = administrator()
    world: World = dba.world
    assert dba.restore(TIME) is ExitCode.SUCCESS
    world.principal = DEVOPS
    world.set_template({HOST: world.rds.host()})
    world.push("v1.0.0")
    person = Switcher(world=world, name=world.rds.restored[-1])
    assert person.release("v1.0.0") is ExitCode.SUCCESS
    world.clock.sleep(600)
    person.log.clear()
    person.note()
    return person
