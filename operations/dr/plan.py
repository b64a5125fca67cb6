"""The `up`s of a promotion: the settings that change, and that nothing else would change with them."""

from collections.abc import Mapping, Sequence

from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.frame.pulumi import Step
from operations.frame.stack_file import SettingChange, change_settings, planned_changes
from settings.stacks import RECOVERY

LATCH_SETTING = "loadBalancer.originTakesTraffic"
INSTANCE_KIND = "aws:rds/instance:Instance"
# What the two `up`s change (docs/runbooks/fail-over.md). A replica has an alarm on its lag, a primary one on its slots.
EXPECTED: Mapping[str, frozenset[str]] = {
    INSTANCE_KIND: frozenset({"update"}),
    "aws:appautoscaling/target:Target": frozenset({"update"}),
    "aws:cloudwatch/metricAlarm:MetricAlarm": frozenset({"create", "update", "delete"}),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": frozenset({"update"}),
    "aws:cloudwatch/dashboard:Dashboard": frozenset({"update"}),
    "aws:backup/selection:Selection": frozenset({"create"}),
    "random:index/randomId:RandomId": frozenset({"create"}),
    "aws:lb/listenerRule:ListenerRule": frozenset({"update"}),
}
NAMED = 3


def promotion_values(count: int) -> Mapping[str, object]:
    """Return the settings that promote the database and give the service production's capacity."""
    return {"rds.promoted": True, "service.minCount": count, "service.desiredCount": count}


def previewed(recovery: Context, values: Mapping[str, object]) -> Sequence[SettingChange]:
    """Return the changes of the stack file, once a preview with them has shown nothing unexpected.

    The file is changed for the preview only.
    """
    changes = planned_changes(recovery.folder, RECOVERY, values)
    recovery.step(f"Previewing {RECOVERY} with {'these settings' if changes else 'the settings of an earlier run'}")
    before = _before(recovery, values)
    try:
        change_settings(recovery.folder, RECOVERY, values)
        steps = recovery.pulumi.preview(RECOVERY)
    finally:
        change_settings(recovery.folder, RECOVERY, before)
    require_expected(steps)
    return changes


def _before(recovery: Context, values: Mapping[str, object]) -> Mapping[str, object]:
    settings = recovery.settings
    known = {
        "rds.promoted": settings.rds.promoted,
        "service.minCount": settings.service.min_count,
        "service.desiredCount": settings.service.desired_count,
    }
    return {path: known[path] for path in values}


def require_expected(steps: Sequence[Step]) -> None:
    """Refuse a plan that changes more than a promotion: the stack file or the program isn't what is deployed."""
    others = [
        str(step)
        for step in steps
        if not step.kind.startswith(("taskflow:", "pulumi:"))
        and step.operation not in EXPECTED.get(step.kind, frozenset())
    ]
    if others:
        more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
        raise OperationError(
            f"The plan would change more than a promotion does: {'; '.join(others[:NAMED])}{more}",
            code=ExitCode.REFUSED,
            advice="Check out the commit that was deployed to dr last, and run the same command again.",
        )
