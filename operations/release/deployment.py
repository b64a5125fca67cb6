"""A deployment of the service: started or found, watched until ECS says how it ended, verified in the running tasks."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from operations.frame.context import Context, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.release.revision import TaskDefinition, TaskDefinitions
from operations.release.service import (
    FORWARD,
    ROLLED_BACK,
    SUCCESSFUL,
    UNFINISHED_STATUSES,
    Deployment,
    EcsService,
    image_digest,
    short,
)

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import ServiceDeploymentTypeDef, TaskTypeDef

# How long ECS may take to list a deployment, and to stop the last old task after it.
LISTED_WITHIN, SETTLED_WITHIN = timedelta(minutes=3), timedelta(minutes=5)
MAX_REASONS = 3
WATCH_ADVICE = "It keeps running. Run the same command again to watch it, or run `taskflow rollback`."
RUNBOOK = "docs/runbooks/release-rolled-back.md"


@dataclass(frozen=True, kw_only=True)
class Deployments:
    """Deploys task definitions to the service and watches the deployments."""

    context: Context
    service: EcsService
    definitions: TaskDefinitions
    container: str

    def start(self, definition: TaskDefinition, *, renew: bool = False) -> Deployment:
        """Deploy a task definition; return its deployment once ECS lists it.

        A deployment of it that another run has started is returned, not replaced. The update is forced only if the
        service has the task definition already and its newest deployment ended without a result, or, with `renew`, to
        replace tasks that run it.
        """
        newest = self.service.newest_deployment()
        if newest and not newest.is_over and self._targets(newest, definition):
            return newest
        is_set = self.service.state().task_definition == definition.arn
        self.context.step(f"Updating {self.service.name} to {definition.number}")
        is_stuck = is_set and newest is not None and newest.is_unfinished
        self.service.update(definition.arn, force=renew or is_stuck)
        last_arn = newest.arn if newest else None

        def listed() -> Deployment | None:
            deployment = self.service.newest_deployment()
            return deployment if deployment and deployment.arn != last_arn else None

        deployment = poll(self.context.clock, listed, limit=LISTED_WITHIN, interval=2)
        if deployment is None:
            raise OperationError(
                f"ECS lists no deployment of {definition.number}",
                code=ExitCode.UNFINISHED,
                advice="Run the same command again: it looks for the deployment first.",
            )
        if not self._targets(deployment, definition):
            raise OperationError(
                f"Another deployment began at the same time as that of {definition.number}",
                advice="Wait for it or stop it with `taskflow rollback`, then run the same command again.",
            )
        return deployment

    def _targets(self, deployment: Deployment, definition: TaskDefinition) -> bool:
        target = self.service.revisions([deployment.target], self.container).get(deployment.target)
        return target is not None and target.task_definition == definition.arn

    def watch(
        self, deployment: Deployment, *, definition: TaskDefinition | None = None, advice: str = WATCH_ADVICE
    ) -> "ServiceDeploymentTypeDef":
        """Return the details of the deployment once it is over; show what changes until then.

        With `definition`, a newer deployment of it is watched in place of one that ended without a result: ECS may
        begin two for one update.
        """
        limit = timedelta(minutes=self.context.settings.releases.deployment_limit)
        progress = Progress(context=self.context)
        watched = deployment.arn

        def over() -> "ServiceDeploymentTypeDef | None":
            nonlocal watched
            details = self.service.details(watched)
            progress.show(_line(details))
            status = details.get("status")
            if status in UNFINISHED_STATUSES:
                return None
            if definition and status not in {SUCCESSFUL, *ROLLED_BACK}:
                newest = self.service.newest_deployment()
                if newest and newest.arn != watched and self._targets(newest, definition):
                    watched = newest.arn
                    return None
            return details

        details = poll(self.context.clock, over, limit=limit)
        if details is None:
            raise OperationError(
                f"The deployment isn't over after {self.context.settings.releases.deployment_limit} minutes",
                code=ExitCode.UNFINISHED,
                advice=advice,
            )
        return details

    def verify(self, definition: TaskDefinition) -> None:
        """Check that all running tasks have the task definition and its image; old ones may take minutes to stop."""
        seen: list[str] = []

        def settled() -> bool | None:
            seen[:] = self.mismatches(definition)
            return None if seen else True

        if not poll(self.context.clock, settled, limit=SETTLED_WITHIN):
            listed = "; ".join(seen)
            raise OperationError(f"Not all tasks run {short(definition.digest)}: {listed}", code=ExitCode.CHECK_FAILED)
        self.context.report.done(f"All running tasks have the image {short(definition.digest)}")

    def mismatches(self, definition: TaskDefinition) -> list[str]:
        """Return in words what runs beside the task definition and its image, or that nothing runs."""
        state = self.service.state()
        if state.task_definition != definition.arn:
            # It may also be an answer from before the deployment.
            return [f"the service has {state.task_definition.rpartition('/')[2]}"]
        tasks = self.service.tasks()
        others = [task for task in tasks if not self._runs(task, definition)]
        named = [f"{task.get('taskArn', '').rpartition('/')[2]}: {short(self._digest(task))}" for task in others]
        return named if tasks else ["no task runs"]

    def failure(self, details: "ServiceDeploymentTypeDef", name: str, *, is_return: bool = False) -> OperationError:
        """Return the error for a deployment that didn't succeed: what stopped it, and what runs now.

        A return to an earlier release that ECS rolled back leaves the newer one running.
        """
        status = details.get("status", "")
        reason = self._reason(details)
        if status in ROLLED_BACK:
            running = self._name_of(details.get("rollback", {}).get("serviceRevisionArn", ""))
            message = f"ECS rolled back {name}: {reason}. {running} is running"
            if is_return and details.get("alarms", {}).get("triggeredAlarmNames"):
                advice = (
                    "The alarm may come from the release that you leave. Run the same command again: ECS ignores an "
                )
                return OperationError(message, advice=f"{advice}alarm that is on when a deployment starts.")
            if is_return:
                return OperationError(message, advice="Try an older release: `taskflow rollback --to VERSION`.")
            advice = f"Don't release the same image again. {RUNBOOK}"
            return OperationError(message, code=ExitCode.ROLLED_BACK, advice=advice)
        if status == "ROLLBACK_FAILED":
            return OperationError(
                f"The deployment of {name} failed, and so did its rollback: {reason}",
                advice="Run `taskflow rollback`: it deploys the last good release, or the one you return to, again.",
            )
        return OperationError(
            f"The deployment of {name} ended as {status or 'unknown'}: {reason}",
            advice="It was stopped, or a newer one replaced it. `taskflow rollback --dry-run` shows the way back.",
        )

    def _reason(self, details: "ServiceDeploymentTypeDef") -> str:
        alarms = details.get("alarms", {}).get("triggeredAlarmNames", [])
        if alarms:
            return f"alarm {', '.join(alarms)}"
        breaker = details.get("deploymentCircuitBreaker", {})
        if breaker.get("status") == "TRIGGERED":
            count = breaker.get("failureCount", 0)
            return "; ".join([f"{count} tasks failed to start or to become healthy", *self._stopped_reasons()])
        return details.get("rollback", {}).get("reason") or details.get("statusReason") or "ECS gives no reason"

    def _stopped_reasons(self) -> list[str]:
        """Return the different reasons of tasks that stopped within the last hour."""
        reasons: dict[str, None] = {}
        for task in self.service.tasks("STOPPED"):
            of_containers = [each.get("reason", "") for each in task.get("containers", [])]
            reason = next(filter(None, of_containers), task.get("stoppedReason", ""))
            if reason and not reason.startswith("Scaling activity"):
                reasons[reason] = None
        return list(reasons)[:MAX_REASONS]

    def _name_of(self, revision_arn: str) -> str:
        """Return what people call a revision."""
        revision = self.service.revisions([revision_arn], self.container).get(revision_arn) if revision_arn else None
        return self.definitions.read(revision.task_definition).name if revision else "The previous revision"

    def _runs(self, task: "TaskTypeDef", definition: TaskDefinition) -> bool:
        """Whether a task has the task definition, and its image the digest (the placeholder is named by a tag)."""
        is_digest = definition.digest is None or self._digest(task) == definition.digest
        return task.get("taskDefinitionArn") == definition.arn and is_digest

    def _digest(self, task: "TaskTypeDef") -> str | None:
        containers = {each.get("name"): each for each in task.get("containers", [])}
        container = containers.get(self.container, {})
        return image_digest(container.get("image", "")) or container.get("imageDigest")


def _line(details: "ServiceDeploymentTypeDef") -> str:
    """Return one line: the status, the new and old tasks, failures and alarms."""
    status = details.get("status", "").lower().replace("_", " ")
    target = details.get("targetServiceRevision", {})
    requested, running = target.get("requestedTaskCount", 0), target.get("runningTaskCount", 0)
    old = sum(each.get("runningTaskCount", 0) for each in details.get("sourceServiceRevisions", []))
    failures = details.get("deploymentCircuitBreaker", {}).get("failureCount", 0)
    alarms = details.get("alarms", {}).get("triggeredAlarmNames", [])
    return ", ".join(
        [
            f"Deployment {status}: {running} of {requested} new tasks",
            *([f"{old} old"] if old else []),
            *([f"{failures} failed"] if failures else []),
            *([f"alarm {name}" for name in alarms]),
        ]
    )


def can_be_stopped(deployment: Deployment) -> bool:
    """Whether the deployment goes forward, so that stopping it is a rollback."""
    return deployment.status in FORWARD
