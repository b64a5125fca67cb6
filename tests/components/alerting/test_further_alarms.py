"""The alarms beyond the document's table: when each fires, and how missing data is treated."""

import functools
import json
from collections.abc import Mapping, Sequence
from typing import cast

import pytest

from tests.components.alerting.evaluator import State
from tests.components.alerting.test_alarms import NO_SAMPLES, STACKS, Minutes, alarms_on, constant, no_data
from tests.components.recorded import record_resources
from tests.settings.support import as_data, changed

GIB = 2**30
# Alarms per metric, where it isn't one: one for each distribution, node or bucket.
COUNTS = {"AWS/CloudFront": 2, "AWS/ElastiCache": 4, "AWS/S3": 2}


@pytest.mark.parametrize(
    ("name", "minutes", "expected"),
    [
        (("AWS/CloudFront", "5xxErrorRate"), constant(5.1, 5), "ALARM"),
        (("AWS/CloudFront", "5xxErrorRate"), constant(5, 5), "OK"),
        (("AWS/CloudFront", "5xxErrorRate"), [[5], *constant(90, 4)], "OK"),
        (("AWS/CloudFront", "5xxErrorRate"), no_data(7), "OK"),
        (("AWS/WAFV2", "BlockedRequests"), constant(1001, 5), "ALARM"),
        (("AWS/WAFV2", "BlockedRequests"), constant(1000, 5), "OK"),
        (("AWS/WAFV2", "BlockedRequests"), no_data(7), "OK"),
        (("AWS/Firehose", "DeliveryToS3.DataFreshness"), constant(3601, 15), "ALARM"),
        (("AWS/Firehose", "DeliveryToS3.DataFreshness"), constant(3600, 15), "OK"),
        (("AWS/Firehose", "DeliveryToS3.DataFreshness"), no_data(30), "OK"),
        (("taskflow/Audit", "RootUsage"), [NO_SAMPLES, [1]], "ALARM"),
        (("taskflow/Audit", "RootUsage"), [[1], *no_data(3)], "OK"),
        (("taskflow/Audit", "EmergencyAccess"), [NO_SAMPLES, [1]], "ALARM"),
        (("AWS/RDS", "OldestReplicationSlotLag"), constant(10 * GIB + 1, 10), "ALARM"),
        (("AWS/RDS", "OldestReplicationSlotLag"), constant(10 * GIB, 10), "OK"),
        (("AWS/RDS", "OldestReplicationSlotLag"), no_data(12), "OK"),
        (("AWS/ElastiCache", "DatabaseMemoryUsagePercentage"), constant(85.1, 10), "ALARM"),
        (("AWS/ElastiCache", "DatabaseMemoryUsagePercentage"), constant(85, 10), "OK"),
        (("AWS/ElastiCache", "EngineCPUUtilization"), constant(85.1, 10), "ALARM"),
        (("AWS/ElastiCache", "EngineCPUUtilization"), [[85], *constant(99, 9)], "OK"),
        (("AWS/ElastiCache", "Evictions"), constant(1, 10), "ALARM"),
        (("AWS/ElastiCache", "Evictions"), [[0], *constant(9, 9)], "OK"),
        (("AWS/SQS", "ApproximateNumberOfMessagesVisible"), [*no_data(4), [1]], "ALARM"),
        (("AWS/SQS", "ApproximateNumberOfMessagesVisible"), constant(0, 5), "OK"),
        (("AWS/S3", "OperationsFailedReplication"), [*no_data(4), [1]], "ALARM"),
        (("AWS/S3", "OperationsFailedReplication"), constant(0, 5), "OK"),
        (("AWS/S3", "OperationsFailedReplication"), no_data(10), "OK"),
        (("AWS/RDS", "ReplicaLag"), constant(401, 5), "ALARM"),
        # An idle primary switches its log every five minutes: the lag is a sawtooth.
        (("AWS/RDS", "ReplicaLag"), [[60], [120], [180], [240], [300], [310], [10], [70], [130], [190]], "OK"),
    ],
)
def test_fires_only_above_its_threshold(name: tuple[str, str], minutes: Minutes, expected: State) -> None:
    for alarm in alarms_on("production", *name, COUNTS.get(name[0], 1)):
        assert alarm.state({name: minutes}) == expected


@pytest.mark.parametrize(
    ("minutes", "expected"), [([*no_data(4), [1]], "ALARM"), (constant(0, 5), "OK"), (no_data(10), "OK")]
)
def test_dr_watches_the_replication_of_its_files_to_production(minutes: Minutes, expected: State) -> None:
    name = ("AWS/S3", "OperationsFailedReplication")
    [alarm] = alarms_on("dr", *name)
    assert alarm.state({name: minutes}) == expected


def test_health_check_alarms_fire_when_unreachable_and_on_failover() -> None:
    """1 is healthy. The check of the latch is healthy once the recovery region receives the traffic."""
    name = ("AWS/Route53", "HealthCheckStatus")
    found = sorted(alarms_on("production", *name, 3), key=lambda alarm: alarm.periods)
    recovery_active, origin, recovery = found
    assert recovery_active.state({name: constant(0, 3)}) == "OK"
    assert recovery_active.state({name: [[0], [0], [0, 1]]}) == "ALARM"
    assert origin.state({name: [[1], [0, 1], [1, 0]]}) == "ALARM"
    assert origin.state({name: [[1], [1], [0]]}) == "OK"
    assert recovery.state({name: constant(0, 10)}) == "ALARM"
    assert recovery.state({name: [[1], *constant(0, 9)]}) == "OK"


def test_only_production_has_edge_alarms() -> None:
    """CloudFront and Route 53 publish metrics in us-east-1 only."""
    for name in (("AWS/CloudFront", "5xxErrorRate"), ("AWS/Route53", "HealthCheckStatus")):
        assert not alarms_on("dr", *name, 0)


@pytest.mark.parametrize("stack", STACKS)
def test_an_event_fires_once_and_is_ok_after_five_minutes(stack: str) -> None:
    name = ("AWS/Events", "TriggeredRules")
    for alarm in alarms_on(stack, *name, 5):
        assert alarm.state({name: [*no_data(4), [1]]}) == "ALARM"
        assert alarm.state({name: [[1], *no_data(5)]}, before="ALARM") == "OK"
        assert alarm.state({name: no_data(10)}) == "OK"


@pytest.mark.parametrize("stack", STACKS)
def test_a_finding_fires_with_either_set_of_dimensions(stack: str) -> None:
    """Both metrics have the same name, so they get the same samples; without data the alarm is OK."""
    name = ("AWS/Logs", "LogEventsWithFindings")
    for alarm in alarms_on(stack, *name, 4 if stack == "production" else 3):
        assert alarm.state({name: [NO_SAMPLES, [2]]}) == "ALARM"
        assert alarm.state({name: no_data(5)}) == "OK"


def event(source: str, kind: str, resource: str = "", **detail: object) -> Mapping[str, object]:
    return {"source": source, "detail-type": kind, "resources": [resource], "detail": detail}


SERVICE = "arn:aws:ecs:us-east-1:987654321098:service/taskflow-production/taskflow-api-production"
RDS = "RDS DB Instance Event"
DEPLOYMENT, JOB, COPY = "ECS Deployment State Change", "Backup Job State Change", "Copy Job State Change"
NOT_STARTED: Mapping[str, object] = {}
RESTORE, TASK = "Restore Job State Change", "ECS Task State Change"
PLAN = "arn:aws:backup:us-east-1:987654321098:restore-testing-plan:taskflow_production_restore_test"
VALIDATION = {"group": "family:taskflow-production-restore-validation", "lastStatus": "STOPPED"}
# The parts of AWS's documented events that a rule can match.
EVENTS = (
    (event("aws.backup", JOB, state="FAILED", backupVaultName="taskflow-production"), "backup-failed"),
    (event("aws.backup", JOB, state="EXPIRED"), "backup-failed"),
    (event("aws.backup", COPY, state="FAILED"), "backup-failed"),
    (event("aws.backup", JOB, state="COMPLETED"), None),
    # A restore by a person; AWS Backup's restores have a status, not a state.
    (event("aws.backup", RESTORE, status="FAILED"), None),
    (event("aws.backup", RESTORE, state="FAILED", restoreTestingPlanArn=f"{PLAN}-1"), None),
    (event("aws.backup", RESTORE, status="RUNNING", restoreTestingPlanArn=f"{PLAN}-1"), None),
    *(
        (event("aws.backup", RESTORE, status=status, restoreTestingPlanArn=f"{PLAN}-1"), "restore-test-failed")
        for status in ("ABORTED", "FAILED")
    ),
    (
        event("aws.backup", RESTORE, status="COMPLETED", restoreTestingPlanArn=f"{PLAN}-1"),
        "restore-validation-completed",
    ),
    (event("aws.backup", RESTORE, status="COMPLETED", restoreTestingPlanArn=f"{PLAN}2-1"), None),
    (event("aws.backup", RESTORE, status="COMPLETED"), None),
    *(
        (event("aws.ecs", TASK, **VALIDATION, containers=[{"exitCode": code}]), "restore-not-validated")
        for code in (1, 137)
    ),
    (
        event("aws.ecs", TASK, **VALIDATION, containers=[NOT_STARTED], stopCode="TaskFailedToStart"),
        "restore-not-validated",
    ),
    (event("aws.ecs", TASK, **VALIDATION, containers=[{"exitCode": 0}], stopCode="EssentialContainerExited"), None),
    (event("aws.ecs", TASK, **{**VALIDATION, "lastStatus": "RUNNING"}, containers=[NOT_STARTED]), None),
    (
        event(
            "aws.ecs",
            TASK,
            group="family:taskflow-production-database",
            lastStatus="STOPPED",
            containers=[{"exitCode": 1}],
        ),
        None,
    ),
    (event("aws.ecs", DEPLOYMENT, SERVICE, eventName="SERVICE_DEPLOYMENT_FAILED"), "release-rolled-back"),
    (event("aws.ecs", DEPLOYMENT, SERVICE, eventName="SERVICE_DEPLOYMENT_COMPLETED"), None),
    (event("aws.ecs", DEPLOYMENT, f"{SERVICE}-2", eventName="SERVICE_DEPLOYMENT_FAILED"), None),
    *(
        (event("aws.rds", RDS, EventCategories=[category], SourceIdentifier="taskflow-production"), "database-event")
        for category in ("deletion", "failover", "failure", "low storage", "maintenance", "read replica")
    ),
    (event("aws.rds", RDS, EventCategories=["backup"], SourceIdentifier="taskflow-production"), None),
    (event("aws.rds", RDS, EventCategories=["failure"], SourceIdentifier="another"), None),
)


@functools.cache
def rules() -> Mapping[str, Mapping[str, object]]:
    """Return the patterns of production's rules, by purpose."""
    return {
        str(inputs["name"]).removeprefix("taskflow-production-"): json.loads(str(inputs["eventPattern"]))
        for (kind, _), inputs in record_resources(changed(as_data("production"), {}), stack="production").items()
        if kind == "aws:cloudwatch/eventRule:EventRule" and "eventPattern" in inputs
    }


def matches(pattern: Mapping[str, object], sample: Mapping[str, object]) -> bool:
    """Apply the part of EventBridge's matching that is used: one value of each list must match, `$or` one pattern."""
    for key, expected in pattern.items():
        if key == "$or":
            if not any(matches(each, sample) for each in cast("Sequence[Mapping[str, object]]", expected)):
                return False
        elif isinstance(expected, Mapping):
            inner = cast("Mapping[str, object]", expected)
            # A pattern for objects matches a list if one of its objects does.
            objects = _values(sample.get(key) or {})
            if not any(matches(inner, cast("Mapping[str, object]", each)) for each in objects):
                return False
        elif not any(_is_match(each, sample, key) for each in cast("Sequence[object]", expected)):
            return False
    return True


def _is_match(expected: object, sample: Mapping[str, object], key: str) -> bool:
    values: Sequence[object] = _values(sample[key]) if key in sample else ()
    if not isinstance(expected, Mapping):
        return expected in values
    ((operator, operand),) = cast("Mapping[str, object]", expected).items()
    if operator == "exists":
        return (key in sample) is operand
    if operator == "prefix":
        return any(str(value).startswith(str(operand)) for value in values)
    assert operator == "anything-but"
    return bool(values) and operand not in values


def _values(value: object) -> Sequence[object]:
    return cast("Sequence[object]", value) if isinstance(value, list) else [value]


@pytest.mark.parametrize(("sample", "expected"), EVENTS)
def test_a_rule_matches_only_its_events(sample: Mapping[str, object], expected: str | None) -> None:
    assert [name for name, pattern in rules().items() if matches(pattern, sample)] == ([expected] if expected else [])
