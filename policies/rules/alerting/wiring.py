"""Rules about how people are told: no alarm reaches nobody, and none is silent for long."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from policies.engine.expectations import expect, expect_false, expect_set, expect_true, within
from policies.engine.facts import Absent, Known, Resource, Unknown, elements_of
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, report, violation
from policies.figures import alerting as alerting_figures
from policies.readers.alarms import (
    ACTION_LISTS,
    CHAT,
    COMPOSITE,
    SUBSCRIPTION,
    TOPIC,
    alarms,
    channels_of,
    channels_reached_by,
    has_actions,
    is_pagerdutys,
    severity_of,
    topics,
)
from policies.readers.regions import expect_region
from policies.readers.resource_types import METRIC_ALARM

SILENCE = "alerting-silence"


def _told(stack: Stack) -> Iterator[Finding]:
    """Every alarm tells of trouble and of its end, to topics of this stack and to nothing else."""
    for alarm in (*alarms(stack), *stack.of(COMPOSITE)):
        for key in ACTION_LISTS:
            yield from findings(alarm, channels_reached_by(alarm, key, stack).verdict)


def _urgent(stack: Stack) -> Iterator[Finding]:
    """Whoever is told sees how urgent it is, and a topic's name is the severity that it is for."""
    for alarm in (*alarms(stack), *stack.of(COMPOSITE)):
        if not has_actions(alarm):
            continue
        severity = severity_of(alarm)
        if isinstance(severity, Unknown):
            yield Finding(resource=alarm, verdict=severity)
        elif severity is None:
            yield report(alarm, "alarmDescription doesn't say how urgent it is", _SEVERITIES)
        else:
            for topic in sorted(_topics_of(alarm, stack), key=lambda topic: topic.urn):
                name = topic.at("name").text()
                if isinstance(name, Unknown):
                    yield Finding(resource=topic, verdict=name)
                elif isinstance(name, Absent) or severity.lower() not in name.value.split("-"):
                    verdict = violation(
                        f"it is {severity}, and published to {topic.name}", f"a topic named {severity.lower()}"
                    )
                    yield Finding(resource=alarm, verdict=verdict)


def _topics_of(alarm: Resource, stack: Stack) -> set[Resource]:
    references = (each for key in ACTION_LISTS for each in stack.refer_each(alarm, alarm.at(key), TOPIC))
    return {reference.resource for reference in references if isinstance(reference, Found)}


def _once(stack: Stack) -> Iterator[Finding]:
    """One outage sets alarms of alarms of several severities off; milder ones give way to a more severe one."""
    order: list[str] = list(alerting_figures.LEVELS)
    found = [(composite, severity_of(composite)) for composite in stack.of(COMPOSITE)]
    places = {composite.urn: order.index(severity) for composite, severity in found if isinstance(severity, str)}
    for composite in (composite for composite, _ in found if places.get(composite.urn, 0) > min(places.values())):
        suppressor = composite.at("actionsSuppressor")
        match stack.refer(composite, suppressor.at("alarm"), COMPOSITE, by=("arn", "alarmName")):
            case Found(resource=other) if places.get(other.urn, len(order)) < places[composite.urn]:
                for key in ("waitPeriod", "extensionPeriod"):
                    yield from findings(composite, within(suppressor.at(key), alerting_figures.SUPPRESSED, 3600))
            case Unknown() as unknown:
                yield Finding(resource=composite, verdict=unknown)
            case _:
                lacking = "it doesn't give way to a more severe one"
                yield report(composite, lacking, "a more severe alarm of alarms as the suppressor")


_SEVERITIES = " or ".join(f"{severity}: {level}" for severity, level in alerting_figures.LEVELS.items())


def _heard(stack: Stack) -> Iterator[Finding]:
    for topic in topics(stack):
        told = channels_of(topic, stack)
        if not told.channels:
            lacking = violation(
                "nobody is told of what is published here", "PagerDuty's subscription, or a chat channel"
            )
            yield from findings(topic, told.verdict or (lacking,))


def _pager(subscription: Resource) -> Iterator[Verdict]:
    yield from expect(subscription.at("protocol"), "https")
    endpoint = subscription.at("endpoint")
    yield from expect_set(endpoint, "PagerDuty's address, a secret")
    # No message shows the address: it is a secret.
    match endpoint.text():
        case Unknown() as unknown:
            yield unknown
        case Known() if not is_pagerdutys(endpoint):
            yield violation("endpoint isn't PagerDuty's", "the address of its integration for Amazon CloudWatch")
        case _:
            pass
    yield from expect_true(subscription.at("endpointAutoConfirms"), default=False)
    yield from expect_false(subscription.at("rawMessageDelivery"), default=False)
    if not isinstance(subscription.at("filterPolicy").scalar(), Absent):
        yield violation("filterPolicy is set", "nothing: every message")


def _chat(chat: Resource) -> Iterator[Verdict]:
    guards = elements_of(chat.at("guardrailPolicyArns"))
    if not guards:
        yield violation("guardrailPolicyArns isn't set: AWS's default lets the channel do everything", _READING)
    for guard in guards:
        yield from expect(guard, *alerting_figures.READING)
    yield from expect_set(chat.at("iamRoleArn"), "a role that only reads")
    yield from expect_region(chat, *alerting_figures.CHAT_REGIONS)


_READING = "AWS's policies that only read"


def _silent(clock: Callable[[], date]) -> Callable[[Resource], Iterator[Verdict]]:
    def judge(alarm: Resource) -> Iterator[Verdict]:
        enabled = alarm.at("actionsEnabled").scalar()
        if isinstance(enabled, Unknown):
            yield enabled
        elif enabled == Known(value=False):
            yield from _until(alarm, clock())

    return judge


def _until(alarm: Resource, today: date) -> Iterator[Verdict]:
    last = today + timedelta(days=alerting_figures.SILENT_DAYS)
    allowed = f"the tag SilentUntil with a date from {today.isoformat()} to {last.isoformat()}"
    match alarm.at("tags", "SilentUntil").text():
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield violation("actionsEnabled is false, and nothing says until when", allowed)
        case Known(value=text):
            day = _day(text)
            if day is None or not today <= day <= last:
                yield violation(f"it is silent until {text}", allowed)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def silence_rule(clock: Callable[[], date]) -> ResourceRule:
    """The rule about silence, by a clock that is handed in."""
    return ResourceRule(
        id=SILENCE,
        section="Alert Configuration",
        description="No alarm is silent but before a first release, for two weeks at most",
        remedy="Take taskflow:alerts.silentUntil out of the stack file, or set it to a nearer date.",
        types=(METRIC_ALARM, COMPOSITE),
        # A deployment's alarms have no actions to be silent about.
        judge=_silent(clock),
    )


RULES = (
    StackRule(
        id="alerting-once",
        section="Incident Response",
        description="One outage pages once: of the alarms of alarms, milder ones give way to more severe ones",
        remedy="Set actionsSuppressor to the next more severe alarm of alarms.",
        judge=_once,
    ),
    StackRule(
        id="alerting-told",
        section="Alert Configuration",
        description="Every alarm tells people of trouble, and of its end",
        remedy="Set alarmActions and okActions to a topic of this stack, or let it set off an alarm that has them.",
        judge=_told,
    ),
    StackRule(
        id="alerting-severity",
        section="Severity Levels",
        description="An alarm says how urgent it is, and is published where that is heard",
        remedy="Say the severity and its level in alarmDescription, and use that severity's topic.",
        judge=_urgent,
    ),
    StackRule(
        id="alerting-heard",
        section="Alert Configuration",
        description="Whatever alarms publish to has somebody who is told",
        remedy="Subscribe PagerDuty to the topic, or show it in the chat channel.",
        judge=_heard,
    ),
    ResourceRule(
        id="alerting-pager",
        section="Alert Configuration",
        # E-mail beside it is refused too: it has to be confirmed by hand, anyone who gets one can end it, and the
        # document's channels are two. PagerDuty sends e-mail to those who want it.
        description="Every subscription is PagerDuty's: all messages, over https, in the form that it reads",
        remedy="Use the protocol https, PagerDuty's address and endpointAutoConfirms; no raw delivery and no filter.",
        types=(SUBSCRIPTION,),
        judge=_pager,
    ),
    ResourceRule(
        id="alerting-chat",
        section="Alert Configuration",
        description="The chat channel may only read, and is where its API is",
        remedy="Set guardrailPolicyArns to a policy of AWS's that only reads, and a region that has the API.",
        types=(CHAT,),
        judge=_chat,
    ),
)
