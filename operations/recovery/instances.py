"""What an `up` changes with an instance of the database: what has its name, what lists the instances, its address."""

import re

from operations.frame.plan import INSTANCE_KIND, REPLACED, Expected, Steps, is_in

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
# What has the address of the database. Tasks get it by a deployment.
ADDRESS: Steps = {
    "aws:cloudwatch/dashboard:Dashboard": frozenset({"update"}),
    "aws:ecs/taskDefinition:TaskDefinition": REPLACED,
}


def addition_of(name: str) -> Expected:
    """Return whether a step is one of an instance that is added. Nothing of another instance may change."""
    return lambda step: (name in step.name and is_in(OF_INSTANCE, step)) or is_in(LISTS, step)


def next_name(identifier: str) -> str:
    """Return the name of an instance that follows another one: `taskflow-dr-2` after `taskflow-dr`."""
    found = re.fullmatch(r"(.+)-(\d{1,3})", identifier)
    base, number = (found[1], int(found[2])) if found else (identifier, 1)
    return f"{base}-{number + 1}"
