"""CloudWatch's part: alarms that Pulumi made change their states by the metrics that the worlds have, minute by minute.

Of an alarm whose metrics nothing here emits the state stays as it is.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.components.alerting.evaluator import Alarm, State, parse_alarm
from tests.drill.join import Join
from tests.operations.fake.clock import FakeClock
from tests.operations.fake.world import World

MINUTE, KEPT = timedelta(minutes=1), 30
Metric = tuple[str, str]
# Requests of each minute.
REQUESTS = 600


@dataclass(kw_only=True)
class CloudWatch:
    """Evaluates the alarms of a stack after each minute. `failing` of the requests end in an error."""

    clock: FakeClock
    join: Join
    world: World
    failing: int = 0
    samples: dict[Metric, list[list[float]]] = field(default_factory=lambda: defaultdict(list))
    evaluated_at: datetime = field(init=False)
    _parsed: dict[str, tuple[object, Alarm]] = field(default_factory=dict[str, tuple[object, Alarm]])

    def __post_init__(self) -> None:
        self.evaluated_at = self.clock.now()
        self.clock.listeners.append(self.advance)

    def advance(self) -> None:
        """Add the samples of the minutes that are over, and evaluate the alarms after each."""
        while self.evaluated_at + MINUTE <= self.clock.now():
            minute = self.evaluated_at
            self.evaluated_at += MINUTE
            for metric, value_at in EMITTED.items():
                value = value_at(self, minute)
                self.samples[metric] = [*self.samples[metric][-KEPT:], [] if value is None else [value]]
            for name, alarm in self._alarms().items():
                before = self.world.alarms[name]["StateValue"]
                state = alarm.state(self.samples, before)
                if state != before:
                    self._change(name, before, state)

    def _alarms(self) -> Mapping[str, Alarm]:
        """Return the alarms whose metrics are all emitted."""
        found: dict[str, Alarm] = {}
        for each in self.join.known.values():
            name = str(each["inputs"].get("name"))
            if each["type"] != "aws:cloudwatch/metricAlarm:MetricAlarm" or name not in self.world.alarms:
                continue
            if name not in self._parsed or self._parsed[name][0] is not each:
                self._parsed[name] = (each, parse_alarm(each["inputs"]))
            alarm = self._parsed[name][1]
            if all((metric.namespace, metric.name) in EMITTED for metric in alarm.metrics.values()):
                found[name] = alarm
        return found

    def _change(self, name: str, before: State, after: State) -> None:
        now = self.evaluated_at
        times = {"StateTransitionedTimestamp": now, "StateUpdatedTimestamp": now}
        self.world.alarms[name] |= {"StateValue": after, **times}
        self.world.cloudwatch.change(name, now, before, after)


def _lag(each: CloudWatch, minute: datetime) -> float | None:
    return each.world.gauges["replicaLag"](minute)


def _none(_each: CloudWatch, _minute: datetime) -> None:
    return None


# What a stack emits for a minute; None: no sample.
EMITTED: Mapping[Metric, Callable[[CloudWatch, datetime], float | None]] = {
    ("AWS/RDS", "ReplicaLag"): _lag,
    ("AWS/ApplicationELB", "HealthyHostCount"): lambda each, _: float(each.world.balancer.healthy),
    ("AWS/ApplicationELB", "UnHealthyHostCount"): lambda each, _: float(each.world.balancer.unhealthy),
    ("AWS/ApplicationELB", "RequestCount"): lambda _, __: float(REQUESTS),
    ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"): lambda each, _: float(each.failing),
    ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count"): _none,
    ("AWS/ApplicationELB", "HTTPCode_ELB_503_Count"): _none,
}
