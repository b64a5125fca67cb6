"""The `up`s of a promotion: which instance is promoted, the settings that change, and what follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass

from operations.dr.stacks import Stacks
from operations.frame.errors import ExitCode, OperationError
from operations.frame.plan import INSTANCE_KIND, Expected, Steps, is_in
from operations.recovery.instances import ADDRESS
from settings.rds import Rds

LATCH_SETTING = "loadBalancer.originTakesTraffic"
A_PROMOTION = "a promotion"
SUCCESSOR_SETTING = "rds.successor.promoted"
# What the two `up`s change (docs/runbooks/fail-over.md). A replica has an alarm on its lag, a primary one on its slots.
EXPECTED: Steps = {
    INSTANCE_KIND: frozenset({"update"}),
    "aws:appautoscaling/target:Target": frozenset({"update"}),
    "aws:cloudwatch/metricAlarm:MetricAlarm": frozenset({"create", "update", "delete"}),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": frozenset({"update"}),
    "aws:cloudwatch/dashboard:Dashboard": frozenset({"update"}),
    "aws:backup/selection:Selection": frozenset({"create"}),
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": frozenset({"create"}),
    # The check that a restore test was validated.
    "aws:cloudwatch/eventRule:EventRule": frozenset({"create"}),
    "aws:cloudwatch/eventTarget:EventTarget": frozenset({"create"}),
    "random:index/randomId:RandomId": frozenset({"create"}),
    "aws:lb/listenerRule:ListenerRule": frozenset({"update"}),
}


@dataclass(frozen=True, kw_only=True)
class Standby:
    """dr's instance that takes over: its name, the setting that promotes it, and whether the file has that."""

    name: str
    setting: str
    is_promoted: bool


def standby_of(stacks: Stacks) -> Standby:
    """Return dr's instance that takes over, by both stack files."""
    return standby_in(stacks.production.settings.rds, stacks.recovery.settings.rds)


def standby_in(production: Rds, rds: Rds) -> Standby:
    """Return dr's replica of the database that serves in production, or else dr's primary.

    After a cutover that is dr's second replica, until it is moved up: the first one has the old data (decision 0045).
    OperationError if no instance of dr has production's data.
    """
    serving = production.serving_identifier()
    first = Standby(name=rds.identifier, setting="rds.promoted", is_promoted=rds.promoted)
    second = rds.successor and Standby(
        name=rds.successor.identifier, setting=SUCCESSOR_SETTING, is_promoted=rds.successor.promoted
    )
    sources = ((second, rds.successor.source if rds.successor else None), (first, rds.source))
    candidates = [
        *(each for each, source in sources if each and source and source.instance.rpartition(":")[2] == serving),
        # After a fail-back production's database isn't the source that dr's files name.
        *(each for each in (second, first) if each and each.is_promoted),
    ]
    if not candidates:
        raise OperationError(
            f"dr has no replica of {serving}, which serves in production by its stack file",
            code=ExitCode.REFUSED,
            advice="After a cutover dr needs a second replica: docs/runbooks/cut-over.md. Are both stack files the "
            "ones that were deployed last?",
        )
    return candidates[0]


def promotion_values(standby: Standby, count: int) -> Mapping[str, object]:
    """Return the settings that promote the database and give the service production's capacity."""
    return {standby.setting: True, **capacity_values(count, count)}


def capacity_values(minimum: int, desired: int) -> Mapping[str, object]:
    """Return the settings of the number of tasks."""
    return {"service.minCount": minimum, "service.desiredCount": desired}


def promotion_of(standby: Standby) -> Expected:
    """Return whether a step is one of the promotion. That of a second instance also changes the database's address."""
    tables = (EXPECTED, ADDRESS) if standby.setting == SUCCESSOR_SETTING else (EXPECTED,)
    return lambda step: any(is_in(table, step) for table in tables)
