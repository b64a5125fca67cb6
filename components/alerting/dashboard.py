"""MetricsDashboard: the document's dashboard, with the alarms on top and four panels of three metrics below.

Section: Monitoring & Alerting, Key Metrics. Each metric is a number with the document's name; each panel has a graph
with the alerts' thresholds as lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self, TypeAlias

import pulumi
import pulumi_aws as aws

from components.data.postgres import PostgresOutputs
from components.ingress.load_balancer import LoadBalancerOutputs
from components.service.service import ServiceOutputs
from components.shared.environment import Environment
from components.shared.metrics import (
    ALB_NAMESPACE,
    MINUTE,
    Dimensions,
    Metric,
    apdex_expression,
    error_rate_expression,
    request_metrics,
    uptime_expression,
)
from settings.alerts import Alerts
from settings.dashboard import Dashboard

Widget: TypeAlias = Mapping[str, object]

FIVE_MINUTES, DAY = 300, 86_400

# CloudWatch's grid has 24 columns: two panels side by side, each with three numbers.
PANEL, NUMBER = 12, 4
ALARMS_HEIGHT, TITLE_HEIGHT, NUMBER_HEIGHT, GRAPH_HEIGHT = 4, 1, 3, 6
PANEL_HEIGHT = TITLE_HEIGHT + NUMBER_HEIGHT + GRAPH_HEIGHT


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The alerts' thresholds: percent, milliseconds, and a number of connections."""

    error_rate: float
    p95_latency: int
    cpu: int
    memory: int
    connections: int

    @classmethod
    def of(cls, alerts: Alerts, *, max_connections: int) -> Self:
        """Return those of the settings; that of the connections is a share of the database's limit."""
        return cls(
            error_rate=alerts.error_rate.threshold,
            p95_latency=alerts.p95_latency.threshold,
            cpu=alerts.cpu_high.threshold,
            memory=alerts.memory_high.threshold,
            connections=max_connections * alerts.db_connections.threshold // 100,
        )


@dataclass(frozen=True, kw_only=True)
class _Number:
    """One of the twelve metrics; `start` is the beginning of its time range, as a negative ISO 8601 duration."""

    name: str
    metrics: Sequence[Metric]
    period: int = MINUTE
    start: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Panel:
    """Three numbers, the names of those in the graph, and the thresholds by name: on the left axis and on the right."""

    title: str
    unit: str
    numbers: Sequence[_Number]
    graphed: Sequence[str]
    left_thresholds: Mapping[str, float] = field(default_factory=dict[str, float])
    right_thresholds: Mapping[str, float] = field(default_factory=dict[str, float])


class MetricsDashboard(pulumi.ComponentResource):
    """The dashboard of one stack."""

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Dashboard,
        load_balancer: LoadBalancerOutputs,
        service: ServiceOutputs,
        database: PostgresOutputs,
        thresholds: Thresholds,
        alarm_arns: Sequence[pulumi.Output[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:alerting:MetricsDashboard", name, None, opts)
        self._environment = environment
        self._settings = settings
        self._thresholds = thresholds
        self._load_balancer = {"LoadBalancer": load_balancer.arn_suffix}
        self._targets = {**self._load_balancer, "TargetGroup": load_balancer.target_group_arn_suffix}
        self._service = {"ClusterName": service.cluster, "ServiceName": service.service}
        self._database = {"DBInstanceIdentifier": database.identifier}
        panels = (self._traffic(), self._performance(), self._reliability(), self._resources())
        widgets = [_alarms(alarm_arns)]
        for index, panel in enumerate(panels):
            x, y = PANEL * (index % 2), ALARMS_HEIGHT + PANEL_HEIGHT * (index // 2)
            widgets += self._widgets(panel, x, y)
        aws.cloudwatch.Dashboard(
            name,
            dashboard_name=settings.name,
            dashboard_body=pulumi.Output.json_dumps({"start": "-PT3H", "widgets": widgets}),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})

    def _traffic(self) -> _Panel:
        settings = self._settings.active_users
        dimensions = {"Environment": self._environment.stack}
        users = Metric(
            id="users", namespace=settings.namespace, name=settings.metric, dimensions=dimensions, stat="Maximum"
        )
        requests = _alb_metric("requests", "RequestCount", self._load_balancer, "Sum")
        return _Panel(
            title="Traffic",
            unit="",
            numbers=(
                _Number(
                    name="Requests/sec",
                    metrics=[*requests.hidden(), Metric.math("rate", "requests / PERIOD(requests)")],
                ),
                _Number(name="Active Users", metrics=[users], period=FIVE_MINUTES),
                # A period of a day is a day in UTC.
                _Number(name="Peak Today", metrics=[users], period=DAY, start="-PT24H"),
            ),
            graphed=("Requests/sec", "Active Users"),
        )

    def _performance(self) -> _Panel:
        numbers = [
            _Number(
                name=f"P{percentile} Latency",
                metrics=[
                    *_alb_metric(f"p{percentile}", "TargetResponseTime", self._targets, f"p{percentile}").hidden(),
                    # CloudWatch counts seconds.
                    Metric.math(f"ms{percentile}", f"p{percentile} * 1000"),
                ],
            )
            for percentile in (50, 95, 99)
        ]
        return _Panel(
            title="Performance",
            unit="ms",
            numbers=numbers,
            graphed=tuple(number.name for number in numbers),
            left_thresholds={"P95 Latency": self._thresholds.p95_latency},
        )

    def _reliability(self) -> _Panel:
        settings = self._settings
        counts = [
            Metric(id=id_, namespace=namespace, name=name, dimensions=dimensions, stat=stat)
            for id_, (namespace, name, dimensions, stat) in request_metrics(self._load_balancer, self._targets).items()
        ]
        healthy = _alb_metric("healthy", "HealthyHostCount", self._targets, "Minimum")
        seconds = settings.apdex_target / 1000
        percentile_ranks = [
            _alb_metric("satisfied", "TargetResponseTime", self._targets, f"PR(:{seconds:g})"),
            _alb_metric("bearable", "TargetResponseTime", self._targets, f"PR(:{4 * seconds:g})"),
        ]
        return _Panel(
            title="Reliability",
            unit="%",
            numbers=(
                _Number(name="Error Rate", metrics=[*_hidden(counts), Metric.math("errors", error_rate_expression())]),
                _Number(
                    name="Uptime",
                    metrics=[
                        *_hidden([*counts, healthy]),
                        Metric.math("uptime", uptime_expression(self._thresholds.error_rate)),
                    ],
                    period=FIVE_MINUTES,
                    start=f"-P{settings.uptime_days}D",
                ),
                _Number(
                    name="Apdex",
                    metrics=[*_hidden(percentile_ranks), Metric.math("apdex", apdex_expression())],
                    period=FIVE_MINUTES,
                ),
            ),
            graphed=("Error Rate",),
            left_thresholds={"Error Rate": self._thresholds.error_rate},
        )

    def _resources(self) -> _Panel:
        def service_metric(id_: str, name: str) -> Metric:
            return Metric(id=id_, namespace="AWS/ECS", name=name, dimensions=self._service, stat="Average")

        connections = Metric(
            id="connections", namespace="AWS/RDS", name="DatabaseConnections", dimensions=self._database, stat="Average"
        )
        return _Panel(
            title="Resources",
            unit="%",
            numbers=(
                _Number(name="CPU", metrics=[service_metric("cpu", "CPUUtilization")]),
                _Number(name="Memory", metrics=[service_metric("memory", "MemoryUtilization")]),
                _Number(name="DB Connections", metrics=[connections]),
            ),
            graphed=("CPU", "Memory", "DB Connections"),
            left_thresholds={"CPU": self._thresholds.cpu, "Memory": self._thresholds.memory},
            right_thresholds={"DB Connections": self._thresholds.connections},
        )

    def _widgets(self, panel: _Panel, x: int, y: int) -> list[Widget]:
        """Return a panel's widgets: title, three numbers side by side, and the graph below."""
        widgets: list[Widget] = [
            {
                "type": "text", "x": x, "y": y, "width": PANEL, "height": TITLE_HEIGHT,
                "properties": {"markdown": f"## {panel.title}", "background": "transparent"},
            }
        ]  # fmt: skip
        for index, number in enumerate(panel.numbers):
            position = {"x": x + NUMBER * index, "y": y + TITLE_HEIGHT, "width": NUMBER, "height": NUMBER_HEIGHT}
            time_range = {"start": number.start, "end": "P0D"} if number.start else {}
            properties: dict[str, object] = {
                "title": number.name, "view": "singleValue", "region": self._environment.region,
                "period": number.period, "metrics": [m.entry(label=number.name) for m in number.metrics],
                **time_range,
            }  # fmt: skip
            widgets.append({"type": "metric", **position, "properties": properties})
        return [*widgets, self._graph(panel, x, y + TITLE_HEIGHT + NUMBER_HEIGHT)]

    def _graph(self, panel: _Panel, x: int, y: int) -> Widget:
        entries: list[object] = []
        for number in (n for n in panel.numbers if n.name in panel.graphed):
            axis = {"yAxis": "right"} if number.name in panel.right_thresholds else {}
            entries += [m.entry(label=number.name, period=number.period, **axis) for m in number.metrics]
        left: dict[str, object] = {"min": 0, **({"label": panel.unit, "showUnits": False} if panel.unit else {})}
        axes: dict[str, object] = {"left": left}
        if panel.right_thresholds:
            axes["right"] = {"min": 0, "label": "connections", "showUnits": False}
        lines = [{"label": f"{name}: alert", "value": value} for name, value in panel.left_thresholds.items()]
        lines += [
            {"label": f"{name}: alert", "value": value, "yAxis": "right"}
            for name, value in panel.right_thresholds.items()
        ]
        properties: dict[str, object] = {
            "title": panel.title, "view": "timeSeries", "region": self._environment.region, "period": MINUTE,
            "metrics": entries, "yAxis": axes, **({"annotations": {"horizontal": lines}} if lines else {}),
        }  # fmt: skip
        return {"type": "metric", "x": x, "y": y, "width": PANEL, "height": GRAPH_HEIGHT, "properties": properties}


def _alarms(arns: Sequence[pulumi.Output[str]]) -> Widget:
    return {
        "type": "alarm", "x": 0, "y": 0, "width": 2 * PANEL, "height": ALARMS_HEIGHT,
        # By state, alarms in ALARM first.
        "properties": {"title": "Alerts", "alarms": list(arns), "sortBy": "stateUpdatedTimestamp"},
    }  # fmt: skip


def _alb_metric(id_: str, name: str, dimensions: Dimensions, stat: str) -> Metric:
    return Metric(id=id_, namespace=ALB_NAMESPACE, name=name, dimensions=dimensions, stat=stat)


def _hidden(metrics: Sequence[Metric]) -> list[Metric]:
    return [hidden for metric in metrics for hidden in metric.hidden()]
