"""Finds a stack's alarms, its topics, and who is told of what is published to them. No rule stands here."""

import re
from collections.abc import Iterator
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

# What `pulumi policy analyze` shows of a secret.
_HIDDEN = "[secret]"

ACTION_LISTS = ("alarmActions", "okActions")


def alarms(stack: Stack) -> Iterator[Resource]:
    """The alarms for people: all but those that judge a service's deployments, which are the service's own."""
    names = [
        node.text() for service in stack.of(ECS_SERVICE) for node in elements_of(service.at("alarms", "alarmNames"))
    ]
    for alarm in stack.of(METRIC_ALARM):
        if alarm.at("name").text() not in names:
            yield alarm


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How people are told: the channels that are certain, the faults, and the unknowns."""

    channels: frozenset[Channel]
    verdict: tuple[Verdict, ...]


def channels_reached_by(alarm: Resource, key: str, stack: Stack) -> Reach:
    """Who is told by one of an alarm's lists of actions, or by those of the alarms that speak for it."""
    channels: set[Channel] = set()
    verdict: list[Verdict] = []
    for voice in _voices(alarm, stack):
        if isinstance(voice, Unknown):
            verdict.append(voice)
            continue
        told = _told(voice, key, stack)
        channels |= told.channels
        verdict.extend(told.verdict)
    return Reach(channels=frozenset(channels), verdict=tuple(verdict))


def _voices(alarm: Resource, stack: Stack) -> list[Resource | Unknown]:
    """The alarm itself; where it has no action at all, the alarms of alarms that it sets off."""
    if has_actions(alarm):
        return [alarm]
    voices: list[Resource | Unknown] = []
    name = name_of(alarm).text()
    for composite in stack.of(COMPOSITE):
        rule = composite.at("alarmRule").text()
        if isinstance(rule, Known) and isinstance(name, Known):
            if is_triggered_by(rule.value, name.value):
                voices.append(composite)
        elif alarm.urn in (composite.property_urns or {}).get("alarmRule", ()):
            voices.append(composite)
        elif isinstance(rule, Unknown):
            voices.append(rule)
    return voices or [alarm]


def severity_of(alarm: Resource) -> Severity | Unknown | None:
    """How urgent an alarm's description says it is: the document's word and its level, and no other."""
    description = alarm.at("alarmDescription").text()
    if isinstance(description, Unknown):
        return description
    text = description.value if isinstance(description, Known) else ""
    verdict: list[Severity] = [
        severity for severity, level in alerting_figures.LEVELS.items() if f"{severity}: {level}" in text
    ]
    return verdict[0] if len(verdict) == 1 else None


def has_actions(alarm: Resource) -> bool:
    """Whether an alarm has actions of its own, of either kind."""
    return any(elements_of(alarm.at(key)) for key in ACTION_LISTS)


def name_of(alarm: Resource) -> Node:
    """Where the name of an alarm stands, or of an alarm of alarms."""
    return alarm.at("alarmName" if alarm.type == COMPOSITE else "name")


def _told(alarm: Resource, key: str, stack: Stack) -> Reach:
    channels: set[Channel] = set()
    verdict: list[Verdict] = []
    node = alarm.at(key)
    for reference in stack.refer_each(alarm, node, TOPIC):
        match reference:
            case Found(resource=topic):
                found = channels_of(topic, stack)
                channels |= found.channels
                verdict.extend(found.verdict)
            case Outside(text=text):
                verdict.append(violation(f"{key} has {text}", "topics of this stack"))
            case Unknown() as unknown:
                verdict.append(unknown)
            case Absent():
                pass
    if not elements_of(node):
        verdict.append(violation(f"{key} is empty: nobody is told", "a topic of this stack"))
    return Reach(channels=frozenset(channels), verdict=tuple(verdict))


def channels_of(topic: Resource, stack: Stack) -> Reach:
    """By what a topic's messages reach people."""
    channels: set[Channel] = set()
    doubts: list[Verdict] = []
    for subscription in stack.of(SUBSCRIPTION):
        match stack.refer(subscription, subscription.at("topic"), TOPIC):
            case Found(resource=own) if own == topic:
                reached = _reaches_pagerduty(subscription)
                if isinstance(reached, Unknown):
                    doubts.append(reached)
                elif reached:
                    channels.add("PagerDuty")
            case Unknown() as unknown:
                doubts.append(unknown)
            case _:
                pass
    for chat in stack.of(CHAT):
        for reference in stack.refer_each(chat, chat.at("snsTopicArns"), TOPIC):
            match reference:
                case Found(resource=own) if own == topic:
                    channels.add("Slack")
                case Unknown() as unknown:
                    doubts.append(unknown)
                case _:
                    pass
    return Reach(channels=frozenset(channels), verdict=() if channels else tuple(doubts))


def _reaches_pagerduty(subscription: Resource) -> Answer:
    """Whether a subscription is PagerDuty's, by its protocol and its endpoint.

    The endpoint is a secret. Where it is unknown or hidden the protocol decides; alerting-pager reports an unknown one.
    """
    protocol, endpoint = subscription.at("protocol").text(), subscription.at("endpoint")
    if isinstance(protocol, Unknown):
        return protocol
    return protocol == Known(value="https") and (isinstance(endpoint.text(), Unknown) or is_pagerdutys(endpoint))


def is_pagerdutys(endpoint: Node) -> bool:
    """Whether an address is PagerDuty's; one that `pulumi policy analyze` hides counts as such."""
    match endpoint.text():
        case Known(value=address):
            return address == _HIDDEN or re.fullmatch(alerting_figures.PAGERDUTY, address) is not None
        case _:
            return False


def topics(stack: Stack) -> tuple[Resource, ...]:
    """The topics that alarms publish to."""
    found = {
        reference.resource.urn: reference.resource
        for alarm in (*alarms(stack), *stack.of(COMPOSITE))
        for key in ACTION_LISTS
        for reference in stack.refer_each(alarm, alarm.at(key), TOPIC)
        if isinstance(reference, Found)
    }
    return tuple(found.values())
