"""The task definition of a release: Pulumi's template with the release's image by digest.

Pulumi owns the template, in a family of its own (decision 0014). A revision with the same contents is used again: a
command that was killed between two steps registers no second one.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from operations.frame.aws import Aws
from operations.frame.errors import ExitCode, OperationError
from operations.release.service import image_digest, short

RELEASE_TAG, CONTENT_TAG = "Release", "Content"
# The variable of the container (components/service/task_definition.py).
DATABASE_HOST = "DATABASE_HOST"
# So many of the newest revisions may be the one that an earlier run registered.
NEWEST = 5


@dataclass(frozen=True, kw_only=True)
class TaskDefinition:
    """A registered task definition: ARN, digest of the API's image, the release's version from its tags.

    `database` is the address of the database that its tasks use.
    """

    arn: str
    digest: str | None
    version: str | None
    content: str | None
    is_active: bool
    database: str | None = None

    @property
    def number(self) -> str:
        """Family and revision, as people name it: `taskflow-api-production:42`."""
        return self.arn.rpartition("/")[2]

    @property
    def name(self) -> str:
        """Version and digest, as people call it; only the placeholder's image has no digest."""
        return f"{self.version or self.number} ({short(self.digest)})" if self.digest else "the placeholder"


class TaskDefinitions:
    """Reads and registers task definitions of one family."""

    def __init__(self, aws: Aws, *, family: str, template_family: str, container: str) -> None:
        self._ecs = aws.ecs
        self._family = family
        self._template_family = template_family
        self._container = container

    def read(self, arn: str) -> TaskDefinition:
        """Return a task definition by ARN, or the newest of a family."""
        answer = self._ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])
        definition = cast("Mapping[str, Any]", answer["taskDefinition"])
        tags = {each.get("key"): each.get("value") for each in answer["tags"]}
        return TaskDefinition(
            arn=definition["taskDefinitionArn"],
            digest=image_digest(self._container_of(definition)["image"]),
            version=tags.get(RELEASE_TAG),
            content=tags.get(CONTENT_TAG),
            is_active=definition["status"] == "ACTIVE",
            database=_database(self._container_of(definition)),
        )

    def database(self) -> str | None:
        """Return the address of the database that Pulumi's template has."""
        return self.read(self._template_family).database

    def wanted(self, image: str) -> Mapping[str, Any]:
        """Return what a release registers: the template, with its image and without the placeholder's command."""
        answer = self._ecs.describe_task_definition(taskDefinition=self._template_family, include=["TAGS"])
        template = cast("Mapping[str, Any]", answer["taskDefinition"])
        # A description also has what ECS adds, such as the ARN.
        shape = self._ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape
        request = {name: value for name, value in template.items() if shape and name in shape.members}
        release = {**self._container_of(template), "image": image}
        release.pop("command", None)
        containers: Sequence[Mapping[str, Any]] = template["containerDefinitions"]
        request["containerDefinitions"] = [release if each["name"] == self._container else each for each in containers]
        # AWS rejects tags with its own prefix.
        tags = [each for each in answer["tags"] if not each.get("key", "").startswith("aws:")]
        return {**request, "family": self._family, "tags": tags}

    def registered(self, request: Mapping[str, Any]) -> TaskDefinition | None:
        """Return the revision with these contents if one of the newest has them."""
        content = fingerprint(request)
        answer = self._ecs.list_task_definitions(familyPrefix=self._family, sort="DESC", maxResults=NEWEST)
        newest = (self.read(arn) for arn in answer["taskDefinitionArns"])
        return next((each for each in newest if each.content == content and each.is_active), None)

    def register(self, request: Mapping[str, Any], version: str) -> TaskDefinition:
        """Register a revision, tagged with the release's version and the fingerprint of its contents."""
        tags = [{"key": RELEASE_TAG, "value": version}, {"key": CONTENT_TAG, "value": fingerprint(request)}]
        arguments: dict[str, Any] = {**request, "tags": [*request["tags"], *tags]}
        answer = self._ecs.register_task_definition(**arguments)
        return self.read(answer["taskDefinition"].get("taskDefinitionArn", ""))

    def logs_of(self, arn: str, task: str) -> tuple[str, str]:
        """Return the log group and the log stream of a task's container."""
        definition = self._ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
        container = self._container_of(cast("Mapping[str, Any]", definition))
        options = container["logConfiguration"]["options"]
        task_id = task.rpartition("/")[2]
        return options["awslogs-group"], f"{options['awslogs-stream-prefix']}/{self._container}/{task_id}"

    def _container_of(self, definition: Mapping[str, Any]) -> Mapping[str, Any]:
        for container in definition["containerDefinitions"]:
            if container["name"] == self._container:
                return container
        raise OperationError(
            f"{definition['taskDefinitionArn']} has no container {self._container}", code=ExitCode.REFUSED
        )


def _database(container: Mapping[str, Any]) -> str | None:
    variables = {each.get("name"): each.get("value") for each in container.get("environment", [])}
    return variables.get(DATABASE_HOST)


def fingerprint(request: Mapping[str, Any]) -> str:
    """Return a hash of the contents. ECS doesn't keep the order of tags and of the environment."""
    return hashlib.sha256(json.dumps(_ordered(request), sort_keys=True).encode()).hexdigest()


def _ordered(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _ordered(each) for key, each in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list):
        items = [_ordered(each) for each in cast("list[object]", value)]
        is_named = all(isinstance(each, dict) and ("name" in each or "key" in each) for each in items)
        return sorted(items, key=lambda each: json.dumps(each, sort_keys=True)) if is_named else items
    return value
