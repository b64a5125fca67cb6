"""A rule about privileged identities: each use of root and of the emergency roles sets off an alarm."""

from collections.abc import Iterator

from policies.engine.answers import Answer, all_of, any_of, is_text
from policies.engine.facts import Known, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule, report
from policies.figures import alerting as alerting_figures
from policies.readers.alarms import alarms
from policies.readers.resource_types import LOG_GROUP
from policies.rules.alerting.document_alerts import LOG_FILTER


def _privileged_use(stack: Stack) -> Iterator[Finding]:
    """Judge the trail's log group; audit-trail-destinations reports a missing one."""
    for group in stack.of(LOG_GROUP):
        if group.at("name").value == alerting_figures.TRAIL_GROUP:
            for identity, pattern in alerting_figures.IDENTITY_FILTERS.items():
                answer = any_of(*(_counts(log_filter, pattern, stack) for log_filter in stack.of(LOG_FILTER)))
                if isinstance(answer, Unknown):
                    yield Finding(resource=group, verdict=answer)
                elif not answer:
                    yield report(group, f"no alarm is on the use of {identity}", "a metric filter and its alarm")


def _counts(log_filter: Resource, pattern: str, stack: Stack) -> Answer:
    """Return whether a metric filter counts each match of the pattern, for an alarm that fires at the first."""
    text = log_filter.at("pattern").text()
    if isinstance(text, Unknown):
        return text
    found = "".join(text.value.split()) if isinstance(text, Known) else ""
    return all_of(
        found == pattern,
        is_text(log_filter.at("logGroupName"), alerting_figures.TRAIL_GROUP),
        is_text(log_filter.at("metricTransformation", "value"), "1"),
        any_of(*(_watches(alarm, log_filter) for alarm in alarms(stack))),
    )


def _watches(alarm: Resource, log_filter: Resource) -> Answer:
    metric = log_filter.at("metricTransformation")
    facts = (metric.at("namespace").text(), metric.at("name").text())
    unknown = next((fact for fact in facts if isinstance(fact, Unknown)), None)
    if unknown:
        return unknown
    namespace, name = (fact.value if isinstance(fact, Known) else "" for fact in facts)
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
        description="Each use of root and of the emergency roles sets off an alarm",
        remedy=f"Count each by a metric filter of {alerting_figures.TRAIL_GROUP}, with an alarm on its Sum "
        "GreaterThanThreshold 0.",
        severity="high",
        controls=("CIS 4.3",),
        judge=_privileged_use,
    ),
)
