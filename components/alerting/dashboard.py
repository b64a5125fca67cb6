"""MetricsDashboard: the document's dashboard: the alarms on top, and below them four panels of three metrics each.

Section: Monitoring & Alerting, Key Metrics. Each metric is a number under the document's own name; each panel has a
graph with the alerts' thresholds in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pulumi
import pulumi_aws as aws

from components.data.postgres import PostgresOutputs
from components.ingress.load_balancer import LoadBalancerOutputs
from components.service.service import ServiceOutputs
from components.shared.environment import Environment
from components.shared.metrics import BALANCER, Dimensions, Metric, apdex, error_rate, request_metrics, uptime
from settings.dashboard import Dashboard

Widget: TypeAlias = Mapping[str, object]

MINUTE, FIVE_MINUTES, DAY = 60, 300, 86_400

# CloudWatch's grid is 24 wide: two panels beside each other, each with three numbers.
PANEL, NUMBER = 12, 4
ALARMS_HEIGHT, TITLE_HEIGHT, NUMBER_HEIGHT, GRAPH_HEIGHT = 4, 1, 3, 6
PANEL_HEIGHT = TITLE_HEIGHT + NUMBER_HEIGHT + GRAPH_HEIGHT


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The alerts' thresholds, as lines in the graphs: percent, milliseconds, connections."""

    error_rate: float
    p95_latency: int
    cpu: int
    memory: int
    connections: int


@dataclass(frozen=True, kw_only=True)
class _Number:
    """One of the twelve: its name, what it shows, and over which time it counts (an ISO 8601 period)."""

    name: str
    metrics: Sequence[Metric]
    period: int = MINUTE
    since: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Panel:
    """Three numbers, those of them that are drawn over time, and the thresholds by their names."""

    title: str
    unit: str
    numbers: Sequence[_Number]
    drawn: Sequence[str]
    thresholds: Mapping[str, float]
    right: Mapping[str, float] | None = None


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
        limits: Limits,
        alarm_arns: Sequence[pulumi.Output[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:alerting:MetricsDashboard", name, None, opts)
        self._environment = environment
        self._settings = settings
        self._limits = limits
        self._balancer = {"LoadBalancer": load_balancer.suffix}
        self._targets = {**self._balancer, "TargetGroup": load_balancer.target_group_suffix}
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
        own = {"Environment": self._environment.stack}
        users = Metric(id="users", namespace=settings.namespace, name=settings.metric, where=own, stat="Maximum")
        requests = _balancer_metric("requests", "RequestCount", self._balancer, "Sum")
        return _Panel(
            title="Traffic",
            unit="",
            numbers=(
                _Number(
                    name="Requests/sec", metrics=[*requests.hidden(), Metric.of("rate", "requests / PERIOD(requests)")]
                ),
                _Number(name="Active Users", metrics=[users], period=FIVE_MINUTES),
                # The day is UTC's.
                _Number(name="Peak Today", metrics=[users], period=DAY, since="-PT24H"),
            ),
            drawn=("Requests/sec", "Active Users"),
            thresholds={},
        )

    def _performance(self) -> _Panel:
        numbers = [
            _Number(
                name=f"P{share} Latency",
                metrics=[
                    *_balancer_metric(f"p{share}", "TargetResponseTime", self._targets, f"p{share}").hidden(),
                    # CloudWatch counts seconds.
                    Metric.of(f"ms{share}", f"p{share} * 1000"),
                ],
            )
            for share in (50, 95, 99)
        ]
        return _Panel(
            title="Performance",
            unit="ms",
            numbers=numbers,
            drawn=tuple(number.name for number in numbers),
            thresholds={"P95 Latency": self._limits.p95_latency},
        )

    def _reliability(self) -> _Panel:
        settings = self._settings
        counts = [
            Metric(id=id_, namespace=namespace, name=name, where=dimensions, stat=stat)
            for id_, (namespace, name, dimensions, stat) in request_metrics(self._balancer, self._targets).items()
        ]
        healthy = _balancer_metric("healthy", "HealthyHostCount", self._targets, "Minimum")
        seconds = settings.apdex_target / 1000
        ranks = [
            _balancer_metric("satisfied", "TargetResponseTime", self._targets, f"PR(:{seconds:g})"),
            _balancer_metric("bearable", "TargetResponseTime", self._targets, f"PR(:{4 * seconds:g})"),
        ]
        return _Panel(
            title="Reliability",
            unit="%",
            numbers=(
                _Number(name="Error Rate", metrics=[*_hidden(counts), Metric.of("errors", error_rate())]),
                _Number(
                    name="Uptime",
                    metrics=[*_hidden([*counts, healthy]), Metric.of("uptime", uptime(self._limits.error_rate))],
                    period=FIVE_MINUTES,
                    since=f"-P{settings.uptime_days}D",
                ),
                _Number(name="Apdex", metrics=[*_hidden(ranks), Metric.of("apdex", apdex())], period=FIVE_MINUTES),
            ),
            drawn=("Error Rate",),
            thresholds={"Error Rate": self._limits.error_rate},
        )

    def _resources(self) -> _Panel:
        def of_service(id_: str, name: str) -> Metric:
            return Metric(id=id_, namespace="AWS/ECS", name=name, where=self._service, stat="Average")

        connections = Metric(
            id="connections", namespace="AWS/RDS", name="DatabaseConnections", where=self._database, stat="Average"
        )
        return _Panel(
            title="Resources",
            unit="%",
            numbers=(
                _Number(name="CPU", metrics=[of_service("cpu", "CPUUtilization")]),
                _Number(name="Memory", metrics=[of_service("memory", "MemoryUtilization")]),
                _Number(name="DB Connections", metrics=[connections]),
            ),
            drawn=("CPU", "Memory", "DB Connections"),
            thresholds={"CPU": self._limits.cpu, "Memory": self._limits.memory},
            right={"DB Connections": self._limits.connections},
        )

    def _widgets(self, panel: _Panel, x: int, y: int) -> list[Widget]:
        """Lay a panel out: its title, its numbers beside each other, and its graph below."""
        widgets: list[Widget] = [
            {
                "type": "text", "x": x, "y": y, "width": PANEL, "height": TITLE_HEIGHT,
                "properties": {"markdown": f"## {panel.title}", "background": "transparent"},
            }
        ]  # fmt: skip
        for index, number in enumerate(panel.numbers):
            place = {"x": x + NUMBER * index, "y": y + TITLE_HEIGHT, "width": NUMBER, "height": NUMBER_HEIGHT}
            time = {"start": number.since, "end": "P0D"} if number.since else {}
            shown: dict[str, object] = {
                "title": number.name, "view": "singleValue", "region": self._environment.region,
                "period": number.period, "metrics": [m.entry(label=number.name) for m in number.metrics],
                **time,
            }  # fmt: skip
            widgets.append({"type": "metric", **place, "properties": shown})
        return [*widgets, self._graph(panel, x, y + TITLE_HEIGHT + NUMBER_HEIGHT)]

    def _graph(self, panel: _Panel, x: int, y: int) -> Widget:
        on_the_right = panel.right or {}
        entries: list[object] = []
        for number in (n for n in panel.numbers if n.name in panel.drawn):
            side = {"yAxis": "right"} if number.name in on_the_right else {}
            entries += [m.entry(label=number.name, period=number.period, **side) for m in number.metrics]
        lines = [{"label": f"{name}: alert", "value": value} for name, value in panel.thresholds.items()]
        lines += [{"label": f"{n}: alert", "value": value, "yAxis": "right"} for n, value in on_the_right.items()]
        left: dict[str, object] = {"min": 0, **({"label": panel.unit, "showUnits": False} if panel.unit else {})}
        axes: dict[str, object] = {"left": left}
        if on_the_right:
            axes["right"] = {"min": 0, "label": "connections", "showUnits": False}
        drawn: dict[str, object] = {
            "title": panel.title, "view": "timeSeries", "region": self._environment.region, "period": MINUTE,
            "metrics": entries, "yAxis": axes, **({"annotations": {"horizontal": lines}} if lines else {}),
        }  # fmt: skip
        return {"type": "metric", "x": x, "y": y, "width": PANEL, "height": GRAPH_HEIGHT, "properties": drawn}


def _alarms(arns: Sequence[pulumi.Output[str]]) -> Widget:
    return {
        "type": "alarm", "x": 0, "y": 0, "width": 2 * PANEL, "height": ALARMS_HEIGHT,
        # Those that need somebody come first.
        "properties": {"title": "Alerts", "alarms": list(arns), "sortBy": "stateUpdatedTimestamp"},
    }  # fmt: skip


def _balancer_metric(id_: str, name: str, where: Dimensions, stat: str) -> Metric:
    return Metric(id=id_, namespace=BALANCER, name=name, where=where, stat=stat)


def _hidden(metrics: Sequence[Metric]) -> list[Metric]:
    return [hidden for metric in metrics for hidden in metric.hidden()]
