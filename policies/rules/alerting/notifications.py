"""Rules about notifications: each alarm reaches people with its severity, and is silenced for a short time only."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from policies.engine.expectations import equals, expect, is_false, is_true, must_be_set, property_rule, row, within
from policies.engine.facts import Absent, Known, Node, Resource, Unknown, elements_of
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
    is_pagerduty_endpoint,
    severity_of,
    topics,
)
from policies.readers.regions import expect_region
from policies.readers.resource_types import METRIC_ALARM

ENDPOINT = "the address of PagerDuty's integration for Amazon CloudWatch"
SUPPRESSION_LIMITS = (alerting_figures.SUPPRESSION_SECONDS, 3600)

_SEVERITIES = " or ".join(f"{severity}: {level}" for severity, level in alerting_figures.LEVELS.items())


def _notifications(stack: Stack) -> Iterator[Finding]:
    """Require that every alarm notifies people of its start and its end, by topics of this stack only."""
    for alarm in (*alarms(stack), *stack.of(COMPOSITE)):
        for key in ACTION_LISTS:
            yield from findings(alarm, channels_reached_by(alarm, key, stack).verdicts)


def _severities(stack: Stack) -> Iterator[Finding]:
    for alarm in (*alarms(stack), *stack.of(COMPOSITE)):
        if not has_actions(alarm):
            continue
        severity = severity_of(alarm)
        if isinstance(severity, Unknown):
            yield Finding(resource=alarm, verdict=severity)
        elif severity is None:
            yield report(alarm, "alarmDescription has no severity", _SEVERITIES)
        else:
            yield from _expect_topics_of(severity, alarm, stack)


def _expect_topics_of(severity: str, alarm: Resource, stack: Stack) -> Iterator[Finding]:
    for topic in sorted(_topics_of(alarm, stack), key=lambda topic: topic.urn):
        name = topic.at("name").text()
        if isinstance(name, Unknown):
            yield Finding(resource=topic, verdict=name)
        elif isinstance(name, Absent) or severity.lower() not in name.value.split("-"):
            found = f"its severity is {severity}, and its topic {topic.name}"
            yield report(alarm, found, f"a topic with {severity.lower()} in its name")


def _topics_of(alarm: Resource, stack: Stack) -> set[Resource]:
    references = (each for key in ACTION_LISTS for each in stack.refer_each(alarm, alarm.at(key), TOPIC))
    return {reference.resource for reference in references if isinstance(reference, Found)}


def _suppression(stack: Stack) -> Iterator[Finding]:
    """Require that a more severe composite alarm suppresses a milder one: an outage sets off several of them."""
    order: list[str] = list(alerting_figures.LEVELS)
    found = [(composite, severity_of(composite)) for composite in stack.of(COMPOSITE)]
    ranks = {composite.urn: order.index(severity) for composite, severity in found if isinstance(severity, str)}
    for composite in (composite for composite, _ in found if ranks.get(composite.urn, 0) > min(ranks.values())):
        suppressor = composite.at("actionsSuppressor")
        match stack.refer(composite, suppressor.at("alarm"), COMPOSITE, by=("arn", "alarmName")):
            case Found(resource=other) if ranks.get(other.urn, len(order)) < ranks[composite.urn]:
                for key in ("waitPeriod", "extensionPeriod"):
                    yield from findings(composite, within(suppressor.at(key), *SUPPRESSION_LIMITS))
            case Unknown() as unknown:
                yield Finding(resource=composite, verdict=unknown)
            case _:
                allowed = "a more severe composite alarm as actionsSuppressor"
                yield report(composite, "no more severe alarm suppresses it", allowed)


def _subscribers(stack: Stack) -> Iterator[Finding]:
    for topic in topics(stack):
        reach = channels_of(topic, stack)
        if not reach.channels:
            missing = violation("no channel receives its messages", "PagerDuty's subscription, or a chat channel")
            yield from findings(topic, reach.verdicts or (missing,))


def _expect_pagerduty(endpoint: Node) -> Iterator[Verdict]:
    # No message shows the address: it is a secret.
    match endpoint.text():
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield violation("endpoint isn't set", ENDPOINT)
        case Known() if not is_pagerduty_endpoint(endpoint):
            yield violation("endpoint isn't PagerDuty's", ENDPOINT)
        case _:
            pass


def _expect_no_filter(filter_policy: Node) -> Iterator[Verdict]:
    if not isinstance(filter_policy.scalar(), Absent):
        yield violation("filterPolicy is set", "nothing: every message is delivered")


def _expect_read_only(guardrails: Node) -> Iterator[Verdict]:
    policies = elements_of(guardrails)
    if not policies:
        found = "guardrailPolicyArns isn't set: AWS's default allows the channel everything"
        yield violation(found, " or ".join(alerting_figures.READ_ONLY_POLICIES))
    for policy in policies:
        yield from expect(policy, *alerting_figures.READ_ONLY_POLICIES)


def _silenced(clock: Callable[[], date]) -> Callable[[Resource], Iterator[Verdict]]:
    def judge(alarm: Resource) -> Iterator[Verdict]:
        enabled = alarm.at("actionsEnabled").scalar()
        if isinstance(enabled, Unknown):
            yield enabled
        elif enabled == Known(value=False):
            yield from _expect_end_date(alarm, clock())

    return judge


def _expect_end_date(alarm: Resource, today: date) -> Iterator[Verdict]:
    last = today + timedelta(days=alerting_figures.MAX_SILENT_DAYS)
    allowed = f"the tag SilentUntil with a date from {today.isoformat()} to {last.isoformat()}"
    match alarm.at("tags", "SilentUntil").text():
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield violation("actionsEnabled is false without an end date", allowed)
        case Known(value=text):
            end = _date(text)
            if end is None or not today <= end <= last:
                yield violation(f"it is silenced until {text}", allowed)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def silence_rule(clock: Callable[[], date]) -> ResourceRule:
    """Return the rule about silenced alarms; `clock` gives the day."""
    return ResourceRule(
        id="alerting-silence",
        section="Alert Configuration",
        description="An alarm is silenced only before the first release, and for "
        f"{alerting_figures.MAX_SILENT_DAYS} days at most",
        remedy="Remove taskflow:alerts.silentUntil from the stack file, or set it to a date within "
        f"{alerting_figures.MAX_SILENT_DAYS} days.",
        severity="medium",
        types=(METRIC_ALARM, COMPOSITE),
        # A deployment's alarms have no actions to silence.
        judge=_silenced(clock),
    )


RULES = (
    StackRule(
        id="alerting-once",
        section="Incident Response",
        description="One outage pages once: a more severe composite alarm suppresses milder ones",
        remedy="Set actionsSuppressor to the next more severe composite alarm, with waitPeriod and extensionPeriod of "
        f"{' to '.join(map(str, SUPPRESSION_LIMITS))} seconds.",
        severity="low",
        judge=_suppression,
    ),
    StackRule(
        id="alerting-actions",
        section="Alert Configuration",
        description="Every alarm notifies people of its start and its end",
        remedy="Set alarmActions and okActions to a topic of this stack, or add the alarm to the rule of a composite "
        "alarm with actions.",
        severity="high",
        judge=_notifications,
    ),
    StackRule(
        id="alerting-severity",
        section="Severity Levels",
        description="An alarm has its severity in its description, and publishes to the topic of that severity",
        remedy=f"Write {_SEVERITIES} into alarmDescription, and use the topic of that severity.",
        severity="medium",
        judge=_severities,
    ),
    StackRule(
        id="alerting-subscriptions",
        section="Alert Configuration",
        description="Each topic of the alarms reaches PagerDuty or Slack",
        remedy="Subscribe PagerDuty to the topic, or add the topic to the chat channel.",
        severity="high",
        judge=_subscribers,
    ),
    property_rule(
        "alerting-pager",
        section="Alert Configuration",
        # E-mail is rejected too: a person has to confirm it, everyone who gets one can end it, and the document has two
        # channels. PagerDuty forwards by e-mail.
        description="Every subscription delivers all messages to PagerDuty, over HTTPS and in SNS's own format",
        types=SUBSCRIPTION,
        rows=(
            equals("protocol", "https"),
            row("endpoint", f"set endpoint to {ENDPOINT}", _expect_pagerduty),
            is_true("endpointAutoConfirms", default=False),
            is_false("rawMessageDelivery", default=False),
            row("filterPolicy", "leave filterPolicy unset", _expect_no_filter),
        ),
        severity="high",
    ),
    property_rule(
        "alerting-chat",
        section="Alert Configuration",
        description="The chat channel is read-only, and in a region with its API",
        types=CHAT,
        rows=(
            row(
                "guardrailPolicyArns",
                f"set guardrailPolicyArns to {' or '.join(alerting_figures.READ_ONLY_POLICIES)}",
                _expect_read_only,
            ),
            must_be_set("iamRoleArn", "a read-only role"),
        ),
        also=lambda chat: expect_region(chat, *alerting_figures.CHAT_REGIONS),
        remedy=f"Set region to {' or '.join(alerting_figures.CHAT_REGIONS)}.",
        severity="high",
    ),
)
