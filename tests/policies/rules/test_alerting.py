"""Variants of alarms that satisfy the rules about required alarms."""

from policies.pack import policies
from tests.policies.compliant.alerting import implied_alarms
from tests.policies.compliant.stack import compliant
from tests.policies.judged import evaluate
from tests.policies.plan import FORMS, REMOVED, Ref

UNKNOWN_TEXT = Ref(to="LogGroup flow-logs")
KEYS = ("namespace", "metricName", "dimensions")


def test_a_metric_in_an_expression_is_as_good_as_the_alarms_own() -> None:
    """Each required alarm on an expression of the metric; another metric in its place is a violation."""
    plan = compliant()
    required = list(implied_alarms(plan))
    plan_metric = {alarm.key: plan.resources[alarm.key].inputs["metricName"] for alarm in required}
    for alarm in required:
        inputs = plan.resources[alarm.key].inputs
        metric = {key: inputs[key] for key in KEYS} | {"stat": "Sum", "period": 60}
        expression = {"id": "rate", "expression": "100 * FILL(m, 0)", "returnData": True}
        plan.set(alarm.key, "metricQueries", [expression, {"id": "m", "metric": metric, "returnData": False}])
        for key in KEYS:
            plan.set(alarm.key, key, REMOVED)
    pack = [policy for policy in policies() if policy.name in {alarm.rule for alarm in required}]
    for form in FORMS:
        assert evaluate(pack, plan.states(form)).reported == set()
    for alarm in required:
        plan.set(alarm.key, "metricQueries.1.metric.metricName", "Other")
    expected = {(alarm.rule, alarm.resource) for alarm in required}
    assert expected
    assert evaluate(pack, plan.states("up")).reported == expected
    for alarm in required:
        plan.set(alarm.key, "metricQueries.1.metric.metricName", plan_metric[alarm.key])
        plan.set(alarm.key, "metricQueries.0.expression", "100 * FILL(other, 0)")
    assert evaluate(pack, plan.states("up")).reported == expected, "a metric that the expression doesn't read"


def test_a_missing_alarm_of_a_resource_with_an_unknown_name_is_a_violation() -> None:
    """Whatever the name will be, no alarm is on the metric."""
    plan = compliant()
    plan.set("Instance database", "identifier", UNKNOWN_TEXT)
    plan.remove("MetricAlarm alerts-OldestReplicationSlotLag-database")
    slots = [policy for policy in policies() if policy.name == "alerting-slots"]
    assert evaluate(slots, plan.states("preview")).reported == {("alerting-slots", "database")}
