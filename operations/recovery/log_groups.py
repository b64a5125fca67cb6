"""The log groups of a restored instance, before RDS creates them without a key and without an end."""

import contextlib

from operations.frame.aws import Aws
from operations.frame.errors import OperationError
from operations.recovery.properties import EXPORTS


def create_log_groups(aws: Aws, name: str, like: str) -> None:
    """Create the log groups of an instance with the key and the retention of another's; a repetition is harmless."""
    for export in EXPORTS:
        group = _name(name, export)
        found = aws.logs.describe_log_groups(logGroupNamePrefix=_name(like, export))["logGroups"]
        model = next((each for each in found if each.get("logGroupName") == _name(like, export)), None)
        if model is None or "kmsKeyId" not in model or "retentionInDays" not in model:
            raise OperationError(
                f"The log group {_name(like, export)} has no key or retention: the restored instance's would have none"
            )
        with contextlib.suppress(aws.logs.exceptions.ResourceAlreadyExistsException):
            aws.logs.create_log_group(logGroupName=group, kmsKeyId=model["kmsKeyId"])
        aws.logs.put_retention_policy(logGroupName=group, retentionInDays=model["retentionInDays"])


def _name(instance: str, export: str) -> str:
    """Return the name that RDS chooses."""
    return f"/aws/rds/instance/{instance}/{export}"
