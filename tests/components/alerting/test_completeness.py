"""What every alarm needs besides its component: a runbook, and a test of when it fires."""

import ast
import re
from pathlib import Path

import pytest

from sandbox.__main__ import PROJECT
from tests.components.alerting.evaluator import parse_alarm
from tests.components.alerting.test_alarms import STACKS, notifying_alarms

pytestmark = pytest.mark.places
RUNBOOKS = PROJECT / "docs" / "runbooks"


@pytest.mark.parametrize("stack", STACKS)
def test_every_alarm_has_a_runbook(stack: str) -> None:
    missing = set[str]()
    for alarm in notifying_alarms(stack):
        page = re.search(r"/([a-z0-9-]+\.md)$", str(alarm["alarmDescription"]), re.MULTILINE)
        assert page, alarm["name"]
        missing |= set() if (RUNBOOKS / page[1]).is_file() else {f"docs/runbooks/{page[1]}"}
    assert not missing


@pytest.mark.parametrize("stack", STACKS)
def test_every_alarm_has_a_test_of_when_it_fires(stack: str) -> None:
    """The tests name the metrics whose samples they feed; a metric that none names has no such test."""
    others = set(Path(__file__).parent.glob("test_*.py")) - {Path(__file__)}
    named = {
        node.value
        for file in others
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
    }
    missing = {
        f"{str(inputs['name']).removeprefix(f'taskflow-{stack}-')}: {metric.name}"
        for inputs in notifying_alarms(stack)
        for metric in parse_alarm(inputs).metrics.values()
        if metric.name not in named
    }
    assert not missing, "no test in tests/components/alerting feeds their metrics"
