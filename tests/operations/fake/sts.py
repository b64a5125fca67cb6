"""STS: who calls, and roles of people with the conditions of their trust policies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.operations.fake.clock import FakeClock
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.wire import ServiceError

DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/alice"
KEY = "ASIAFAKEFAKEFAKE"


@dataclass(kw_only=True)
class Sts:
    """Roles by name, each with the beginning of the ticket that its session is named after."""

    clock: FakeClock
    roles: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {"prod-break-glass": ("incident-",), "prod-db-access": ("incident-",)}
    )
    # Who may assume them.
    people: tuple[str, ...] = ("user/alice", "assumed-role/AWSReservedSSO_OnCall_0123456789abcdef/")
    # The code that the MFA device shows; a used one is refused until the next.
    code: str = "123456"
    used: set[str] = field(default_factory=set[str])
    requests: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])

    def assume_role(self, principal: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return credentials if the trust policy allows it; STS names no condition that failed."""
        role = request["RoleArn"].rpartition("/")[2]
        self.requests.append(request)
        if not self._is_allowed(principal, role, request):
            message = (
                f"User: {principal} is not authorized to perform: sts:AssumeRole on resource: {request['RoleArn']}"
            )
            raise ServiceError("AccessDenied", message, 403)
        number = len(self.requests)
        session = request["RoleSessionName"]
        return {
            "Credentials": {
                "AccessKeyId": f"{KEY}{number:04}",
                "SecretAccessKey": f"secret-{number}",
                "SessionToken": f"token-{number}",
                "Expiration": self.clock.now() + timedelta(seconds=request["DurationSeconds"]),
            },
            "AssumedRoleUser": {
                "AssumedRoleId": f"AROAFAKE:{session}",
                "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}",
            },
            "SourceIdentity": request["SourceIdentity"],
        }

    def role_of(self, key: str) -> str | None:
        """Return the ARN of the session that has an access key; None for other keys."""
        if not key.startswith(KEY):
            return None
        request = self.requests[int(key.removeprefix(KEY)) - 1]
        role, session = request["RoleArn"].rpartition("/")[2], request["RoleSessionName"]
        return f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}"

    def _is_allowed(self, principal: str, role: str, request: Mapping[str, Any]) -> bool:
        who = principal.rpartition(":")[2]
        has_ticket = any(request["RoleSessionName"].startswith(kind) for kind in self.roles.get(role, ()))
        has_identity = bool(request.get("SourceIdentity"))
        is_listed = any(who.startswith(person) for person in self.people)
        return has_ticket and has_identity and is_listed and (not who.startswith("user/") or self._has_mfa(request))

    def _has_mfa(self, request: Mapping[str, Any]) -> bool:
        code = request.get("TokenCode")
        is_valid = request.get("SerialNumber") == DEVICE and code == self.code and code not in self.used
        self.used.add(code or "")
        return is_valid
