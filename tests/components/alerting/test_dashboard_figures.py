"""The dashboard's calculated metrics, as planned, against values calculated by hand."""

import json
from collections.abc import Mapping, Sequence
from typing import cast

import pytest

from tests.components.alerting.expressions import Series, evaluate_expression
from tests.components.recorded import record_resources
from tests.settings.support import as_data, changed

Json = Mapping[str, object]
NONE: Series = (None,) * 10


@pytest.fixture(scope="module")
def widgets() -> Sequence[Json]:
    (body,) = (
        inputs["dashboardBody"]
        for (type_, _), inputs in record_resources(changed(as_data("production"), {}), stack="production").items()
        if type_ == "aws:cloudwatch/dashboard:Dashboard"
    )
    return cast("Sequence[Json]", json.loads(str(body))["widgets"])


def number(widgets: Sequence[Json], name: str, **values: Series) -> Series:
    """Return what a number widget shows for these values, by the ids of its metrics."""
    (properties,) = (
        cast("Json", widget["properties"])
        for widget in widgets
        if cast("Json", widget["properties"]).get("title") == name
        and cast("Json", widget["properties"]).get("view") == "singleValue"
    )
    entries = [cast("Json", entry[-1]) for entry in cast("Sequence[Sequence[object]]", properties["metrics"])]
    assert {str(entry["id"]) for entry in entries if "expression" not in entry} == values.keys()
    (expression,) = (str(entry["expression"]) for entry in entries if "expression" in entry)
    return evaluate_expression(expression, values)


@pytest.mark.parametrize(
    ("satisfied", "bearable", "apdex"),
    # Percent of responses within 0.5 s, and within 2 s: satisfied ones count 1, tolerated ones 0.5.
    [(100, 100, 1.0), (90, 100, 0.95), (0, 100, 0.5), (60, 80, 0.7), (0, 0, 0.0)],
)
def test_apdex(widgets: Sequence[Json], satisfied: float, bearable: float, apdex: float) -> None:
    assert number(widgets, "Apdex", satisfied=(satisfied,), bearable=(bearable,)) == (pytest.approx(apdex),)


def test_error_rate_counts_errors_of_tasks_and_load_balancer(widgets: Sequence[Json]) -> None:
    rate = number(
        widgets, "Error Rate",
        requests=(1000, 500, 200), unrouted=NONE[:3], targets=(5, None, 2), balancer=(None, None, 8),
    )  # fmt: skip
    assert rate == (0.5, 0.0, 5.0)


def test_error_rate_counts_requests_without_a_task(widgets: Sequence[Json]) -> None:
    """RequestCount excludes them; without any task CloudWatch reports nothing else."""
    unrouted: Series = (None, 100, 300)
    rate = number(
        widgets, "Error Rate",
        requests=(None, 300, None), unrouted=unrouted, targets=NONE[:3], balancer=unrouted,
    )  # fmt: skip
    assert rate == (None, 25.0, 100.0)


def uptime(widgets: Sequence[Json], **values: Series) -> float | None:
    healthy_service: dict[str, Series] = {
        "requests": (1000,) * 10, "unrouted": NONE, "targets": NONE, "balancer": NONE, "healthy": (4,) * 10
    }  # fmt: skip
    series = number(widgets, "Uptime", **{**healthy_service, **values})
    assert len(set(series)) == 1, "one number for the whole range"
    return series[0]


def test_uptime_without_problems_is_100(widgets: Sequence[Json]) -> None:
    assert uptime(widgets) == 100


def test_periods_without_a_healthy_task_are_down(widgets: Sequence[Json]) -> None:
    """Periods without data too."""
    assert uptime(widgets, healthy=(4, 0, 4, 4, None, 4, 4, 4, 4, 4)) == 80


def test_periods_with_too_many_errors_are_down(widgets: Sequence[Json]) -> None:
    """1 % is allowed, 1.1 % isn't; errors of tasks and load balancer are added."""
    targets: Series = (10, 11, None, 6, None, None, None, None, None, None)
    balancer: Series = (None, None, 10, 6, None, None, None, None, None, None)
    assert uptime(widgets, targets=targets, balancer=balancer) == 80


def test_periods_without_requests_are_up(widgets: Sequence[Json]) -> None:
    assert uptime(widgets, requests=(1000, None, *(1000,) * 8)) == 100
