"""RDS: the stack's instances, with their addresses and replicas."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.operations.fake.wire import ServiceError

DOMAIN = "c0ffee.us-east-1.rds.amazonaws.com"


@dataclass(kw_only=True)
class Instances:
    """A primary with a replica in the region and one in another."""

    stack: str = "production"
    status: str = "available"
    replicas: list[str] = field(default_factory=list[str])
    # An instance that is being created has none.
    has_address: bool = True

    def __post_init__(self) -> None:
        name = f"taskflow-{self.stack}"
        other = "arn:aws:rds:us-west-2:987654321098:db:taskflow-dr"
        self.replicas = [other, f"{name}-replica-1"]

    def host(self, identifier: str = "") -> str:
        """Return the address of an instance, the primary by default."""
        return f"{identifier or f'taskflow-{self.stack}'}.{DOMAIN}"

    def describe_db_instances(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        identifier = request["DBInstanceIdentifier"]
        primary = f"taskflow-{self.stack}"
        if identifier not in (primary, *self.replicas):
            raise ServiceError("DBInstanceNotFound", f"DBInstance {identifier} not found.", 404)
        address = {"Endpoint": {"Address": self.host(identifier), "Port": 5432}} if self.has_address else {}
        return {
            "DBInstances": [
                {
                    "DBInstanceIdentifier": identifier,
                    "DBInstanceStatus": self.status,
                    "ReadReplicaDBInstanceIdentifiers": self.replicas if identifier == primary else [],
                    **address,
                }
            ]
        }
