"""ECS's task definitions: registered with defaults, in families, never changed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.operations.fake.clock import FakeClock
from tests.operations.fake.wire import ServiceError

REGION, ACCOUNT = "us-east-1", "987654321098"


@dataclass(kw_only=True)
class TaskDefinitions:
    """All task definitions by ARN, with their tags."""

    clock: FakeClock
    definitions: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    tags: dict[str, list[dict[str, str]]] = field(default_factory=dict[str, list[dict[str, str]]])
    deregistered: int = 0

    def register(self, request: Mapping[str, Any]) -> str:
        """Register a task definition; ECS adds defaults and orders the environment as it likes."""
        family = request["family"]
        number = sum(arn.rpartition("/")[2].startswith(f"{family}:") for arn in self.definitions) + 1
        arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{family}:{number}"
        defaults: dict[str, Any] = {"cpu": 0, "mountPoints": [], "volumesFrom": [], "environment": []}
        containers: list[dict[str, Any]] = [{**defaults, **each} for each in request["containerDefinitions"]]
        for container in containers:
            container["environment"] = random.sample(container["environment"], len(container["environment"]))
        self.definitions[arn] = {
            **{name: value for name, value in request.items() if name != "tags"},
            "containerDefinitions": containers,
            "taskDefinitionArn": arn,
            "revision": number,
            "status": "ACTIVE",
            "compatibilities": ["EC2", "FARGATE"],
            "registeredAt": self.clock.now(),
            "volumes": [],
        }
        self.tags[arn] = list(request.get("tags", []))
        return arn

    # The API.

    def describe_task_definition(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        arn = self.find(request["taskDefinition"])
        tags = {"tags": self.tags[arn]} if "TAGS" in request.get("include", []) else {}
        return {"taskDefinition": self.definitions[arn], **tags}

    def register_task_definition(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"taskDefinition": self.definitions[self.register(request)]}

    def list_task_definitions(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        family = request["familyPrefix"]
        arns = [arn for arn in self.definitions if arn.rpartition("/")[2].startswith(f"{family}:")]
        newest = arns[::-1] if request.get("sort") == "DESC" else arns
        return {"taskDefinitionArns": newest[: request.get("maxResults", 100)]}

    def deregister_task_definition(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        self.deregistered += 1
        return {"taskDefinition": self.definitions[self.find(request["taskDefinition"])]}

    def find(self, name: str) -> str:
        """Return the ARN of a task definition, by its ARN or as the newest of a family."""
        if name in self.definitions:
            return name
        of_family = [arn for arn in self.definitions if arn.rpartition("/")[2].partition(":")[0] == name]
        if not of_family:
            raise ServiceError("ClientException", "Unable to describe task definition.")
        return of_family[-1]


def api_of(definition: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the definition of the API's container."""
    return next(each for each in definition["containerDefinitions"] if each["name"] == "api")
