"""Reads a stack's alarms, topics, and the channels that their notifications reach."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policies.engine.answers import Answer
from policies.engine.facts import Absent, Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Verdict, aws_type, violation
from policies.figures import alerting as alerting_figures
from policies.figures.alerting import Channel, Severity
from policies.readers.composite_alarms import is_triggered_by
from policies.readers.resource_types import ECS_SERVICE, METRIC_ALARM

TOPIC, TOPIC_POLICY = aws_type("sns", "Topic"), aws_type("sns", "TopicPolicy")
SUBSCRIPTION = aws_type("sns", "TopicSubscription")
CHAT = aws_type("chatbot", "SlackChannelConfiguration")
COMPOSITE = aws_type("cloudwatch", "CompositeAlarm")

# `pulumi policy analyze` shows this text in place of a secret.
_HIDDEN = "[secret]"

ACTION_LISTS = ("alarmActions", "okActions")


def alarms(stack: Stack) -> Iterator[Resource]:
    """Return the alarms that notify people: all but those that roll back a service's deployments."""
    names = [
        node.text() for service in stack.of(ECS_SERVICE) for node in elements_of(service.at("alarms", "alarmNames"))
    ]
    for alarm in stack.of(METRIC_ALARM):
        if alarm.at("name").text() not in names:
            yield alarm


def queried_metrics(alarm: Resource) -> Sequence[Node]:
    """Return the metrics of an alarm's queries."""
    return [
        query.at("metric") for query in elements_of(alarm.at("metricQueries")) if query.at("metric").value is not None
    ]


def counted_metrics(alarm: Resource) -> Iterator[Resource | Node]:
    """Return the metrics that decide an alarm's state: its own, or those that the returned expression reads."""
    queries = elements_of(alarm.at("metricQueries"))
    if not queries:
        yield alarm
    used = {str(query.at("id").value) for query in queries if query.at("returnData").value is True}
    for _ in queries:
        # An expression may read other expressions.
        expressions = (str(query.at("expression").value) for query in queries if str(query.at("id").value) in used)
        used |= {word for expression in expressions for word in re.findall(r"\w+", expression)}
    for query in queries:
        if isinstance(query.value, Unknown):
            yield query
        elif str(query.at("id").value) in used:
            yield query.at("metric")


@dataclass(frozen=True, kw_only=True)
class Reach:
    """The channels that certainly receive a notification, and the verdicts on the way to them."""

    channels: frozenset[Channel]
    verdicts: tuple[Verdict, ...]


def channels_reached_by(alarm: Resource, key: str, stack: Stack) -> Reach:
    """Return the reach of one of an alarm's lists of actions, or of the composite alarms that notify in its place."""
    channels: set[Channel] = set()
    verdicts: list[Verdict] = []
    for notifier in _notifiers(alarm, stack):
        if isinstance(notifier, Unknown):
            verdicts.append(notifier)
            continue
        reach = _reach_of_actions(notifier, key, stack)
        channels |= reach.channels
        verdicts.extend(reach.verdicts)
    return Reach(channels=frozenset(channels), verdicts=tuple(verdicts))


def _notifiers(alarm: Resource, stack: Stack) -> list[Resource | Unknown]:
    """Return the alarm itself or, if it has no action at all, the composite alarms that it triggers."""
    if has_actions(alarm):
        return [alarm]
    notifiers: list[Resource | Unknown] = []
    name = name_of(alarm).text()
    for composite in stack.of(COMPOSITE):
        rule = composite.at("alarmRule").text()
        if isinstance(rule, Known) and isinstance(name, Known):
            if is_triggered_by(rule.value, name.value):
                notifiers.append(composite)
        elif alarm.urn in (composite.property_urns or {}).get("alarmRule", ()):
            notifiers.append(composite)
        elif isinstance(rule, Unknown):
            notifiers.append(rule)
    return notifiers or [alarm]


def severity_of(alarm: Resource) -> Severity | Unknown | None:
    """Return the severity in an alarm's description; None unless it contains exactly one, with its level."""
    description = alarm.at("alarmDescription").text()
    if isinstance(description, Unknown):
        return description
    text = description.value if isinstance(description, Known) else ""
    found: list[Severity] = [
        severity for severity, level in alerting_figures.LEVELS.items() if f"{severity}: {level}" in text
    ]
    return found[0] if len(found) == 1 else None


def has_actions(alarm: Resource) -> bool:
    """Whether an alarm has an action, of either kind."""
    return any(elements_of(alarm.at(key)) for key in ACTION_LISTS)


def name_of(alarm: Resource) -> Node:
    """Return the node of the name of an alarm or a composite alarm."""
    return alarm.at("alarmName" if alarm.type == COMPOSITE else "name")


def _reach_of_actions(alarm: Resource, key: str, stack: Stack) -> Reach:
    channels: set[Channel] = set()
    verdicts: list[Verdict] = []
    node = alarm.at(key)
    for reference in stack.refer_each(alarm, node, TOPIC):
        match reference:
            case Found(resource=topic):
                found = channels_of(topic, stack)
                channels |= found.channels
                verdicts.extend(found.verdicts)
            case Outside(text=text):
                verdicts.append(violation(f"{key} has {text}", "topics of this stack"))
            case Unknown() as unknown:
                verdicts.append(unknown)
            case Absent():
                pass
    if not elements_of(node):
        verdicts.append(violation(f"{key} is empty: the alarm notifies no channel", "a topic of this stack"))
    return Reach(channels=frozenset(channels), verdicts=tuple(verdicts))


def channels_of(topic: Resource, stack: Stack) -> Reach:
    """Return the reach of a topic's notifications."""
    channels: set[Channel] = set()
    unknown_values: list[Verdict] = []
    for subscription in stack.of(SUBSCRIPTION):
        match stack.refer(subscription, subscription.at("topic"), TOPIC):
            case Found(resource=own) if own == topic:
                reached = _reaches_pagerduty(subscription)
                if isinstance(reached, Unknown):
                    unknown_values.append(reached)
                elif reached:
                    channels.add("PagerDuty")
            case Unknown() as unknown:
                unknown_values.append(unknown)
            case _:
                pass
    for chat in stack.of(CHAT):
        for reference in stack.refer_each(chat, chat.at("snsTopicArns"), TOPIC):
            match reference:
                case Found(resource=own) if own == topic:
                    channels.add("Slack")
                case Unknown() as unknown:
                    unknown_values.append(unknown)
                case _:
                    pass
    return Reach(channels=frozenset(channels), verdicts=() if channels else tuple(unknown_values))


def _reaches_pagerduty(subscription: Resource) -> Answer:
    """Whether a subscription is PagerDuty's, by its protocol and its endpoint.

    The endpoint is a secret. If it is unknown or hidden the protocol decides; alerting-pager reports an unknown one.
    """
    protocol, endpoint = subscription.at("protocol").text(), subscription.at("endpoint")
    if isinstance(protocol, Unknown):
        return protocol
    return protocol == Known(value="https") and (
        isinstance(endpoint.text(), Unknown) or is_pagerduty_endpoint(endpoint)
    )


def is_pagerduty_endpoint(endpoint: Node) -> bool:
    """Whether an address is PagerDuty's; one that `pulumi policy analyze` hides counts as one."""
    match endpoint.text():
        case Known(value=address):
            return address == _HIDDEN or re.fullmatch(alerting_figures.PAGERDUTY_ENDPOINT, address) is not None
        case _:
            return False


def topics(stack: Stack) -> tuple[Resource, ...]:
    """Return the topics that alarms publish to."""
    found = {
        reference.resource.urn: reference.resource
        for alarm in (*alarms(stack), *stack.of(COMPOSITE))
        for key in ACTION_LISTS
        for reference in stack.refer_each(alarm, alarm.at(key), TOPIC)
        if isinstance(reference, Found)
    }
    return tuple(found.values())
