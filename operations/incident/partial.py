"""Reading as far as AWS answers: in an incident, what can't be read must not keep the rest from being shown."""

from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from operations.frame.aws import explained
from operations.frame.context import Context
from operations.frame.errors import OperationError

T = TypeVar("T")


def attempt(context: Context, what: str, action: Callable[[], T]) -> T | None:
    """Return what an action returns; None, with a warning that names `what`, if it fails."""
    try:
        return action()
    except (BotoCoreError, ClientError, OperationError) as error:
        problem = error if isinstance(error, OperationError) else explained(error, context.environment.region)
        context.report.warning(f"{what}: {problem.message}")
        return None
