"""The dashboard shows metrics of the planned resources, under the document's names."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import pytest

from sandbox.__main__ import STACKS
from sandbox.values import Value
from tests.engine.both import BothStacks

pytestmark = pytest.mark.xdist_group("both-stacks")

Json = Mapping[str, object]

# Key Metrics: the panels, and the metrics in each.
PANELS = {
    "Traffic": ["Requests/sec", "Active Users", "Peak Today"],
    "Performance": ["P50 Latency", "P95 Latency", "P99 Latency"],
    "Reliability": ["Error Rate", "Uptime", "Apdex"],
    "Resources": ["CPU", "Memory", "DB Connections"],
}
# Alert Configuration, and 80 % of the database's 800 connections.
THRESHOLDS = {"P95 Latency": 500, "Error Rate": 1, "CPU": 85, "Memory": 90, "DB Connections": 640}


def widgets(both: BothStacks, stack: str) -> Sequence[Json]:
    (dashboard,) = (r for r in both[stack].resources if r["type"] == "aws:cloudwatch/dashboard:Dashboard")
    inputs = cast("Mapping[str, str]", dashboard["inputs"])
    assert inputs["dashboardName"] == f"taskflow-{stack}"
    return cast("Sequence[Json]", json.loads(inputs["dashboardBody"])["widgets"])


def properties(widget: Json) -> Json:
    return cast("Json", widget["properties"])


def outputs(both: BothStacks, stack: str, type_: str) -> Iterator[Mapping[str, Value]]:
    for resource in both[stack].resources:
        if resource["type"] == type_:
            yield cast("Mapping[str, Value]", resource["outputs"])


@pytest.mark.parametrize("stack", STACKS)
def test_four_panels_show_the_twelve_metrics(both: BothStacks, stack: str) -> None:
    """Below each panel's title, side by side, without overlaps."""
    all_widgets = widgets(both, stack)
    for title, names in PANELS.items():
        (head,) = (w for w in all_widgets if w["type"] == "text" and properties(w)["markdown"] == f"## {title}")
        left, top, wide = (cast("int", head[key]) for key in ("x", "y", "width"))
        below = [w for w in all_widgets if w["y"] == top + 1 and left <= cast("int", w["x"]) < left + wide]
        assert [properties(w)["title"] for w in sorted(below, key=lambda w: cast("int", w["x"]))] == names
    cells = [
        (x, y)
        for w in all_widgets
        for x in range(cast("int", w["x"]), cast("int", w["x"]) + cast("int", w["width"]))
        for y in range(cast("int", w["y"]), cast("int", w["y"]) + cast("int", w["height"]))
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24, "CloudWatch's grid has 24 columns"


@pytest.mark.parametrize("stack", STACKS)
def test_every_metric_has_a_planned_resource(both: BothStacks, stack: str) -> None:
    """Names and dimensions are those of resources in the same state: others would show an empty graph."""
    (load_balancer,) = outputs(both, stack, "aws:lb/loadBalancer:LoadBalancer")
    (targets,) = outputs(both, stack, "aws:lb/targetGroup:TargetGroup")
    (service,) = outputs(both, stack, "aws:ecs/service:Service")
    (cluster,) = outputs(both, stack, "aws:ecs/cluster:Cluster")
    of_load_balancer = {"LoadBalancer": str(load_balancer["arnSuffix"])}
    of_targets = {**of_load_balancer, "TargetGroup": str(targets["arnSuffix"])}
    of_service = {"ClusterName": str(cluster["name"]), "ServiceName": str(service["name"])}
    of_database = {"DBInstanceIdentifier": f"taskflow-{stack}"}
    assert f"taskflow-{stack}" in {
        str(each["identifier"]) for each in outputs(both, stack, "aws:rds/instance:Instance")
    }
    elb = "AWS/ApplicationELB"
    allowed = [
        *((elb, name, dimensions) for name in ("RequestCount",) for dimensions in (of_load_balancer, of_targets)),
        (elb, "HTTPCode_ELB_503_Count", of_load_balancer),
        (elb, "HTTPCode_ELB_5XX_Count", of_load_balancer),
        *((elb, name, of_targets) for name in ("TargetResponseTime", "HTTPCode_Target_5XX_Count", "HealthyHostCount")),
        *(("AWS/ECS", name, of_service) for name in ("CPUUtilization", "MemoryUtilization")),
        ("AWS/RDS", "DatabaseConnections", of_database),
        # Written by the application: docs/application-metrics.md.
        ("TaskFlow", "ActiveUsers", {"Environment": stack}),
    ]
    used: list[tuple[str, str, dict[str, str]]] = []
    for widget in widgets(both, stack):
        for entry in cast("Sequence[Sequence[str]]", properties(widget).get("metrics") or ()):
            if len(entry) > 1:
                namespace, name, *dimensions = entry[:-1]
                used.append((namespace, name, dict(zip(dimensions[::2], dimensions[1::2], strict=True))))
    assert [each for each in used if each not in allowed] == []
    assert [each for each in allowed if each not in used] == []


@pytest.mark.parametrize("stack", STACKS)
def test_thresholds_are_in_the_graph_of_their_metric(both: BothStacks, stack: str) -> None:
    drawn: dict[str, float] = {}
    for widget in widgets(both, stack):
        lines = cast("Mapping[str, Sequence[Json]]", properties(widget).get("annotations") or {}).get("horizontal", ())
        labels = {
            cast("Json", entry[-1]).get("label")
            for entry in cast("Sequence[Sequence[object]]", properties(widget).get("metrics") or ())
        }
        for line in lines:
            name = str(line["label"]).removesuffix(": alert")
            assert name in labels, "the graph has no metric of this name"
            drawn[name] = cast("float", line["value"])
    assert drawn == THRESHOLDS


@pytest.mark.parametrize("stack", STACKS)
def test_every_alarm_is_on_top(both: BothStacks, stack: str) -> None:
    """Every alarm with actions, the composite ones too; deployment alarms have none."""
    (alarms,) = (w for w in widgets(both, stack) if w["type"] == "alarm")
    assert alarms["y"] == 0
    notifying = {
        str(each["arn"])
        for type_ in ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm")
        for each in outputs(both, stack, type_)
        if each.get("alarmActions")
    }
    assert notifying
    assert notifying <= set(cast("Sequence[str]", properties(alarms)["alarms"]))
    assert len(cast("Sequence[str]", properties(alarms)["alarms"])) <= 100, "CloudWatch's maximum of a widget"
