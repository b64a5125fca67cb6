"""Deployment Commands: the roles of workflows by name: their policies, and which of GitHub's tokens they require."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from policies.figures.access import ADMINISTRATOR, READ_ONLY, VIEW, WORKFLOW_PREFIX, RoleFigures


@dataclass(frozen=True, kw_only=True)
class WorkflowFigures:
    """A role of a workflow's job: its policies, and the claims of GitHub's token that it requires.

    `repository` is the one that runs it, with GitHub's ids; `workflow` is a file of the infrastructure repository, at
    `file_reference` of Git; `run_reference` is the one for which the run was started.
    """

    policies: RoleFigures
    repository: str
    environment: str
    workflow: str
    file_reference: str
    run_reference: str

    @property
    def claims(self) -> Mapping[str, str]:
        """Return the required claims; one with * is a pattern."""
        return {
            "aud": TOKEN_AUDIENCE,
            "sub": f"repo:{self.repository}:environment:{self.environment}",
            "job_workflow_ref": f"{_NAMES}/.github/workflows/{self.workflow}@{self.file_reference}",
            "ref": self.run_reference,
        }


# Deployment Commands: GitHub's tokens, and a role for each job. Names alone could come to belong to someone else.
TOKEN_ISSUER, TOKEN_AUDIENCE = "token.actions.githubusercontent.com", "sts.amazonaws.com"
INFRASTRUCTURE, APPLICATION = "taskflow@1234567/infrastructure@234567890", "taskflow@1234567/taskflow@345678901"
_NAMES = "taskflow/infrastructure"
# A session is named after its change, as those of people are.
WORKFLOW_TICKET = "change-?*"
_MAIN, _PULL_REQUEST, _RELEASE_TAG = "refs/heads/main", "refs/pull/*/merge", "refs/tags/v*"
_RELEASES = (APPLICATION, "release.yml", _MAIN, _RELEASE_TAG)
_DEPLOYMENTS = (INFRASTRUCTURE, "deploy.yml", _MAIN, _MAIN)
WORKFLOWS: Mapping[str, WorkflowFigures] = MappingProxyType(
    {
        f"{WORKFLOW_PREFIX}{job}": WorkflowFigures(
            policies=RoleFigures(inline=frozenset(inline), attached=frozenset(attached)),
            repository=repository,
            environment=environment,
            workflow=workflow,
            file_reference=file_reference,
            run_reference=run_reference,
        )
        for job, environment, inline, attached, (repository, workflow, file_reference, run_reference) in (
            (
                "preview", "preview", {"ReadState"}, set[str](),
                (INFRASTRUCTURE, "preview.yml", _PULL_REQUEST, _PULL_REQUEST),
            ),
            ("plan", "plan", {"ReadState"}, set[str](), _DEPLOYMENTS),
            ("deploy-production", "production", set[str](), {ADMINISTRATOR}, _DEPLOYMENTS),
            ("deploy-dr", "dr", set[str](), {ADMINISTRATOR}, _DEPLOYMENTS),
            (
                "nightly", "nightly", {"ReadState", "NoData"}, {READ_ONLY},
                (INFRASTRUCTURE, "nightly.yml", _MAIN, _MAIN),
            ),
            ("build", "build", {"PushImage"}, set[str](), _RELEASES),
            ("release", "release", {"Release", "PublishAssets"}, {VIEW}, _RELEASES),
        )
    }
)  # fmt: skip

# Access Controls: what AWS's ReadOnlyAccess reads of data, beside settings. Objects are those of the states only.
DATA_ACTIONS = (
    "athena:GetQueryResults", "athena:GetQueryResultsStream", "dynamodb:BatchGetItem", "dynamodb:GetItem",
    "dynamodb:PartiQLSelect", "dynamodb:Query", "dynamodb:Scan", "kinesis:GetRecords", "logs:FilterLogEvents",
    "logs:GetLogEvents", "logs:GetLogRecord", "logs:GetQueryResults", "logs:StartLiveTail", "logs:StartQuery",
    "rds:DownloadCompleteDBLogFile", "rds:DownloadDBLogFilePortion", "sqs:ReceiveMessage", "ssm:GetParameter",
    "ssm:GetParameterHistory", "ssm:GetParameters", "ssm:GetParametersByPath",
)  # fmt: skip
OBJECT_ACTIONS = ("s3:GetObject", "s3:GetObjectVersion")
STATES = frozenset(f"arn:aws:s3:::taskflow-pulumi-state-{region}/*" for region in ("us-east-1", "us-west-2"))
