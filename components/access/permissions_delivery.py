"""What each role of workflows may do, in both regions. Section: Deployment Commands."""

from collections.abc import Sequence

from components.access.permissions import audit_records, change_revision
from components.ingress.edge import EdgeOutputs
from components.shared.environment import Environment
from components.shared.iam import Statement, allow, deny, via_service
from settings.delivery import State

# What AWS's ReadOnlyAccess reads of data, beside metadata: files, logs, rows, messages.
_DATA = (
    "athena:GetQueryResults", "athena:GetQueryResultsStream", "dynamodb:BatchGetItem", "dynamodb:GetItem",
    "dynamodb:PartiQLSelect", "dynamodb:Query", "dynamodb:Scan", "kinesis:GetRecords", "logs:FilterLogEvents",
    "logs:GetLogEvents", "logs:GetLogRecord", "logs:GetQueryResults", "logs:StartLiveTail", "logs:StartQuery",
    "rds:DownloadCompleteDBLogFile", "rds:DownloadDBLogFilePortion", "sqs:ReceiveMessage", "ssm:GetParameter",
    "ssm:GetParameterHistory", "ssm:GetParameters", "ssm:GetParametersByPath",
)  # fmt: skip
_PUSH = (
    "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImageScanFindings",
    "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage",
    "ecr:UploadLayerPart",
)  # fmt: skip
# The folder of saved plans, beside Pulumi's own.
PLANS = "plans/"


def state_access(states: Sequence[State], *, saves_plans: bool = False) -> Sequence[Statement]:
    """Return what a preview needs of Pulumi's states: it takes no lock and writes nothing.

    A preview decrypts the secrets of the stack file and the state. With `saves_plans` it may write below `plans/`.
    """
    buckets = [f"arn:aws:s3:::{state.bucket}" for state in states]
    keys = [state.key for state in states]
    plans = [f"{bucket}/{PLANS}*" for bucket in buckets]
    return (
        allow("ListStates", ["s3:ListBucket"], buckets),
        allow("ReadStates", ["s3:GetObject"], [f"{bucket}/*" for bucket in buckets]),
        allow("Decrypt", ["kms:Decrypt"], keys),
        *((allow("SavePlans", ["s3:PutObject"], plans), allow("EncryptPlans", ["kms:GenerateDataKey"], keys))
          if saves_plans else ()),
    )  # fmt: skip


def imports(environments: Sequence[Environment]) -> Statement:
    """Allow to read an instance that Pulumi adopts: its preview reads what it imports, and looks up nothing else."""
    return allow(
        "Imports",
        ["rds:DescribeDBInstances", "rds:ListTagsForResource"],
        [each.arn("rds", f"db:{each.application}-*") for each in environments],
    )


def data_denied(states: Sequence[State]) -> Sequence[Statement]:
    """Deny the data that ReadOnlyAccess reads: drift is a difference of settings. Pulumi's states are read."""
    return (
        deny("NoData", _DATA, ["*"]),
        {
            "Sid": "NoObjects",
            "Effect": "Deny",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "NotResource": [f"arn:aws:s3:::{state.bucket}/*" for state in states],
        },
    )


def build(environment: Environment, *, repository: str) -> Sequence[Statement]:
    """Return what pushes an image, which ECR replicates. Tags are immutable, so nothing is overwritten."""
    return (
        allow("LogIn", ["ecr:GetAuthorizationToken"], ["*"]),
        allow("Push", _PUSH, [environment.arn("ecr", f"repository/{repository}")]),
    )


def release(
    environments: Sequence[Environment], *, repository: str, passed_roles: Sequence[str]
) -> Sequence[Statement]:
    """Return what releases a version, rolls it back, and reads the checklist; ViewOnlyAccess reads the rest.

    `passed_roles` as in `change_revision`.
    """
    families = [each.arn("ecs", f"task-definition/{each.application}-*-{each.stack}:*") for each in environments]
    clusters = [each.arn("ecs", f"cluster/{each.name}") for each in environments]
    return (
        *change_revision(environments, passed_roles=passed_roles),
        audit_records(environments),
        # A revision of the service's family has its tags from the beginning.
        allow("Revision", ["ecs:RegisterTaskDefinition", "ecs:TagResource"], families),
        allow(
            "Migration",
            ["ecs:RunTask"],
            families,
            ArnEquals={"ecs:cluster": clusters},
            StringEqualsIfExists={"ecs:enable-execute-command": "false"},
        ),
        # Which of the deployment's alarms are on; ViewOnlyAccess reads metrics, not alarms.
        allow("Alarms", ["cloudwatch:DescribeAlarms"], ["*"]),
        allow(
            "MigrationLog",
            ["logs:GetLogEvents"],
            [each.arn("logs", f"log-group:{each.log_group_name('api')}:log-stream:*") for each in environments],
        ),
        # People's answers, which a workflow can't give.
        allow(
            "Checklist",
            ["ssm:GetParameter"],
            [each.arn("ssm", f"parameter/{each.application}/{each.stack}/checklist/*") for each in environments],
        ),
        allow(
            "Images",
            ["ecr:BatchGetImage", "ecr:DescribeImageScanFindings", "ecr:DescribeImages"],
            [each.arn("ecr", f"repository/{repository}") for each in environments],
        ),
    )


def publish_assets(environment: Environment, *, edge: EdgeOutputs) -> Sequence[Statement]:
    """Return what publishes the web application: its files and the invalidation of its pages."""
    bucket = f"arn:aws:s3:::{edge.assets_bucket}"
    web = edge.web_distribution_id.apply(lambda id_: f"arn:aws:cloudfront::{environment.account}:distribution/{id_}")
    return (
        allow("Assets", ["s3:ListBucket", "s3:PutObject"], [bucket, f"{bucket}/*"]),
        allow(
            "EncryptAssets",
            ["kms:GenerateDataKey"],
            [environment.arn("kms", "key/*")],
            StringEquals=via_service("s3", environment.region),
            **{"ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{environment.name}-assets"}},
        ),
        allow("Invalidate", ["cloudfront:CreateInvalidation"], [web]),
    )
