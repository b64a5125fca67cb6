"""Rules about the document's alerts: each exists for all of its resources, with the document's figures or stricter."""

from collections.abc import Callable, Iterator

from policies.engine.answers import Answer, all_of, is_text
from policies.engine.expectations import expect, number, within
from policies.engine.facts import Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, StackRule, Verdict, findings, report, violation
from policies.figures import alerting as alerting_figures
from policies.figures.alerting import AlarmFigures
from policies.readers.alarms import ACTION_LISTS, alarms, channels_reached_by, queried_metrics, severity_of
from policies.readers.regions import is_in_region_of
from policies.readers.resource_types import (
    CERTIFICATE,
    CERTIFICATE_VALIDATION,
    DB_INSTANCE,
    ECS_CLUSTER,
    ECS_SERVICE,
    LOAD_BALANCERS,
)

TARGETS = "aws:lb/targetGroup:TargetGroup"
LOG_FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"

_SERVICE_DOWN = (alerting_figures.UNHEALTHY_TASKS, alerting_figures.TOO_FEW_TASKS, alerting_figures.UNREPORTED_TASKS)

# Whether an alarm's dimensions are those of a resource.
IsOf = Callable[[Resource, Node, Resource, Stack], Answer]


def _refers(alarm: Resource, node: Node, resource: Resource, stack: Stack, *by: str) -> Answer:
    match stack.refer(alarm, node, resource.type, by=by):
        case Found(resource=found):
            return found == resource
        case Unknown() as unknown:
            return unknown
        case _:
            return False


def _is_of_targets(alarm: Resource, dimensions: Node, targets: Resource, stack: Stack) -> Answer:
    balancer = stack.refer(alarm, dimensions.at("LoadBalancer"), *LOAD_BALANCERS, by=("arnSuffix",))
    has_balancer = balancer if isinstance(balancer, Unknown) else isinstance(balancer, Found)
    return all_of(has_balancer, _refers(alarm, dimensions.at("TargetGroup"), targets, stack, "arnSuffix"))


def _is_of_service(alarm: Resource, dimensions: Node, service: Resource, stack: Stack) -> Answer:
    cluster = stack.refer(alarm, dimensions.at("ClusterName"), ECS_CLUSTER, by=("name",))
    has_cluster = cluster if isinstance(cluster, Unknown) else isinstance(cluster, Found)
    return all_of(has_cluster, _refers(alarm, dimensions.at("ServiceName"), service, stack, "name"))


def _is_of_instance(alarm: Resource, dimensions: Node, instance: Resource, stack: Stack) -> Answer:
    return _refers(alarm, dimensions.at("DBInstanceIdentifier"), instance, stack, "identifier")


def _is_of_certificate(alarm: Resource, dimensions: Node, certificate: Resource, stack: Stack) -> Answer:
    node = dimensions.at("CertificateArn")
    match stack.refer(alarm, node, CERTIFICATE_VALIDATION, by=("certificateArn",)):
        case Found(resource=validation):
            is_of = _refers(validation, validation.at("certificateArn"), certificate, stack, "arn")
        case Unknown() as unknown:
            is_of = unknown
        case _:
            is_of = _refers(alarm, node, certificate, stack, "arn")
    # CloudWatch has a metric in its own region only.
    return all_of(is_of, is_in_region_of(alarm, certificate))


def _expect_metric_alarms(
    stack: Stack, type_: str, namespace: str, figures: AlarmFigures, is_of: IsOf
) -> Iterator[Finding]:
    for resource in stack.of(type_):

        def measures(alarm: Resource, resource: Resource = resource) -> Answer:
            return all_of(
                is_text(alarm.at("namespace"), namespace),
                is_text(alarm.at("metricName"), figures.metric),
                is_of(alarm, alarm.at("dimensions"), resource, stack),
            )

        yield from _expect_alarm(stack, resource, measures, figures, f"{figures.metric} of {resource.name}")


def _expect_alarm(
    stack: Stack, resource: Resource, measures: Callable[[Resource], Answer], figures: AlarmFigures, metric: str
) -> Iterator[Finding]:
    """Require an alarm that measures the metric and has the figures; if none has, report the nearest one."""
    found: list[tuple[Resource, list[Verdict]]] = []
    unknowns: list[Finding] = []
    for alarm in alarms(stack):
        answer = measures(alarm)
        if isinstance(answer, Unknown):
            unknowns.append(Finding(resource=alarm, verdict=answer))
        elif answer:
            found.append((alarm, [*_expect_figures(alarm, figures), *_expect_channel(alarm, figures, stack)]))
    if not found:
        yield from unknowns or [report(resource, f"there is no alarm on {metric}", "one with the document's figures")]
        return
    alarm, verdicts = min(found, key=lambda each: len(each[1]))
    yield from findings(alarm, verdicts)


def _expect_figures(alarm: Resource, figures: AlarmFigures) -> Iterator[Verdict]:
    yield from _expect_threshold(alarm, figures)
    queries = alarm.at("metricQueries").items()
    if not (isinstance(queries, Known) and queries.value):
        yield from expect(alarm.at("period"), figures.period)
        key = "extendedStatistic" if figures.statistic.startswith("p") else "statistic"
        yield from expect(alarm.at(key), figures.statistic)
        if key == "extendedStatistic":
            yield from expect(alarm.at("evaluateLowSampleCountPercentiles"), "ignore", default="evaluate")
    datapoints = alarm.at("datapointsToAlarm")
    # More periods than datapoints would be "for some of the minutes".
    yield from within(alarm.at("evaluationPeriods"), 1, figures.periods)
    yield from within(datapoints if datapoints.value is not None else alarm.at("evaluationPeriods"), 1, figures.periods)
    yield from expect(alarm.at("treatMissingData"), figures.missing, default="missing")
    severity = severity_of(alarm)
    if isinstance(severity, Unknown):
        yield severity
    elif severity != figures.severity:
        found = f"has the severity {severity}" if severity else "has no severity"
        yield violation(f"alarmDescription {found}", _severity(figures))


def _expect_threshold(alarm: Resource, figures: AlarmFigures) -> Iterator[Verdict]:
    strict, equal = ("GreaterThan", "GreaterThanOrEqualTo") if figures.is_above else ("LessThan", "LessThanOrEqualTo")
    yield from expect(alarm.at("comparisonOperator"), f"{strict}Threshold", f"{equal}Threshold")
    fact = alarm.at("threshold").scalar()
    threshold = number(fact)
    if isinstance(fact, Unknown):
        yield fact
    elif threshold is None or (threshold > figures.threshold if figures.is_above else threshold < figures.threshold):
        found = "isn't set" if threshold is None else f"is {threshold}"
        yield violation(f"threshold {found}", _limit(figures))
    elif figures is alerting_figures.UNHEALTHY_TASKS and threshold > 0:
        # One unhealthy task is enough: more than 0, or at least 1.
        yield from expect(alarm.at("comparisonOperator"), f"{equal}Threshold")


def _limit(figures: AlarmFigures) -> str:
    return f"at {'most' if figures.is_above else 'least'} {figures.threshold:g}"


def _severity(figures: AlarmFigures) -> str:
    return f"{figures.severity}: {alerting_figures.LEVELS[figures.severity]}"


def _expect_channel(alarm: Resource, figures: AlarmFigures, stack: Stack) -> Iterator[Verdict]:
    for key in ACTION_LISTS:
        reach = channels_reached_by(alarm, key, stack)
        if figures.channel not in reach.channels:
            unknown = next((verdict for verdict in reach.verdicts if isinstance(verdict, Unknown)), None)
            yield unknown or violation(f"{key} doesn't reach {figures.channel}", f"a topic of {figures.channel}")


def _unhealthy_tasks(stack: Stack) -> Iterator[Finding]:
    for figures in _SERVICE_DOWN:
        yield from _expect_health_alarms(stack, figures)


def _expect_health_alarms(stack: Stack, figures: AlarmFigures) -> Iterator[Finding]:
    """Require an alarm for each target group. Two alarms may be on one metric: the statistic distinguishes them."""
    for targets in stack.of(TARGETS):

        def measures(alarm: Resource, targets: Resource = targets) -> Answer:
            return all_of(
                is_text(alarm.at("namespace"), alerting_figures.LOAD_BALANCER_NAMESPACE),
                is_text(alarm.at("metricName"), figures.metric),
                is_text(alarm.at("statistic"), figures.statistic),
                _is_of_targets(alarm, alarm.at("dimensions"), targets, stack),
            )

        metric = f"{figures.metric} ({figures.statistic}) of {targets.name}"
        yield from _expect_alarm(stack, targets, measures, figures, metric)


def _error_rate(stack: Stack) -> Iterator[Finding]:
    figures = alerting_figures.ERROR_RATE
    for targets in stack.of(TARGETS):

        def measures(alarm: Resource) -> Answer:
            names = {text for node in queried_metrics(alarm) if isinstance(text := node.at("metricName").value, str)}
            return set(alerting_figures.ERROR_RATE_METRICS) <= names

        yield from _expect_alarm(stack, targets, measures, figures, f"the error rate of {targets.name}")
        for alarm in alarms(stack):
            if measures(alarm) is True:
                yield from findings(alarm, _expect_error_rate(alarm, targets, stack))


def _expect_error_rate(alarm: Resource, targets: Resource, stack: Stack) -> Iterator[Verdict]:
    """Judge the expression, whatever its ids are, and each metric in it."""
    letters: dict[str, str] = {}
    for metric in queried_metrics(alarm):
        if isinstance(metric.value, Unknown):
            yield metric.value
            continue
        name = metric.at("metricName").value
        letter = alerting_figures.ERROR_RATE_METRICS.get(name) if isinstance(name, str) else None
        yield from expect(metric.at("namespace"), alerting_figures.LOAD_BALANCER_NAMESPACE)
        yield from expect(metric.at("stat"), "Sum")
        yield from expect(metric.at("period"), alerting_figures.MINUTE)
        if letter:
            letters[_query_id(alarm, metric)] = letter
        dimensions = metric.at("dimensions")
        yield from _expect_dimensions(alarm, dimensions, targets, stack, is_of_targets=letter not in ("B", "U"))
    returned = [query for query in elements_of(alarm.at("metricQueries")) if query.at("returnData").value is True]
    expressions = [_with_letters(query.at("expression").value, letters) for query in returned]
    if len(expressions) != 1 or expressions[0] != alerting_figures.ERROR_RATE_EXPRESSION:
        yield violation(
            f"its expression isn't the error rate: {', '.join(expressions)}", "100 * (target + ELB) / (all + ELB 503)"
        )


def _query_id(alarm: Resource, metric: Node) -> str:
    query = elements_of(alarm.at("metricQueries"))[int(metric.path[1])]
    return str(query.at("id").value)


def _with_letters(expression: object, letters: dict[str, str]) -> str:
    text = "".join(str(expression).split())
    for id_ in sorted(letters, key=len, reverse=True):
        text = text.replace(id_, letters[id_])
    return text


def _expect_dimensions(
    alarm: Resource, dimensions: Node, targets: Resource, stack: Stack, *, is_of_targets: bool
) -> Iterator[Verdict]:
    balancer = stack.refer(alarm, dimensions.at("LoadBalancer"), *LOAD_BALANCERS, by=("arnSuffix",))
    answer = balancer if isinstance(balancer, Unknown) else isinstance(balancer, Found)
    if is_of_targets:
        answer = _is_of_targets(alarm, dimensions, targets, stack)
    if isinstance(answer, Unknown):
        yield answer
    elif not answer:
        yield violation(f"{'.'.join(dimensions.path)} aren't those of {targets.name}", "this stack's load balancer")


def _disk(stack: Stack) -> Iterator[Finding]:
    """Require an alarm on the metric of a log filter: AWS/RDS has no metric of the used share."""
    metrics = [(part, *_metric_of(part)) for part in stack.of(LOG_FILTER) if _is_of_disk(part)]
    for instance in stack.of(DB_INSTANCE):
        identifier = instance.at("identifier").value
        own = [each for each in metrics if f'"{identifier}"' in str(each[0].at("pattern").value)]
        if not own:
            allowed = f"a metric filter of {alerting_figures.OS_METRICS_GROUP} on {alerting_figures.DISK_USED_FIELD}"
            yield report(instance, f"there is no metric of the disk of {instance.name}", allowed)
            continue

        def measures(
            alarm: Resource, own: list[tuple[Resource, Node, Node]] = own, instance: Resource = instance
        ) -> Answer:
            is_on_metric = any(
                alarm.at("namespace").value == namespace.value and alarm.at("metricName").value == name.value
                for _, namespace, name in own
            )
            return all_of(is_on_metric, _is_of_instance(alarm, alarm.at("dimensions"), instance, stack))

        yield from _expect_alarm(stack, instance, measures, alerting_figures.DISK, f"the disk of {instance.name}")


def _metric_of(log_filter: Resource) -> tuple[Node, Node]:
    return log_filter.at("metricTransformation", "namespace"), log_filter.at("metricTransformation", "name")


def _is_of_disk(log_filter: Resource) -> bool:
    return (
        log_filter.at("logGroupName").value == alerting_figures.OS_METRICS_GROUP
        and log_filter.at("metricTransformation", "value").value == alerting_figures.DISK_USED_FIELD
    )


def _rule(
    id_: str, description: str, judge: Callable[[Stack], Iterator[Finding]], *alerts: AlarmFigures, metric: str = ""
) -> StackRule:
    return StackRule(
        id=f"alerting-{id_}",
        section="Alert Configuration",
        description=f"{alerts[0].channel} is notified of {description}",
        remedy=" ".join(_remedy(figures, metric or figures.metric) for figures in alerts),
        severity="medium" if alerts[0].severity == "Warning" else "high",
        judge=judge,
    )


def _remedy(figures: AlarmFigures, metric: str) -> str:
    return (
        f"Create an alarm on {metric} ({figures.statistic}) with a threshold of {_limit(figures)}, at most "
        f"{figures.periods} datapoints of {figures.period} seconds, treatMissingData {figures.missing}, "
        f"{_severity(figures)} in its description, and a topic of {figures.channel}."
    )


def _minutes(figures: AlarmFigures) -> str:
    return f"for {figures.periods * figures.period // alerting_figures.MINUTE} minutes"


def _of(type_: str, namespace: str, figures: AlarmFigures, is_of: IsOf) -> Callable[[Stack], Iterator[Finding]]:
    return lambda stack: _expect_metric_alarms(stack, type_, namespace, figures, is_of)


_ERRORS, _LATENCY = alerting_figures.ERROR_RATE, alerting_figures.LATENCY
_CPU, _MEMORY = alerting_figures.CPU, alerting_figures.MEMORY
_CONNECTIONS, _DISK, _EXPIRY = alerting_figures.CONNECTIONS, alerting_figures.DISK, alerting_figures.EXPIRY

RULES = (
    _rule(
        "error-rate",
        f"an error rate above {_ERRORS.threshold:g} % {_minutes(_ERRORS)}",
        _error_rate,
        _ERRORS,
        metric="the error rate",
    ),
    _rule(
        "latency",
        f"a P95 latency above {_LATENCY.threshold * 1000:g} ms {_minutes(_LATENCY)}",
        _of(TARGETS, alerting_figures.LOAD_BALANCER_NAMESPACE, _LATENCY, _is_of_targets),
        _LATENCY,
    ),
    _rule("tasks", "unhealthy, missing or unreported tasks", _unhealthy_tasks, *_SERVICE_DOWN),
    _rule(
        "cpu",
        f"a CPU utilization above {_CPU.threshold:g} % {_minutes(_CPU)}",
        _of(ECS_SERVICE, alerting_figures.SERVICE_NAMESPACE, _CPU, _is_of_service),
        _CPU,
    ),
    _rule(
        "memory",
        f"a memory utilization above {_MEMORY.threshold:g} % {_minutes(_MEMORY)}",
        _of(ECS_SERVICE, alerting_figures.SERVICE_NAMESPACE, _MEMORY, _is_of_service),
        _MEMORY,
    ),
    _rule(
        "connections",
        f"more than {_CONNECTIONS.threshold:g} connections to a database {_minutes(_CONNECTIONS)}",
        _of(DB_INSTANCE, alerting_figures.DATABASE_NAMESPACE, _CONNECTIONS, _is_of_instance),
        _CONNECTIONS,
    ),
    _rule(
        "disk",
        f"more than {_DISK.threshold:g} % of a database's disk in use",
        _disk,
        _DISK,
        metric="the used share of the disk",
    ),
    _rule(
        "certificates",
        f"fewer than {_EXPIRY.threshold:g} days to a certificate's expiry",
        _of(CERTIFICATE, alerting_figures.CERTIFICATE_NAMESPACE, _EXPIRY, _is_of_certificate),
        _EXPIRY,
    ),
)
