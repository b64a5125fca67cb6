"""What alerting costs: alarms, the dashboard, and notifications."""

from collections.abc import Iterator, Mapping
from typing import cast

from reports.cost.lines import Line, Pricer, Stack, UnpricedError, each, members, text
from reports.cost.traffic import millions
from reports.states import Recorded

# Seconds; alarms with shorter periods are of high resolution.
STANDARD_PERIOD = 60


def _topic(_topic_resource: Recorded, stack: Stack) -> Iterator[Line]:
    alerts = stack.usage.alerts
    yield Line(price="sns.publish", quantity=millions(alerts), what="messages", how=f"{alerts:g} messages")


def _subscription(subscription: Recorded, stack: Stack) -> Iterator[Line]:
    protocol = text(subscription, "protocol")
    if protocol != "https":
        raise UnpricedError(
            f"subscriptions by {protocol} have no price: add it to reports/cost/prices.yaml and alerting.py"
        )
    alerts = stack.usage.alerts
    yield Line(price="sns.https", quantity=millions(alerts), what="notifications", how=f"{alerts:g} notifications")


def _alarm(alarm: Recorded, _stack: Stack) -> Iterator[Line]:
    queries = members(alarm, "metricQueries")
    metrics = [cast("Mapping[str, object]", query["metric"]) for query in queries if "metric" in query]
    periods = [metric.get("period", STANDARD_PERIOD) for metric in metrics] or [
        alarm.inputs.get("period", STANDARD_PERIOD)
    ]
    price = (
        "cloudwatch.alarm"
        if all(float(str(period)) >= STANDARD_PERIOD for period in periods)
        else "cloudwatch.alarm-high-resolution"
    )
    yield each(price, len(periods), "alarms", f"{len(periods)} metrics" if len(periods) > 1 else "1 metric")


def _composite(_alarm_resource: Recorded, _stack: Stack) -> Iterator[Line]:
    yield each("cloudwatch.alarm-composite", 1, "composite alarms")


def _dashboard(_dashboard_resource: Recorded, _stack: Stack) -> Iterator[Line]:
    yield each("cloudwatch.dashboard", 1, "dashboard")


PRICED: Mapping[str, Pricer] = {
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _composite,
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
}
