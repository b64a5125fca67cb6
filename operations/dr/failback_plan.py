"""The `up`s of a failback: the settings that change, and what follows from them (decisions 0010 and 0049)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from operations.dr.plan import EXPECTED, LATCH_SETTING, SUCCESSOR_SETTING
from operations.dr.stacks import Stacks
from operations.frame.errors import ExitCode, OperationError
from operations.frame.plan import INSTANCE_KIND, is_in
from operations.frame.pulumi import Step
from operations.recovery.instances import ADDRESS, addition_of, next_name
from settings.rds import Rds, Successor
from settings.stacks import PRIMARY, RECOVERY

AN_ADDITION, A_SWITCH = "a new replica of dr's database", "the promotion of the new instance"
A_RETURN, A_STANDBY = "the return of the traffic", "a new replica of production's database"
RETIRE = "Retire the old instance first, and move the successor's settings up: docs/runbooks/dr-failback.md, Finish."
LAG_ALARM, ALARM_KIND = "replica-lag", "aws:cloudwatch/metricAlarm:MetricAlarm"
FINAL_SNAPSHOT_KIND, DEFINITION_KIND = "random:index/randomId:RandomId", "aws:ecs/taskDefinition:TaskDefinition"


@dataclass(frozen=True, kw_only=True)
class FailbackPlan:
    """The instances of a failback, by name, and the settings that create the last two.

    `source` is dr's primary, `name` production's new instance, which replicates it, and `replica` dr's new replica.
    """

    source: str
    name: str
    replica: str
    of_production: Mapping[str, object]
    of_recovery: Mapping[str, object]
    is_promoted: bool

    @property
    def switch(self) -> Mapping[str, object]:
        """The setting that promotes production's new instance."""
        return {SUCCESSOR_SETTING: True}

    @property
    def latch(self) -> Mapping[str, object]:
        """The setting that returns the traffic."""
        return {LATCH_SETTING: False}

    def is_of_addition(self, step: Step) -> bool:
        """Whether a step is one of the `up` that creates production's new instance."""
        return addition_of(self.name)(step)

    def is_of_switch(self, step: Step) -> bool:
        """Whether a step is one of the `up` that promotes it: a primary has backups, and no lag."""
        is_lag = step.operation == "delete" and step.kind == ALARM_KIND and LAG_ALARM in step.name
        return self.is_of_addition(step) or is_in(ADDRESS, step) or (is_lag and self.name in step.name)

    def is_of_standby(self, step: Step) -> bool:
        """Whether a step is one of the `up`s by which dr stands by: a new replica, its address, and fewer tasks."""
        return addition_of(self.replica)(step) or is_in(ADDRESS, step) or is_of_capacity(step)

    def is_of_replica(self, step: Step) -> bool:
        """Whether a step is one of the first of them, without which dr's tasks can't be started."""
        return step.kind == DEFINITION_KIND or (step.kind == INSTANCE_KIND and self.replica in step.name)

    def urgent(self, steps: Sequence[Step]) -> Sequence[str]:
        """Return the URNs of what users wait for, of the steps of the switch: not the replication of backups."""
        urgent = (
            step.urn
            for step in steps
            if step.kind == DEFINITION_KIND
            or (step.kind == INSTANCE_KIND and step.name.endswith(self.name))
            or step.kind == FINAL_SNAPSHOT_KIND
        )
        return list(dict.fromkeys(urgent))


def is_of_capacity(step: Step) -> bool:
    """Whether a step is one of the `up` that gives dr a standby's number of tasks again."""
    return is_in(EXPECTED, step)


def failback_plan(stacks: Stacks) -> FailbackPlan:
    """Return the plan by both stack files; OperationError if a successor of another purpose is in the way."""
    production, recovery = stacks.production.settings.rds, stacks.recovery.settings.rds
    of_recovery = recovery.successor
    is_continued = of_recovery is not None and of_recovery.standby and not of_recovery.promoted
    source = recovery.identifier if is_continued else recovery.serving_identifier()
    if of_recovery and not is_continued:
        raise OperationError(
            f"Pulumi.{RECOVERY}.yaml has a successor already: {of_recovery.identifier}",
            code=ExitCode.REFUSED,
            advice=RETIRE,
        )
    arn = stacks.recovery.environment.arn("rds", f"db:{source}")
    known = production.successor
    if known and not _replicates(known, arn):
        raise OperationError(
            f"Pulumi.{PRIMARY}.yaml has another successor: {known.identifier}", code=ExitCode.REFUSED, advice=RETIRE
        )
    name = known.identifier if known else next_name(production.identifier)
    replica = of_recovery.identifier if of_recovery else next_name(source)
    return FailbackPlan(
        source=source,
        name=name,
        replica=replica,
        of_production={} if known else {"rds.successor": _successor(name, arn, recovery)},
        of_recovery={
            "rds.successor": {
                **_successor(replica, stacks.production.environment.arn("rds", f"db:{name}"), production),
                "standby": True,
            }
        },
        is_promoted=bool(known and known.promoted),
    )


def _replicates(successor: Successor, arn: str) -> bool:
    return successor.source is not None and successor.source.instance == arn


def _successor(name: str, source: str, primary: Rds) -> Mapping[str, object]:
    return {"identifier": name, "source": {"instance": source, "maxConnections": primary.max_connections}}
