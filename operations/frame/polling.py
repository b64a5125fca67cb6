"""Waiting for AWS. botocore's waiters give up after ten minutes (fact of ECS) and know no service deployments."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from operations.frame.aws import is_transient
from operations.frame.clock import Clock

T = TypeVar("T")

INTERVAL = 10.0
# For so long a poll may fail in a row, while what it waits for goes on in AWS.
PATIENCE = timedelta(minutes=5)


def poll(clock: Clock, attempt: Callable[[], T | None], *, limit: timedelta, interval: float = INTERVAL) -> T | None:
    """Call `attempt` until it returns a value; return None after the limit.

    Transient errors are tolerated for five minutes in a row: the network may fail, what runs in AWS goes on.
    """
    end = clock.now() + limit
    failing_since = None
    while True:
        try:
            result = attempt()
            failing_since = None
        except (BotoCoreError, ClientError) as error:
            failing_since = failing_since or clock.now()
            if not is_transient(error) or clock.now() - failing_since >= PATIENCE:
                raise
            result = None
        if result is not None:
            return result
        if clock.now() >= end:
            return None
        clock.sleep(interval)
