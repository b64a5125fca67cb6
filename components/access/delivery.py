"""DeliveryRoles: the roles of the workflows that preview, deploy, build and release.

Section: Deployment Commands. A workflow proves who it is by a token of GitHub, which STS exchanges for an hour's
credentials: there is no key to keep. Each job has a role, and each role trusts one workflow file, of one repository,
in one of its environments. The roles are within the boundary of people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.access.permissions_delivery import build, data_denied, imports, release, state_access
from components.access.trust import SESSION_SECONDS, workflow_trust_policy
from components.shared.environment import Environment
from components.shared.iam import Statement, policy_document
from settings.delivery import Delivery
from settings.roles import Roles

# The issuer of the tokens, and the audience that AWS's own action asks for.
ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
_MANAGED = "arn:aws:iam::aws:policy"


@dataclass(frozen=True, kw_only=True)
class _Job:
    """A job of a workflow: where it runs, and the policies of its role; `refs` are Git's references of its workflow."""

    description: str
    repository: str
    github_environment: str
    workflow: str
    ref: str
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
        repository: str,
        boundary_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:access:DeliveryRoles", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        provider = aws.iam.OpenIdConnectProvider(name, url=f"https://{ISSUER}", client_id_lists=[AUDIENCE], opts=child)
        for purpose, job in _jobs(settings, roles, repository, environments).items():
            logical = f"{name}-{purpose}"
            role = aws.iam.Role(
                logical,
                name=environments[0].workflow_role(purpose),
                description=job.description,
                assume_role_policy=workflow_trust_policy(
                    provider.arn,
                    issuer=ISSUER,
                    audience=AUDIENCE,
                    subject=f"repo:{job.repository}:environment:{job.github_environment}",
                    workflow=f"{_without_ids(settings.infrastructure)}/.github/workflows/{job.workflow}@{job.ref}",
                ),
                max_session_duration=SESSION_SECONDS,
                permissions_boundary=boundary_arn,
                opts=child,
            )
            for policy, statements in job.own.items():
                aws.iam.RolePolicy(
                    logical, name=policy, role=role.name, policy=policy_document(*statements), opts=child
                )
            for arn in job.managed:
                aws.iam.RolePolicyAttachment(
                    f"{logical}-{arn.rpartition('/')[2]}", role=role.name, policy_arn=arn, opts=child
                )
        self.register_outputs({})


def _jobs(settings: Delivery, roles: Roles, repository: str, environments: Sequence[Environment]) -> Mapping[str, _Job]:
    """Return all jobs by purpose, after which their roles are named."""
    branch = f"refs/heads/{settings.branch}"
    plans = {"ReadState": (*state_access(settings.states), imports(environments))}
    saved = {"ReadState": (*state_access(settings.states, saves_plans=True), imports(environments))}
    passed = (roles.ecs_task_role, roles.ecs_execution_role)
    return {
        "preview": _Job(
            description="Previews a pull request once a reviewer has read it",
            repository=settings.infrastructure,
            github_environment="preview",
            workflow="preview.yml",
            # A pull request runs its own version of the workflow: the environment's reviewers are the guard.
            ref="refs/pull/*/merge",
            own=plans,
        ),
        "plan": _Job(
            description="Plans what was merged, and saves the plan",
            repository=settings.infrastructure,
            github_environment="plan",
            workflow="deploy.yml",
            ref=branch,
            own=saved,
        ),
        **{
            f"deploy-{each.stack}": _Job(
                description=f"Deploys the approved plan of {each.stack}",
                repository=settings.infrastructure,
                github_environment=each.stack,
                workflow="deploy.yml",
                ref=branch,
                managed=(f"{_MANAGED}/AdministratorAccess",),
            )
            for each in environments
        },
        "nightly": _Job(
            description="Compares the account with the state every night, without reading data",
            repository=settings.infrastructure,
            github_environment="nightly",
            workflow="nightly.yml",
            ref=branch,
            own={"ReadState": state_access(settings.states), "NoData": data_denied(settings.states)},
            managed=(f"{_MANAGED}/ReadOnlyAccess",),
        ),
        "build": _Job(
            description="Pushes the image of a tag",
            repository=settings.application,
            github_environment="build",
            workflow="release.yml",
            ref=branch,
            own={"PushImage": build(environments, repository=repository)},
        ),
        "release": _Job(
            description="Releases a tag in both regions, and rolls it back",
            repository=settings.application,
            github_environment="release",
            workflow="release.yml",
            ref=branch,
            own={"Release": release(environments, repository=repository, passed_roles=passed)},
            managed=(f"{_MANAGED}/job-function/ViewOnlyAccess",),
        ),
    }


def _without_ids(repository: str) -> str:
    """Return the names of a repository; a workflow's reference has no ids."""
    return "/".join(part.partition("@")[0] for part in repository.split("/"))
