"""CloudWatch's metrics as dashboards write them, and the document's figures that are shares of others.

Section: Key Metrics. The expressions are CloudWatch's metric math over the ids `requests`, `unrouted`, `targets`,
`balancer`, `healthy`, `satisfied` and `bearable`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self, TypeAlias

import pulumi
import pulumi_aws as aws

Dimensions: TypeAlias = Mapping[str, pulumi.Input[str]]
# By ids: namespace, name, dimensions and statistic.
Measures: TypeAlias = Mapping[str, tuple[str, str, Dimensions, str]]

BALANCER = "AWS/ApplicationELB"
MINUTE = 60


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One line of a widget: a metric with its dimensions and statistic, or an `expression` over others by their ids."""

    id: str
    namespace: str = ""
    name: str = ""
    where: Dimensions = field(default_factory=dict[str, pulumi.Input[str]])
    stat: str = ""
    expression: str = ""
    visible: bool = True

    @classmethod
    def of(cls, id_: str, expression: str) -> Self:
        """Give an expression over metrics of the same widget."""
        return cls(id=id_, expression=expression)

    def hidden(self) -> "list[Metric]":
        """Give it as something that only an expression uses."""
        return [replace(self, visible=False)]

    def entry(self, *, label: str, period: int | None = None, **more: str) -> list[object]:
        """Give it as CloudWatch's dashboards write it: names and values in a row, the rest as an object behind them."""
        told: dict[str, object] = {"id": self.id, **more}
        if self.visible:
            told["label"] = label
        else:
            told["visible"] = False
        if period:
            told["period"] = period
        if self.expression:
            return [{**told, "expression": self.expression}]
        dimensions = [part for pair in self.where.items() for part in pair]
        return [self.namespace, self.name, *dimensions, {**told, "stat": self.stat}]


# RequestCount leaves out the requests for which no target could be chosen, which the load balancer answers with 503.
ALL_REQUESTS = "(FILL(requests, 0) + FILL(unrouted, 0))"
FAILED_REQUESTS = "(FILL(targets, 0) + FILL(balancer, 0))"


def request_metrics(load_balancer: Dimensions, targets: Dimensions) -> Measures:
    """Return what `error_rate` counts, by the ids in its expression."""
    return {
        id_: (BALANCER, name, dimensions, "Sum")
        for id_, name, dimensions in (
            ("requests", "RequestCount", targets),
            ("unrouted", "HTTPCode_ELB_503_Count", load_balancer),
            ("targets", "HTTPCode_Target_5XX_Count", targets),
            ("balancer", "HTTPCode_ELB_5XX_Count", load_balancer),
        )
    }


def queries(
    expression: str, label: str, measures: Measures, *, id_: str = "result"
) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    """Return an alarm's queries: an expression over measures of each minute."""
    query = aws.cloudwatch.MetricAlarmMetricQueryArgs
    return [
        query(id=id_, expression=expression, label=label, return_data=True),
        *(
            query(
                id=measure,
                return_data=False,
                metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                    namespace=namespace, metric_name=name, dimensions=dimensions, stat=statistic, period=MINUTE
                ),
            )
            for measure, (namespace, name, dimensions, statistic) in measures.items()
        ),
    ]


def error_rate() -> str:
    """Return the share of requests that the tasks, or the load balancer for them, answer with 5xx, in percent."""
    return f"100 * {FAILED_REQUESTS} / {ALL_REQUESTS}"


def uptime(most_errors: float) -> str:
    """Give the share of the time with a healthy task and an error rate of `most_errors` percent at most, in percent.

    Where nobody asked, there was no error. Counted by five minutes: a minute's figures are kept for 15 days only.
    """
    within = f"100 * {FAILED_REQUESTS} <= {most_errors:g} * {ALL_REQUESTS}"
    return f"TIME_SERIES(100 * AVG(IF(FILL(healthy, 0) >= 1 AND {within}, 1, 0)))"


def apdex() -> str:
    """Give the Apdex: satisfied answers count whole, bearable ones half. PR gives shares of 100."""
    return "(satisfied + bearable) / 200"
