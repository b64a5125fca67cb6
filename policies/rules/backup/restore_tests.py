"""Rules about restore tests: each primary's newest snapshot is restored every week, in private, and validated."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import chain

from policies.engine.answers import Answer, is_text
from policies.engine.expectations import equals, expect, expect_false, expect_set, property_rule, within
from policies.engine.facts import Absent, Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Found, Reference, Stack
from policies.engine.rule import Finding, StackRule, Verdict, expect_reference, findings, report, unknowns, violation
from policies.figures import access as access_figures
from policies.figures import data as data_figures
from policies.figures.common import ACCOUNT
from policies.readers.event_rules import CHECK, COMPLETED, validation_rule_name
from policies.readers.iam_documents import account_of, has_action, resource_of, texts
from policies.readers.placement import expect_security_group, expect_tier
from policies.readers.resource_types import (
    BACKUP_VAULT,
    DB_INSTANCE,
    ECS_SERVICE,
    EVENT_RULE,
    EVENT_TARGET,
    IAM_ROLE,
)
from policies.readers.role_policies import denials_of
from policies.readers.stacks import is_planned
from policies.readers.subnets import PRIVATE
from policies.rules.backup.snapshots import expect_weekly, primaries

PLAN = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
SELECTION = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
DB_SUBNETS, DB_PARAMETERS = "aws:rds/subnetGroup:SubnetGroup", "aws:rds/parameterGroup:ParameterGroup"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
SECTION = "Backup & Recovery"
OVERRIDES = "restoreMetadataOverrides"

# A parameter of the restore, the types that it names, and the property of the primary that names the same.
_PLACE = (
    ("dbSubnetGroupName", DB_SUBNETS, "dbSubnetGroupName"),
    ("dbParameterGroupName", DB_PARAMETERS, "parameterGroupName"),
)
_GROUPS = "vpcSecurityGroupIds"


def _tested(stack: Stack) -> Iterator[Finding]:
    for primary in primaries(stack):
        found: list[Resource] = []
        undecided: list[Finding] = []
        for selection in stack.of(SELECTION):
            selected = stack.refer_each(selection, selection.at("protectedResourceArns"), DB_INSTANCE)
            if Found(resource=primary) in selected:
                found.append(selection)
            undecided += unknowns(selection, *selected)
        for selection in found:
            yield from _selection(selection, primary, stack)
        if not found:
            missing = report(primary, "no restore test names it", "a restore testing selection of this stack")
            yield from undecided[:1] or [missing]


def _selection(selection: Resource, primary: Resource, stack: Stack) -> Iterator[Finding]:
    yield from expect_reference(
        selection,
        "restoreTestingPlanName",
        stack,
        PLAN,
        "a restore testing plan",
        by=("name", "id"),
        judge=lambda plan: _plan(plan, stack),
    )
    yield from expect_reference(
        selection, "iamRoleArn", stack, IAM_ROLE, "a role", by=("arn", "id"),
        judge=lambda role: _keeps(role, primary, stack),
    )  # fmt: skip
    # backup-restore-private reports what isn't set; the rules of databases, a primary in a place of another stack.
    groups = selection.at(OVERRIDES, _GROUPS).parsed()
    if elements_of(groups):
        yield from expect_security_group(selection, groups, stack, "database")
    for parameter, type_, key in _PLACE:
        restored = _reference(selection, selection.at(OVERRIDES, parameter), type_, stack)
        original = _reference(primary, primary.at(key), type_, stack)
        undecided = [*unknowns(selection, restored), *unknowns(primary, original)]
        if undecided:
            yield undecided[0]
        elif isinstance(original, Found) and not isinstance(restored, Absent) and restored != original:
            yield report(selection, f"{parameter} isn't the primary's", f"that of {primary.name}")


def _keeps(role: Resource, primary: Resource, stack: Stack) -> Iterator[Finding]:
    """Require that the role, which deletes what it has restored, can't delete the database."""
    denials, undecided = denials_of(role, stack)
    if any(_denies_deletion(statement, primary) for statement in denials):
        return
    missing = report(role, f"it may delete {primary.name}", "a policy that denies rds:DeleteDBInstance on the database")
    yield from undecided[:1] or [missing]


def _denies_deletion(statement: Node, primary: Resource) -> bool:
    identifier = primary.at("identifier").text()
    database = f"db:{identifier.value if isinstance(identifier, Known) else ''}"
    return (
        statement.at("Condition").value is None
        and has_action(statement, "rds:DeleteDBInstance")
        and any(_is_database(arn, database) for arn in texts(statement.at("Resource")))
    )


def _is_database(arn: str, database: str) -> bool:
    return account_of(arn) == ACCOUNT and fnmatchcase(database, resource_of(arn))


def _reference(resource: Resource, node: Node, type_: str, stack: Stack) -> Reference:
    return stack.refer(resource, node, type_, by=("name", "id"))


def _plan(plan: Resource, stack: Stack) -> Iterator[Finding]:
    point = plan.at("recoveryPointSelection")
    yield from findings(
        plan,
        chain(
            expect_weekly(plan.at("scheduleExpression")),
            expect(plan.at("scheduleExpressionTimezone"), "UTC", "Etc/UTC", default="Etc/UTC"),
            expect(point.at("algorithm"), "LATEST_WITHIN_WINDOW"),
            within(point.at("selectionWindowDays"), data_figures.WEEK_DAYS, default=30),
            _snapshots(point.at("recoveryPointTypes")),
        ),
    )
    vaults = point.at("includeVaults")
    nodes = elements_of(vaults)
    for vault in nodes:
        yield from expect_reference(plan, vault, stack, BACKUP_VAULT, "a vault")
    if not nodes:
        yield report(plan, f"{'.'.join(vaults.path)} isn't set", "a vault of this stack")


def _snapshots(types: Node) -> Iterator[Verdict]:
    found = [node.text() for node in elements_of(types)]
    if Known(value="SNAPSHOT") in found:
        return
    unknown = next((fact for fact in found if isinstance(fact, Unknown)), None)
    yield unknown or violation(f"{'.'.join(types.path)} has no SNAPSHOT", "SNAPSHOT: the weekly snapshots")


def _place(selection: Resource) -> Iterator[Verdict]:
    for parameter in (_GROUPS, *(parameter for parameter, _, _ in _PLACE)):
        yield from expect_set(selection.at(OVERRIDES, parameter), "the primary's: AWS Backup would use a default VPC")


def _validated(stack: Stack) -> Iterator[Finding]:
    """Require the rules that start the validation; the check a day later once there is a primary."""
    if not is_planned(stack) or not stack.of(ECS_SERVICE):
        return
    names = [rule.at("name").text() for rule in stack.of(EVENT_RULE)]
    unknown = [Finding(resource=rule, verdict=name) for rule, name in zip(stack.of(EVENT_RULE), names, strict=True)
               if isinstance(name, Unknown)]  # fmt: skip
    for purpose in (COMPLETED, *((CHECK,) if primaries(stack) else ())):
        name = validation_rule_name(stack.name, purpose)
        rules = [rule for rule in stack.of(EVENT_RULE) if rule.at("name").text() == Known(value=name)]
        if not rules:
            yield from unknown or [
                report(None, f"there is no event rule {name}", "the rule that starts the validation")
            ]
        for rule in rules:
            yield from findings(rule, _pattern(rule) if purpose == COMPLETED else _schedule(rule))
            yield from _target(rule, stack)


def _pattern(rule: Resource) -> Iterator[Verdict]:
    # AWS Backup's restore jobs have a status, its other jobs a state.
    pattern = rule.at("eventPattern").parsed()
    if isinstance(pattern.value, Unknown):
        yield pattern.value
        return
    for path, value in (
        (("source",), "aws.backup"),
        (("detail-type",), "Restore Job State Change"),
        (("detail", "status"), "COMPLETED"),
    ):
        found = [node.text() for node in elements_of(pattern.at(*path))]
        if found != [Known(value=value)]:
            yield violation(f"{'.'.join(path)} of eventPattern isn't {value}", json.dumps({path[-1]: [value]}))


def _schedule(rule: Resource) -> Iterator[Verdict]:
    yield from expect_weekly(rule.at("scheduleExpression"))


def _target(rule: Resource, stack: Stack) -> Iterator[Finding]:
    found: list[Resource] = []
    undecided: list[Finding] = []
    for target in stack.of(EVENT_TARGET):
        reference = stack.refer(target, target.at("rule"), EVENT_RULE, by=("name", "id"))
        undecided += unknowns(target, reference)
        if reference == Found(resource=rule):
            found.append(target)
    if not found:
        yield from undecided[:1] or [report(rule, "it has no target", "the restore validation's task")]
    for target in found:
        yield from expect_reference(
            target, target.at("ecsTarget", "taskDefinitionArn"), stack, TASK, "a task definition", by=("arn",),
            judge=lambda task, target=target: _is_validation(task, target),
        )  # fmt: skip
        network = target.at("ecsTarget", "networkConfiguration")
        verdicts = chain(
            expect(target.at("ecsTarget", "launchType"), "FARGATE"),
            expect_false(network.at("assignPublicIp"), default=False),
            expect_set(target.at("roleArn"), "the role by which EventBridge starts the task"),
        )
        yield from findings(target, verdicts)
        yield from expect_security_group(target, network.at("securityGroups"), stack, "service")
        yield from expect_tier(target, network.at("subnets"), stack, PRIVATE)


def _is_validation(task: Resource, target: Resource) -> Iterator[Finding]:
    family = access_figures.RESTORE_VALIDATION_FAMILY.format(stack=task.stack)
    answer: Answer = is_text(task.at("family"), family)
    if isinstance(answer, Unknown):
        yield Finding(resource=task, verdict=answer)
    elif not answer:
        yield report(target, f"it starts {task.name}", f"the task definition of the family {family}")


RULES = (
    StackRule(
        id="backup-restore-test",
        section=SECTION,
        description="The newest weekly snapshot of every primary is restored once a week, into the primary's subnets "
        "and security groups and with its parameters, by a role that can't delete the primary",
        remedy="Select the primary by its ARN for a restore testing plan of every week, of the stack's vault, with the "
        f"primary's places in {OVERRIDES}, and a role whose policy denies rds:DeleteDBInstance on the primary.",
        judge=_tested,
        severity="high",
    ),
    property_rule(
        "backup-restore-private",
        section=SECTION,
        description="A restored database is private, in one zone, and open to a login by IAM until it is deleted",
        types=SELECTION,
        rows=(
            equals("protectedResourceType", "RDS"),
            equals("validationWindowHours", data_figures.VALIDATION_HOURS),
            # AWS Backup's parameters are texts.
            equals(f"{OVERRIDES}.publiclyAccessible", "false"),
            equals(f"{OVERRIDES}.multiAz", "false"),
            equals(f"{OVERRIDES}.enableIamDatabaseAuthentication", "true"),
        ),
        also=_place,
        remedy=f"Name subnets, security groups and parameters in {OVERRIDES}.",
        severity="high",
    ),
    StackRule(
        id="backup-restore-validated",
        section=SECTION,
        description="EventBridge starts the validation of each restore test, and a day later the check that it was "
        "validated",
        remedy="Start the restore validation's task on Fargate, in the private subnets and the service's security "
        "group, without a public address, by the rules "
        f"{validation_rule_name('<stack>', COMPLETED)} and, with a primary, {validation_rule_name('<stack>', CHECK)}.",
        judge=_validated,
        severity="high",
    ),
)
