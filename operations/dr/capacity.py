"""The tasks of a stack: how they are scaled, how many the load balancer calls healthy, and which image they run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from operations.frame.context import Context, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll
from operations.release.api import Api

# As components/service/scaling.py registers it.
NAMESPACE, DIMENSION = "ecs", "ecs:service:DesiredCount"
HEALTHY_WITHIN = timedelta(minutes=15)
SUSPENSIONS = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """A scaling target: its bounds, and whether scaling is suspended."""

    minimum: int
    maximum: int
    is_suspended: bool = False


@dataclass(frozen=True, kw_only=True)
class ScalingTarget:
    """The scaling target of a stack's service."""

    context: Context

    @property
    def resource(self) -> str:
        """Its name in Application Auto Scaling."""
        service = self.context.settings.service
        return f"service/{service.cluster}/{service.name}"

    def bounds(self) -> Bounds:
        """Return its bounds; OperationError if there is none."""
        answer = self.context.aws.autoscaling.describe_scalable_targets(
            ServiceNamespace=NAMESPACE, ResourceIds=[self.resource], ScalableDimension=DIMENSION
        )
        found = cast("list[Mapping[str, Any]]", answer["ScalableTargets"])
        if not found:
            raise OperationError(
                f"{self.resource} has no scaling target",
                code=ExitCode.REFUSED,
                advice="Deploy the stack first: docs/deploying.md.",
            )
        suspended: Mapping[str, bool] = found[0].get("SuspendedState", {})
        return Bounds(
            minimum=found[0]["MinCapacity"],
            maximum=found[0]["MaxCapacity"],
            is_suspended=any(suspended.get(each, False) for each in SUSPENSIONS),
        )

    def change(self, bounds: Bounds) -> None:
        """Set the bounds. AWS moves the service into them at once (RegisterScalableTarget)."""
        self.context.aws.autoscaling.register_scalable_target(
            ServiceNamespace=NAMESPACE,
            ResourceId=self.resource,
            ScalableDimension=DIMENSION,
            MinCapacity=bounds.minimum,
            MaxCapacity=bounds.maximum,
            SuspendedState=dict.fromkeys(SUSPENSIONS, bounds.is_suspended),
        )


def healthy_targets(context: Context) -> int:
    """Return how many tasks the stack's load balancer calls healthy."""
    elb, name = context.aws.load_balancing, context.environment.name
    balancer = elb.describe_load_balancers(Names=[name])["LoadBalancers"][0]["LoadBalancerArn"]
    group = elb.describe_target_groups(LoadBalancerArn=balancer)["TargetGroups"][0]["TargetGroupArn"]
    targets = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    return sum(each.get("TargetHealth", {}).get("State") == "healthy" for each in targets)


def await_tasks(context: Context, count: int, consequence: str) -> None:
    """Wait for so many healthy tasks of a stack, all with its release. `consequence`: what is so while they aren't."""
    api, stack = Api(context=context), context.options.stack
    definition = api.definitions.read(api.service.state().task_definition)
    progress, seen = Progress(context=context), list[str]()

    def healthy() -> bool | None:
        found, others = healthy_targets(context), api.deployments.mismatches(definition)
        seen[:] = [f"{found} of {count} tasks are healthy", *others]
        progress.show("; ".join(seen))
        return True if found >= count and not others else None

    if definition.digest is None:
        raise OperationError(
            f"The placeholder runs in {stack}. {consequence}",
            advice=f"`taskflow release VERSION --stack {stack}` with what users had; then run this command again.",
        )
    if not poll(context.clock, healthy, limit=HEALTHY_WITHIN):
        raise OperationError(
            f"{'; '.join(seen)}. {consequence}",
            code=ExitCode.UNFINISHED,
            advice=f"docs/runbooks/service-down.md, in {stack}. Then run the same command again.",
        )
