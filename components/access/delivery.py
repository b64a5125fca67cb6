"""DeliveryRoles: the roles of the workflows that preview, deploy, build and release.

Section: Deployment Commands. A workflow proves who it is by a token of GitHub, which STS exchanges for an hour's
credentials: there is no key to keep. Each job has a role, and each role trusts one workflow file at one reference of
Git, started at one by one repository, in one of its environments. The roles are within the boundary of people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.access.people import PeopleOutputs
from components.access.permissions_delivery import (
    build,
    data_denied,
    imports,
    publish_assets,
    release,
    state_access,
)
from components.access.trust import SESSION_SECONDS, workflow_trust_policy
from components.ingress.edge import EdgeOutputs
from components.shared.environment import Environment
from components.shared.iam import Statement, policy_document
from settings.delivery import Delivery
from settings.roles import Roles
from settings.storage import Registry

# The issuer of the tokens, and the audience that AWS's own action asks for.
ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
# Git's references: a pull request merged into its branch, and the tag of a release.
PULL_REQUEST, RELEASE_TAG = "refs/pull/*/merge", "refs/tags/v*"
_MANAGED = "arn:aws:iam::aws:policy"


@dataclass(frozen=True, kw_only=True)
class _Job:
    """A job of a workflow: its file, the environment of GitHub in which it runs, and the policies of its role.

    `file_reference` is where in Git the file must be, `run_reference` what the run must be for: by default the branch.
    """

    description: str
    workflow: str
    github_environment: str
    file_reference: str = ""
    run_reference: str = ""
    own: Mapping[str, Sequence[Statement]] = field(default_factory=dict[str, Sequence[Statement]])
    managed: Sequence[str] = ()


class DeliveryRoles(pulumi.ComponentResource):
    """The roles of workflows in one account. `environments` are those that they deploy, this stack's first."""

    def __init__(
        self,
        name: str,
        *,
        environments: Sequence[Environment],
        settings: Delivery,
        roles: Roles,
        registry: Registry,
        edge: EdgeOutputs,
        people: PeopleOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:access:DeliveryRoles", name, None, opts)
        self._name_prefix = name
        self._environment = environments[0]
        self._settings = settings
        self._boundary_arn = people.boundary_arn
        issuer = aws.iam.OpenIdConnectProvider(
            name,
            url=f"https://{ISSUER}",
            client_id_lists=[AUDIENCE],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._child_opts = pulumi.ResourceOptions(parent=self, depends_on=[issuer])
        for repository, jobs in (
            (settings.infrastructure, _infrastructure_jobs(settings, environments)),
            (settings.application, _application_jobs(roles, registry.repository, edge, environments)),
        ):
            for purpose, job in jobs.items():
                self._role(purpose, job, repository)
        self.register_outputs({})

    def _role(self, purpose: str, job: _Job, repository: str) -> None:
        logical = f"{self._name_prefix}-{purpose}"
        workflows = f"{_without_ids(self._settings.infrastructure)}/.github/workflows"
        branch = f"refs/heads/{self._settings.branch}"
        role = aws.iam.Role(
            logical,
            name=self._environment.workflow_role(purpose),
            description=job.description,
            assume_role_policy=workflow_trust_policy(
                self._environment,
                issuer=ISSUER,
                claims={
                    "aud": AUDIENCE,
                    "sub": f"repo:{repository}:environment:{job.github_environment}",
                    "job_workflow_ref": f"{workflows}/{job.workflow}@{job.file_reference or branch}",
                    "ref": job.run_reference or branch,
                },
            ),
            max_session_duration=SESSION_SECONDS,
            permissions_boundary=self._boundary_arn,
            opts=self._child_opts,
        )
        for policy, statements in job.own.items():
            aws.iam.RolePolicy(
                f"{logical}-{policy}",
                name=policy,
                role=role.name,
                policy=policy_document(*statements),
                opts=self._child_opts,
            )
        for arn in job.managed:
            aws.iam.RolePolicyAttachment(
                f"{logical}-{arn.rpartition('/')[2]}", role=role.name, policy_arn=arn, opts=self._child_opts
            )


def _infrastructure_jobs(settings: Delivery, environments: Sequence[Environment]) -> Mapping[str, _Job]:
    """Return the jobs of this program's repository by purpose, after which their roles are named."""
    adopted = imports(environments)
    return {
        "preview": _Job(
            description="Previews a pull request once a reviewer has read it",
            workflow="preview.yml",
            github_environment="preview",
            # A pull request runs its own version of the workflow: the environment's reviewers are the guard.
            file_reference=PULL_REQUEST,
            run_reference=PULL_REQUEST,
            own={"ReadState": (*state_access(settings.states), adopted)},
        ),
        "plan": _Job(
            description="Plans what was merged, and saves the plan",
            workflow="deploy.yml",
            github_environment="plan",
            own={"ReadState": (*state_access(settings.states, saves_plans=True), adopted)},
        ),
        **{
            f"deploy-{each.stack}": _Job(
                description=f"Deploys the approved plan of {each.stack}",
                workflow="deploy.yml",
                github_environment=each.stack,
                managed=(f"{_MANAGED}/AdministratorAccess",),
            )
            for each in environments
        },
        "nightly": _Job(
            description="Compares the account with the state every night, without reading data",
            workflow="nightly.yml",
            github_environment="nightly",
            own={"ReadState": state_access(settings.states), "NoData": data_denied(settings.states)},
            managed=(f"{_MANAGED}/ReadOnlyAccess",),
        ),
    }


def _application_jobs(
    roles: Roles, repository: str, edge: EdgeOutputs, environments: Sequence[Environment]
) -> Mapping[str, _Job]:
    """Return the jobs of the application's repository, which calls the workflow file of this one."""
    passed = (roles.ecs_task_role, roles.ecs_execution_role)
    return {
        "build": _Job(
            description="Pushes the image of a tag",
            workflow="release.yml",
            github_environment="build",
            run_reference=RELEASE_TAG,
            own={"PushImage": build(environments[0], repository=repository)},
        ),
        "release": _Job(
            description="Releases a tag in both regions, and rolls it back",
            workflow="release.yml",
            github_environment="release",
            run_reference=RELEASE_TAG,
            own={
                "Release": release(environments, repository=repository, passed_roles=passed),
                "PublishAssets": publish_assets(environments[0], edge=edge),
            },
            managed=(f"{_MANAGED}/job-function/ViewOnlyAccess",),
        ),
    }


def _without_ids(repository: str) -> str:
    """Return the names of a repository; a workflow's reference has no ids."""
    return "/".join(part.partition("@")[0] for part in repository.split("/"))
