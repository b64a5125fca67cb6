"""Rules about the dashboard: the document's metrics, and the state of all alarms of the stack and of no other."""

from collections.abc import Iterator

from policies.engine.facts import Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, aws_type, report, violation
from policies.figures import alerting as alerting_figures
from policies.readers.alarms import COMPOSITE, alarms, name_of
from policies.readers.iam_documents import parts_of, texts
from policies.readers.regions import provider_region, region_of
from policies.readers.stacks import is_planned, stack_resource

DASHBOARD = aws_type("cloudwatch", "Dashboard")


def _dashboards(stack: Stack) -> Iterator[Finding]:
    if is_planned(stack) and not stack.of(DASHBOARD):
        yield report(stack_resource(stack), "there is no dashboard", "one that shows the stack's alarms")
    for dashboard in stack.of(DASHBOARD):
        body = dashboard.at("dashboardBody")
        match body.text():
            case Unknown():
                # A preview doesn't know an alarm's ARN, but it knows which alarms the body depends on.
                made_from = (dashboard.property_urns or {}).get("dashboardBody", ())
                for alarm in _all_alarms(stack):
                    if _is_in_stack_region(alarm) and alarm.urn not in made_from:
                        yield _not_shown(alarm)
            case Known():
                yield from _expect_alarms_shown(dashboard, body.parsed(), stack)
            case _:
                pass


def _expect_alarms_shown(dashboard: Resource, body: Node, stack: Stack) -> Iterator[Finding]:
    arns = [
        arn
        for widget in elements_of(body.at("widgets"))
        if widget.at("type").value == "alarm"
        for arn in texts(widget.at("properties", "alarms"))
    ]
    unmatched = {parts_of(arn)[-1].removeprefix("alarm:") for arn in arns if parts_of(arn)}
    shown = frozenset(unmatched)
    for alarm in _all_alarms(stack):
        match name_of(alarm).text():
            case Unknown() as unknown:
                yield Finding(resource=alarm, verdict=unknown)
                unmatched.clear()
            case Known(value=name):
                unmatched.discard(name)
                if name not in shown and _is_in_stack_region(alarm):
                    yield _not_shown(alarm)
            case _:
                yield _not_shown(alarm)
    for name in sorted(unmatched):
        yield report(dashboard, f"it shows the missing alarm {name}", "alarms of this stack")


def _all_alarms(stack: Stack) -> Iterator[Resource]:
    yield from (*alarms(stack), *stack.of(COMPOSITE))


def _is_in_stack_region(alarm: Resource) -> bool:
    return region_of(alarm) == provider_region(alarm)


def _not_shown(alarm: Resource) -> Finding:
    return report(alarm, "the dashboard doesn't show it", "its ARN in the alarm widget")


def _metrics(dashboard: Resource) -> Iterator[Verdict]:
    """Require the document's metrics, by the titles of the widgets; a preview doesn't know the body."""
    body = dashboard.at("dashboardBody")
    match body.text():
        case Known():
            shown = [widget.at("properties", "title").value for widget in elements_of(body.parsed().at("widgets"))]
            missing = [title for title in alerting_figures.DASHBOARD_TITLES if title not in shown]
            if missing:
                yield violation(f"it lacks {', '.join(missing)}", "the document's metrics, each by its name")
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


RULES = (
    ResourceRule(
        id="alerting-dashboard-metrics",
        section="Monitoring & Alerting",
        description="The dashboard shows the document's twelve metrics in its four panels",
        remedy="Add a widget with the metric's name as its title.",
        severity="low",
        types=(DASHBOARD,),
        judge=_metrics,
    ),
    StackRule(
        id="alerting-dashboard",
        section="Monitoring & Alerting",
        description="A dashboard shows the state of each alarm of the stack, and of no other",
        remedy="Add the alarm's ARN to the dashboard's alarm widget, and remove missing ones.",
        severity="low",
        judge=_dashboards,
    ),
)
