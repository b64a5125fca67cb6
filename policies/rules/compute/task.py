"""Rules about the task as a whole: its size, its roles, and what it shares with nobody."""

from collections.abc import Iterator

from policies.engine.expectations import expect, expect_absent, expect_set, expect_true
from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.rule import ResourceRule, Verdict, violation
from policies.figures import compute as compute_figures
from policies.rules.compute.containers import TASK, containers


def _task(task: Resource) -> Iterator[Verdict]:
    yield from _only_fargate(task.at("requiresCompatibilities"))
    yield from expect(task.at("networkMode"), "awsvpc")
    for key in ("executionRoleArn", "taskRoleArn"):
        yield from expect_set(task.at(key), "a role of its own")
    # A revision that was deregistered can't be gone back to.
    yield from expect_true(task.at("skipDestroy"), default=False)
    for key in ("pidMode", "ipcMode"):
        yield from expect_absent(task.at(key), "nothing: containers share neither processes nor memory")
    yield from _volumes(task.at("volumes"))
    family = task.at("family").text()
    if isinstance(family, Known) and family.value.startswith(compute_figures.SERVICE_PREFIX):
        yield from expect(task.at("cpu"), compute_figures.CPU, int(compute_figures.CPU))
        yield from expect(task.at("memory"), compute_figures.MEMORY, int(compute_figures.MEMORY))


def _only_fargate(needs: Node) -> Iterator[Verdict]:
    match needs.items():
        case Known(value=nodes) if [node.text() for node in nodes] == [Known(value="FARGATE")]:
            pass
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation("requiresCompatibilities isn't FARGATE alone", "FARGATE")


def _volumes(volumes: Node) -> Iterator[Verdict]:
    match volumes.items():
        case Known(value=nodes):
            for node in nodes:
                yield from expect_absent(node.at("hostPath"), "no folder of a host's")
        case _:
            yield from expect_absent(volumes, "no volumes")


def _temporary(task: Resource) -> Iterator[Verdict]:
    found = containers(task)
    for container in found if isinstance(found, tuple) else ():
        mounts = container.at("linuxParameters", "tmpfs").items()
        nodes = mounts.value if isinstance(mounts, Known) else ()
        own = [node for node in nodes if node.at("containerPath").text() == Known(value="/tmp")]  # noqa: S108
        options = own[0].at("mountOptions").items() if own else None
        texts = [option.text() for option in options.value] if isinstance(options, Known) else []
        if Known(value="mode=1777") not in texts:
            allowed = "a tmpfs there with mode=1777: without it, it is root's alone"
            yield violation("a container can't write to /tmp, and to nothing else", allowed)


RULES = (
    ResourceRule(
        id="compute-task",
        section="Compute (ECS Fargate)",
        description="A task runs on Fargate alone, in the document's size, with roles of its own, and shares nothing",
        remedy="Set the document's cpu and memory, both roles and skipDestroy, and leave host settings out.",
        types=(TASK,),
        judge=_task,
    ),
    ResourceRule(
        id="compute-temporary",
        section="Compute (ECS Fargate)",
        description="The one place where a container may write is /tmp, in memory",
        remedy="Mount a tmpfs at /tmp with mode=1777.",
        types=(TASK,),
        judge=_temporary,
    ),
)
