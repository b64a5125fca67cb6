"""Rules about containers: their privileges, environment, images, logs and health checks.

A task definition holds them as one JSON text, which the first preview doesn't know because it contains hosts and
secrets that don't exist yet. Only compute-container-hardened reports that, and an `up` judges the text before the task
definition is created.
"""

import re
from collections.abc import Callable, Iterator
from itertools import islice

from policies.engine.answers import Answer, any_of, is_text
from policies.engine.expectations import (
    Expectation,
    between,
    equals,
    expect,
    is_false,
    is_true,
    must_be_empty,
    property_rule,
    row,
    unconditional,
    when,
)
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, violation
from policies.figures import access as access_figures
from policies.figures import compute as compute_figures
from policies.figures.common import ACCOUNT, APPLICATION
from policies.readers.log_groups import expect_log_group
from policies.readers.regions import own_region

TASK = "aws:ecs/taskDefinition:TaskDefinition"
_ARN = re.compile(r"arn:aws:(secretsmanager|ssm):[a-z0-9-]+:(\d+):(secret:|parameter/)\S+")
_IN_URL = re.compile(r"://[^/\s:@]+:[^/\s@]+@")
_DIGEST = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")


def containers(definitions: Node) -> tuple[Node, ...] | Verdict:
    """Return the containers at the property containerDefinitions, or why they can't be read."""
    match definitions.text():
        case Unknown() as unknown:
            return unknown
        case Known():
            found = definitions.parsed()
            if isinstance(found.value, list) and found.value and all(isinstance(each, dict) for each in found.value):
                nodes = found.items()
                return nodes.value if isinstance(nodes, Known) else ()
        case Absent():
            pass
    return violation("containerDefinitions isn't a list of containers", "a JSON list of objects")


def containers_of(task: Resource) -> tuple[Node, ...]:
    """Return the containers of a task definition; compute-container-hardened reports those that can't be read."""
    found = containers(task.at("containerDefinitions"))
    return found if isinstance(found, tuple) else ()


def is_access_task(task: Resource) -> Answer:
    """Whether a task definition is the access task's, by its family."""
    return is_text(task.at("family"), access_figures.ACCESS_FAMILY.format(stack=task.stack))


def is_database_task(task: Resource) -> Answer:
    """Whether a task definition is the database task's, by its family."""
    return is_text(task.at("family"), access_figures.DATABASE_FAMILY.format(stack=task.stack))


def is_validation_task(task: Resource) -> Answer:
    """Whether a task definition is that of the validation of restore tests, by its family."""
    return is_text(task.at("family"), access_figures.RESTORE_VALIDATION_FAMILY.format(stack=task.stack))


def is_export_task(task: Resource) -> Answer:
    """Whether a task definition is that of the export of a person's data, by its family."""
    return is_text(task.at("family"), access_figures.DATA_EXPORT_FAMILY.format(stack=task.stack))


def is_tools_task(task: Resource) -> Answer:
    """Whether a task definition is that of a one-off task with the tools image."""
    return any_of(is_access_task(task), is_database_task(task), is_validation_task(task), is_export_task(task))


def is_other_task(task: Resource) -> Answer:
    """Whether a task definition is another one than the access task's."""
    answer = is_access_task(task)
    return answer if isinstance(answer, Unknown) else not answer


def _variables(task: Resource) -> Iterator[Verdict]:
    """Require the application's variables in the service's task, which is known by its family."""
    family = task.at("family").text()
    is_service = isinstance(family, Known) and family.value.startswith(compute_figures.SERVICE_PREFIX)
    for container in containers_of(task) if is_service or isinstance(family, Unknown) else ():
        for key, required in (
            ("environment", compute_figures.VARIABLES),
            ("secrets", compute_figures.SECRET_VARIABLES),
        ):
            names = [entry.at("name").text() for entry in _elements(container.at(key))]
            missing = [name for name in required if Known(value=name) not in names]
            unknown = next((fact for fact in (family, *names) if isinstance(fact, Unknown)), None)
            if missing:
                found = f"{name_of(container)} lacks {', '.join(missing)} under {key}"
                yield unknown or violation(found, "all that the application reads")


def unless(
    is_exempt: Callable[[Resource], Answer], judge: Callable[[Resource], Iterator[Verdict]]
) -> Callable[[Resource], Iterator[Verdict]]:
    """Return a judge of all task definitions but those that are exempt."""

    def judge_others(task: Resource) -> Iterator[Verdict]:
        exempt = is_exempt(task)
        if exempt is not True:
            # Whether an unknown family is exempt matters only where the rule is violated.
            verdicts = judge(task)
            yield from (exempt for _ in islice(verdicts, 1)) if isinstance(exempt, Unknown) else verdicts

    return judge_others


def name_of(container: Node) -> str:
    """Return the name of a container, or its number."""
    name = container.at("name").text()
    return name.value if isinstance(name, Known) else f"container {container.path[-1]}"


def in_each_container(*rows: Expectation) -> tuple[Expectation, ...]:
    """Return the rows for a task definition, whose paths begin at each container."""
    return tuple(row("containerDefinitions", each.remedy, _in_each(each)) for each in unconditional(rows))


def _in_each(expectation: Expectation) -> Callable[[Node], Iterator[Verdict]]:
    def judge(definitions: Node) -> Iterator[Verdict]:
        found = containers(definitions)
        for container in found if isinstance(found, tuple) else ():
            yield from expectation.judge(container.at(*expectation.path))

    return judge


def _of_each(judge: Callable[[Node, Resource], Iterator[Verdict]]) -> Callable[[Resource], Iterator[Verdict]]:
    """Return a judge of task definitions that judges each container."""

    def judge_all(task: Resource) -> Iterator[Verdict]:
        for container in containers_of(task):
            yield from judge(container, task)

    return judge_all


def _users(task: Resource) -> Iterator[Verdict]:
    found = containers(task.at("containerDefinitions"))
    if not isinstance(found, tuple):
        yield found
        return
    for container in found:
        user = container.at("user").text()
        owner = user.value.split(":")[0].strip() if isinstance(user, Known) else ""
        if owner in ("", "0", "root") or not owner.strip("0"):
            yield violation(
                f"{name_of(container)} runs as {owner or 'the user of its image'}", "a user other than root"
            )


def _secrets(container: Node, _task: Resource) -> Iterator[Verdict]:
    for entry in _elements(container.at("environment")):
        name, value = entry.at("name").text(), entry.at("value").text()
        if isinstance(name, Known) and _is_secret(name.value):
            yield violation(f"{name_of(container)} has {name.value} in plain text", "an entry under secrets")
        elif isinstance(value, Known) and _IN_URL.search(value.value):
            variable = name.value if isinstance(name, Known) else "a variable"
            found = f"{variable} of {name_of(container)} has a password in a URL"
            yield violation(found, "the password under secrets")
    for entry in _elements(container.at("secrets")):
        source = entry.at("valueFrom").text()
        match = _ARN.fullmatch(source.value) if isinstance(source, Known) else None
        if match is None or match.group(2) != ACCOUNT:
            state = f"is {source.value}" if isinstance(source, Known) else "isn't set"
            allowed = f"the full ARN of a secret or parameter of {ACCOUNT}"
            yield violation(f"valueFrom of a secret of {name_of(container)} {state}", allowed)


def _is_secret(variable: str) -> bool:
    text = variable.upper().replace("-", "_")
    is_reference = any(text.endswith(suffix) for suffix in compute_figures.REFERENCE_SUFFIXES)
    return not is_reference and any(
        re.search(rf"(^|_){word}(_|$|\d)", text) or text.endswith(word) for word in compute_figures.SECRET_WORDS
    )


def _elements(node: Node) -> tuple[Node, ...]:
    found = node.items()
    return found.value if isinstance(found, Known) else ()


def _log_options(container: Node, task: Resource) -> Iterator[Verdict]:
    options = container.at("logConfiguration", "options")
    group = options.at("awslogs-group").text()
    path = f"/{APPLICATION}/{task.stack}/"
    if not isinstance(group, Known) or not group.value.startswith(path):
        name = group.value if isinstance(group, Known) else "no log group"
        yield violation(f"{name_of(container)} logs to {name}", f"a log group below {path}")
    region = own_region(task.stack)
    if region:
        yield from expect(options.at("awslogs-region"), region, default=region)


def _log_groups(stack: Stack) -> Iterator[Finding]:
    """Require that the stack creates the log group of each container: it sets the retention and the key."""
    for task in stack.of(TASK):
        for container in containers_of(task):
            group = container.at("logConfiguration", "options", "awslogs-group").text()
            yield from findings(task, expect_log_group(stack, group.value) if isinstance(group, Known) else ())


def _health_check(container: Node, _task: Resource) -> Iterator[Verdict]:
    if not container.at("healthCheck", "command").value:
        yield violation(f"{name_of(container)} has no health check", "a healthCheck with a command")


def _image(container: Node, task: Resource) -> Iterator[Verdict]:
    is_tools, region = is_tools_task(task), own_region(task.stack)
    if isinstance(is_tools, Unknown):
        yield is_tools
        return
    repository = compute_figures.TOOLS_REPOSITORY if is_tools else compute_figures.REPOSITORY
    registry = f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com/{repository}@"
    placeholder = f", or before the first release {compute_figures.PUBLIC_REGISTRY}… with a tag other than latest"
    allowed = f"{registry}sha256:…{'' if is_tools else placeholder}"
    match container.at("image").text():
        case Known(value=image):
            # residency-provider-region reports an unknown stack.
            is_pinned = (image.startswith(registry) or region is None) and _DIGEST.fullmatch(image)
            if not is_pinned and (is_tools or not _is_placeholder(image)):
                yield violation(f"{name_of(container)} runs {image}", allowed)
        case _:
            yield violation(f"{name_of(container)} has no image", allowed)


def _is_placeholder(image: str) -> bool:
    tag = image.rpartition("/")[2].partition(":")[2]
    return image.startswith(compute_figures.PUBLIC_REGISTRY) and "@" not in image and tag not in ("", "latest")


RULES = (
    property_rule(
        "compute-container-hardened",
        section="Compute (ECS Fargate)",
        description="A container runs without root, added privileges or a writable root file system, which only the "
        "access task's sessions need, and with an init process",
        types=TASK,
        rows=(
            *in_each_container(
                is_false("privileged", default=False),
                # It reaps zombie processes.
                is_true("linuxParameters.initProcessEnabled", default=False),
                must_be_empty("linuxParameters.capabilities.add", "a container needs no privileges"),
                must_be_empty("linuxParameters.devices", "a container needs no devices"),
                must_be_empty("dockerSecurityOptions", "a container needs no privileges"),
            ),
            # The SSM agent of a session creates its folders in the root file system: ECS Exec doesn't work without.
            *when(
                is_other_task,
                *in_each_container(is_true("readonlyRootFilesystem", default=False)),
                of="of every task but the access task",
            ),
        ),
        also=_users,
        remedy="Set user to one other than root.",
        severity="high",
        controls=("ECS.4", "ECS.5"),
    ),
    property_rule(
        "compute-container-secrets",
        section="Access Controls",
        description="No container has a secret in plain text; each is read from Secrets Manager or Parameter Store",
        types=TASK,
        rows=in_each_container(must_be_empty("environmentFiles", "the variables in a file can't be judged")),
        also=_of_each(_secrets),
        remedy="List each secret under secrets, with valueFrom its ARN and JSON key.",
        severity="critical",
        controls=("ECS.8",),
    ),
    property_rule(
        "compute-container-environment",
        section="Compute (ECS Fargate)",
        description="The service's container has every variable that the application reads, and its logins as secrets",
        types=TASK,
        rows=(),
        also=_variables,
        remedy=f"Set {', '.join(compute_figures.VARIABLES)} under environment, and "
        f"{', '.join(compute_figures.SECRET_VARIABLES)} under secrets.",
    ),
    property_rule(
        "compute-container-logs",
        section="Audit Logging",
        description="Every container logs to a log group of the stack, and doesn't wait for it",
        types=TASK,
        rows=in_each_container(
            equals("logConfiguration.logDriver", "awslogs"),
            # In blocking mode a container stalls while CloudWatch Logs is slow.
            equals("logConfiguration.options.mode", "non-blocking"),
        ),
        also=_of_each(_log_options),
        remedy=f"Set awslogs-group to one below /{APPLICATION}/<stack>/, in the stack's region.",
        severity="medium",
        controls=("ECS.9",),
    ),
    StackRule(
        id="compute-log-groups",
        section="Backup Schedule",
        description="The log group of every container is created by the stack",
        remedy="Create the log group, with its retention and key, before the task definition.",
        severity="medium",
        judge=_log_groups,
    ),
    property_rule(
        "compute-container-health",
        section="Deployment Checklist",
        description="Every container has a health check, and time to finish its requests; one-off tasks serve none",
        types=TASK,
        # ECS's default is 30 seconds.
        rows=in_each_container(between("stopTimeout", *compute_figures.STOP_SECONDS, default=30)),
        also=unless(is_tools_task, _of_each(_health_check)),
        remedy="Set a healthCheck with a command.",
        severity="medium",
    ),
    ResourceRule(
        id="compute-image",
        section="Deployment Commands",
        description="A container runs a release by its digest, or the placeholder before the first release; one-off "
        "tasks run the tools image by its digest",
        remedy=f"Use the digest of an image of {compute_figures.REPOSITORY}, in one-off tasks of "
        f"{compute_figures.TOOLS_REPOSITORY}, in the registry of the stack's region.",
        severity="high",
        types=(TASK,),
        judge=_of_each(_image),
    ),
)
