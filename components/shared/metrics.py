"""CloudWatch metrics of dashboard widgets, and the metric math of error rate, uptime and Apdex.

Section: Key Metrics. The expressions use the metric ids `requests`, `unrouted`, `targets`, `balancer`, `healthy`,
`satisfied` and `bearable`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self, TypeAlias

import pulumi
import pulumi_aws as aws

Dimensions: TypeAlias = Mapping[str, pulumi.Input[str]]
# By metric id: namespace, name, dimensions and statistic.
SourceMetrics: TypeAlias = Mapping[str, tuple[str, str, Dimensions, str]]

ALB_NAMESPACE = "AWS/ApplicationELB"
MINUTE = 60


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One line of a widget: a metric with its dimensions and statistic, or an `expression` over the ids of others."""

    id: str
    namespace: str = ""
    name: str = ""
    dimensions: Dimensions = field(default_factory=dict[str, pulumi.Input[str]])
    stat: str = ""
    expression: str = ""
    visible: bool = True

    @classmethod
    def math(cls, id_: str, expression: str) -> Self:
        """Return an expression over metrics of the same widget."""
        return cls(id=id_, expression=expression)

    def hidden(self) -> "list[Metric]":
        """Return the metric as the hidden input of an expression."""
        return [replace(self, visible=False)]

    def entry(self, *, label: str, period: int | None = None, **more: str) -> list[object]:
        """Return the line in dashboard syntax: names and values in a list, followed by an object with the options."""
        options: dict[str, object] = {"id": self.id, **more}
        if self.visible:
            options["label"] = label
        else:
            options["visible"] = False
        if period:
            options["period"] = period
        if self.expression:
            return [{**options, "expression": self.expression}]
        pairs = [part for pair in self.dimensions.items() for part in pair]
        return [self.namespace, self.name, *pairs, {**options, "stat": self.stat}]


# RequestCount excludes requests without a target: the load balancer answers those with 503.
ALL_REQUESTS = "(FILL(requests, 0) + FILL(unrouted, 0))"
# CloudWatch publishes 5xx counts only where there are some.
FAILED_REQUESTS = "(FILL(targets, 0) + FILL(balancer, 0))"


def request_metrics(load_balancer: Dimensions, targets: Dimensions) -> SourceMetrics:
    """Return the metrics of `error_rate_expression`, by the ids in it."""
    return {
        id_: (ALB_NAMESPACE, name, dimensions, "Sum")
        for id_, name, dimensions in (
            ("requests", "RequestCount", targets),
            ("unrouted", "HTTPCode_ELB_503_Count", load_balancer),
            ("targets", "HTTPCode_Target_5XX_Count", targets),
            ("balancer", "HTTPCode_ELB_5XX_Count", load_balancer),
        )
    }


def metric_queries(
    expression: str, label: str, metrics: SourceMetrics, *, id_: str = "result"
) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    """Return the queries of an alarm: an expression over metrics of one-minute periods."""
    query = aws.cloudwatch.MetricAlarmMetricQueryArgs
    return [
        query(id=id_, expression=expression, label=label, return_data=True),
        *(
            query(
                id=metric_id,
                return_data=False,
                metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                    namespace=namespace, metric_name=name, dimensions=dimensions, stat=statistic, period=MINUTE
                ),
            )
            for metric_id, (namespace, name, dimensions, statistic) in metrics.items()
        ),
    ]


def error_rate_expression() -> str:
    """Return the share of requests that tasks or load balancer answer with 5xx, in percent."""
    return f"100 * {FAILED_REQUESTS} / {ALL_REQUESTS}"


def error_rate_queries(
    targets: Dimensions, *, min_requests: int = 0, id_: str = "result"
) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    """Return the queries of an alarm on the error rate; below `min_requests` a minute it is 0.

    A minute without requests, or whose counts are late, has no value (0 / 0): a value of 0 would reset the alarm.
    """
    rate = error_rate_expression()
    if min_requests:
        rate = f"IF({ALL_REQUESTS} >= {min_requests}, {rate}, 0 * {ALL_REQUESTS} / {ALL_REQUESTS})"
    metrics = request_metrics({"LoadBalancer": targets["LoadBalancer"]}, targets)
    return metric_queries(rate, "Failing requests, %", metrics, id_=id_)


def uptime_expression(max_error_rate: float) -> str:
    """Return the share of time with a healthy task and an error rate of at most `max_error_rate` percent, in percent.

    Periods without requests have no errors. Periods are five minutes: one-minute metrics are kept for 15 days only.
    """
    within = f"100 * {FAILED_REQUESTS} <= {max_error_rate:g} * {ALL_REQUESTS}"
    return f"TIME_SERIES(100 * AVG(IF(FILL(healthy, 0) >= 1 AND {within}, 1, 0)))"


def apdex_expression() -> str:
    """Return the Apdex score: satisfied requests count 1, tolerated ones 0.5. PR returns percentages."""
    return "(satisfied + bearable) / 200"
