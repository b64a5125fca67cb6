"""A rule about the dashboard: the alarms' state that it shows is that of the stack's alarms, all of them."""

from collections.abc import Iterator

from policies.engine.facts import Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule, aws_type, report, violation
from policies.readers.alarms import COMPOSITE, alarms, name_of
from policies.readers.iam_documents import parts_of, texts
from policies.readers.regions import provider_region, region_of

DASHBOARD = aws_type("cloudwatch", "Dashboard")


def _shown(stack: Stack) -> Iterator[Finding]:
    for dashboard in stack.of(DASHBOARD):
        body = dashboard.at("dashboardBody")
        match body.text():
            case Unknown():
                # An alarm's ARN is unknown in a preview, but not of which alarm it is.
                made_from = (dashboard.property_urns or {}).get("dashboardBody", ())
                for alarm in _own(stack):
                    if alarm.urn not in made_from:
                        yield _missed(alarm)
            case Known():
                yield from _listed(dashboard, body.parsed(), stack)
            case _:
                pass


def _listed(dashboard: Resource, body: Node, stack: Stack) -> Iterator[Finding]:
    arns = [
        arn
        for widget in elements_of(body.at("widgets"))
        if widget.at("type").value == "alarm"
        for arn in texts(widget.at("properties", "alarms"))
    ]
    gone = {parts_of(arn)[-1].removeprefix("alarm:") for arn in arns if parts_of(arn)}
    shown = frozenset(gone)
    for alarm in (*alarms(stack), *stack.of(COMPOSITE)):
        match name_of(alarm).text():
            case Unknown() as unknown:
                yield Finding(resource=alarm, verdict=unknown)
                gone.clear()
            case Known(value=name):
                gone.discard(name)
                if name not in shown and _is_own(alarm):
                    yield _missed(alarm)
            case _:
                yield _missed(alarm)
    for name in sorted(gone):
        verdict = violation(f"it shows {name}, which isn't there", "alarms of this stack")
        yield Finding(resource=dashboard, verdict=verdict)


def _own(stack: Stack) -> Iterator[Resource]:
    """The alarms for people in the stack's own region."""
    return (alarm for alarm in (*alarms(stack), *stack.of(COMPOSITE)) if _is_own(alarm))


def _is_own(alarm: Resource) -> bool:
    return region_of(alarm) == provider_region(alarm)


def _missed(alarm: Resource) -> Finding:
    return report(alarm, "the dashboard doesn't show it", "its ARN in the widget of alarms")


RULES = (
    StackRule(
        id="alerting-shown",
        section="Monitoring & Alerting",
        description="Where there is a dashboard, it shows the state of each alarm, and of none that is gone",
        remedy="Hand the alarm's ARN to the dashboard.",
        judge=_shown,
    ),
)
