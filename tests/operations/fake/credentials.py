"""Secrets Manager, the logins of the database and the tokens of the cache, as far as a rotation changes them."""

import base64
import functools
import gzip
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.operations.fake.clock import FakeClock
from tests.operations.fake.one_off import Task
from tests.operations.fake.wire import ServiceError

SETTING = re.compile(r"^SET LOCAL taskflow\.(\w+) = '([^']*)';$", re.MULTILINE)
LOGINS = ("taskflow_app_a", "taskflow_app_b")


@dataclass(kw_only=True)
class StoredSecret:
    """A secret: values and creation times by version, and its labels after each change."""

    values: dict[str, str] = field(default_factory=dict[str, str])
    created: dict[str, datetime] = field(default_factory=dict[str, datetime])
    labels: list[tuple[datetime, dict[str, str]]] = field(default_factory=list[tuple[datetime, dict[str, str]]])

    def labels_at(self, time: datetime) -> dict[str, str]:
        """Return the versions by label at a time."""
        return next((labels for since, labels in reversed(self.labels) if since <= time), self.labels[0][1])

    def current_at(self, time: datetime) -> dict[str, str]:
        """Return the value that a task which starts at a time reads."""
        return json.loads(self.values[self.labels_at(time)["AWSCURRENT"]])


@dataclass(kw_only=True)
class SecretsManager:
    """One region's secrets; those of another region are replicas of them after a delay."""

    clock: FakeClock
    secrets: dict[str, StoredSecret] = field(default_factory=dict[str, StoredSecret])
    delay: timedelta = timedelta(0)
    is_replica: bool = False
    # The status of the replicas by region, and the secrets that have none.
    replicas: dict[str, str] = field(default_factory=lambda: {"us-west-2": "InSync"})
    missing: set[str] = field(default_factory=set[str])

    def add(self, name: str, value: Mapping[str, str]) -> StoredSecret:
        """Create a secret as Pulumi does."""
        now = self.clock.now()
        secret = self.secrets[name] = StoredSecret(values={_id(1): json.dumps(value)}, created={_id(1): now})
        secret.labels.append((now, {"AWSCURRENT": _id(1), "INITIAL": _id(1)}))
        return secret

    def describe_secret(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        secret, by_version = self._find(request), dict[str, list[str]]()
        for label, version in secret.labels_at(self.clock.now() - self.delay).items():
            by_version.setdefault(version, []).append(label)
        status = [{"Region": region, "Status": each} for region, each in self.replicas.items()]
        replication = {} if self.is_replica else {"ReplicationStatus": status}
        return {"Name": request["SecretId"], "VersionIdsToStages": by_version, **replication}

    def get_secret_value(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        secret = self._find(request)
        version = request.get("VersionId") or secret.labels_at(self.clock.now() - self.delay).get(
            request.get("VersionStage", "AWSCURRENT"), ""
        )
        if version not in secret.values:
            raise ServiceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret value")
        return {
            "Name": request["SecretId"],
            "VersionId": version,
            "SecretString": secret.values[version],
            "CreatedDate": secret.created[version],
        }

    def put_secret_value(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        assert not self.is_replica
        assert request["VersionStages"] == ["AWSPENDING"]
        secret, version = self._find(request), request["ClientRequestToken"]
        secret.values[version], secret.created[version] = request["SecretString"], self.clock.now()
        self._label(secret, {"AWSPENDING": version})
        return {"Name": request["SecretId"], "VersionId": version, "VersionStages": ["AWSPENDING"]}

    def update_secret_version_stage(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        assert not self.is_replica
        secret, label = self._find(request), request["VersionStage"]
        holder = secret.labels_at(self.clock.now()).get(label)
        if request.get("RemoveFromVersionId") != holder:
            raise ServiceError("InvalidParameterException", f"The staging label {label} is attached to {holder}")
        target = request.get("MoveToVersionId")
        changes: dict[str, str | None] = {label: target}
        if label == "AWSCURRENT" and target != holder:
            changes["AWSPREVIOUS"] = holder
        self._label(secret, changes)
        return {"Name": request["SecretId"]}

    def _find(self, request: Mapping[str, Any]) -> StoredSecret:
        # AWS appends a hyphen and six characters to the name in an ARN.
        name = request["SecretId"]
        name = name.partition(":secret:")[2][:-7] if name.startswith("arn:") else name
        if name not in self.secrets or name in self.missing:
            raise ServiceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        return self.secrets[name]

    def _label(self, secret: StoredSecret, changes: Mapping[str, str | None]) -> None:
        now = self.clock.now()
        labels = {**secret.labels_at(now), **changes}
        secret.labels.append((now, {label: version for label, version in labels.items() if version}))


@dataclass(kw_only=True)
class Logins:
    """The database's logins, changed and tried by the database task. `sessions` are the logins in use."""

    secret: StoredSecret
    clock: FakeClock
    sessions: Callable[[], set[str]]
    verifiers: dict[str, str] = field(default_factory=dict[str, str])
    # Exit codes of the next tasks, and of the next logins.
    failure: int | None = None
    failure_of_login: int = 0
    # Of the secret's replica, by the family that reads it.
    delays: dict[str, timedelta] = field(default_factory=dict[str, timedelta])
    applied: list[str] = field(default_factory=list[str])

    def run(self, task: Task) -> tuple[float, int | None]:
        """Return how long a database task runs, and its exit code."""
        if self.failure is not None:
            return 20, self.failure
        if "SQL" in task.environment:
            return 20, self._apply(gzip.decompress(base64.b64decode(task.environment["SQL"])).decode())
        version = task.environment["VERSION"]
        if self.clock.now() - self.secret.created[version] < self.delays.get(task.family, timedelta(0)):
            return 15, 4
        return 15, self.failure_of_login if self.accepts(json.loads(self.secret.values[version])) else 2

    def accepts(self, value: Mapping[str, str]) -> bool:
        """Whether a login with a secret's value succeeds."""
        verifier = self.verifiers.get(value["username"], "")
        return bool(verifier) and is_of(verifier, value["password"])

    def _apply(self, sql: str) -> int:
        settings = dict(SETTING.findall(sql))
        assert "DO $passwords$" in sql
        if settings.get("retired") in self.sessions():
            return 3
        if login := settings.get("login"):
            assert login in LOGINS
            self.verifiers[login] = settings["verifier"]
            self.applied.append(f"set {login}")
        if retired := settings.get("retired"):
            self.verifiers.pop(retired, None)
            self.applied.append(f"retire {retired}")
        return 0


@functools.cache
def is_of(verifier: str, password: str) -> bool:
    """Whether a SCRAM verifier is of a password (RFC 5803)."""
    mechanism, parameters, keys = verifier.split("$")
    iterations, salt = parameters.split(":")
    assert mechanism == "SCRAM-SHA-256"
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(iterations))
    stored = hashlib.sha256(hmac.new(salted, b"Client Key", hashlib.sha256).digest()).digest()
    return base64.b64decode(keys.split(":")[0]) == stored


@dataclass(kw_only=True)
class ElastiCache:
    """A replication group's tokens: two at most. What ElastiCache does with a repeated ROTATE is assumed the worst."""

    clock: FakeClock
    name: str
    tokens: list[str]
    changed_at: datetime
    applies_after: timedelta = timedelta(minutes=3)
    # So long a request isn't visible in a description.
    hidden: timedelta = timedelta(0)
    snapshot_days: int = 7
    _pending: tuple[datetime, str, list[str]] | None = None
    requests: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.clock.listeners.append(self.advance)

    def advance(self) -> None:
        """Apply a change once its time has come."""
        if self._pending and self.clock.now() - self._pending[0] >= self.applies_after:
            self.changed_at, self.tokens = self._pending[0] + self.applies_after, self._pending[2]
            self._pending = None

    def describe_replication_groups(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request["ReplicationGroupId"] != self.name:
            raise ServiceError("ReplicationGroupNotFoundFault", "not found", 404)
        is_visible = self._pending is not None and self.clock.now() - self._pending[0] >= self.hidden
        pending = {"AuthTokenStatus": self._pending[1]} if self._pending and is_visible else {}
        group = {
            "ReplicationGroupId": self.name,
            "Status": "modifying" if is_visible else "available",
            "PendingModifiedValues": pending,
            "AuthTokenEnabled": True,
            "AuthTokenLastModifiedDate": self.changed_at,
            "SnapshotRetentionLimit": self.snapshot_days,
        }
        return {"ReplicationGroups": [group]}

    def modify_replication_group(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        assert request["ApplyImmediately"] is True
        token, strategy = request["AuthToken"], request["AuthTokenUpdateStrategy"]
        if self._pending:
            raise ServiceError("InvalidReplicationGroupState", "Replication group must be in available state")
        if strategy == "SET" and token not in self.tokens:
            raise ServiceError("InvalidParameterCombination", "SET is allowed only after ROTATE")
        self.requests.append(strategy)
        if strategy == "SET":
            self._pending = (self.clock.now(), "SETTING", [token])
        else:
            tokens = [token] if token in self.tokens else [self.tokens[-1], token]
            self._pending = (self.clock.now(), "ROTATING", tokens)
        return {"ReplicationGroup": {"ReplicationGroupId": self.name, "Status": "modifying"}}


def _id(number: int) -> str:
    return f"{number:08}-0000-4000-8000-000000000000"
