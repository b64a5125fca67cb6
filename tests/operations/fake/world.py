"""One region of AWS with a deployed stack: ECS, registry, parameters, logs, alarms and metrics."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.operations.fake.clock import FakeClock
from tests.operations.fake.ecs import Behaviour, Ecs
from tests.operations.fake.instances import Instances
from tests.operations.fake.sessions import Sessions
from tests.operations.fake.sts import Sts
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.wire import Handler, ServiceError, Wire, snake

REGISTRIES = {
    stack: f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com/taskflow-api"
    for stack, region in (("production", "us-east-1"), ("dr", "us-west-2"))
}
PLACEHOLDER = "public.ecr.aws/docker/library/python:3.13.7-alpine3.22"
AUDIT = "/taskflow/audit"
# An operation that a command calls and that isn't here fails the test.
OPERATIONS = (
    "ecs DescribeServices", "ecs UpdateService", "ecs ListServiceDeployments", "ecs DescribeServiceDeployments",
    "ecs DescribeServiceRevisions", "ecs StopServiceDeployment", "ecs ListTasks", "ecs DescribeTasks", "ecs RunTask",
    "ecs DescribeTaskDefinition", "ecs RegisterTaskDefinition", "ecs ListTaskDefinitions",
    "ecs DeregisterTaskDefinition", "ecs StopTask", "ecr DescribeImages", "ssm GetParameter", "ssm PutParameter",
    "logs CreateLogStream", "logs PutLogEvents", "logs GetLogEvents", "cloudwatch DescribeAlarms",
    "cloudwatch GetMetricData", "sts GetCallerIdentity", "sts AssumeRole", "ssm StartSession", "ssm TerminateSession",
    "rds DescribeDBInstances",
)  # fmt: skip


@dataclass(kw_only=True)
class World:
    """AWS as a command meets it. `principal` is who calls; the session's name is the ticket."""

    stack: str = "production"
    clock: FakeClock = field(default_factory=FakeClock)
    principal: str = f"arn:aws:sts::{ACCOUNT}:assumed-role/taskflow-devops/change-1042"
    account: str = ACCOUNT
    ecs: Ecs = field(init=False)
    sts: Sts = field(init=False)
    sessions: Sessions = field(init=False)
    rds: Instances = field(init=False)
    wire: Wire = field(init=False)
    images: dict[str, str] = field(default_factory=dict[str, str])
    parameters: dict[str, str] = field(default_factory=dict[str, str])
    streams: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    alarms: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    # In moto, by host.
    distributions: dict[str, str] = field(default_factory=dict[str, str])
    # Values of a query, each from a time on.
    metrics: dict[str, list[tuple[datetime, float | None]]] = field(
        default_factory=dict[str, list[tuple[datetime, float | None]]]
    )

    def __post_init__(self) -> None:
        self.ecs = Ecs(clock=self.clock, stack=self.stack)
        self.sts = Sts(clock=self.clock)
        self.sessions = Sessions(ecs=self.ecs)
        self.rds = Instances(stack=self.stack)
        self.wire = Wire(handlers={name: self._handler(*name.split()) for name in OPERATIONS})
        self.set_template({"A": "1", "B": "2", "C": "3"})
        template = next(iter(self.ecs.definitions))
        self.ecs.deploy(template)
        for name in ("errors", "latency"):
            self.set_alarm(f"deployment-{name}")
            self.ecs.alarm_names.append(f"taskflow-{self.stack}-deployment-{name}")
        targets = [{"Name": "LoadBalancer", "Value": "app/taskflow-production/1"}]
        latency: dict[str, Any] = {
            "Namespace": "AWS/ApplicationELB",
            "MetricName": "TargetResponseTime",
            "Dimensions": targets,
        }
        self.set_alarm("p95-latency", Period=60, ExtendedStatistic="p95", **latency)
        rate = {"Id": "rate", "Expression": "100 * errors / requests", "ReturnData": True}
        self.set_alarm("error-rate", Metrics=[rate])
        self.clock.sleep(600)

    def _handler(self, service: str, operation: str) -> Handler:
        holders = {"ecs": (self.ecs,), "rds": (self.rds,), "ssm": (self.sessions, self)}.get(service, (self,))
        return next(getattr(each, snake(operation)) for each in holders if hasattr(each, snake(operation)))

    # What a test does.

    def set_template(self, environment: Mapping[str, str]) -> None:
        """Register Pulumi's template, as an `up` does."""
        self.ecs.register(
            {
                "family": f"{self.ecs.service}-template",
                "cpu": "1024",
                "memory": "2048",
                "networkMode": "awsvpc",
                "requiresCompatibilities": ["FARGATE"],
                "containerDefinitions": [
                    {
                        "name": "api",
                        "image": PLACEHOLDER,
                        "command": ["python", "-c", "placeholder"],
                        "essential": True,
                        "environment": [{"name": key, "value": value} for key, value in environment.items()],
                        "logConfiguration": {
                            "logDriver": "awslogs",
                            "options": {
                                "awslogs-group": "/taskflow/production/api",
                                "awslogs-region": "us-east-1",
                                "awslogs-stream-prefix": "api",
                            },
                        },
                    }
                ],
                "tags": [{"key": "Application", "value": "taskflow"}],
            }
        )

    def push(self, version: str, behaviour: Behaviour = Behaviour.GOOD) -> str:
        """Push an image; return its digest."""
        digest = f"sha256:{hashlib.sha256(version.encode()).hexdigest()}"
        self.images[version] = digest
        self.ecs.behaviour[f"{REGISTRIES[self.stack]}@{digest}"] = behaviour
        return digest

    def register(self, version: str) -> str:
        """Register a version's task definition, as a release does; return its ARN."""
        template = self.ecs.definitions[self.ecs.find(f"{self.ecs.service}-template")]
        (container,) = template["containerDefinitions"]
        image = f"{REGISTRIES[self.stack]}@{self.images[version]}"
        settings = {name: template[name] for name in ("cpu", "memory", "networkMode")}
        containers = [{**container, "image": image}]
        return self.ecs.register({**settings, "family": self.ecs.service, "containerDefinitions": containers})

    @property
    def migrations(self) -> list[str]:
        """The releases whose migrations were started, once for each task."""
        return [task.started_by.rpartition("/")[0] for task in self.ecs.tasks]

    @property
    def running(self) -> str:
        """The version that serves users; `placeholder` before the first release."""
        image = self.ecs.running().image
        versions = {digest: version for version, digest in self.images.items()}
        return versions.get(image.partition("@")[2], "placeholder")

    def events(self) -> list[dict[str, Any]]:
        """Return the audit events, the oldest first."""
        return [event for stream in self.streams.values() for event in stream]

    # The small services.

    def get_caller_identity(self, _request: Mapping[str, Any]) -> Mapping[str, Any]:
        arn = self.sts.role_of(self.wire.keys_used[-1]) or self.principal
        return {"Account": self.account, "Arn": arn, "UserId": "AROAFAKE:change-1042"}

    def assume_role(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.sts.assume_role(self.principal, request)

    def describe_images(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        (image,) = request["imageIds"]
        if image["imageTag"] not in self.images:
            raise ServiceError("ImageNotFoundException", "The image does not exist")
        return {"imageDetails": [{"imageDigest": self.images[image["imageTag"]], "registryId": ACCOUNT}]}

    def get_parameter(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["Name"] not in self.parameters:
            raise ServiceError("ParameterNotFound")
        return {"Parameter": {"Name": request["Name"], "Value": self.parameters[request["Name"]]}}

    def put_parameter(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if len(request["Value"]) > 4096:
            raise ServiceError("ValidationException", "Standard tier parameters support a maximum of 4096 characters")
        self.parameters[request["Name"]] = request["Value"]
        return {"Version": 1, "Tier": "Standard"}

    def create_log_stream(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        assert request["logGroupName"] == AUDIT
        if request["logStreamName"] in self.streams:
            raise ServiceError("ResourceAlreadyExistsException")
        self.streams[request["logStreamName"]] = []
        return {}

    def put_log_events(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["logStreamName"] not in self.streams:
            raise ServiceError("ResourceNotFoundException")
        self.streams[request["logStreamName"]] += [json.loads(each["message"]) for each in request["logEvents"]]
        return {}

    def get_log_events(self, _request: Mapping[str, Any]) -> Mapping[str, Any]:
        lines = ["Applying 0042_add_index", "error: deadlock detected"]
        return {"events": [{"timestamp": 1, "message": line, "ingestionTime": 1} for line in lines]}

    def describe_alarms(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        state = request.get("StateValue")
        found = [self.alarms[name] for name in request["AlarmNames"] if name in self.alarms]
        return {"MetricAlarms": [each for each in found if state in (None, each["StateValue"])], "CompositeAlarms": []}

    def get_metric_data(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        (query,) = (each for each in request["MetricDataQueries"] if each.get("ReturnData", True))
        changes = self.metrics.get(query["Id"], [])
        minutes = range(int(request["StartTime"]), int(request["EndTime"]), 60)
        values = [[value for since, value in changes if since.timestamp() <= minute][-1:] for minute in minutes]
        return {
            "MetricDataResults": [
                {"Id": query["Id"], "Values": [value for each in values for value in each if value is not None]}
            ]
        }

    def set_alarm(self, name: str, state: str = "OK", **metric: object) -> None:
        """Create an alarm of the stack, or change its state."""
        full = f"taskflow-{self.stack}-{name}"
        self.alarms[full] = {**self.alarms.get(full, {}), "AlarmName": full, "StateValue": state, **metric}
