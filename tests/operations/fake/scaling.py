"""Application Auto Scaling of a service, the load balancer in front of it, and the certificates of a region."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.operations.fake.clock import FakeClock
from tests.operations.fake.ecs import Ecs
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.wire import ServiceError

SUSPENSIONS = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


@dataclass(kw_only=True)
class Scaling:
    """The scaling target of a stack's service. Each change of it moves the service into its bounds."""

    ecs: Ecs
    minimum: int = 2
    maximum: int = 20
    suspended: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(SUSPENSIONS, False))

    @property
    def resource(self) -> str:
        return f"service/{self.ecs.cluster}/{self.ecs.service}"

    def describe_scalable_targets(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        known = request["ResourceIds"] == [self.resource] and self.ecs.deployments
        target = {
            "ServiceNamespace": "ecs",
            "ResourceId": self.resource,
            "ScalableDimension": "ecs:service:DesiredCount",
            "MinCapacity": self.minimum,
            "MaxCapacity": self.maximum,
            "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/scaling",
            "CreationTime": datetime.fromtimestamp(0).astimezone(),
            "SuspendedState": dict(self.suspended),
        }
        return {"ScalableTargets": [target] if known else []}

    def register_scalable_target(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        assert request["ResourceId"] == self.resource
        self.minimum = request.get("MinCapacity", self.minimum)
        self.maximum = request.get("MaxCapacity", self.maximum)
        assert self.minimum <= self.maximum
        self.suspended |= request.get("SuspendedState", {})
        self.adjust()
        return {"ScalableTargetARN": f"arn:aws:application-autoscaling:us-east-1:{ACCOUNT}:scalable-target/1"}

    def adjust(self) -> None:
        """Move the service into the bounds, as RegisterScalableTarget does even if it doesn't name them."""
        self.ecs.scale(min(max(self.ecs.desired, self.minimum), self.maximum))

    def react(self) -> None:
        """Scale out as a policy does under load."""
        if not self.suspended["DynamicScalingOutSuspended"]:
            self.ecs.scale(min(max(self.ecs.desired, self.minimum) + 1, self.maximum))


@dataclass(kw_only=True)
class LoadBalancer:
    """The load balancer of a stack, with one target group."""

    ecs: Ecs
    stack: str
    # Tasks that don't become healthy.
    unhealthy: int = 0

    def _arn(self, kind: str) -> str:
        return f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT}:{kind}/app/taskflow-{self.stack}/1"

    @property
    def healthy(self) -> int:
        return max(0, self.ecs.started() - self.unhealthy)

    def describe_load_balancers(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["Names"] != [f"taskflow-{self.stack}"]:
            raise ServiceError("LoadBalancerNotFound", "One or more load balancers not found")
        return {"LoadBalancers": [{"LoadBalancerArn": self._arn("loadbalancer")}]}

    def describe_target_groups(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        assert request["LoadBalancerArn"] == self._arn("loadbalancer")
        return {"TargetGroups": [{"TargetGroupArn": self._arn("targetgroup")}]}

    def describe_target_health(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        assert request["TargetGroupArn"] == self._arn("targetgroup")
        states = ["healthy" if number < self.healthy else "initial" for number in range(self.ecs.desired)]
        return {"TargetHealthDescriptions": [{"TargetHealth": {"State": state}} for state in states]}


@dataclass(kw_only=True)
class Certificates:
    """The certificates of a region: their ends by host. Lists come in pages of two."""

    clock: FakeClock
    stack: str
    ends: dict[str, datetime] = field(default_factory=dict[str, datetime])

    def __post_init__(self) -> None:
        hosts = ["origin.taskflow.app", *(["taskflow.app", "api.taskflow.app"] if self.stack != "dr" else [])]
        self.ends = {host: self.clock.now() + timedelta(days=200) for host in hosts}

    def list_certificates(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        start, now = int(request.get("NextToken", "0")), self.clock.now()
        page = list(self.ends.items())[start : start + 2]
        found = [
            {
                "CertificateArn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/{number}",
                "DomainName": host,
                "Status": "ISSUED" if end > now else "EXPIRED",
                "NotAfter": end,
            }
            for number, (host, end) in enumerate(page, start=start)
        ]
        more = {"NextToken": str(start + 2)} if start + 2 < len(self.ends) else {}
        return {"CertificateSummaryList": found, **more}
