"""A person who returns from dr to production, in a fake world: which instances take writes is recorded."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from operations.dr.failback import FailbackOptions, failback
from operations.dr.failback import undo as undo_failback
from operations.dr.record import RecoveryRecord
from operations.dr.targets import Mode
from operations.frame.errors import ExitCode
from operations.frame.plan import INSTANCE_KIND
from operations.frame.pulumi import Step
from settings.stack import Settings
from tests.operations.fake.pulumi import FakeEngine, FakePulumi, NoPlans
from tests.operations.fake.rds_state import arn
from tests.operations.fake.wire import Fault
from tests.operations.recovering import Recoverer, declare, deployed

HOST = "DATABASE_HOST"
FIRST, SECOND = "taskflow-production", "taskflow-production-2"
DR, DR_REPLICA = "taskflow-dr", "taskflow-dr-2"
ALARM_KIND, DEFINITION_KIND = "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:ecs/taskDefinition:TaskDefinition"
BACKUPS_KIND = "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication"
# RDS creates a replica in another region for so long.
CREATION = 1800


def step(stack: str, operation: str, kind: str, name: str) -> Step:
    return Step(operation=operation, urn=f"urn:pulumi:{stack}::taskflow::taskflow:data:PostgresCluster${kind}::{name}")


@dataclass(kw_only=True)
class ProductionPulumi(FakeEngine):
    """Production, which gets a replica of dr's database and promotes it."""

    stack: str = "production"

    def wanted(self, settings: Settings) -> dict[str, Any]:
        successor = settings.rds.successor
        serving = settings.rds.serving_identifier()
        return {
            "added": successor.identifier if successor else "",
            "promoted": bool(successor and successor.promoted),
            "serving": serving,
            # The replication of a primary's backups to the other region.
            "backups": serving,
        }

    def steps_to(self, wanted: Mapping[str, Any]) -> Sequence[Step]:
        found, name = list[Step](), f"database-{wanted['added']}"
        if wanted["added"] != self.state["added"]:
            found += [
                self._step("create", INSTANCE_KIND, name),
                self._step("create", INSTANCE_KIND, f"{name}-replica-1"),
                self._step("create", ALARM_KIND, f"alerts-disk-{name}"),
            ]
        if wanted["promoted"] != self.state["promoted"]:
            found += [
                self._step("update", INSTANCE_KIND, name),
                self._step("create", "random:index/randomId:RandomId", f"{name}-final-snapshot"),
                self._step("delete", ALARM_KIND, f"alerts-replica-lag-{wanted['added']}"),
            ]
        if wanted["serving"] != self.state["serving"]:
            found.append(self._step("replace", DEFINITION_KIND, "service"))
        if wanted["backups"] != self.state["backups"]:
            found.append(self._step("create", BACKUPS_KIND, f"backup-{wanted['backups']}"))
        return found

    def _step(self, operation: str, kind: str, name: str) -> Step:
        return step(self.stack, operation, kind, name)

    def bring_to(self, wanted: Mapping[str, Any]) -> None:
        rds, name = self.world.rds, wanted["added"]
        for key, bring in (
            ("added", lambda: self._add(name)),
            ("promoted", lambda: self.promote(rds, name, was_promoted=self.state["promoted"])),
            ("serving", lambda: self.world.set_template({HOST: rds.host(wanted["serving"])})),
        ):
            if wanted[key] != self.state[key]:
                self.pass_point(self.stack)
                bring()
                self.pass_point(self.stack)
                self.state[key] = wanted[key]
        if wanted["backups"] != self.state["backups"] and not self.targets:
            self.pass_point(self.stack)
            self.world.clock.sleep(CREATION)
            self.state["backups"] = wanted["backups"]

    def _add(self, name: str) -> None:
        if name not in self.world.rds.instances:
            source = arn("us-west-2", "db", DR)
            self.world.rds.add(name, ReadReplicaSourceDBInstanceIdentifier=source, MultiAZ=False)
        self.world.clock.sleep(CREATION)

    def refresh(self, stack: str, urn: str) -> None:
        assert (stack, urn.rpartition("::")[2]) == (self.stack, f"database-{SECOND}")
        self.state["promoted"] = "ReadReplicaSourceDBInstanceIdentifier" not in self.world.rds.find(SECOND).values


@dataclass(kw_only=True)
class RecoveryPulumi(FakePulumi):
    """dr, which gets a second replica, of production's new instance."""

    def wanted(self, settings: Settings) -> dict[str, Any]:
        successor = settings.rds.successor
        return super().wanted(settings) | {
            "added": successor.identifier if successor else "",
            "serving": settings.rds.serving_identifier(),
        }

    def steps_to(self, wanted: Mapping[str, Any]) -> Sequence[Step]:
        found = list(super().steps_to(wanted))
        if wanted["added"] != self.state["added"]:
            found.append(step(self.stack, "create", INSTANCE_KIND, f"database-{wanted['added']}"))
        if wanted["serving"] != self.state["serving"]:
            found.append(step(self.stack, "replace", DEFINITION_KIND, "service"))
        return found

    def bring_to(self, wanted: Mapping[str, Any]) -> None:
        super().bring_to(wanted)
        rds = self.recovery.rds
        if wanted["added"] != self.state["added"]:
            self.pass_point(self.stack)
            if wanted["added"] not in rds.instances:
                source = arn("us-east-1", "db", SECOND)
                rds.add(wanted["added"], ReadReplicaSourceDBInstanceIdentifier=source, MultiAZ=False)
            self.world.clock.sleep(CREATION)
            self.pass_point(self.stack)
            self.state["added"] = wanted["added"]
        if wanted["serving"] != self.state["serving"]:
            self.pass_point(self.stack)
            self.recovery.set_template({HOST: rds.host(wanted["serving"])})
            self.state["serving"] = wanted["serving"]


@dataclass(kw_only=True)
class BothPulumis(NoPlans):
    """Pulumi of both stacks, each with a state of its own."""

    production: ProductionPulumi
    recovery: RecoveryPulumi

    def of(self, stack: str) -> FakeEngine:
        return {"production": self.production, "dr": self.recovery}[stack]

    def preview(self, stack: str) -> Sequence[Step]:
        return self.of(stack).preview(stack)

    def up(self, stack: str, targets: Sequence[str] = ()) -> None:
        self.of(stack).up(stack, targets)

    def refresh(self, stack: str, urn: str) -> None:
        self.of(stack).refresh(stack, urn)


@dataclass(kw_only=True)
class Returner(Recoverer):
    """A person who fails back."""

    both: BothPulumis = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.both = BothPulumis(
            production=ProductionPulumi(world=self.world, folder=self.folder),
            recovery=RecoveryPulumi(world=self.world, folder=self.folder),
        )
        self.pulumi = self.both
        self.world.gauges["replicaLag"] = self.writes.lag_of_return

    @property
    def engines(self) -> Sequence[FakeEngine]:
        return self.both.production, self.both.recovery

    @property
    def fake_pulumi(self) -> FakePulumi:
        return self.both.recovery

    def failback(self, fault: Fault | None = None, *, by: str = "Bob Lee", **options: bool) -> ExitCode:
        return self.run(lambda context: failback(context, FailbackOptions(approved_by=by, **options)), fault)

    def come_back(self) -> ExitCode:
        """Prepare, and switch an hour later."""
        assert self.failback() is ExitCode.SUCCESS
        self.world.clock.sleep(3600)
        return self.failback()

    def undo_failback(self, fault: Fault | None = None) -> ExitCode:
        return self.run(undo_failback, fault)

    def require_returned(self) -> None:
        """Production serves from its new instance, dr stands by with a replica of it, and one took writes at a time."""
        world, recovery = self.world, self.recovery
        assert world.written() == {SECOND}
        assert recovery.hosts() == {DR_REPLICA}
        assert recovery.written() == frozenset()
        assert world.ecs.desired >= 4
        assert (world.scaling.minimum, world.scaling.maximum) == (2, 20)
        assert (recovery.ecs.desired, recovery.scaling.minimum, recovery.scaling.maximum) == (2, 2, 20)
        assert not any(world.scaling.suspended.values())
        assert not any(recovery.scaling.suspended.values())
        assert recovery.latched_at is None
        assert self.record() == RecoveryRecord()
        self.require_one_writer()

    def require_one_writer(self) -> None:
        """At no moment two instances take writes, and no old one after the new one."""
        taking = [production | recovery for _, production, recovery in self.writes.log]
        assert all(len(each) <= 1 for each in taking), self.writes.log
        first = next((number for number, each in enumerate(taking) if SECOND in each), len(taking))
        assert not any(each - {SECOND} for each in taking[first:]), self.writes.log


def returner() -> Returner:
    """Return a person after a promotion; production is stopped, and dr serves users."""
    return _promoted().copy()


def prepared() -> Returner:
    """Return a person after the first run of a failback: production has its new instance."""
    return _prepared().copy()


@functools.cache
def _prepared() -> Returner:
    person = returner()
    assert person.failback() is ExitCode.SUCCESS
    person.world.clock.sleep(3600)
    return person


@functools.cache
def _promoted() -> Returner:
    person = Returner(world=deployed())
    declare(person)
    person.world.clock.sleep(120)
    assert person.promote(Mode.GRACEFUL) is ExitCode.SUCCESS
    person.world.clock.sleep(600)
    return person
