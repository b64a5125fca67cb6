"""The alarms beyond the document's table: when each fires, and what it means that nothing is measured."""

import functools
import json
from collections.abc import Mapping, Sequence
from typing import cast

import pytest

from tests.components.alerting.evaluator import State
from tests.components.alerting.test_alarms import QUIET, STACKS, Minutes, alarms, alike, silence
from tests.components.recorded import recorded
from tests.settings.support import as_data, changed

GIB = 2**30


@pytest.mark.parametrize(
    ("name", "minutes", "expected"),
    [
        (("AWS/CloudFront", "5xxErrorRate"), alike(5.1, 5), "ALARM"),
        (("AWS/CloudFront", "5xxErrorRate"), alike(5, 5), "OK"),
        (("AWS/CloudFront", "5xxErrorRate"), [[5], *alike(90, 4)], "OK"),
        (("AWS/CloudFront", "5xxErrorRate"), silence(7), "OK"),
        (("AWS/WAFV2", "BlockedRequests"), alike(1001, 5), "ALARM"),
        (("AWS/WAFV2", "BlockedRequests"), alike(1000, 5), "OK"),
        (("AWS/WAFV2", "BlockedRequests"), silence(7), "OK"),
        (("AWS/Firehose", "DeliveryToS3.DataFreshness"), alike(3601, 15), "ALARM"),
        (("AWS/Firehose", "DeliveryToS3.DataFreshness"), alike(3600, 15), "OK"),
        (("AWS/Firehose", "DeliveryToS3.DataFreshness"), silence(30), "OK"),
        (("taskflow/Audit", "RootUsage"), [QUIET, [1]], "ALARM"),
        (("taskflow/Audit", "RootUsage"), [[1], *silence(3)], "OK"),
        (("taskflow/Audit", "EmergencyAccess"), [QUIET, [1]], "ALARM"),
        (("AWS/RDS", "OldestReplicationSlotLag"), alike(10 * GIB + 1, 10), "ALARM"),
        (("AWS/RDS", "OldestReplicationSlotLag"), alike(10 * GIB, 10), "OK"),
        (("AWS/RDS", "OldestReplicationSlotLag"), silence(12), "OK"),
        (("AWS/RDS", "ReplicaLag"), alike(401, 5), "ALARM"),
        # The sawtooth of an idle primary, which switches its log every five minutes.
        (("AWS/RDS", "ReplicaLag"), [[60], [120], [180], [240], [300], [310], [10], [70], [130], [190]], "OK"),
    ],
)
def test_fires_above_its_threshold_alone(name: tuple[str, str], minutes: Minutes, expected: State) -> None:
    for alarm in alarms("production", *name, 2 if name[0] == "AWS/CloudFront" else 1):
        assert alarm.state({name: minutes}) == expected


def test_health_checks_are_told_when_nobody_answers_and_when_somebody_takes_over() -> None:
    """One checker's status counts: 1 is well. The plain check of the latch is well once the standby takes over."""
    name = ("AWS/Route53", "HealthCheckStatus")
    found = sorted(alarms("production", *name, 3), key=lambda alarm: alarm.periods)
    takes_over, own, standby = found
    assert takes_over.state({name: alike(0, 3)}) == "OK"
    assert takes_over.state({name: [[0], [0], [0, 1]]}) == "ALARM"
    assert own.state({name: [[1], [0, 1], [1, 0]]}) == "ALARM"
    assert own.state({name: [[1], [1], [0]]}) == "OK"
    assert standby.state({name: alike(0, 10)}) == "ALARM"
    assert standby.state({name: [[1], *alike(0, 9)]}) == "OK"


def test_only_the_stack_of_the_edge_watches_it() -> None:
    """CloudFront's, its web ACL's and Route 53's measures are in us-east-1 alone."""
    for name in (("AWS/CloudFront", "5xxErrorRate"), ("AWS/Route53", "HealthCheckStatus")):
        assert not alarms("dr", *name, 0)


@pytest.mark.parametrize("stack", STACKS)
def test_an_event_is_told_once_and_is_over_after_five_minutes(stack: str) -> None:
    name = ("AWS/Events", "TriggeredRules")
    for alarm in alarms(stack, *name, 3):
        assert alarm.state({name: [*silence(4), [1]]}) == "ALARM"
        assert alarm.state({name: [[1], *silence(5)]}, before="ALARM") == "OK"
        assert alarm.state({name: silence(10)}) == "OK"


@pytest.mark.parametrize("stack", STACKS)
def test_a_finding_is_told_under_whichever_dimensions_it_is_counted(stack: str) -> None:
    """Both measures have one name, so both are fed alike; without any there is nothing to say."""
    name = ("AWS/Logs", "LogEventsWithFindings")
    for alarm in alarms(stack, *name, 4 if stack == "production" else 3):
        assert alarm.state({name: [QUIET, [2]]}) == "ALARM"
        assert alarm.state({name: silence(5)}) == "OK"


def event(source: str, kind: str, resource: str = "", **detail: object) -> Mapping[str, object]:
    return {"source": source, "detail-type": kind, "resources": [resource], "detail": detail}


SERVICE = "arn:aws:ecs:us-east-1:987654321098:service/taskflow-production/taskflow-api-production"
RDS = "RDS DB Instance Event"
DEPLOYMENT, JOB, COPY = "ECS Deployment State Change", "Backup Job State Change", "Copy Job State Change"
# Of the forms that AWS documents, the parts that a rule may go by.
EVENTS = (
    (event("aws.backup", JOB, state="FAILED", backupVaultName="taskflow-production"), "backup-failed"),
    (event("aws.backup", JOB, state="EXPIRED"), "backup-failed"),
    (event("aws.backup", COPY, state="FAILED"), "backup-failed"),
    (event("aws.backup", JOB, state="COMPLETED"), None),
    (event("aws.backup", "Restore Job State Change", state="FAILED"), None),
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
    """The patterns of production's rules, by what each is for."""
    return {
        str(inputs["name"]).removeprefix("taskflow-production-"): json.loads(str(inputs["eventPattern"]))
        for (kind, _), inputs in recorded(changed(as_data("production"), {}), stack="production").items()
        if kind == "aws:cloudwatch/eventRule:EventRule"
    }


def matches(pattern: Mapping[str, object], given: Mapping[str, object]) -> bool:
    """EventBridge's matching, as far as it is used: a list of values, any of which must be there."""
    for key, wanted in pattern.items():
        value = given.get(key)
        if isinstance(wanted, Mapping):
            if not matches(cast("Mapping[str, object]", wanted), cast("Mapping[str, object]", value or {})):
                return False
        elif not set(cast("Sequence[object]", wanted)) & set(_values(value)):
            return False
    return True


def _values(value: object) -> Sequence[object]:
    return cast("Sequence[object]", value) if isinstance(value, list) else [value]


@pytest.mark.parametrize(("given", "expected"), EVENTS)
def test_a_rule_matches_its_events_alone(given: Mapping[str, object], expected: str | None) -> None:
    assert [name for name, pattern in rules().items() if matches(pattern, given)] == ([expected] if expected else [])
