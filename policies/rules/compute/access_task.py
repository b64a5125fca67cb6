"""Rules about the access task: what it can hold, when it ends, and who starts it."""

from collections.abc import Iterator

from policies.engine.expectations import equals, is_true, must_be_empty, property_rule, refers_to, row, when
from policies.engine.facts import Known, Node, Unknown
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, StackRule, Verdict, report, violation
from policies.figures import access as access_figures
from policies.readers.resource_types import ECS_SERVICE, IAM_ROLE
from policies.readers.stacks import is_planned
from policies.rules.compute.containers import TASK, in_each_container, is_access_task

_ENTRY_POINT = f"[{', '.join(access_figures.ACCESS_ENTRY_POINT)}, at most {access_figures.SESSION_SECONDS}]"
_ROLES = (
    ("taskRoleArn", access_figures.ACCESS_TASK_ROLE),
    ("executionRoleArn", access_figures.ACCESS_EXECUTION_ROLE),
)


def _expect_timeout(entry_point: Node) -> Iterator[Verdict]:
    found = entry_point.items()
    facts = [node.text() for node in found.value] if isinstance(found, Known) else []
    texts = tuple(fact.value for fact in facts if isinstance(fact, Known))
    seconds = texts[-1] if texts else ""
    is_limited = seconds.isascii() and seconds.isdigit() and 0 < int(seconds) <= access_figures.SESSION_SECONDS
    if not (texts[:-1] == access_figures.ACCESS_ENTRY_POINT and is_limited):
        state = f"is [{', '.join(texts)}]" if texts else "isn't set"
        yield violation(f"entryPoint {state}", _ENTRY_POINT)


def _access_task(stack: Stack) -> Iterator[Finding]:
    if not is_planned(stack) or not stack.of(ECS_SERVICE):
        return
    answers = [(task, is_access_task(task)) for task in stack.of(TASK)]
    unknown = [Finding(resource=task, verdict=answer) for task, answer in answers if isinstance(answer, Unknown)]
    tasks = [task for task, answer in answers if answer is True]
    if not tasks:
        family = access_figures.ACCESS_FAMILY.format(stack=stack.name)
        missing = report(None, f"there is no task definition of the family {family}", "the one that people may start")
        yield from unknown or (missing,)
    for task in tasks:
        for key, role in _ROLES:
            name = equals("name", f"{role}{access_figures.SUFFIXES[stack.name]}")
            yield from refers_to(key, IAM_ROLE, "role", name, is_on_referrer=True).judge(task, stack)
    for service in stack.of(ECS_SERVICE):
        match stack.refer(service, service.at("taskDefinition"), TASK):
            case Found(resource=task) if task in tasks:
                yield report(service, "it runs the access task", "another task: people start this one, for an hour")
            case Unknown() as undecided:
                yield Finding(resource=service, verdict=undecided)
            case _:
                pass


RULES = (
    property_rule(
        "compute-access-task",
        section="Access Controls",
        description=f"The access task ends itself after {access_figures.SESSION_SECONDS} seconds at most, whatever its "
        "command, and holds no secrets and no variables",
        types=TASK,
        rows=when(
            is_access_task,
            *in_each_container(
                row("entryPoint", f"set entryPoint to {_ENTRY_POINT}", _expect_timeout),
                # The task ends with this container.
                is_true("essential", default=True),
                must_be_empty("secrets", "every session can read them"),
                must_be_empty("environment", "the image has the variables that psql needs"),
            ),
        ),
        severity="high",
    ),
    StackRule(
        id="compute-access",
        section="Database Access",
        description="The stack has the task definition that people start to reach the database, with the roles of the "
        "access task, and no service runs it",
        remedy=f"Define it in its family, with the roles {access_figures.ACCESS_TASK_ROLE} and "
        f"{access_figures.ACCESS_EXECUTION_ROLE}, and run another one as a service.",
        severity="high",
        judge=_access_task,
    ),
)
