"""CloudWatch's log groups of the database's instances, with their keys and retention."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.operations.fake.rds_state import REGIONS, key_of
from tests.operations.fake.wire import ServiceError

EXPORTS = ("postgresql", "upgrade")
DAYS = 90


@dataclass(kw_only=True)
class LogGroups:
    """The log groups by name, as Pulumi makes those of a stack's instances."""

    stack: str
    groups: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    def __post_init__(self) -> None:
        for instance in (f"taskflow-{self.stack}", f"taskflow-{self.stack}-replica-1"):
            for export in EXPORTS:
                name = f"/aws/rds/instance/{instance}/{export}"
                key = key_of(REGIONS[self.stack], "logs")
                self.groups[name] = {"logGroupName": name, "kmsKeyId": key, "retentionInDays": DAYS}

    def describe_log_groups(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        prefix = request["logGroupNamePrefix"]
        return {"logGroups": [each for name, each in self.groups.items() if name.startswith(prefix)]}

    def create_log_group(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        name = request["logGroupName"]
        if name in self.groups:
            raise ServiceError("ResourceAlreadyExistsException", "The specified log group already exists")
        self.groups[name] = {"logGroupName": name, "kmsKeyId": request["kmsKeyId"]}
        return {}

    def put_retention_policy(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["logGroupName"] not in self.groups:
            raise ServiceError("ResourceNotFoundException", "The specified log group does not exist.")
        self.groups[request["logGroupName"]]["retentionInDays"] = request["retentionInDays"]
        return {}
