"""One outage pages once: whom the composites tell, from which of the program's alarms are on."""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pytest

from tests.components.alerting.test_alarms import COMPOSITE, STACKS
from tests.components.recorded import recorded
from tests.settings.support import as_data, changed

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
Inputs = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Told:
    """The alarms of one stack: those that act by themselves, and the composites, by name."""

    acting: Mapping[str, Inputs]
    silent: Mapping[str, Inputs]
    outages: Mapping[str, Inputs]

    def pages(self, on: Sequence[str]) -> list[str]:
        """Who tells people while these alarms are on: a suppressed composite doesn't."""
        outages = {name: self._is_on(outage, on) for name, outage in self.outages.items()}
        return [name for name in on if name in self.acting] + [
            name for name, is_on in outages.items() if is_on and not outages.get(self._suppressor(name), False)
        ]

    @staticmethod
    def _is_on(outage: Inputs, on: Sequence[str]) -> bool:
        """CloudWatch's rule, as far as it is used: ALARM("name") joined by OR."""
        rule = str(outage["alarmRule"])
        members = re.findall(r'ALARM\("([^"]+)"\)', rule)
        assert rule == " OR ".join(f'ALARM("{member}")' for member in members)
        return any(member in on for member in members)

    def _suppressor(self, name: str) -> str:
        suppressor = cast("Inputs", self.outages[name].get("actionsSuppressor") or {})
        return str(suppressor.get("alarm", "")).rpartition(":")[2]


@functools.cache
def told(stack: str, **alerts: str) -> Told:
    changes = {f"taskflow:alerts.{name}": value for name, value in alerts.items()}
    resources = recorded(changed(as_data(stack), changes), stack=stack)
    alarms = {str(inputs["name"]): inputs for (kind, _), inputs in resources.items() if kind == ALARM}
    telling = {name: inputs for name, inputs in alarms.items() if "-deployment-" not in name}
    return Told(
        acting={name: inputs for name, inputs in telling.items() if inputs.get("alarmActions")},
        silent={name: inputs for name, inputs in telling.items() if not inputs.get("alarmActions")},
        outages={str(inputs["alarmName"]): inputs for (kind, _), inputs in resources.items() if kind == COMPOSITE},
    )


@pytest.mark.parametrize("stack", STACKS)
def test_all_that_users_feel_pages_once(stack: str) -> None:
    alarms = told(stack)
    assert alarms.pages(list(alarms.silent)) == [f"taskflow-{stack}-outage-critical"]


@pytest.mark.parametrize("stack", STACKS)
def test_each_alone_is_told_with_its_own_severity(stack: str) -> None:
    alarms = told(stack)
    for name, inputs in alarms.silent.items():
        severity = cast("Mapping[str, str]", inputs["tags"])["Severity"]
        [page] = alarms.pages([name])
        assert page == f"taskflow-{stack}-outage-{severity.lower()}"
        assert cast("Mapping[str, str]", alarms.outages[page]["tags"])["Severity"] == severity


@pytest.mark.parametrize("stack", STACKS)
def test_what_users_dont_feel_is_told_beside_an_outage(stack: str) -> None:
    alarms = told(stack)
    on = [f"taskflow-{stack}-{name}" for name in ("unreported-tasks", "cpu", "dead-letters")]
    assert alarms.pages(on) == [*on[1:], f"taskflow-{stack}-outage-critical"]


def test_a_silenced_alarm_sets_no_outage_off() -> None:
    alarms = told("production", silentUntil="2026-12-01")
    silenced = "taskflow-production-error-rate"
    assert alarms.acting[silenced]["actionsEnabled"] is False
    assert not any(silenced in str(outage["alarmRule"]) for outage in alarms.outages.values())


def test_a_suppressor_is_waited_for_longer_than_alarms_differ() -> None:
    """A task is ill after two minutes; the requests that fail with it are slow after five at most."""
    for outage in told("production").outages.values():
        suppressor = cast("Mapping[str, float] | None", outage.get("actionsSuppressor"))
        if suppressor:
            assert suppressor["waitPeriod"] >= 60
            assert suppressor["extensionPeriod"] >= 60
