"""Rules about containers: what they may do, what they are told, what they run, and what they write down.

A task definition holds them as one JSON text, which a first preview doesn't know, because it names hosts and secrets
that aren't made yet. One rule says so, and an `up` judges the text before the task definition is made.
"""

import re
from collections.abc import Callable, Iterator

from policies.engine.expectations import expect, expect_absent, expect_false, expect_true, within
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, violation
from policies.figures import compute as compute_figures
from policies.figures.common import ACCOUNT, APPLICATION
from policies.readers.log_groups import expect_log_group
from policies.readers.regions import own_region

TASK = "aws:ecs/taskDefinition:TaskDefinition"
_ARN = re.compile(r"arn:aws:(secretsmanager|ssm):[a-z0-9-]+:(\d+):(secret:|parameter/)\S+")
_IN_URL = re.compile(r"://[^/\s:@]+:[^/\s@]+@")
_DIGEST = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")


def containers(task: Resource) -> tuple[Node, ...] | Verdict:
    """A task definition's containers, or why they can't be read."""
    match task.at("containerDefinitions").text():
        case Unknown() as unknown:
            return unknown
        case Known():
            found = task.at("containerDefinitions").parsed()
            if isinstance(found.value, list) and found.value and all(isinstance(each, dict) for each in found.value):
                nodes = found.items()
                return nodes.value if isinstance(nodes, Known) else ()
        case Absent():
            pass
    return violation("containerDefinitions isn't a list of containers", "a JSON list of objects")


def _of_each(judge: Callable[[Node, Resource], Iterator[Verdict]]) -> Callable[[Resource], Iterator[Verdict]]:
    """Judge each container; what can't be read, or not yet, another rule tells."""

    def judged(task: Resource) -> Iterator[Verdict]:
        found = containers(task)
        for container in found if isinstance(found, tuple) else ():
            yield from judge(container, task)

    return judged


def _name(container: Node) -> str:
    name = container.at("name").text()
    return name.value if isinstance(name, Known) else f"container {container.path[-1]}"


def _hardened(task: Resource) -> Iterator[Verdict]:
    found = containers(task)
    if not isinstance(found, tuple):
        yield found
        return
    for container in found:
        user = container.at("user").text()
        owner = user.value.split(":")[0].strip() if isinstance(user, Known) else ""
        if owner in ("", "0", "root") or not owner.strip("0"):
            yield violation(f"{_name(container)} runs as {owner or 'whoever its image says'}", "a user that isn't root")
        yield from expect_false(container.at("privileged"), default=False)
        yield from expect_true(container.at("readonlyRootFilesystem"), default=False)
        linux = container.at("linuxParameters")
        yield from expect_true(linux.at("initProcessEnabled"), default=False)
        for node in (linux.at("capabilities", "add"), linux.at("devices"), container.at("dockerSecurityOptions")):
            if node.value:
                yield from expect_absent(node, "nothing added to what a container may do")


def _secrets(container: Node, _task: Resource) -> Iterator[Verdict]:
    for entry in _listed(container.at("environment")):
        name, value = entry.at("name").text(), entry.at("value").text()
        if isinstance(name, Known) and _says_secret(name.value):
            yield violation(f"{_name(container)} is told {name.value} in plain text", "a name under secrets")
        elif isinstance(value, Known) and _IN_URL.search(value.value):
            shown = name.value if isinstance(name, Known) else "a variable"
            yield violation(f"{shown} of {_name(container)} holds a password in a URL", "its parts under secrets")
    for entry in _listed(container.at("secrets")):
        source = entry.at("valueFrom").text()
        found = _ARN.fullmatch(source.value) if isinstance(source, Known) else None
        if found is None or found.group(2) != ACCOUNT:
            shown = source.value if isinstance(source, Known) else "nowhere"
            allowed = f"the whole ARN of a secret or parameter of {ACCOUNT}"
            yield violation(f"a secret of {_name(container)} comes from {shown}", allowed)
    if container.at("environmentFiles").value:
        yield from expect_absent(container.at("environmentFiles"), "nothing: what is in a file goes unseen")


def _says_secret(name: str) -> bool:
    text = name.upper().replace("-", "_")
    is_name = any(text.endswith(ending) for ending in compute_figures.NAMING_ENDINGS)
    return not is_name and any(
        re.search(rf"(^|_){word}(_|$|\d)", text) or text.endswith(word) for word in compute_figures.SECRET_WORDS
    )


def _listed(node: Node) -> tuple[Node, ...]:
    found = node.items()
    return found.value if isinstance(found, Known) else ()


def _logs(container: Node, task: Resource) -> Iterator[Verdict]:
    logs = container.at("logConfiguration")
    options = logs.at("options")
    yield from expect(logs.at("logDriver"), "awslogs")
    # Blocking, a container stops where CloudWatch is slow.
    yield from expect(options.at("mode"), "non-blocking")
    group = options.at("awslogs-group").text()
    path = f"/{APPLICATION}/{task.stack}/"
    if not isinstance(group, Known) or not group.value.startswith(path):
        yield violation(f"{_name(container)} logs to {group.value if isinstance(group, Known) else 'nothing'}", path)
    region = own_region(task.stack)
    if region:
        yield from expect(options.at("awslogs-region"), region, default=region)


def _log_groups(stack: Stack) -> Iterator[Finding]:
    """Every group that a container logs to is made by the stack, which keeps and encrypts it."""
    for task in stack.of(TASK):
        found = containers(task)
        for container in found if isinstance(found, tuple) else ():
            group = container.at("logConfiguration", "options", "awslogs-group").text()
            yield from findings(task, expect_log_group(stack, group.value) if isinstance(group, Known) else ())


def _health(container: Node, _task: Resource) -> Iterator[Verdict]:
    if not container.at("healthCheck", "command").value:
        yield violation(f"{_name(container)} has no health check", "a healthCheck with a command")
    yield from within(container.at("stopTimeout"), *compute_figures.STOP_SECONDS, default=30)


def _image(container: Node, task: Resource) -> Iterator[Verdict]:
    region = own_region(task.stack)
    registry = f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com/{compute_figures.REPOSITORY}@"
    allowed = f"{registry}sha256:…, or before a first release {compute_figures.PUBLIC_REGISTRY}… by a tag but latest"
    match container.at("image").text():
        case Known(value=image):
            public = image.startswith(compute_figures.PUBLIC_REGISTRY) and "@" not in image
            tag = image.rpartition("/")[2].partition(":")[2]
            released = image.startswith(registry) and _DIGEST.fullmatch(image)
            if not released and not (public and tag not in ("", "latest")):
                yield violation(f"{_name(container)} runs {image}", allowed)
        case _:
            yield violation(f"{_name(container)} has no image", allowed)


RULES = (
    ResourceRule(
        id="compute-container-hardened",
        section="Compute (ECS Fargate)",
        description="A container isn't root, can't become it, writes to no file system of its own, and reaps its dead",
        remedy="Set user, readonlyRootFilesystem and initProcessEnabled, and add no capability.",
        types=(TASK,),
        judge=_hardened,
    ),
    ResourceRule(
        id="compute-container-secrets",
        section="Access Controls",
        description="No container is told a secret in plain text; each comes from where it is kept",
        remedy="Name it under secrets, with the ARN of its secret and the JSON key.",
        types=(TASK,),
        judge=_of_each(_secrets),
    ),
    ResourceRule(
        id="compute-container-logs",
        section="Audit Logging",
        description="Every container writes to a log group of the stack, and doesn't wait for it",
        remedy="Log by awslogs, non-blocking, to a group below the stack's path.",
        types=(TASK,),
        judge=_of_each(_logs),
    ),
    StackRule(
        id="compute-log-groups",
        section="Backup Schedule",
        description="Every group that a container logs to is made by the stack",
        remedy="Make the log group, with its retention and key, before the task definition.",
        judge=_log_groups,
    ),
    ResourceRule(
        id="compute-container-health",
        section="Deployment Checklist",
        description="Every container is asked whether it is well, and has time to end what it does",
        remedy="Set a healthCheck, and a stopTimeout of 30 to 120 seconds.",
        types=(TASK,),
        judge=_of_each(_health),
    ),
    ResourceRule(
        id="compute-image",
        section="Deployment Commands",
        description="What runs is an image of our registry by its digest, or the stand-in before a first release",
        remedy="Name the image by digest, from the repository of the stack's own region.",
        types=(TASK,),
        judge=_of_each(_image),
    ),
)
