"""The document's eight alerts fire by their rows, not before: the program's alarms, evaluated on series.

An alarm is found by its metric. Deployment alarms have no actions and are excluded.
"""

import functools
from collections.abc import Mapping, Sequence

import pytest

from tests.components.alerting.evaluator import Alarm, Feed, State, parse_alarm
from tests.components.recorded import record_resources
from tests.settings.support import as_data, changed

STACKS = ("production", "dr")
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
ALB_NAMESPACE = "AWS/ApplicationELB"

Minutes = Sequence[Sequence[float]]


@functools.cache
def notifying_alarms(stack: str) -> tuple[Mapping[str, object], ...]:
    """Return the inputs of the stack's alarms that notify, directly or through a composite alarm."""
    resources = record_resources(changed(as_data(stack), {}), stack=stack)
    composite_rules = " ".join(str(inputs["alarmRule"]) for (kind, _), inputs in resources.items() if kind == COMPOSITE)
    return tuple(
        inputs
        for (kind, _), inputs in resources.items()
        if kind == ALARM and (inputs.get("alarmActions") or f'"{inputs["name"]}"' in composite_rules)
    )


def alarms_on(stack: str, namespace: str, metric: str, count: int = 1) -> list[Alarm]:
    """Return the alarms on a metric; `count` of them are expected."""
    found = [
        alarm
        for alarm in map(parse_alarm, notifying_alarms(stack))
        if any((each.namespace, each.name) == (namespace, metric) for each in alarm.metrics.values())
    ]
    assert len(found) == count, f"{stack} has {len(found)} alarms on {metric}"
    return found


def constant(sample: float, minutes: int, of: int = 1) -> Minutes:
    """Return the same samples for each minute."""
    return [[sample] * of] * minutes


NO_SAMPLES: Sequence[float] = ()


def no_data(minutes: int) -> Minutes:
    return [NO_SAMPLES] * minutes


def request_feed(requests: Minutes, targets: Minutes, balancer: Minutes, unrouted: Minutes = ()) -> Feed:
    return {
        (ALB_NAMESPACE, "RequestCount"): requests,
        (ALB_NAMESPACE, "HTTPCode_ELB_503_Count"): unrouted or no_data(len(requests)),
        (ALB_NAMESPACE, "HTTPCode_Target_5XX_Count"): targets,
        (ALB_NAMESPACE, "HTTPCode_ELB_5XX_Count"): balancer,
    }


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize(
    ("targets", "balancer", "expected"),
    [
        (constant(101, 5), no_data(5), "ALARM"),
        (no_data(5), constant(101, 5), "ALARM"),
        (constant(51, 5), constant(50, 5), "ALARM"),
        (constant(100, 5), no_data(5), "OK"),
        (constant(50, 5), constant(50, 5), "OK"),
        (no_data(5), no_data(5), "OK"),
        ([[0], *constant(101, 4)], no_data(5), "OK"),
        ([*constant(101, 4), NO_SAMPLES], no_data(5), "OK"),
    ],
    ids=["tasks", "load balancer", "both", "1 %", "1 % of both", "no error", "4 minutes", "OK in the fifth"],
)
def test_error_rate(stack: str, targets: Minutes, balancer: Minutes, expected: State) -> None:
    """Above 1 % of 10,000 requests a minute in five of five minutes, from tasks or load balancer."""
    [alarm] = alarms_on(stack, ALB_NAMESPACE, "HTTPCode_Target_5XX_Count")
    assert alarm.state(request_feed(constant(10_000, 5), targets, balancer)) == expected


@pytest.mark.parametrize("stack", STACKS)
def test_error_rate_without_any_task(stack: str) -> None:
    """The load balancer answers 503; CloudWatch counts no request and no task response."""
    [alarm] = alarms_on(stack, ALB_NAMESPACE, "HTTPCode_Target_5XX_Count")
    outage = request_feed(no_data(5), no_data(5), constant(10_000, 5), unrouted=constant(10_000, 5))
    assert alarm.state(outage) == "ALARM"


@pytest.mark.parametrize("stack", STACKS)
def test_no_requests_are_no_error(stack: str) -> None:
    """Without requests the alarm returns to OK; the tasks' alarms report missing tasks."""
    [alarm] = alarms_on(stack, ALB_NAMESPACE, "HTTPCode_Target_5XX_Count")
    assert alarm.state(request_feed(no_data(7), no_data(7), no_data(7)), before="ALARM") == "OK"


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize(
    ("minutes", "before", "expected"),
    [
        # 6 % of the requests are slow: the 95th of a hundred is.
        ([[0.1] * 94 + [0.501] * 6] * 5, "OK", "ALARM"),
        ([[0.1] * 94 + [0.5] * 6] * 5, "OK", "OK"),
        ([[0.1] * 95 + [9.0] * 5] * 5, "OK", "OK"),
        ([[0.1] * 100, *constant(0.9, 4, of=100)], "OK", "OK"),
        (constant(0.9, 5, of=39), "OK", "OK"),
        (constant(0.9, 5, of=39), "ALARM", "ALARM"),
    ],
    ids=["6 % above", "500 ms", "5 % above", "4 minutes", "few requests", "few requests, in ALARM"],
)
def test_p95_latency(stack: str, minutes: Minutes, before: State, expected: State) -> None:
    """Above 500 ms in five of five minutes; fewer than 200 requests are ignored."""
    [alarm] = alarms_on(stack, ALB_NAMESPACE, "TargetResponseTime")
    assert alarm.state({(ALB_NAMESPACE, "TargetResponseTime"): minutes}, before) == expected


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ([[0], [1, 0], [0, 1]], "ALARM"),
        ([[0], [0], [1]], "OK"),
        ([[1], [0], [1]], "OK"),
        ([[0], [0], [0]], "OK"),
        (no_data(3), "OK"),
    ],
    ids=["2 minutes", "1 minute", "interrupted", "none", "no data"],
)
def test_any_task_unhealthy(stack: str, minutes: Minutes, expected: State) -> None:
    [alarm] = alarms_on(stack, ALB_NAMESPACE, "UnHealthyHostCount")
    assert alarm.state({(ALB_NAMESPACE, "UnHealthyHostCount"): minutes}) == expected


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize(
    ("minutes", "is_alarm"),
    [
        (constant(2, 4), False),
        (constant(1, 2), True),
        (constant(0, 2), True),
        ([[2], [2], [2], [1]], False),
        (no_data(4), True),
        ([[4], [4], NO_SAMPLES, NO_SAMPLES], False),
    ],
    ids=["minimum", "one task", "no task", "1 minute", "no data", "recent data missing"],
)
def test_missing_or_unreported_tasks(stack: str, minutes: Minutes, is_alarm: bool) -> None:
    """Fewer than two healthy tasks for two minutes, or a load balancer that reports none."""
    found = alarms_on(stack, ALB_NAMESPACE, "HealthyHostCount", count=2)
    states = [alarm.state({(ALB_NAMESPACE, "HealthyHostCount"): minutes}) for alarm in found]
    assert ("ALARM" in states) == is_alarm


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize(("metric", "threshold"), [("CPUUtilization", 85), ("MemoryUtilization", 90)])
def test_cpu_and_memory(stack: str, metric: str, threshold: float) -> None:
    """Above the threshold in ten of ten minutes; INSUFFICIENT_DATA without data."""
    [alarm] = alarms_on(stack, "AWS/ECS", metric)

    def state(minutes: Minutes) -> State:
        return alarm.state({("AWS/ECS", metric): minutes})

    assert state(constant(threshold + 0.1, 10)) == "ALARM"
    assert state(constant(threshold, 10)) == "OK"
    assert state([[threshold], *constant(threshold + 0.1, 9)]) == "OK"
    # The average of the tasks, not the busiest one.
    assert state([[99, threshold - 20]] * 10) == "OK"
    assert state(no_data(12)) == "INSUFFICIENT_DATA"


@pytest.mark.parametrize(("stack", "instances"), [("production", 2), ("dr", 1)])
def test_connections(stack: str, instances: int) -> None:
    """Above 80 % of 800 in five of five minutes, for the primary and each replica."""
    for alarm in alarms_on(stack, "AWS/RDS", "DatabaseConnections", instances):

        def state(minutes: Minutes, alarm: Alarm = alarm) -> State:
            return alarm.state({("AWS/RDS", "DatabaseConnections"): minutes})

        assert state(constant(641, 5)) == "ALARM"
        assert state(constant(640, 5)) == "OK"
        assert state([[640], *constant(800, 4)]) == "OK"
        assert state(no_data(7)) == "INSUFFICIENT_DATA"


@pytest.mark.parametrize(("stack", "instances"), [("production", 2), ("dr", 1)])
def test_disk(stack: str, instances: int) -> None:
    """Above 80 % used in five of five minutes, at any disk size: the metric is a percentage."""
    for alarm in alarms_on(stack, "taskflow/RDS", "DiskUsedPercent", instances):

        def state(minutes: Minutes, alarm: Alarm = alarm) -> State:
            return alarm.state({("taskflow/RDS", "DiskUsedPercent"): minutes})

        assert state(constant(80.1, 5)) == "ALARM"
        assert state(constant(80, 5)) == "OK"
        assert state([[80], *constant(99, 4)]) == "OK"
        assert state(no_data(7)) == "INSUFFICIENT_DATA"


@pytest.mark.parametrize(("stack", "certificates"), [("production", 3), ("dr", 1)])
def test_certificates(stack: str, certificates: int) -> None:
    """Fewer than 30 days left on any day, or no data."""
    name, day = ("AWS/CertificateManager", "DaysToExpiry"), 24 * 60
    for alarm in alarms_on(stack, *name, certificates):
        assert alarm.state({name: [*no_data(day - 1), [29]]}) == "ALARM"
        assert alarm.state({name: [*no_data(day - 1), [30]]}) == "OK"
        assert alarm.state({name: no_data(3 * day)}) == "ALARM"
