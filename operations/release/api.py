"""The API of one stack: its service, task definitions, deployments and release record, from the stack's settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.frame.store import RecordStore
from operations.release.deployment import LISTED_WITHIN, Deployments
from operations.release.history import History, history
from operations.release.record import Record, ReleaseState, record_store
from operations.release.revision import TaskDefinitions
from operations.release.service import Deployment, EcsService, Revision, ServiceState

# CloudFront and the load balancer may need a moment after the last task has changed.
HEALTHY_WITHIN = timedelta(minutes=2)


@dataclass(frozen=True, kw_only=True)
class Api:
    """The API of one stack."""

    context: Context

    @cached_property
    def service(self) -> EcsService:
        """Its service."""
        settings = self.context.settings.service
        return EcsService(self.context.aws, cluster=settings.cluster, name=settings.name)

    @cached_property
    def state(self) -> ServiceState:
        """The service's state when it was first read."""
        return self.service.state()

    @cached_property
    def definitions(self) -> TaskDefinitions:
        """Its task definitions."""
        settings = self.context.settings.service
        return TaskDefinitions(
            self.context.aws,
            family=settings.name,
            template_family=settings.template_family,
            container=self.state.container,
        )

    @cached_property
    def deployments(self) -> Deployments:
        """Its deployments."""
        return Deployments(
            context=self.context, service=self.service, definitions=self.definitions, container=self.state.container
        )

    @cached_property
    def store(self) -> RecordStore[Record]:
        """Its release record."""
        return record_store(self.context.aws, self.context.environment)

    def settled_deployment(self) -> Deployment | None:
        """Return the newest deployment, once ECS lists the one of the last UpdateService.

        A deployment that is over must have reached the service's task definition, or have ended without a result.
        """
        newest: list[Deployment | None] = []

        def listed() -> bool | None:
            deployment = self.service.newest_deployment()
            newest[:] = [deployment]
            if deployment is None or not deployment.is_over:
                return True
            # What the service has: after a deployment without a result its target, or what ran before it.
            ends = [deployment.reached] if deployment.reached else [deployment.target, *self._sources(deployment)]
            possible = {self.definition_of(each) for each in ends}
            return True if possible & {None, self.service.state().task_definition} else None

        poll(self.context.clock, listed, limit=LISTED_WITHIN, interval=2)
        return newest[0]

    def definition_of(self, revision_arn: str) -> str | None:
        """Return the task definition of a service revision; None if ECS no longer knows the revision."""
        revision = self.revision(revision_arn)
        return revision.task_definition if revision else None

    def revision(self, arn: str) -> Revision | None:
        """Return a service revision; None if ECS no longer knows it."""
        return self.service.revisions([arn], self.state.container).get(arn)

    def history(self, record: Record) -> History:
        """Return what ran: from the deployments of 90 days and, for the time before, the record."""
        deployments = [each for each in self.service.deployments() if each.is_over]
        arns = [each for deployment in deployments for each in (deployment.target, deployment.rolled_back_to) if each]
        revisions = self.service.revisions(arns, self.state.container)
        # The record has releases that ECS has forgotten; those that ECS knows follow from its deployments.
        known = {each.digest for each in revisions.values()}
        older = [
            Revision(arn="", task_definition=each.revision, digest=each.digest)
            for each in reversed(record.releases)
            if each.state is ReleaseState.RELEASED and each.revision and each.digest not in known
        ]
        family = self.context.settings.service.name
        first = self._before(deployments)
        others = {each.digest for each in older}
        others |= {each.digest for each in record.releases if each.state is ReleaseState.ROLLED_BACK}
        if first and first.family == family and first.digest not in others:
            older.append(first)
        return history(deployments, revisions, family=family, older=older)

    def _before(self, deployments: Sequence[Deployment]) -> Revision | None:
        """Return the revision that ran before the oldest deployment."""
        if not deployments:
            return None
        sources = self._sources(min(deployments, key=lambda each: each.created_at))
        return self.revision(sources[0]) if len(sources) == 1 else None

    def _sources(self, deployment: Deployment) -> Sequence[str]:
        """Return the revisions that ran before a deployment."""
        sources = self.service.details(deployment.arn).get("sourceServiceRevisions", [])
        return [each["arn"] for each in sources if "arn" in each]

    @property
    def health_host(self) -> str:
        """The host on which this stack answers the health path: the API's, or the recovery stack's own."""
        return self.context.environment.host_name("api" if self.context.settings.cloudfront else "standby")

    def check_health(self) -> None:
        """Require that the health path answers 200 within two minutes."""
        path = self.context.settings.load_balancer.health.path
        problems: list[str] = []

        def healthy() -> bool | None:
            answer = self.context.https.get(self.health_host, path)
            problems[:] = [answer.problem or f"status {answer.status}"]
            return True if answer.status == 200 else None

        if not poll(self.context.clock, healthy, limit=HEALTHY_WITHIN):
            raise OperationError(
                f"https://{self.health_host}{path} doesn't answer 200: {problems[0]}",
                code=ExitCode.CHECK_FAILED,
                advice="Run `taskflow smoke` to see what answers.",
            )
        self.context.report.done(f"https://{self.health_host}{path} answers 200")
