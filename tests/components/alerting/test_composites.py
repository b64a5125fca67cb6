"""One outage pages once: which alarms notify, by which of the program's alarms are in ALARM."""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pytest

from tests.components.alerting.test_alarms import COMPOSITE, STACKS
from tests.components.recorded import record_resources
from tests.settings.support import as_data, changed

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
Inputs = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class StackAlarms:
    """The alarms of one stack by name: with actions, without actions, and composite."""

    with_actions: Mapping[str, Inputs]
    members: Mapping[str, Inputs]
    composites: Mapping[str, Inputs]

    def notifying(self, in_alarm: Sequence[str]) -> list[str]:
        """Return the alarms that notify while `in_alarm` are in ALARM: a suppressed composite doesn't."""
        states = {name: self._is_in_alarm(composite, in_alarm) for name, composite in self.composites.items()}
        return [name for name in in_alarm if name in self.with_actions] + [
            name for name, is_on in states.items() if is_on and not states.get(self._suppressor(name), False)
        ]

    @staticmethod
    def _is_in_alarm(composite: Inputs, in_alarm: Sequence[str]) -> bool:
        """Evaluate the part of CloudWatch's rule syntax that is used: ALARM("name") joined by OR."""
        rule = str(composite["alarmRule"])
        members = re.findall(r'ALARM\("([^"]+)"\)', rule)
        assert rule == " OR ".join(f'ALARM("{member}")' for member in members)
        return any(member in in_alarm for member in members)

    def _suppressor(self, name: str) -> str:
        suppressor = cast("Inputs", self.composites[name].get("actionsSuppressor") or {})
        return str(suppressor.get("alarm", "")).rpartition(":")[2]


@functools.cache
def stack_alarms(stack: str, **alerts: str) -> StackAlarms:
    changes = {f"taskflow:alerts.{name}": value for name, value in alerts.items()}
    resources = record_resources(changed(as_data(stack), changes), stack=stack)
    alarms = {str(inputs["name"]): inputs for (kind, _), inputs in resources.items() if kind == ALARM}
    suite = {name: inputs for name, inputs in alarms.items() if "-deployment-" not in name}
    return StackAlarms(
        with_actions={name: inputs for name, inputs in suite.items() if inputs.get("alarmActions")},
        members={name: inputs for name, inputs in suite.items() if not inputs.get("alarmActions")},
        composites={str(inputs["alarmName"]): inputs for (kind, _), inputs in resources.items() if kind == COMPOSITE},
    )


@pytest.mark.parametrize("stack", STACKS)
def test_all_user_facing_alarms_page_once(stack: str) -> None:
    alarms = stack_alarms(stack)
    assert alarms.notifying(list(alarms.members)) == [f"taskflow-{stack}-outage-critical"]


@pytest.mark.parametrize("stack", STACKS)
def test_each_user_facing_alarm_notifies_with_its_severity(stack: str) -> None:
    alarms = stack_alarms(stack)
    for name, inputs in alarms.members.items():
        severity = cast("Mapping[str, str]", inputs["tags"])["Severity"]
        [composite] = alarms.notifying([name])
        assert composite == f"taskflow-{stack}-outage-{severity.lower()}"
        assert cast("Mapping[str, str]", alarms.composites[composite]["tags"])["Severity"] == severity


@pytest.mark.parametrize("stack", STACKS)
def test_other_alarms_notify_during_an_outage(stack: str) -> None:
    alarms = stack_alarms(stack)
    in_alarm = [f"taskflow-{stack}-{name}" for name in ("unreported-tasks", "cpu", "dead-letters")]
    assert alarms.notifying(in_alarm) == [*in_alarm[1:], f"taskflow-{stack}-outage-critical"]


def test_a_silent_alarm_sets_off_no_composite_alarm() -> None:
    alarms = stack_alarms("production", silentUntil="2026-12-01")
    silent = "taskflow-production-error-rate"
    assert alarms.with_actions[silent]["actionsEnabled"] is False
    assert not any(silent in str(composite["alarmRule"]) for composite in alarms.composites.values())


def test_the_wait_for_a_suppressor_covers_the_alarms_difference() -> None:
    """Tasks are unhealthy after two minutes, error rate and latency are high after five at most."""
    for composite in stack_alarms("production").composites.values():
        suppressor = cast("Mapping[str, float] | None", composite.get("actionsSuppressor"))
        if suppressor:
            assert suppressor["waitPeriod"] >= 60
            assert suppressor["extensionPeriod"] >= 60
