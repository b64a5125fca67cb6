"""Finds a stack's alarms, its topics, and who is told of what is published to them. No rule stands here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from policies.engine.answers import Answer
from policies.engine.facts import Absent, Known, Node, Resource, Unknown, listed
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Said, aws_type, fault
from policies.figures import alerting as alerting_figures
from policies.figures.alerting import Channel, Severity
from policies.readers.composite_alarms import is_told_of
from policies.readers.resource_types import ECS_SERVICE, METRIC_ALARM

TOPIC, TOPIC_POLICY = aws_type("sns", "Topic"), aws_type("sns", "TopicPolicy")
SUBSCRIPTION = aws_type("sns", "TopicSubscription")
CHAT = aws_type("chatbot", "SlackChannelConfiguration")
COMPOSITE = aws_type("cloudwatch", "CompositeAlarm")

# What `pulumi policy analyze` shows of a secret.
_HIDDEN = "[secret]"

TELLING = ("alarmActions", "okActions")


def alarms(stack: Stack) -> Iterator[Resource]:
    """The alarms for people: all but those that judge a service's deployments, which are the service's own."""
    names = [node.text() for service in stack.of(ECS_SERVICE) for node in listed(service.at("alarms", "alarmNames"))]
    for alarm in stack.of(METRIC_ALARM):
        if alarm.at("name").text() not in names:
            yield alarm


@dataclass(frozen=True, kw_only=True)
class Told:
    """How people are told: the channels that are certain, the faults, and the unknowns."""

    channels: frozenset[Channel]
    said: tuple[Said, ...]


def told_by(alarm: Resource, key: str, stack: Stack) -> Told:
    """Who is told by one of an alarm's lists of actions, or by those of the alarms that speak for it."""
    channels: set[Channel] = set()
    said: list[Said] = []
    for voice in _voices(alarm, stack):
        if isinstance(voice, Unknown):
            said.append(voice)
            continue
        told = _told(voice, key, stack)
        channels |= told.channels
        said.extend(told.said)
    return Told(channels=frozenset(channels), said=tuple(said))


def _voices(alarm: Resource, stack: Stack) -> list[Resource | Unknown]:
    """The alarm itself; where it has no action at all, the alarms of alarms that it sets off."""
    if has_actions(alarm):
        return [alarm]
    voices: list[Resource | Unknown] = []
    name = name_of(alarm).text()
    for composite in stack.of(COMPOSITE):
        rule = composite.at("alarmRule").text()
        if isinstance(rule, Known) and isinstance(name, Known):
            if is_told_of(rule.value, name.value):
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
    said: list[Severity] = [
        severity for severity, level in alerting_figures.LEVELS.items() if f"{severity}: {level}" in text
    ]
    return said[0] if len(said) == 1 else None


def has_actions(alarm: Resource) -> bool:
    """Whether an alarm has actions of its own, of either kind."""
    return any(listed(alarm.at(key)) for key in TELLING)


def name_of(alarm: Resource) -> Node:
    """Where the name of an alarm stands, or of an alarm of alarms."""
    return alarm.at("alarmName" if alarm.type == COMPOSITE else "name")


def _told(alarm: Resource, key: str, stack: Stack) -> Told:
    channels: set[Channel] = set()
    said: list[Said] = []
    node = alarm.at(key)
    for reference in stack.refer_each(alarm, node, TOPIC):
        match reference:
            case Found(resource=topic):
                found = channels_of(topic, stack)
                channels |= found.channels
                said.extend(found.said)
            case Outside(text=text):
                said.append(fault(f"{key} has {text}", "topics of this stack"))
            case Unknown() as unknown:
                said.append(unknown)
            case Absent():
                pass
    if not listed(node):
        said.append(fault(f"{key} is empty: nobody is told", "a topic of this stack"))
    return Told(channels=frozenset(channels), said=tuple(said))


def channels_of(topic: Resource, stack: Stack) -> Told:
    """By what a topic's messages reach people."""
    channels: set[Channel] = set()
    doubts: list[Said] = []
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
    return Told(channels=frozenset(channels), said=() if channels else tuple(doubts))


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
        for key in TELLING
        for reference in stack.refer_each(alarm, alarm.at(key), TOPIC)
        if isinstance(reference, Found)
    }
    return tuple(found.values())
