"""The compliant restore tests as plain data: their plan, and the rules that start the validation."""

import json

from tests.policies.compliant.data import ACCOUNT, INSTANCE, PRIMARY
from tests.policies.plan import REMOVED, Plan, Ref

TEST_PLAN = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
TEST_SELECTION = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
EVENT_RULE = "aws:cloudwatch/eventRule:EventRule"
EVENT_TARGET = "aws:cloudwatch/eventTarget:EventTarget"
KEEPS = "aws:iam/rolePolicy:RolePolicy"
VALIDATION = "TaskDefinition restore-validation"


def pattern(**changed: object) -> str:
    """Return the pattern of completed restores, with changed members of `detail`."""
    whole = {"status": ["COMPLETED"], "restoreTestingPlanArn": [{"prefix": "arn:aws:backup:"}], **changed}
    detail = {name: value for name, value in whole.items() if value is not REMOVED}
    return json.dumps({"source": ["aws.backup"], "detail-type": ["Restore Job State Change"], "detail": detail})


def add_restore_tests(plan: Plan) -> None:
    """Add the plan, in production its selection of the primary, and what starts the validation."""
    has_primary = "replicateSourceDb" not in plan.resources[PRIMARY].inputs
    assert plan.resources[PRIMARY].type == INSTANCE
    planned = plan.add(
        TEST_PLAN,
        "restore-test",
        None,
        name=f"taskflow_{plan.stack}_restore_test",
        scheduleExpression="cron(0 7 ? * MON *)",
        scheduleExpressionTimezone="UTC",
        startWindowHours=1,
        recoveryPointSelection={
            "algorithm": "LATEST_WITHIN_WINDOW",
            "includeVaults": [Ref(to="Vault backups", output="arn")],
            "recoveryPointTypes": ["SNAPSHOT"],
            "selectionWindowDays": 8,
        },
    )
    name = planned.inputs["name"]
    planned.computed = {"name": name, "arn": f"arn:aws:backup:::restore-testing-plan:{name}-1"}
    if has_primary:
        plan.add(
            TEST_SELECTION,
            "restore-test",
            None,
            name="databases",
            restoreTestingPlanName=Ref(to=planned.key, output="name"),
            protectedResourceType="RDS",
            protectedResourceArns=[Ref(to=PRIMARY, output="arn")],
            iamRoleArn=Ref(to=_restore_role(plan), output="arn"),
            validationWindowHours=4,
            restoreMetadataOverrides={
                "dbSubnetGroupName": Ref(to="SubnetGroup database"),
                "dbParameterGroupName": Ref(to="ParameterGroup database"),
                "vpcSecurityGroupIds": Ref(to="SecurityGroup database", output="asJson"),
                "enableIamDatabaseAuthentication": "true",
                "multiAz": "false",
                "publiclyAccessible": "false",
            },
        )
        group = plan.resources["SecurityGroup database"]
        group.computed["asJson"] = json.dumps([group.id])
    _start(plan, "completed", eventPattern=pattern())
    if has_primary:
        _start(plan, "check", scheduleExpression="cron(0 7 ? * TUE *)")


def _restore_role(plan: Plan) -> str:
    """Add the role of restore tests, and return its key."""
    trust = {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
    name = f"taskflow-{plan.stack}-restore-test"
    role = plan.add(
        "aws:iam/role:Role", "restore-test", None, name=name, assumeRolePolicy=json.dumps({"Statement": [trust]})
    )
    role.computed = {"arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}
    plan.add(KEEPS, "restore-test", None, name="KeepDatabases", role=Ref(to=role.key), policy=keeping(plan.stack))
    return role.key


def keeping(stack: str = "production", **changed: object) -> str:
    """Return the policy that keeps the databases, with some elements changed."""
    databases = [f"arn:aws:rds:us-east-1:{ACCOUNT}:db:taskflow-{stack}*"]
    denial = {"Effect": "Deny", "Action": ["rds:DeleteDBInstance"], "Resource": databases, **changed}
    return json.dumps({"Version": "2012-10-17", "Statement": [denial]})


def _start(plan: Plan, purpose: str, **inputs: object) -> None:
    name = f"taskflow-{plan.stack}-restore-validation-{purpose}"
    rule = plan.add(EVENT_RULE, f"restore-validation-{purpose}", None, name=name, **inputs)
    rule.computed = {"name": name}
    plan.add(
        EVENT_TARGET,
        f"restore-validation-{purpose}",
        None,
        rule=Ref(to=rule.key, output="name"),
        arn=f"arn:aws:ecs:::cluster/taskflow-{plan.stack}",
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/restore-validation",
        ecsTarget={
            "taskDefinitionArn": Ref(to=VALIDATION, output="arn"),
            "launchType": "FARGATE",
            "networkConfiguration": {
                "assignPublicIp": False,
                "subnets": [Ref(to="Subnet private-1"), Ref(to="Subnet private-2")],
                "securityGroups": [Ref(to="SecurityGroup service")],
            },
        },
    )
