"""Each of the document's eight alerts fires when its row says, and not before: the program's alarms, fed with series.

An alarm is found by what it measures. Deployment alarms measure some of the same; those tell nobody and are left out.
"""

import functools
from collections.abc import Mapping, Sequence

import pytest

from tests.components.alerting.evaluator import Alarm, Feed, State, read
from tests.components.recorded import recorded
from tests.settings.support import as_data, changed

STACKS = ("production", "dr")
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
BALANCER = "AWS/ApplicationELB"

Minutes = Sequence[Sequence[float]]


@functools.cache
def told(stack: str) -> tuple[Mapping[str, object], ...]:
    """The inputs of the stack's alarms that tell somebody, by themselves or together."""
    resources = recorded(changed(as_data(stack), {}), stack=stack)
    together = " ".join(str(inputs["alarmRule"]) for (kind, _), inputs in resources.items() if kind == COMPOSITE)
    return tuple(
        inputs
        for (kind, _), inputs in resources.items()
        if kind == ALARM and (inputs.get("alarmActions") or f'"{inputs["name"]}"' in together)
    )


def alarms(stack: str, namespace: str, metric: str, count: int = 1) -> list[Alarm]:
    """The alarms on a metric, as many as are expected."""
    found = [
        alarm
        for alarm in map(read, told(stack))
        if any((each.namespace, each.name) == (namespace, metric) for each in alarm.metrics.values())
    ]
    assert len(found) == count, f"{stack} has {len(found)} alarms on {metric}"
    return found


def alike(sample: float, minutes: int, of: int = 1) -> Minutes:
    """The same samples each minute."""
    return [[sample] * of] * minutes


QUIET: Sequence[float] = ()


def silence(minutes: int) -> Minutes:
    return [QUIET] * minutes


def errors(requests: Minutes, targets: Minutes, balancer: Minutes, unrouted: Minutes = ()) -> Feed:
    return {
        (BALANCER, "RequestCount"): requests,
        (BALANCER, "HTTPCode_ELB_503_Count"): unrouted or silence(len(requests)),
        (BALANCER, "HTTPCode_Target_5XX_Count"): targets,
        (BALANCER, "HTTPCode_ELB_5XX_Count"): balancer,
    }


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize(
    ("targets", "balancer", "expected"),
    [
        (alike(101, 5), silence(5), "ALARM"),
        (silence(5), alike(101, 5), "ALARM"),
        (alike(51, 5), alike(50, 5), "ALARM"),
        (alike(100, 5), silence(5), "OK"),
        (alike(50, 5), alike(50, 5), "OK"),
        (silence(5), silence(5), "OK"),
        ([[0], *alike(101, 4)], silence(5), "OK"),
        ([*alike(101, 4), QUIET], silence(5), "OK"),
    ],
    ids=["tasks fail", "balancer fails", "both", "1 %", "1 % of both", "no error", "4 minutes", "over in the fifth"],
)
def test_error_rate(stack: str, targets: Minutes, balancer: Minutes, expected: State) -> None:
    """Above 1 % of 10,000 requests a minute, in five of five minutes; whoever of the two answers with 5xx."""
    [alarm] = alarms(stack, BALANCER, "HTTPCode_Target_5XX_Count")
    assert alarm.state(errors(alike(10_000, 5), targets, balancer)) == expected


@pytest.mark.parametrize("stack", STACKS)
def test_error_rate_without_any_task(stack: str) -> None:
    """The load balancer answers 503 by itself, and CloudWatch counts no request and no answer of a task."""
    [alarm] = alarms(stack, BALANCER, "HTTPCode_Target_5XX_Count")
    outage = errors(silence(5), silence(5), alike(10_000, 5), unrouted=alike(10_000, 5))
    assert alarm.state(outage) == "ALARM"


@pytest.mark.parametrize("stack", STACKS)
def test_no_request_is_no_error(stack: str) -> None:
    """A night without a request leaves no alarm behind; that nobody answers is told by the tasks' alarms."""
    [alarm] = alarms(stack, BALANCER, "HTTPCode_Target_5XX_Count")
    assert alarm.state(errors(silence(7), silence(7), silence(7)), before="ALARM") == "OK"


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize(
    ("minutes", "before", "expected"),
    [
        # 6 % of the requests are slow: the 95th of a hundred is.
        ([[0.1] * 94 + [0.501] * 6] * 5, "OK", "ALARM"),
        ([[0.1] * 94 + [0.5] * 6] * 5, "OK", "OK"),
        ([[0.1] * 95 + [9.0] * 5] * 5, "OK", "OK"),
        ([[0.1] * 100, *alike(0.9, 4, of=100)], "OK", "OK"),
        (alike(0.9, 5, of=39), "OK", "OK"),
        (alike(0.9, 5, of=39), "ALARM", "ALARM"),
    ],
    ids=["6 % above", "500 ms", "5 % above", "4 minutes", "few requests", "few requests since"],
)
def test_p95_latency(stack: str, minutes: Minutes, before: State, expected: State) -> None:
    """Above 500 ms in five of five minutes; fewer than 200 requests say nothing."""
    [alarm] = alarms(stack, BALANCER, "TargetResponseTime")
    assert alarm.state({(BALANCER, "TargetResponseTime"): minutes}, before) == expected


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ([[0], [1, 0], [0, 1]], "ALARM"),
        ([[0], [0], [1]], "OK"),
        ([[1], [0], [1]], "OK"),
        ([[0], [0], [0]], "OK"),
        (silence(3), "OK"),
    ],
    ids=["2 minutes", "1 minute", "in between", "none", "silence"],
)
def test_any_task_unhealthy(stack: str, minutes: Minutes, expected: State) -> None:
    [alarm] = alarms(stack, BALANCER, "UnHealthyHostCount")
    assert alarm.state({(BALANCER, "UnHealthyHostCount"): minutes}) == expected


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize(
    ("minutes", "is_told"),
    [
        (alike(2, 4), False),
        (alike(1, 2), True),
        (alike(0, 2), True),
        ([[2], [2], [2], [1]], False),
        (silence(4), True),
        ([[4], [4], QUIET, QUIET], False),
    ],
    ids=["the least", "one task", "no task", "1 minute", "silence", "silence just now"],
)
def test_too_few_healthy_or_none_reporting(stack: str, minutes: Minutes, is_told: bool) -> None:
    """Fewer than two tasks for two minutes; and a load balancer that measures nothing is told too."""
    found = alarms(stack, BALANCER, "HealthyHostCount", count=2)
    states = [alarm.state({(BALANCER, "HealthyHostCount"): minutes}) for alarm in found]
    assert ("ALARM" in states) == is_told


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize(("metric", "threshold"), [("CPUUtilization", 85), ("MemoryUtilization", 90)])
def test_cpu_and_memory(stack: str, metric: str, threshold: float) -> None:
    """Above the threshold in ten of ten minutes; without measurements there is nothing to say."""
    [alarm] = alarms(stack, "AWS/ECS", metric)

    def state(minutes: Minutes) -> State:
        return alarm.state({("AWS/ECS", metric): minutes})

    assert state(alike(threshold + 0.1, 10)) == "ALARM"
    assert state(alike(threshold, 10)) == "OK"
    assert state([[threshold], *alike(threshold + 0.1, 9)]) == "OK"
    # The tasks' average, not the busiest one.
    assert state([[99, threshold - 20]] * 10) == "OK"
    assert state(silence(12)) == "INSUFFICIENT_DATA"


@pytest.mark.parametrize(("stack", "instances"), [("production", 2), ("dr", 1)])
def test_connections(stack: str, instances: int) -> None:
    """Above 80 % of 800 in five of five minutes, for the primary and each replica."""
    for alarm in alarms(stack, "AWS/RDS", "DatabaseConnections", instances):

        def state(minutes: Minutes, alarm: Alarm = alarm) -> State:
            return alarm.state({("AWS/RDS", "DatabaseConnections"): minutes})

        assert state(alike(641, 5)) == "ALARM"
        assert state(alike(640, 5)) == "OK"
        assert state([[640], *alike(800, 4)]) == "OK"
        assert state(silence(7)) == "INSUFFICIENT_DATA"


@pytest.mark.parametrize(("stack", "instances"), [("production", 2), ("dr", 1)])
def test_disk(stack: str, instances: int) -> None:
    """Above 80 % used in five of five minutes, however large the disk has become: a share is measured."""
    for alarm in alarms(stack, "taskflow/RDS", "DiskUsedPercent", instances):

        def state(minutes: Minutes, alarm: Alarm = alarm) -> State:
            return alarm.state({("taskflow/RDS", "DiskUsedPercent"): minutes})

        assert state(alike(80.1, 5)) == "ALARM"
        assert state(alike(80, 5)) == "OK"
        assert state([[80], *alike(99, 4)]) == "OK"
        assert state(silence(7)) == "INSUFFICIENT_DATA"


@pytest.mark.parametrize(("stack", "certificates"), [("production", 3), ("dr", 1)])
def test_certificates(stack: str, certificates: int) -> None:
    """Fewer than 30 days left on any day; a certificate of which nothing is heard is told as well."""
    name, day = ("AWS/CertificateManager", "DaysToExpiry"), 24 * 60
    for alarm in alarms(stack, *name, certificates):
        assert alarm.state({name: [*silence(day - 1), [29]]}) == "ALARM"
        assert alarm.state({name: [*silence(day - 1), [30]]}) == "OK"
        assert alarm.state({name: silence(3 * day)}) == "ALARM"
