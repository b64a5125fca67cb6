"""The table of the recovery plan: targets of each scenario, what the drill measures, and what of it is AWS's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from operations.dr.targets import TARGETS, Mode
from tests.drill.scenes import PRODUCTION_LOST, PRODUCTION_REACHABLE, RETURN
from tests.drill.transcript import Result, in_words, measured

COLUMNS = (
    "scenario", "RTO", "RPO", "measured: Pulumi", "simulated in the drill", "AWS's own, without a guarantee", "from",
)  # fmt: skip
GRACEFUL, ACCEPT_LOSS = TARGETS[Mode.GRACEFUL], TARGETS[Mode.ACCEPT_LOSS]
PROMOTION = (
    "the promotion with its reboot: several minutes or longer, by the database's size; its standby and the start of "
    "tasks: without a figure; the name: 90 s, three checks and a TTL"
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A scenario: its targets, what of it is AWS's own, and where that is from."""

    scenario: str
    outage: str
    loss: str
    of_aws: str
    source: str


ROWS: Sequence[Row] = (
    Row(
        scenario="a zone, the database instance", outage="2 min", loss="0",
        of_aws="the failover: 60 to 120 s", source="RDS User Guide, Multi-AZ DB instance deployments",
    ),
    Row(
        scenario="the database is lost or corrupt", outage="4 h", loss="5 min",
        of_aws="the restore of 200 GB: without a figure; logs are uploaded every 5 min",
        source="RDS User Guide, Restoring to a specified time. Measured weekly: the restore test ([backup](backup.md))",
    ),
    Row(
        scenario="deleted rows", outage="4 h", loss="0 for 30 days, then a week",
        of_aws="the restore, as above", source="as above",
    ),
    Row(
        scenario="deleted or overwritten files", outage="1 h", loss="0 for 60 days",
        of_aws="the job of S3 Batch Operations: without a figure", source="not measured yet",
    ),
    Row(
        scenario="a bad release", outage="30 min", loss="0",
        of_aws="draining and starting tasks", source="with each rollback: its [audit event](../audit-records.md)",
    ),
    Row(
        scenario=PRODUCTION_REACHABLE, outage=f"{GRACEFUL.outage.seconds // 60} min", loss="0", of_aws=PROMOTION,
        source="RDS User Guide, Promoting a read replica; [0019](../decisions/0019-failover-by-a-manual-latch.md)",
    ),
    Row(
        scenario=PRODUCTION_LOST, outage=f"{ACCEPT_LOSS.outage.seconds // 60} min",
        loss=f"{ACCEPT_LOSS.loss.seconds} s", of_aws="the same", source="the same",
    ),
    Row(
        scenario=RETURN, outage=f"{GRACEFUL.outage.seconds // 60} min", loss="0",
        of_aws="the same; before it, without an outage, two new replicas: by the database's size, without a figure",
        source="the same; [0049](../decisions/0049-failback-by-a-command.md)",
    ),
)  # fmt: skip


def times(results: Sequence[Result]) -> str:
    """Return the table."""
    found: Mapping[str, Result] = {each.scenario: each for each in results}
    rows = [_cells(row, found.get(row.scenario)) for row in ROWS]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (COLUMNS, ("---",) * len(COLUMNS), *rows))


def _cells(row: Row, result: Result | None) -> Sequence[str]:
    of_drill = (_engine(result), _simulated(result)) if result else ("", "")
    return (row.scenario, row.outage, row.loss, *of_drill, row.of_aws, row.source)


def _engine(result: Result) -> str:
    previews, ups = (sum(run.verb == verb for run in result.runs) for verb in ("preview", "up"))
    return f"{measured(result.runs)}: {previews} preview{'s' * (previews != 1)} and {ups} `up`s"


def _simulated(result: Result) -> str:
    outage, command = (in_words(each.total_seconds()) for each in (result.outage, result.command))
    loss = "unknown" if result.loss is None else in_words(result.loss.total_seconds())
    before = (result.outage - result.command).total_seconds()
    parts = f"{in_words(before)} until the decision, {command} the command" if before else "all of it the command"
    return f"{outage}: {parts}; loss {loss}"
