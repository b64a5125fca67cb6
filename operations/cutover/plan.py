"""The two `up`s of a cutover: the settings that change, and what follows from them (decision 0045)."""

import re
from collections.abc import Mapping

from operations.frame.plan import INSTANCE_KIND, REPLACED, Expected, Steps, is_in
from operations.frame.pulumi import Step
from settings.rds import Rds

PROMOTED_SETTING = "rds.successor.promoted"
AN_ADOPTION, A_SWITCH = "an adoption", "the switch to the adopted instance"
# What belongs to one instance, and has its name.
OF_INSTANCE: Steps = {
    INSTANCE_KIND: frozenset({"import", "update", "create"}),
    # `db restore` creates them without tags.
    "aws:cloudwatch/logGroup:LogGroup": frozenset({"import", "update", "create"}),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": frozenset({"create"}),
    "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy": frozenset({"create"}),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": frozenset({"create"}),
    "aws:cloudwatch/metricAlarm:MetricAlarm": frozenset({"create"}),
    "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": frozenset({"create"}),
    "random:index/randomId:RandomId": frozenset({"create"}),
}
# What lists the instances, or the number of them.
LISTS: Steps = {
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": frozenset({"update"}),
    "aws:cloudwatch/dashboard:Dashboard": frozenset({"update"}),
    "aws:cloudwatch/eventRule:EventRule": frozenset({"update"}),
    "aws:cloudwatch/eventTarget:EventTarget": frozenset({"update"}),
    "aws:backup/selection:Selection": REPLACED,
    "aws:backup/restoreTestingSelection:RestoreTestingSelection": REPLACED,
}
# What has the address of the database.
SWITCH: Steps = {
    "aws:cloudwatch/dashboard:Dashboard": frozenset({"update"}),
    "aws:ecs/taskDefinition:TaskDefinition": REPLACED,
}


def adoption_values(name: str) -> Mapping[str, object]:
    """Return the settings by which the stack adopts a restored instance."""
    return {"rds.successor": {"identifier": name, "restored": True}}


def adoption_of(name: str) -> Expected:
    """Return whether a step is one of the adoption of this instance. Nothing of another instance may change."""
    return lambda step: (name in step.name and is_in(OF_INSTANCE, step)) or is_in(LISTS, step)


def is_of_switch(step: Step) -> bool:
    """Whether it is a step of the `up` after which the adopted instance serves."""
    return is_in(SWITCH, step)


def follower_values(recovery: Rds, source: str, connections: int) -> Mapping[str, object]:
    """Return the settings by which dr gets a second replica, of the adopted instance."""
    base, number = _numbered(recovery.identifier)
    return {
        "rds.successor": {
            "identifier": f"{base}-{number + 1}",
            "source": {"instance": source, "maxConnections": connections},
        }
    }


def _numbered(identifier: str) -> tuple[str, int]:
    """Return an instance's name without its number, and the number: 1 for the first one."""
    found = re.fullmatch(r"(.+)-(\d{1,3})", identifier)
    return (found[1], int(found[2])) if found else (identifier, 1)
