"""Rules about the task definition: its size, its roles, its isolation, and its writable folder."""

from collections.abc import Iterator

from policies.engine.expectations import (
    Expectation,
    equals,
    expect,
    in_each,
    is_true,
    must_be_absent,
    must_be_set,
    property_rule,
    row,
    when,
)
from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.rule import ResourceRule, Verdict, violation
from policies.figures import compute as compute_figures
from policies.rules.compute.containers import TASK, containers_of, is_access_task, name_of, unless


def _is_of_service(task: Resource) -> bool:
    family = task.at("family").text()
    return isinstance(family, Known) and family.value.startswith(compute_figures.SERVICE_PREFIX)


def _size(path: str, size: str) -> Expectation:
    """Require a size, as a text or as a number."""

    def judge(node: Node) -> Iterator[Verdict]:
        return expect(node, size if isinstance(node.value, str) else int(size))

    return row(path, f"set {path} to {size}", judge)


def _expect_only_fargate(compatibilities: Node) -> Iterator[Verdict]:
    match compatibilities.items():
        case Known(value=nodes) if [node.text() for node in nodes] == [Known(value="FARGATE")]:
            pass
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation("requiresCompatibilities isn't FARGATE alone", "FARGATE")


def _temporary_folder(task: Resource) -> Iterator[Verdict]:
    for container in containers_of(task):
        mounts = container.at("linuxParameters", "tmpfs").items()
        nodes = mounts.value if isinstance(mounts, Known) else ()
        temporary = [node for node in nodes if node.at("containerPath").text() == Known(value="/tmp")]  # noqa: S108
        options = temporary[0].at("mountOptions").items() if temporary else None
        texts = [option.text() for option in options.value] if isinstance(options, Known) else []
        if Known(value="mode=1777") not in texts:
            allowed = "a tmpfs there with mode=1777: without it only root can write"
            yield violation(f"{name_of(container)} can't write to /tmp, its only writable folder", allowed)


RULES = (
    property_rule(
        "compute-task",
        section="Compute (ECS Fargate)",
        description="A task runs on Fargate only, with the document's size and its roles, and shares nothing with a "
        "host",
        types=TASK,
        rows=(
            row("requiresCompatibilities", "set requiresCompatibilities to FARGATE", _expect_only_fargate),
            equals("networkMode", "awsvpc"),
            must_be_set("executionRoleArn", "a role"),
            must_be_set("taskRoleArn", "a role"),
            # A deregistered revision can't be rolled back to.
            is_true("skipDestroy", default=False),
            must_be_absent("pidMode", "containers share no processes"),
            must_be_absent("ipcMode", "containers share no memory"),
            in_each("volumes", must_be_absent("hostPath", "a task shares no folder with its host")),
            *when(_is_of_service, _size("cpu", compute_figures.CPU), _size("memory", compute_figures.MEMORY)),
        ),
        severity="high",
        controls=("ECS.3",),
    ),
    ResourceRule(
        id="compute-temporary",
        section="Compute (ECS Fargate)",
        description="A container can write to /tmp only, which is in memory; the access task to its root file system, "
        "and the data export to its disk",
        remedy="Mount a tmpfs at /tmp with mode=1777.",
        severity="medium",
        types=(TASK,),
        judge=unless(is_access_task, _temporary_folder),
    ),
)
