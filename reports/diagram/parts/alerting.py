"""Alarms, their topics, and who is notified."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from reports.diagram.model import Arrow, Box, Part, count, urns
from reports.diagram.reading import Stack, output, text, texts
from reports.states import Recorded

# What an endpoint's host name shows.
_SERVICES: Mapping[str, str] = {"events.pagerduty.com": "PagerDuty", "events.eu.pagerduty.com": "PagerDuty"}
# In the order of their severity, as people list them.
_SEVERITIES = ("critical", "high", "warning")


def alerting(stack: Stack) -> Part:
    """Return the way of an alarm to people."""
    topics = {
        output(topic, "arn"): stack.short(text(topic, "name")).removeprefix("alerts-")
        for topic in stack.of("sns/topic")
    }
    boxes = [*_alarms(stack), *_topics(stack, topics), *_pages(stack, topics), *_chats(stack, topics)]
    arrows = [Arrow(source="topics", target=id_) for id_ in ("pages", "chats")]
    if any(set(texts(alarm, "alarmActions")) & set(topics) for alarm in _every_alarm(stack)):
        arrows += [Arrow(source="alarms", target="topics")]
    return Part(boxes=boxes, arrows=arrows)


def _every_alarm(stack: Stack) -> Sequence[Recorded]:
    return stack.everywhere("cloudwatch/metricAlarm", "cloudwatch/compositeAlarm")


def _alarms(stack: Stack) -> Iterator[Box]:
    alarms, dashboards = _every_alarm(stack), stack.everywhere("cloudwatch/dashboard")
    rules = stack.of("cloudwatch/eventRule")
    if alarms:
        yield Box(
            id="alarms",
            icon="cloudwatch",
            title="CloudWatch",
            place="alerts",
            figures=[
                count(len(alarms), "alarm"),
                *([count(len(rules), "event rule")] if rules else []),
                *(["dashboard"] if dashboards else []),
            ],
            sources=urns(alarms, dashboards, rules, stack.of("cloudwatch/eventTarget")),
        )


def _topics(stack: Stack, topics: Mapping[str, str]) -> Iterator[Box]:
    if topics:
        yield Box(
            id="topics",
            icon="simple-notification-service",
            title="SNS topics",
            place="alerts",
            figures=_by_severity(topics.values()),
            sources=urns(stack.of("sns/topic")),
        )


def _by_severity(names: Iterable[str]) -> Sequence[str]:
    order = {name: index for index, name in enumerate(_SEVERITIES)}
    return sorted(names, key=lambda name: (order.get(name, len(order)), name))


def _pages(stack: Stack, topics: Mapping[str, str]) -> Iterator[Box]:
    """Yield who is paged; one box for all topics of one service."""
    subscriptions = stack.of("sns/topicSubscription")
    hosts = {urlsplit(text(each, "endpoint")).hostname or text(each, "protocol") for each in subscriptions}
    if subscriptions:
        yield Box(
            id="pages",
            icon="users",
            title=", ".join(sorted({_SERVICES.get(host, host) for host in hosts})),
            place="alerts",
            figures=_by_severity(topics.get(text(each, "topic"), "") for each in subscriptions),
            sources=urns(subscriptions),
            is_external=True,
        )


def _chats(stack: Stack, topics: Mapping[str, str]) -> Iterator[Box]:
    channels = stack.everywhere("chatbot/slackChannelConfiguration")
    if channels:
        names = {topics.get(arn, "") for channel in channels for arn in texts(channel, "snsTopicArns")}
        yield Box(
            id="chats",
            icon="chatbot",
            title="Slack",
            place="alerts",
            figures=_by_severity(names),
            sources=urns(channels),
            is_external=True,
        )
