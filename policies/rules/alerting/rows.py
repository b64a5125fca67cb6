"""Rules about the document's alerts: each is there for all that it is about, and no looser than the document has it."""

from collections.abc import Callable, Iterator, Sequence

from policies.engine.answers import Answer, all_of, is_text
from policies.engine.expectations import expect, number, within
from policies.engine.facts import Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, StackRule, Verdict, findings, report, violation
from policies.figures import alerting as alerting_figures
from policies.figures.alerting import Figures
from policies.readers.alarms import ACTION_LISTS, alarms, channels_reached_by, severity_of
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

# Whether an alarm's dimensions, at a place of it, are those of a thing.
IsAbout = Callable[[Resource, Node, Resource, Stack], Answer]


def _named(alarm: Resource, node: Node, thing: Resource, stack: Stack, *by: str) -> Answer:
    match stack.refer(alarm, node, thing.type, by=by):
        case Found(resource=found):
            return found == thing
        case Unknown() as unknown:
            return unknown
        case _:
            return False


def _of_targets(alarm: Resource, dimensions: Node, targets: Resource, stack: Stack) -> Answer:
    balancer = stack.refer(alarm, dimensions.at("LoadBalancer"), *LOAD_BALANCERS, by=("arnSuffix",))
    is_own = balancer if isinstance(balancer, Unknown) else isinstance(balancer, Found)
    return all_of(is_own, _named(alarm, dimensions.at("TargetGroup"), targets, stack, "arnSuffix"))


def _of_service(alarm: Resource, dimensions: Node, service: Resource, stack: Stack) -> Answer:
    cluster = stack.refer(alarm, dimensions.at("ClusterName"), ECS_CLUSTER, by=("name",))
    is_own = cluster if isinstance(cluster, Unknown) else isinstance(cluster, Found)
    return all_of(is_own, _named(alarm, dimensions.at("ServiceName"), service, stack, "name"))


def _of_instance(alarm: Resource, dimensions: Node, instance: Resource, stack: Stack) -> Answer:
    return _named(alarm, dimensions.at("DBInstanceIdentifier"), instance, stack, "identifier")


def _of_certificate(alarm: Resource, dimensions: Node, certificate: Resource, stack: Stack) -> Answer:
    node = dimensions.at("CertificateArn")
    match stack.refer(alarm, node, CERTIFICATE_VALIDATION, by=("certificateArn",)):
        case Found(resource=validation):
            is_its = _named(validation, validation.at("certificateArn"), certificate, stack, "arn")
        case Unknown() as unknown:
            is_its = unknown
        case _:
            is_its = _named(alarm, node, certificate, stack, "arn")
    # CloudWatch knows a metric in its own region only.
    return all_of(is_its, is_in_region_of(alarm, certificate))


def _metric(stack: Stack, kind: str, namespace: str, row: Figures, is_about: IsAbout) -> Iterator[Finding]:
    """What is wrong with the alarms on a metric of AWS's, for each thing of a type."""
    for thing in stack.of(kind):

        def measures(alarm: Resource, thing: Resource = thing) -> Answer:
            return all_of(
                is_text(alarm.at("namespace"), namespace),
                is_text(alarm.at("metricName"), row.metric),
                is_about(alarm, alarm.at("dimensions"), thing, stack),
            )

        yield from _row(stack, thing, measures, row, f"{row.metric} of {thing.name}")


def _row(
    stack: Stack, thing: Resource, measures: Callable[[Resource], Answer], row: Figures, label: str
) -> Iterator[Finding]:
    """One alarm of those that measure it has to be as the row; of none that is, the nearest one's faults are told."""
    found: list[tuple[Resource, list[Verdict]]] = []
    doubts: list[Finding] = []
    for alarm in alarms(stack):
        answer = measures(alarm)
        if isinstance(answer, Unknown):
            doubts.append(Finding(resource=alarm, verdict=answer))
        elif answer:
            found.append((alarm, [*_fires(alarm, row), *_tells(alarm, row, stack)]))
    if not found:
        yield from doubts or [report(thing, f"no alarm is on {label}", "one as the document's")]
        return
    alarm, verdict = min(found, key=lambda each: len(each[1]))
    yield from findings(alarm, verdict)


def _fires(alarm: Resource, row: Figures) -> Iterator[Verdict]:
    yield from _limit(alarm, row)
    plain = alarm.at("metricQueries").items()
    if not (isinstance(plain, Known) and plain.value):
        yield from expect(alarm.at("period"), row.period)
        key = "extendedStatistic" if row.statistic.startswith("p") else "statistic"
        yield from expect(alarm.at(key), row.statistic)
        if key == "extendedStatistic":
            yield from expect(alarm.at("evaluateLowSampleCountPercentiles"), "ignore", default="evaluate")
    needed = alarm.at("datapointsToAlarm")
    yield from within(needed if needed.value is not None else alarm.at("evaluationPeriods"), 1, row.periods)
    yield from expect(alarm.at("treatMissingData"), row.missing, default="missing")
    severity = severity_of(alarm)
    if isinstance(severity, Unknown):
        yield severity
    elif severity != row.severity:
        found = f"says it is {severity}" if severity else "doesn't say how urgent it is"
        yield violation(f"alarmDescription {found}", f"{row.severity}: {alerting_figures.LEVELS[row.severity]}")


def _limit(alarm: Resource, row: Figures) -> Iterator[Verdict]:
    """How it compares, and with what: with "or equal" a whole number of things may be the limit itself."""
    strict, equal = ("GreaterThan", "GreaterThanOrEqualTo") if row.is_above else ("LessThan", "LessThanOrEqualTo")
    yield from expect(alarm.at("comparisonOperator"), f"{strict}Threshold", f"{equal}Threshold")
    fact = alarm.at("threshold").scalar()
    threshold = number(fact)
    word = "most" if row.is_above else "least"
    if isinstance(fact, Unknown):
        yield fact
    elif threshold is None or (threshold > row.threshold if row.is_above else threshold < row.threshold):
        found = "isn't set" if threshold is None else f"is {threshold}"
        yield violation(f"threshold {found}", f"at {word} {row.threshold:g}")
    elif row is alerting_figures.UNHEALTHY and threshold > 0:
        # One task is enough: more than none, or at least one.
        yield from expect(alarm.at("comparisonOperator"), f"{equal}Threshold")


def _tells(alarm: Resource, row: Figures, stack: Stack) -> Iterator[Verdict]:
    for key in ACTION_LISTS:
        told = channels_reached_by(alarm, key, stack)
        if row.channel not in told.channels:
            doubt = next((verdict for verdict in told.verdict if isinstance(verdict, Unknown)), None)
            yield doubt or violation(f"{key} doesn't reach {row.channel}", f"a topic that {row.channel} is told of")


def _tasks_down(stack: Stack) -> Iterator[Finding]:
    for row in (alerting_figures.UNHEALTHY, alerting_figures.TOO_FEW, alerting_figures.SILENT):
        yield from _health(stack, row)


def _health(stack: Stack, row: Figures) -> Iterator[Finding]:
    """Two alarms may be on one metric, told apart by what is made of its samples."""
    for thing in stack.of(TARGETS):

        def measures(alarm: Resource, thing: Resource = thing) -> Answer:
            return all_of(
                is_text(alarm.at("namespace"), alerting_figures.BALANCER),
                is_text(alarm.at("metricName"), row.metric),
                is_text(alarm.at("statistic"), row.statistic),
                _of_targets(alarm, alarm.at("dimensions"), thing, stack),
            )

        label = f"{row.metric} ({row.statistic}) of {thing.name}"
        yield from _row(stack, thing, measures, row, label)


def _errors(stack: Stack) -> Iterator[Finding]:
    row = alerting_figures.ERROR_RATE
    for thing in stack.of(TARGETS):

        def measures(alarm: Resource) -> Answer:
            names = {text for node in _metrics(alarm) if isinstance(text := node.at("metricName").value, str)}
            return set(alerting_figures.FAILING) <= names

        yield from _row(stack, thing, measures, row, f"the share of failing requests of {thing.name}")
        for alarm in alarms(stack):
            if measures(alarm) is True:
                yield from findings(alarm, _share(alarm, thing, stack))


def _metrics(alarm: Resource) -> Sequence[Node]:
    return [
        query.at("metric") for query in elements_of(alarm.at("metricQueries")) if query.at("metric").value is not None
    ]


def _share(alarm: Resource, targets: Resource, stack: Stack) -> Iterator[Verdict]:
    """The expression by what it says, whatever its ids are, and each metric under it."""
    letters: dict[str, str] = {}
    for metric in _metrics(alarm):
        if isinstance(metric.value, Unknown):
            yield metric.value
            continue
        name = metric.at("metricName").value
        letter = alerting_figures.FAILING.get(name) if isinstance(name, str) else None
        yield from expect(metric.at("namespace"), alerting_figures.BALANCER)
        yield from expect(metric.at("stat"), "Sum")
        yield from expect(metric.at("period"), alerting_figures.MINUTE)
        if letter:
            letters[_id_of(alarm, metric)] = letter
        yield from _measured(alarm, metric.at("dimensions"), targets, stack, is_of_targets=letter not in ("B", "U"))
    returned = [query for query in elements_of(alarm.at("metricQueries")) if query.at("returnData").value is True]
    texts = [_lettered(query.at("expression").value, letters) for query in returned]
    if len(texts) != 1 or texts[0] != alerting_figures.ERROR_SHARE:
        yield violation(
            f"its expression isn't the share of failing requests: {', '.join(texts)}",
            "100 * (target + ELB) / (all + ELB 503)",
        )


def _id_of(alarm: Resource, metric: Node) -> str:
    query = elements_of(alarm.at("metricQueries"))[int(metric.path[1])]
    return str(query.at("id").value)


def _lettered(expression: object, letters: dict[str, str]) -> str:
    text = "".join(str(expression).split())
    for id_ in sorted(letters, key=len, reverse=True):
        text = text.replace(id_, letters[id_])
    return text


def _measured(
    alarm: Resource, dimensions: Node, targets: Resource, stack: Stack, *, is_of_targets: bool
) -> Iterator[Verdict]:
    balancer = stack.refer(alarm, dimensions.at("LoadBalancer"), *LOAD_BALANCERS, by=("arnSuffix",))
    answer = balancer if isinstance(balancer, Unknown) else isinstance(balancer, Found)
    if is_of_targets:
        answer = _of_targets(alarm, dimensions, targets, stack)
    if isinstance(answer, Unknown):
        yield answer
    elif not answer:
        yield violation(f"{'.'.join(dimensions.path)} aren't those of {targets.name}", "the stack's own load balancer")


def _disk(stack: Stack) -> Iterator[Finding]:
    """Of a metric that a filter takes from the system's own measurements: AWS/RDS has no share."""
    names = [(part, *_metric_of(part)) for part in stack.of(LOG_FILTER) if _is_of_disk(part)]
    for instance in stack.of(DB_INSTANCE):
        identifier = instance.at("identifier").value
        own = [each for each in names if f'"{identifier}"' in str(each[0].at("pattern").value)]
        if not own:
            lacking = violation(
                f"nothing measures the disk of {instance.name}",
                f"a metric filter of {alerting_figures.SYSTEMS_GROUP} on {alerting_figures.USED_SHARE}",
            )
            yield Finding(resource=instance, verdict=lacking)
            continue

        def measures(
            alarm: Resource, own: list[tuple[Resource, Node, Node]] = own, thing: Resource = instance
        ) -> Answer:
            is_it = any(
                alarm.at("namespace").value == namespace.value and alarm.at("metricName").value == name.value
                for _, namespace, name in own
            )
            return all_of(is_it, _of_instance(alarm, alarm.at("dimensions"), thing, stack))

        yield from _row(stack, instance, measures, alerting_figures.DISK, f"the disk of {instance.name}")


def _metric_of(part: Resource) -> tuple[Node, Node]:
    return part.at("metricTransformation", "namespace"), part.at("metricTransformation", "name")


def _is_of_disk(part: Resource) -> bool:
    return (
        part.at("logGroupName").value == alerting_figures.SYSTEMS_GROUP
        and part.at("metricTransformation", "value").value == alerting_figures.USED_SHARE
    )


def _rule(id_: str, description: str, judge: Callable[[Stack], Iterator[Finding]]) -> StackRule:
    return StackRule(
        id=f"alerting-{id_}",
        section="Alert Configuration",
        description=description,
        remedy="Make the alarm with the document's figures, and send it where the document says.",
        judge=judge,
    )


def _of(kind: str, namespace: str, row: Figures, is_about: IsAbout) -> Callable[[Stack], Iterator[Finding]]:
    return lambda stack: _metric(stack, kind, namespace, row, is_about)


_latency = _of(TARGETS, alerting_figures.BALANCER, alerting_figures.LATENCY, _of_targets)
_cpu = _of(ECS_SERVICE, alerting_figures.TASKS, alerting_figures.CPU, _of_service)
_memory = _of(ECS_SERVICE, alerting_figures.TASKS, alerting_figures.MEMORY, _of_service)
_connections = _of(DB_INSTANCE, alerting_figures.DATABASES, alerting_figures.CONNECTIONS, _of_instance)
_expiry = _of(CERTIFICATE, alerting_figures.CERTIFICATES, alerting_figures.EXPIRY, _of_certificate)

RULES = (
    _rule("error-rate", "Somebody is paged when more than 1 % of requests fail for 5 minutes", _errors),
    _rule("latency", "Somebody is paged when P95 is above 500 ms for 5 minutes", _latency),
    _rule("tasks", "Somebody is paged when a task is unhealthy, too few are healthy, or none is heard of", _tasks_down),
    _rule("cpu", "People are told when CPU is above 85 % for 10 minutes", _cpu),
    _rule("memory", "People are told when memory is above 90 % for 10 minutes", _memory),
    _rule("connections", "People are told when a database has above 80 % of its connections in use", _connections),
    _rule("disk", "People are told when more than 80 % of a database's disk is in use", _disk),
    _rule("certificates", "People are told when a certificate has fewer than 30 days", _expiry),
)
