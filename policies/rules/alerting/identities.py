"""A rule about who must not go unseen: root, and the role for emergencies."""

from collections.abc import Iterator

from policies.engine.answers import Answer, all_of, any_of, is_text
from policies.engine.facts import Known, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule, report
from policies.figures import alerting as alerting_figures
from policies.readers.alarms import alarms
from policies.readers.resource_types import LOG_GROUP
from policies.rules.alerting.rows import LOG_FILTER


def _seen(stack: Stack) -> Iterator[Finding]:
    """Where the stack has the trail's group; that it has one is another rule's."""
    for group in stack.of(LOG_GROUP):
        if group.at("name").value == alerting_figures.TRAIL_GROUP:
            for who, pattern in alerting_figures.IDENTITIES.items():
                answer = any_of(*(_counts(part, pattern, stack) for part in stack.of(LOG_FILTER)))
                if isinstance(answer, Unknown):
                    yield Finding(resource=group, verdict=answer)
                elif not answer:
                    yield report(group, f"no alarm is on {who}", "a metric filter and its alarm")


def _counts(part: Resource, pattern: str, stack: Stack) -> Answer:
    """Whether a filter counts them, one by one, for an alarm that is on at the first."""
    text = part.at("pattern").text()
    if isinstance(text, Unknown):
        return text
    found = "".join(text.value.split()) if isinstance(text, Known) else ""
    made = part.at("metricTransformation")
    return all_of(
        found == pattern,
        is_text(part.at("logGroupName"), alerting_figures.TRAIL_GROUP),
        is_text(made.at("value"), "1"),
        any_of(*(_watches(alarm, part) for alarm in alarms(stack))),
    )


def _watches(alarm: Resource, part: Resource) -> Answer:
    made = part.at("metricTransformation")
    names = (made.at("namespace").text(), made.at("name").text())
    doubt = next((name for name in names if isinstance(name, Unknown)), None)
    if doubt:
        return doubt
    namespace, name = (text.value if isinstance(text, Known) else "" for text in names)
    return all_of(
        is_text(alarm.at("namespace"), namespace),
        is_text(alarm.at("metricName"), name),
        is_text(alarm.at("statistic"), "Sum"),
        is_text(alarm.at("threshold"), "0"),
        is_text(alarm.at("comparisonOperator"), "GreaterThanThreshold"),
    )


RULES = (
    StackRule(
        id="alerting-identities",
        section="Emergency Access",
        description="Somebody is told of each use of root, and of the role for emergencies",
        remedy="Count them by metric filters of the trail's log group, with an alarm above 0 on each.",
        judge=_seen,
    ),
)
