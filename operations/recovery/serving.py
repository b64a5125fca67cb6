"""Which database the API uses: its running task definition has the host."""

from collections.abc import Sequence

from operations.frame.context import Context
from operations.release.api import Api


def environment_values(context: Context) -> Sequence[str]:
    """Return the values of the environment of the API's running task definition."""
    arn = Api(context=context).service.state().task_definition
    definition = context.aws.ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
    containers = definition.get("containerDefinitions", [])
    return [pair.get("value", "") for each in containers for pair in each.get("environment", [])]
