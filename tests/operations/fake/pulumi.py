"""Pulumi as a command sees it. An `up` deploys what the stack file has; it may fail, be killed, or find a lock.

The state is what Pulumi knows. An `up` that is killed doesn't save the step that ran: then AWS and the state differ.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from operations.frame.errors import ExitCode, OperationError
from operations.frame.pulumi import Step
from settings.load import load_file
from settings.stack import Settings
from tests.operations.fake.rds import Rds
from tests.operations.fake.wire import Killed, ServiceError
from tests.operations.fake.world import World

PREFIX = "urn:pulumi:dr::taskflow::"
DATABASE, TARGET, LATCH = (
    f"{PREFIX}{parent}${kind}::{name}"
    for parent, kind, name in (
        ("taskflow:data:PostgresCluster", "aws:rds/instance:Instance", "database-taskflow-dr"),
        ("taskflow:service:FargateService", "aws:appautoscaling/target:Target", "service"),
        ("taskflow:latch:OriginLatch", "aws:lb/listenerRule:ListenerRule", "origin-latch"),
    )
)
ALARM = (
    f"{PREFIX}taskflow:alerting:AlertingSuite$aws:cloudwatch/metricAlarm:MetricAlarm::alerts-replica-lag-taskflow-dr"
)
# Seconds between the looks at an instance, as of the provider's waiter.
LOOK = 10


_LOADED: dict[tuple[str, str], Settings] = {}


def settings_of(folder: Path, stack: str) -> Settings:
    """Return the settings of a stack file, which takes a while to parse, by its text."""
    key = (stack, (folder / f"Pulumi.{stack}.yaml").read_text())
    if key not in _LOADED:
        _LOADED[key] = load_file(folder, stack)
    return _LOADED[key]


class NoPlans:
    """For commands that save no plan."""

    def plan(self, stack: str, file: Path) -> Sequence[Step]:
        raise AssertionError(stack, file)

    def up_by_plan(self, stack: str, file: Path) -> None:
        raise AssertionError(stack, file)

    def drift(self, stack: str) -> Sequence[Step]:
        raise AssertionError(stack)


@dataclass(kw_only=True)
class FakeEngine(NoPlans, ABC):
    """A stack's state and its `up`: at the points `stops` the process dies, at `fails` the `up` fails.

    A point is passed before and after each change, and while AWS works.
    """

    world: World
    folder: Path
    stack: str
    state: dict[str, Any] = field(default_factory=dict[str, Any])
    is_locked: bool = False
    stops: frozenset[int] = frozenset()
    fails: frozenset[int] = frozenset()
    points: int = 0
    # What the `up` that runs is limited to; empty for everything.
    targets: Sequence[str] = ()
    ups: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    # Steps of something else, such as those of another commit.
    others: Sequence[Step] = ()
    # What happens in AWS while it previews.
    meanwhile: Callable[[], object] = lambda: None

    def __post_init__(self) -> None:
        self.state = self.wanted(settings_of(self.folder, self.stack))

    @abstractmethod
    def wanted(self, settings: Settings) -> dict[str, Any]:
        """Return the state that the settings ask for."""

    @abstractmethod
    def steps_to(self, wanted: Mapping[str, Any]) -> Sequence[Step]:
        """Return the steps to a state."""

    @abstractmethod
    def bring_to(self, wanted: Mapping[str, Any]) -> None:
        """Change AWS, and the state after each step."""

    def preview(self, stack: str) -> Sequence[Step]:
        self.pass_point(stack)
        self.meanwhile()
        return [*self.steps_to(self.wanted(settings_of(self.folder, stack))), *self.others]

    def up(self, stack: str, targets: Sequence[str] = ()) -> None:
        if self.is_locked:
            raise OperationError(
                f"`pulumi up` of {stack} failed: the stack is locked by another `up`, or by one that was killed",
                code=ExitCode.REFUSED,
                command=f"pulumi cancel --stack {stack}",
            )
        wanted = self.wanted(settings_of(self.folder, stack))
        self.ups.append(wanted)
        # A lock stays if the process dies.
        self.is_locked = True
        try:
            self.targets = targets
            self.bring_to(wanted)
        except OperationError:
            self.is_locked = False
            raise
        self.is_locked = False

    def refresh(self, stack: str, urn: str) -> None:
        raise AssertionError(stack, urn)

    def promote(self, rds: Rds, name: str, *, was_promoted: bool) -> None:
        """Promote a replica and make it Multi-AZ, and wait for each as the provider does."""
        changes = {"MultiAZ": True, "ApplyImmediately": True}
        try:
            if not was_promoted:
                rds.promote_read_replica({"DBInstanceIdentifier": name, "BackupRetentionPeriod": 30})
                self._wait(rds, name)
            rds.modify_db_instance({"DBInstanceIdentifier": name, **changes})
        except ServiceError as error:
            raise OperationError(f"`pulumi up` of {self.stack} failed", advice=error.message) from error
        self._wait(rds, name)

    def _wait(self, rds: Rds, name: str) -> None:
        # The provider asks again until the change shows.
        looks = 3
        while looks or rds.find(name).status != "available":
            looks = max(0, looks - 1)
            self.world.clock.sleep(LOOK)
            if looks:
                self.pass_point(self.stack)

    def pass_point(self, stack: str) -> None:
        """Pass a point, at which the process may die or the `up` fail."""
        assert stack == self.stack
        self.points += 1
        if self.points in self.stops:
            self.world.wire.is_dead = True
            raise Killed
        if self.points in self.fails:
            raise OperationError(f"`pulumi up` of {stack} failed", advice="Its output is above.")


@dataclass(kw_only=True)
class FakePulumi(FakeEngine):
    """dr, which is promoted."""

    stack: str = "dr"
    refreshed: list[str] = field(default_factory=list[str])

    @property
    def recovery(self) -> World:
        assert self.world.partner
        return self.world.partner

    def wanted(self, settings: Settings) -> dict[str, Any]:
        return {
            "promoted": settings.rds.promoted,
            "standby": settings.rds.promoted and settings.rds.multi_az,
            "minimum": settings.service.min_count,
            "latch": bool(settings.load_balancer.origin_takes_traffic),
        }

    def steps_to(self, wanted: Mapping[str, Any]) -> Sequence[Step]:
        found: list[Step] = []
        if (wanted["promoted"], wanted["standby"]) != (self.state["promoted"], self.state["standby"]):
            found += [Step(operation="update", urn=DATABASE), Step(operation="delete", urn=ALARM)]
        if wanted["minimum"] != self.state["minimum"]:
            found.append(Step(operation="update", urn=TARGET))
        if wanted["latch"] != self.state["latch"]:
            found.append(Step(operation="update", urn=LATCH))
        return found

    def bring_to(self, wanted: Mapping[str, Any]) -> None:
        if wanted["standby"] and not (self.state["promoted"] and self.state["standby"]):
            self.pass_point(self.stack)
            self.promote(self.recovery.rds, "taskflow-dr", was_promoted=self.state["promoted"])
            # Saved once all of the instance's changes are made.
            self.state |= {"promoted": True, "standby": True}
        if wanted["minimum"] != self.state["minimum"]:
            self.pass_point(self.stack)
            self.recovery.scaling.minimum = wanted["minimum"]
            self.recovery.scaling.adjust()
            self.pass_point(self.stack)
            self.state["minimum"] = wanted["minimum"]
        if wanted["latch"] != self.state["latch"]:
            self.pass_point(self.stack)
            self.recovery.turn_latch(on=wanted["latch"])
            self.pass_point(self.stack)
            self.state["latch"] = wanted["latch"]

    def refresh(self, stack: str, urn: str) -> None:
        assert (stack, urn) == ("dr", DATABASE)
        self.refreshed.append(urn)
        rds = self.recovery.rds
        self.state |= {"promoted": rds.is_primary, "standby": rds.primary.values["MultiAZ"]}
