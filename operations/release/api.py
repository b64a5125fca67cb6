"""The API of one stack: its service, task definitions, deployments and release record, from the stack's settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.release.deployment import LISTED_WITHIN, Deployments
from operations.release.history import History, history
from operations.release.record import Record, RecordStore, ReleaseState
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
    def store(self) -> RecordStore:
        """Its release record."""
        environment = self.context.environment
        return RecordStore(self.context.aws, application=environment.application, stack=environment.stack)

    def newest_deployment(self) -> Deployment | None:
        """Return the newest deployment. ECS may list one only some time after it has accepted UpdateService."""
        newest: list[Deployment | None] = []

        def listed() -> bool | None:
            deployment = self.service.newest_deployment()
            newest[:] = [deployment]
            if deployment is None or not deployment.is_over or deployment.reached is None:
                return True
            reached = self.service.revisions([deployment.reached], self.state.container).get(deployment.reached)
            is_last = reached is None or reached.task_definition == self.service.state().task_definition
            return True if is_last else None

        poll(self.context.clock, listed, limit=LISTED_WITHIN, interval=2)
        return newest[0]

    def history(self, deployments: Sequence[Deployment], record: Record) -> History:
        """Return what ran, from the deployments of 90 days and, for the time before, the record."""
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
        return history(deployments, revisions, family=family, older=older)

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
