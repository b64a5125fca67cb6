"""The dashboard's shares, as planned, against values that were counted by hand."""

import json
from collections.abc import Mapping, Sequence
from typing import cast

import pytest

from tests.components.alerting.expressions import Series, calculated
from tests.components.recorded import recorded
from tests.settings.support import as_data, changed

Json = Mapping[str, object]
NONE: Series = (None,) * 10


@pytest.fixture(scope="module")
def widgets() -> Sequence[Json]:
    (body,) = (
        inputs["dashboardBody"]
        for (type_, _), inputs in recorded(changed(as_data("production"), {}), stack="production").items()
        if type_ == "aws:cloudwatch/dashboard:Dashboard"
    )
    return cast("Sequence[Json]", json.loads(str(body))["widgets"])


def number(widgets: Sequence[Json], name: str, **values: Series) -> Series:
    """What a number of the dashboard shows for these figures, by the ids of its metrics."""
    (shown,) = (
        cast("Json", widget["properties"])
        for widget in widgets
        if cast("Json", widget["properties"]).get("title") == name
        and cast("Json", widget["properties"]).get("view") == "singleValue"
    )
    entries = [cast("Json", entry[-1]) for entry in cast("Sequence[Sequence[object]]", shown["metrics"])]
    assert {str(entry["id"]) for entry in entries if "expression" not in entry} == values.keys()
    (expression,) = (str(entry["expression"]) for entry in entries if "expression" in entry)
    return calculated(expression, values)


@pytest.mark.parametrize(
    ("satisfied", "bearable", "apdex"),
    # Of 100 answers: within half a second, within two; satisfied ones count whole, bearable ones half.
    [(100, 100, 1.0), (90, 100, 0.95), (0, 100, 0.5), (60, 80, 0.7), (0, 0, 0.0)],
)
def test_apdex(widgets: Sequence[Json], satisfied: float, bearable: float, apdex: float) -> None:
    assert number(widgets, "Apdex", satisfied=(satisfied,), bearable=(bearable,)) == (pytest.approx(apdex),)


def test_error_rate_counts_the_tasks_and_the_load_balancers_errors(widgets: Sequence[Json]) -> None:
    rate = number(
        widgets, "Error Rate",
        requests=(1000, 500, 200), unrouted=NONE[:3], targets=(5, None, 2), balancer=(None, None, 8),
    )  # fmt: skip
    assert rate == (0.5, 0.0, 5.0)


def test_error_rate_counts_requests_for_which_there_was_no_task(widgets: Sequence[Json]) -> None:
    """CloudWatch's RequestCount leaves them out; without any task nothing else is measured."""
    unrouted: Series = (None, 100, 300)
    rate = number(
        widgets, "Error Rate",
        requests=(None, 300, None), unrouted=unrouted, targets=NONE[:3], balancer=unrouted,
    )  # fmt: skip
    assert rate == (None, 25.0, 100.0)


def uptime(widgets: Sequence[Json], **values: Series) -> float | None:
    steady: dict[str, Series] = {
        "requests": (1000,) * 10, "unrouted": NONE, "targets": NONE, "balancer": NONE, "healthy": (4,) * 10
    }  # fmt: skip
    shown = number(widgets, "Uptime", **{**steady, **values})
    assert len(set(shown)) == 1, "one number for the whole time"
    return shown[0]


def test_uptime_of_a_good_time_is_whole(widgets: Sequence[Json]) -> None:
    assert uptime(widgets) == 100


def test_uptime_counts_slots_without_a_healthy_task_as_down(widgets: Sequence[Json]) -> None:
    """Also where nothing was reported at all."""
    assert uptime(widgets, healthy=(4, 0, 4, 4, None, 4, 4, 4, 4, 4)) == 80


def test_uptime_counts_slots_with_too_many_errors_as_down(widgets: Sequence[Json]) -> None:
    """1 % is within, 1.1 % isn't; the tasks' errors and the load balancer's count together."""
    targets: Series = (10, 11, None, 6, None, None, None, None, None, None)
    balancer: Series = (None, None, 10, 6, None, None, None, None, None, None)
    assert uptime(widgets, targets=targets, balancer=balancer) == 80


def test_uptime_counts_a_slot_without_requests_as_up(widgets: Sequence[Json]) -> None:
    assert uptime(widgets, requests=(1000, None, *(1000,) * 8)) == 100
