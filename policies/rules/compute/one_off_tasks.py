"""Rules about one-off tasks: what each can hold, when it ends, and who starts it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policies.engine.answers import Answer
from policies.engine.expectations import (
    Expectation,
    equals,
    is_true,
    must_be_empty,
    property_rule,
    refers_to,
    row,
    when,
)
from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, StackRule, Verdict, report, violation
from policies.figures import access as access_figures
from policies.readers.resource_types import ECS_SERVICE, IAM_ROLE
from policies.readers.stacks import is_planned
from policies.rules.compute.containers import (
    TASK,
    containers_of,
    in_each_container,
    is_access_task,
    is_database_task,
    is_export_task,
    is_validation_task,
    name_of,
    unless,
)

_ENTRY_POINT = f"[{', '.join(access_figures.ONE_OFF_ENTRY_POINT)}, at most {access_figures.SESSION_SECONDS}]"


@dataclass(frozen=True, kw_only=True)
class _OneOffTask:
    """A task that commands start: its family, its roles by property, and who starts it."""

    name: str
    family: str
    is_it: Callable[[Resource], Answer]
    roles: tuple[tuple[str, str], ...]
    started_by: str


_ACCESS = _OneOffTask(
    name="access task",
    family=access_figures.ACCESS_FAMILY,
    is_it=is_access_task,
    roles=(
        ("taskRoleArn", access_figures.ACCESS_TASK_ROLE),
        ("executionRoleArn", access_figures.ACCESS_EXECUTION_ROLE),
    ),
    started_by="people start this one, for an hour",
)
_DATABASE = _OneOffTask(
    name="database task",
    family=access_figures.DATABASE_FAMILY,
    is_it=is_database_task,
    roles=tuple((key, access_figures.DATABASE_TASK_ROLE) for key in ("taskRoleArn", "executionRoleArn")),
    started_by="commands start this one, for a change of the logins",
)

_VALIDATION = _OneOffTask(
    name="restore validation",
    family=access_figures.RESTORE_VALIDATION_FAMILY,
    is_it=is_validation_task,
    roles=tuple((key, access_figures.RESTORE_VALIDATION_ROLE) for key in ("taskRoleArn", "executionRoleArn")),
    started_by="EventBridge starts this one, for each restore test",
)
_EXPORT = _OneOffTask(
    name="data export",
    family=access_figures.DATA_EXPORT_FAMILY,
    is_it=is_export_task,
    roles=tuple((key, access_figures.DATA_EXPORT_ROLE) for key in ("taskRoleArn", "executionRoleArn")),
    started_by="a command starts this one, for one person's data",
)


def _expect_timeout(entry_point: Node) -> Iterator[Verdict]:
    found = entry_point.items()
    facts = [node.text() for node in found.value] if isinstance(found, Known) else []
    texts = tuple(fact.value for fact in facts if isinstance(fact, Known))
    seconds = texts[-1] if texts else ""
    is_limited = seconds.isascii() and seconds.isdigit() and 0 < int(seconds) <= access_figures.SESSION_SECONDS
    if not (texts[:-1] == access_figures.ONE_OFF_ENTRY_POINT and is_limited):
        state = f"is [{', '.join(texts)}]" if texts else "isn't set"
        yield violation(f"entryPoint {state}", _ENTRY_POINT)


def _planned(one_off: _OneOffTask) -> Callable[[Stack], Iterator[Finding]]:
    """Return a judge that requires the task definition with its roles, and no service that runs it."""

    def judge(stack: Stack) -> Iterator[Finding]:
        if not is_planned(stack) or not stack.of(ECS_SERVICE):
            return
        answers = [(task, one_off.is_it(task)) for task in stack.of(TASK)]
        unknown = [Finding(resource=task, verdict=answer) for task, answer in answers if isinstance(answer, Unknown)]
        tasks = [task for task, answer in answers if answer is True]
        if not tasks:
            family = one_off.family.format(stack=stack.name)
            missing = report(None, f"there is no task definition of the family {family}", f"the {one_off.name}")
            yield from unknown or (missing,)
        for task in tasks:
            for key, role in one_off.roles:
                name = equals("name", f"{role}{access_figures.SUFFIXES[stack.name]}")
                yield from refers_to(key, IAM_ROLE, "role", name, is_on_referrer=True).judge(task, stack)
        for service in stack.of(ECS_SERVICE):
            match stack.refer(service, service.at("taskDefinition"), TASK):
                case Found(resource=task) if task in tasks:
                    yield report(service, f"it runs the {one_off.name}", f"another task: {one_off.started_by}")
                case Unknown() as undecided:
                    yield Finding(resource=service, verdict=undecided)
                case _:
                    pass

    return judge


def _no_master_secret(task: Resource) -> Iterator[Verdict]:
    for container in containers_of(task):
        found = container.at("secrets").items()
        for secret in found.value if isinstance(found, Known) else ():
            match secret.at("valueFrom").text():
                case Known(value=source) if access_figures.OWNER_OF_DATABASE in source:
                    yield violation(
                        f"{name_of(container)} reads the master user's secret", "the database task alone reads it"
                    )
                case _:
                    pass


def _ends_itself(is_it: Callable[[Resource], Answer], *more: Expectation) -> tuple[Expectation, ...]:
    """Return the rows of a one-off task, which ends with its container, and more of them."""
    return when(
        is_it,
        *in_each_container(
            row("entryPoint", f"set entryPoint to {_ENTRY_POINT}", _expect_timeout),
            is_true("essential", default=True),
            *more,
        ),
    )


RULES = (
    property_rule(
        "compute-access-task",
        section="Access Controls",
        description=f"The access task ends itself after {access_figures.SESSION_SECONDS} seconds at most, whatever its "
        "command, and holds no secrets and no variables",
        types=TASK,
        rows=_ends_itself(
            is_access_task,
            must_be_empty("secrets", "every session can read them"),
            must_be_empty("environment", "the image has the variables that psql needs"),
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
        judge=_planned(_ACCESS),
    ),
    property_rule(
        "compute-database-task",
        section="Access Controls",
        description="Only the database task reads the master user's secret, and it ends itself after "
        f"{access_figures.SESSION_SECONDS} seconds at most",
        types=TASK,
        rows=_ends_itself(is_database_task),
        also=unless(is_database_task, _no_master_secret),
        remedy="Read the application's secret, whose user has fewer permissions.",
        severity="high",
    ),
    StackRule(
        id="compute-database",
        section="Database Access",
        description="The stack has the task definition by which commands change the database's logins, with the role "
        "of the database task, and no service runs it",
        remedy=f"Define it in its family, with the role {access_figures.DATABASE_TASK_ROLE}, and run another one as a "
        "service.",
        severity="high",
        judge=_planned(_DATABASE),
    ),
    property_rule(
        "compute-restore-validation-task",
        section="Backup & Recovery",
        description=f"The restore validation ends itself after {access_figures.SESSION_SECONDS} seconds at most, and "
        "reads no secrets: it logs in by IAM",
        types=TASK,
        rows=_ends_itself(is_validation_task, must_be_empty("secrets", "it logs in by IAM")),
        severity="high",
    ),
    StackRule(
        id="compute-restore-validation",
        section="Backup & Recovery",
        description="The stack has the task definition that validates restore tests, with the role of the restore "
        "validation, and no service runs it",
        remedy=f"Define it in its family, with the role {access_figures.RESTORE_VALIDATION_ROLE}, and run another one "
        "as a service.",
        severity="high",
        judge=_planned(_VALIDATION),
    ),
    property_rule(
        "compute-data-export-task",
        section="Data Handling",
        description=f"The data export ends itself after {access_figures.SESSION_SECONDS} seconds at most, and reads no "
        "secrets: it logs in by IAM",
        types=TASK,
        rows=_ends_itself(is_export_task, must_be_empty("secrets", "it logs in by IAM")),
        severity="high",
    ),
    StackRule(
        id="compute-data-export",
        section="Data Handling",
        description="The stack has the task definition that exports a person's data, with the role of the data export, "
        "and no service runs it",
        remedy=f"Define it in its family, with the role {access_figures.DATA_EXPORT_ROLE}, and run another one as a "
        "service.",
        severity="high",
        judge=_planned(_EXPORT),
    ),
)
