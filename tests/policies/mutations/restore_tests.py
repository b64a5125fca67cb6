"""Changes that violate the rules about restore tests. Data only."""

from tests.policies.compliant.data import REPLICA
from tests.policies.compliant.restore_tests import keeping, pattern
from tests.policies.mutations.database import PRODUCTION, each, group
from tests.policies.mutations.mutation import mutation, removes, sets
from tests.policies.plan import REMOVED, Ref

SELECTION, PLAN = "RestoreTestingSelection restore-test", "RestoreTestingPlan restore-test"
RULE, TARGET = "EventRule restore-validation-completed", "EventTarget restore-validation-completed"
CHECK = "EventRule restore-validation-check"
OVERRIDES = "restoreMetadataOverrides"

SELECTED = (
    mutation("no restore test of the primary", removes(SELECTION), "backup-restore-test@database", stacks=PRODUCTION),
    *each(
        "backup-restore-test@database",
        SELECTION,
        ("a restore test of nothing", "protectedResourceArns", []),
        ("a restore test by a wildcard", "protectedResourceArns", ["*"]),
        ("a restore test of the replica", "protectedResourceArns", [Ref(to=REPLICA, output="arn")]),
        stacks=PRODUCTION,
    ),
    *each(
        "backup-restore-test@restore-test",
        SELECTION,
        ("a restore test by a plan of another stack", "restoreTestingPlanName", "other"),
        ("a restore test in other subnets", f"{OVERRIDES}.dbSubnetGroupName", "default"),
        ("a restore test with AWS's parameters", f"{OVERRIDES}.dbParameterGroupName", "default.postgres15"),
        ("a restore test in the default group", f"{OVERRIDES}.vpcSecurityGroupIds", '["sg-default"]'),
        (
            "a restore test in the service's group",
            f"{OVERRIDES}.vpcSecurityGroupIds",
            group("service"),
        ),
        stacks=PRODUCTION,
    ),
)

KEPT = (
    *each(
        "backup-restore-test@restore-test",
        "RolePolicy restore-test",
        ("a restore test that may delete the database", "policy", keeping(Resource=["arn:aws:rds:::db:a"])),
        ("a restore test that may delete it under a condition", "policy", keeping(Condition={"Bool": {"a": "true"}})),
        ("a restore test that may delete all but the replica", "policy",
         keeping(Resource=["arn:aws:rds:us-east-1:987654321098:db:taskflow-production-replica-1"])),
        ("a restore test that may not delete another account's", "policy",
         keeping(Resource=["arn:aws:rds:us-east-1:111122223333:db:taskflow-production"])),
        ("a restore test that may only not change it", "policy", keeping(Action=["rds:ModifyDBInstance"])),
        ("the policy that keeps the database for another role", "role", "other"),
        stacks=PRODUCTION,
    ),
    *each(
        "backup-restore-test@restore-test",
        SELECTION,
        ("a restore test by a role outside the stack", "iamRoleArn", "arn:aws:iam::111122223333:role/restore-test"),
        ("a restore test by no role", "iamRoleArn", REMOVED),
        stacks=PRODUCTION,
    ),
)  # fmt: skip

PLANS = (
    *each(
        "backup-restore-test@restore-test",
        PLAN,
        ("monthly restore tests", "scheduleExpression", "cron(0 7 1 * ? *)"),
        ("restore tests without a schedule", "scheduleExpression", REMOVED),
        ("restore tests at local time", "scheduleExpressionTimezone", "America/New_York"),
        ("restore tests of this day's snapshots", "recoveryPointSelection.selectionWindowDays", 1),
        ("restore tests of any snapshot", "recoveryPointSelection.algorithm", "RANDOM_WITHIN_WINDOW"),
        ("restore tests by no order", "recoveryPointSelection.algorithm", REMOVED),
        ("restore tests of continuous backups", "recoveryPointSelection.recoveryPointTypes", ["CONTINUOUS"]),
        ("restore tests of no kind", "recoveryPointSelection.recoveryPointTypes", REMOVED),
        ("restore tests of any vault", "recoveryPointSelection.includeVaults", ["*"]),
        ("restore tests of no vault", "recoveryPointSelection.includeVaults", REMOVED),
        stacks=PRODUCTION,
    ),
)

PRIVATE = (
    *each(
        "backup-restore-private@restore-test",
        SELECTION,
        ("a public restored database", f"{OVERRIDES}.publiclyAccessible", "true"),
        ("publiclyAccessible of the restore unset", f"{OVERRIDES}.publiclyAccessible", REMOVED),
        ("a restored database in two zones", f"{OVERRIDES}.multiAz", "true"),
        ("multiAz of the restore unset", f"{OVERRIDES}.multiAz", REMOVED),
        ("a restored database without IAM", f"{OVERRIDES}.enableIamDatabaseAuthentication", "false"),
        ("IAM of the restore unset", f"{OVERRIDES}.enableIamDatabaseAuthentication", REMOVED),
        ("subnets of the restore unset", f"{OVERRIDES}.dbSubnetGroupName", REMOVED),
        ("parameters of the restore unset", f"{OVERRIDES}.dbParameterGroupName", REMOVED),
        ("groups of the restore unset", f"{OVERRIDES}.vpcSecurityGroupIds", REMOVED),
        ("a restored database that is deleted at once", "validationWindowHours", 0),
        ("a restored database that is kept for a week", "validationWindowHours", 168),
        ("validationWindowHours unset", "validationWindowHours", REMOVED),
        ("a restore test of clusters", "protectedResourceType", "Aurora"),
        stacks=PRODUCTION,
    ),
)

VALIDATED = (
    mutation("no validation of restore tests", removes(RULE, TARGET), "backup-restore-validated@"),
    mutation(
        "no check of the validation",
        removes(CHECK, CHECK.replace("Rule", "Target")),
        "backup-restore-validated@",
        stacks=PRODUCTION,
    ),
    *each(
        "backup-restore-validated@restore-validation-completed",
        RULE,
        ("a validation of failed restores", "eventPattern", pattern(status=["FAILED"])),
        ("a validation of each state", "eventPattern", pattern(status=["COMPLETED", "RUNNING"])),
        ("a validation by a state of other jobs", "eventPattern", pattern(status=REMOVED, state="COMPLETED")),
        ("a validation without a pattern", "eventPattern", REMOVED),
    ),
    *each(
        "backup-restore-validated@restore-validation-check",
        CHECK,
        ("a monthly check of the validation", "scheduleExpression", "cron(0 7 2 * ? *)"),
        ("a check without a schedule", "scheduleExpression", REMOVED),
        stacks=PRODUCTION,
    ),
    mutation(
        "a validation without a target", removes(TARGET), "backup-restore-validated@restore-validation-completed"
    ),
    *each(
        "backup-restore-validated@restore-validation-completed",
        TARGET,
        ("a validation by the database task", "ecsTarget.taskDefinitionArn",
         Ref(to="TaskDefinition database", output="arn")),
        ("a validation by a task of another stack", "ecsTarget.taskDefinitionArn", "arn:aws:ecs:::task-definition/a:1"),
        ("a validation with a public address", "ecsTarget.networkConfiguration.assignPublicIp", True),
        ("a validation with public addresses by subnets", "ecsTarget.networkConfiguration.subnets",
         [Ref(to="Subnet public-1"), Ref(to="Subnet public-2")]),
        ("a validation in one zone", "ecsTarget.networkConfiguration.subnets", [Ref(to="Subnet private-1")]),
        ("subnets of the validation unset", "ecsTarget.networkConfiguration.subnets", REMOVED),
        ("a validation in the database's group", "ecsTarget.networkConfiguration.securityGroups",
         [Ref(to="SecurityGroup database")]),
        ("groups of the validation unset", "ecsTarget.networkConfiguration.securityGroups", REMOVED),
        ("a validation on EC2", "ecsTarget.launchType", "EC2"),
        ("a validation without a role", "roleArn", REMOVED),
    ),
    mutation(
        "the validation's rule under another name",
        sets(RULE, "name", "other"),
        "backup-restore-validated@",
        "alerting-events@restore-validation-completed",
        "alerting-event-logs@restore-validation-completed",
    ),
)  # fmt: skip

CHANGES = (*SELECTED, *KEPT, *PLANS, *PRIVATE, *VALIDATED)
