"""The dashboard shows what the planned resources really measure, under the document's own names."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import pytest

from sandbox.__main__ import STACKS
from sandbox.values import Value
from tests.engine.both import Both

pytestmark = pytest.mark.xdist_group("both-stacks")

Json = Mapping[str, object]

# Key Metrics: the panels, and the figures in each.
PANELS = {
    "Traffic": ["Requests/sec", "Active Users", "Peak Today"],
    "Performance": ["P50 Latency", "P95 Latency", "P99 Latency"],
    "Reliability": ["Error Rate", "Uptime", "Apdex"],
    "Resources": ["CPU", "Memory", "DB Connections"],
}
# The alerts' thresholds: Alert Configuration, and 80 % of the database's 800 connections.
LINES = {"P95 Latency": 500, "Error Rate": 1, "CPU": 85, "Memory": 90, "DB Connections": 640}


def widgets(both: Both, stack: str) -> Sequence[Json]:
    (dashboard,) = (r for r in both[stack].resources if r["type"] == "aws:cloudwatch/dashboard:Dashboard")
    inputs = cast("Mapping[str, str]", dashboard["inputs"])
    assert inputs["dashboardName"] == f"taskflow-{stack}"
    return cast("Sequence[Json]", json.loads(inputs["dashboardBody"])["widgets"])


def shown(widget: Json) -> Json:
    return cast("Json", widget["properties"])


def outputs(both: Both, stack: str, type_: str) -> Iterator[Mapping[str, Value]]:
    for resource in both[stack].resources:
        if resource["type"] == type_:
            yield cast("Mapping[str, Value]", resource["outputs"])


@pytest.mark.parametrize("stack", STACKS)
def test_four_panels_hold_the_twelve_figures_by_their_names(both: Both, stack: str) -> None:
    """Below each panel's title, side by side, and nothing on top of anything else."""
    placed = widgets(both, stack)
    for title, names in PANELS.items():
        (head,) = (w for w in placed if w["type"] == "text" and shown(w)["markdown"] == f"## {title}")
        left, top, wide = (cast("int", head[key]) for key in ("x", "y", "width"))
        below = [w for w in placed if w["y"] == top + 1 and left <= cast("int", w["x"]) < left + wide]
        assert [shown(w)["title"] for w in sorted(below, key=lambda w: cast("int", w["x"]))] == names
    cells = [
        (x, y)
        for w in placed
        for x in range(cast("int", w["x"]), cast("int", w["x"]) + cast("int", w["width"]))
        for y in range(cast("int", w["y"]), cast("int", w["y"]) + cast("int", w["height"]))
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24, "CloudWatch's grid has 24 columns"


@pytest.mark.parametrize("stack", STACKS)
def test_every_metric_exists_under_its_name_and_dimensions(both: Both, stack: str) -> None:
    """As the resources of the same state have them: another's suffix or name would show an empty graph."""
    (balancer,) = outputs(both, stack, "aws:lb/loadBalancer:LoadBalancer")
    (targets,) = outputs(both, stack, "aws:lb/targetGroup:TargetGroup")
    (service,) = outputs(both, stack, "aws:ecs/service:Service")
    (cluster,) = outputs(both, stack, "aws:ecs/cluster:Cluster")
    in_balancer = {"LoadBalancer": str(balancer["arnSuffix"])}
    in_targets = {**in_balancer, "TargetGroup": str(targets["arnSuffix"])}
    in_service = {"ClusterName": str(cluster["name"]), "ServiceName": str(service["name"])}
    in_database = {"DBInstanceIdentifier": f"taskflow-{stack}"}
    assert f"taskflow-{stack}" in {
        str(each["identifier"]) for each in outputs(both, stack, "aws:rds/instance:Instance")
    }
    elb = "AWS/ApplicationELB"
    allowed = [
        *((elb, name, where) for name in ("RequestCount",) for where in (in_balancer, in_targets)),
        (elb, "HTTPCode_ELB_503_Count", in_balancer),
        (elb, "HTTPCode_ELB_5XX_Count", in_balancer),
        *((elb, name, in_targets) for name in ("TargetResponseTime", "HTTPCode_Target_5XX_Count", "HealthyHostCount")),
        *(("AWS/ECS", name, in_service) for name in ("CPUUtilization", "MemoryUtilization")),
        ("AWS/RDS", "DatabaseConnections", in_database),
        # The application's own: docs/application-metrics.md.
        ("TaskFlow", "ActiveUsers", {"Environment": stack}),
    ]
    used: list[tuple[str, str, dict[str, str]]] = []
    for widget in widgets(both, stack):
        for entry in cast("Sequence[Sequence[str]]", shown(widget).get("metrics") or ()):
            if len(entry) > 1:
                namespace, name, *dimensions = entry[:-1]
                used.append((namespace, name, dict(zip(dimensions[::2], dimensions[1::2], strict=True))))
    assert [each for each in used if each not in allowed] == []
    assert [each for each in allowed if each not in used] == []


@pytest.mark.parametrize("stack", STACKS)
def test_the_thresholds_are_drawn_where_the_figures_are(both: Both, stack: str) -> None:
    drawn: dict[str, float] = {}
    for widget in widgets(both, stack):
        lines = cast("Mapping[str, Sequence[Json]]", shown(widget).get("annotations") or {}).get("horizontal", ())
        labels = {
            cast("Json", entry[-1]).get("label")
            for entry in cast("Sequence[Sequence[object]]", shown(widget).get("metrics") or ())
        }
        for line in lines:
            name = str(line["label"]).removesuffix(": alert")
            assert name in labels, "a threshold stands in the graph of its own figure"
            drawn[name] = cast("float", line["value"])
    assert drawn == LINES


@pytest.mark.parametrize("stack", STACKS)
def test_every_alert_is_on_top(both: Both, stack: str) -> None:
    """Every alarm that tells somebody, the composite ones too; a deployment's own tell nobody."""
    (alarms,) = (w for w in widgets(both, stack) if w["type"] == "alarm")
    assert alarms["y"] == 0
    telling = {
        str(each["arn"])
        for type_ in ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm")
        for each in outputs(both, stack, type_)
        if each.get("alarmActions")
    }
    assert telling
    assert telling <= set(cast("Sequence[str]", shown(alarms)["alarms"]))
    assert len(cast("Sequence[str]", shown(alarms)["alarms"])) <= 100, "CloudWatch takes a hundred in one widget"
