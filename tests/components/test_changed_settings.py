"""Change every setting except the network's: no stateful resource is replaced or deleted, except those listed.

Changes that lose nothing are tested together, up to twenty at a time; `make test-all` tests each alone.

The stand-in's comparison of recorded inputs decides, without the engine. The table lists the resources that AWS can
only replace, or that are deleted. The engine rejects those changes, because all stateful resources are protected
(tests/engine/test_data_tier.py runs five of them on the engine).
"""

import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pytest

from sandbox.diff import differences
from sandbox.kinds.table import KINDS
from settings.reference import rows
from settings.shape import ValueType, type_at
from settings.stack import Settings
from settings.yaml_values import Json
from tests.components.recorded import RecordedResources, record_resources
from tests.settings.breakages_data import BASES
from tests.settings.support import PROMOTED, as_data, changed, steps

# Ignored by Pulumi: see components/shared/secrets.py.
IGNORED = {"password", "authToken", "secretString", "versionStages"}
REPLICA = "database-taskflow-production-replica-1"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A new value of a setting, and the names of the stateful resources that it would replace or delete."""

    path: str
    value: Json
    lost: tuple[str, ...] = ()
    stack: str = "production"

    def __str__(self) -> str:
        return f"{self.path} {self.value}"


def _rds(path: str, value: Json, *lost: str, stack: str = "production") -> Change:
    return Change(path=f"taskflow:rds.{path}", value=value, lost=lost, stack=stack)


def _cache(path: str, value: Json, *lost: str) -> Change:
    return Change(path=f"taskflow:elasticache.{path}", value=value, lost=lost)


def _backup(path: str, value: Json, *lost: str) -> Change:
    return Change(path=f"taskflow:backup.{path}", value=value, lost=lost)


def _in_block(block: str, path: str, value: Json, *lost: str, stack: str = "production") -> Change:
    return Change(path=f"taskflow:{block}.{path}", value=value, lost=lost, stack=stack)


INSTANCES = ("database-taskflow-production", REPLICA)
LOGS = tuple(f"{name}-{log}" for name in INSTANCES for log in ("postgresql", "upgrade"))
ELSEWHERE = "arn:aws:rds:eu-west-1:987654321098:db:taskflow-production"
SECRET = "arn:aws:secretsmanager:us-west-2:987654321098:secret:other-a1B2c3"
SUCCESSOR = "taskflow:rds.successor"
NEXT = tuple(
    f"database-taskflow-production-2{replica}{log}"
    for replica in ("", "-replica-1")
    for log in ("", "-postgresql", "-upgrade")
)
COPIES = (
    "keys-data-copy", "keys-secrets-copy", "keys-assets-copy", "backup-copy", "backup-taskflow-production",
    "files-copy", "edge-assets-copy", "registry-copy", "registry-tools-copy",
)  # fmt: skip
KEY = "arn:aws:kms:us-west-2:987654321098:key/00000000-0000-4000-8000-00000000000f"

# Those that lose something, contradict another setting unless they are chosen, or are no number, switch or choice.
CHOSEN: Sequence[Change] = (
    # A new identifier is a new instance: the old one and its logs would be deleted.
    _rds("identifier", "taskflow-production-2", *INSTANCES, *LOGS, "backup-taskflow-production"),
    _rds("version", "15.17"),
    _rds("instanceClass", "db.r6g.xlarge"),
    _rds("maxConnections", 700),
    _rds("readReplicas", 2),
    _rds("readReplicas", 0, REPLICA, *(log for log in LOGS if log.startswith(REPLICA))),
    _rds("backupWindow", "01:00-02:00"),
    _rds("maintenanceWindow", "sun:04:00-sun:05:30"),
    # RDS can't rename the initial database.
    _rds("databaseName", "other", "database-taskflow-production"),
    _rds("source.instance", ELSEWHERE, stack="dr"),
    _rds("source.maxConnections", 700, stack="dr"),
    _rds("promoted", True, stack="dr"),
    _rds("secrets.master", SECRET, stack="dr"),
    _rds("secrets.application", SECRET, stack="dr"),
    _rds("secrets.key", KEY, stack="dr"),
    _rds("successor.identifier", "taskflow-production-3", *NEXT),
    # Another name too: that of a restored instance.
    _rds("successor.restored", True, *NEXT),
    _rds("successor.source.instance", ELSEWHERE),
    _rds("successor.source.maxConnections", 700),
    _rds("successor.promoted", True),
    _rds("successor.standby", True, stack="dr"),
    _cache("nodeType", "cache.r6g.xlarge"),
    _cache("snapshotWindow", "05:45-06:45"),
    _cache("maintenanceWindow", "sun:08:30-sun:10:30"),
    _backup("weeklySnapshot.at", "sun:07:30"),
    _backup("restoreTest.at", "mon:08:00"),
    _backup("restoreTest.query", "SELECT count(*) > 0 FROM tasks"),
    # The provider replaces a vault lock.
    _backup("vaultLock.minRetention", 80, "backup", "backup-copy"),
    _backup("vaultLock.maxRetention", 400, "backup", "backup-copy"),
    # Resources can't move between regions.
    _backup("recovery.region", "eu-west-1", *COPIES),
    # RDS has no API call to change a backup replication.
    _backup("recovery.automatedRetention", 20, "backup-taskflow-production"),
    _in_block("storage", "bucket.copyOf.bucket", "another-bucket", stack="dr"),
    _in_block("storage", "bucket.copyOf.key", KEY, stack="dr"),
    # A new name is a new repository.
    _in_block("storage", "registry.repository", "other-api", "registry", "registry-copy"),
    _in_block("storage", "registry.toolsRepository", "other-tools", "registry-tools", "registry-tools-copy"),
    _in_block("waf", "managedRules", ["AWSManagedRulesSQLiRuleSet", "AWSManagedRulesKnownBadInputsRuleSet",
                                   "AWSManagedRulesCommonRuleSet"]),
    _in_block("waf", "blockedCountries", ["KP"]),
    # A new name is a new web ACL, which is stateless.
    _in_block("waf", "webACL", "other-acl"),
    _in_block("cloudfront", "contentSecurityPolicy", "default-src 'none'"),
    _in_block("releases", "migrationCommand", ["npm", "run", "other"]),
    _in_block("dashboard", "name", "other"),
    _in_block("dashboard", "activeUsers.namespace", "Other"),
    _in_block("dashboard", "activeUsers.metric", "People"),
    _in_block("loadBalancer", "health.path", "/healthz"),
    _in_block("roles", "ecsTaskRole", "other-task-role"),
    _in_block("roles", "ecsExecutionRole", "other-execution-role"),
    _in_block("roles", "accessTaskRole", "other-access-role"),
    _in_block("roles", "accessExecutionRole", "other-access-execution-role"),
    _in_block("roles", "databaseTaskRole", "other-database-role"),
    _in_block("roles", "filesRestoreRole", "other-restore-role"),
    _in_block("roles", "restoreValidationRole", "other-validation-role"),
    _in_block("roles", "dataExportRole", "other-export-role"),
    _in_block("roles", "databaseAccessRole", "other-access"),
    _in_block("roles", "breakGlassRole", "other-break-glass"),
    _in_block("access", "boundary", "other-people"),
    *(_in_block("access", f"{job}.role", f"other-{job}") for job in ("onCall", "devops", "dba")),
    *(
        _in_block("access", f"{job}.assumedBy", ["arn:aws:iam::987654321098:user/alice"])
        for job in ("onCall", "devops", "dba", "databaseAccess", "breakGlass")
    ),
    _in_block("delivery", "infrastructure", "taskflow@1/other@2"),
    _in_block("delivery", "application", "taskflow@1/another@3"),
    _in_block("delivery", "branch", "release"),
    _in_block("delivery", "states", [
        {"bucket": "other", "key": "arn:aws:kms:us-east-1:987654321098:key/11111111-89ab-cdef-0123-456789abcdef"},
    ]),
    _in_block("service", "name", "other-api"),
    # The log group of Container Insights is named after the cluster.
    _in_block("service", "cluster", "other", "service-insights"),
    _in_block("task", "cpu", 512),
    _in_block("task", "memory", 4096),
    _in_block("task", "placeholderImage", "public.ecr.aws/docker/library/python:3.13.8-alpine3.22"),
    _in_block("tools", "image", f"sha256:{'1' * 64}"),
    _in_block("scaling", "policies", [{"type": "TargetTracking", "metric": "CPUUtilization", "target": 60},
                                   {"type": "TargetTracking", "metric": "MemoryUtilization", "target": 75}]),
    # Without a trail its log group is deleted.
    _in_block("audit", "trail", False, "audit-trail"),
    _in_block("alerts", "slack.workspace", "T0123456780"),
    _in_block("alerts", "slack.channel", "C0123456780"),
    _in_block("alerts", "runbooks", "https://wiki.example/runbooks"),
    _in_block("alerts", "silentUntil", "2026-12-01"),
    _in_block("logs", "maskedData", ["Address", "CreditCardNumber", "EmailAddress", "Name"]),
    # The bucket with Config's records would be deleted; it is protected.
    _in_block("baseline", "config", False, "baseline-config"),
)  # fmt: skip


def _settings() -> Iterator[tuple[str, ValueType]]:
    """Return the path and type of every setting that has more than one allowed value."""
    # No stack file has the staging service, and only a command reads it.
    excluded = ("aws:", "taskflow:environment.", "taskflow:network.", "taskflow:releases.staging.")
    for path in dict.fromkeys(row.path.partition("[]")[0] for row in rows(())):
        if not path.startswith(excluded):
            kind = type_at(Settings, tuple(path.partition(":")[2].split(".")))
            if len(kind.choices) != 1:
                yield path, kind


def _others() -> Iterator[Change]:
    """Return a change of every other number, switch and choice, to a neighbouring value."""
    chosen = {change.path for change in CHOSEN}
    production = as_data("production")
    for path, kind in _settings():
        if path in chosen or path == "taskflow:loadBalancer.originTakesTraffic":
            continue
        current: Json = production
        for step in steps(path):
            current = cast("dict[str | int, Json]", current)[step]
        if kind.base is bool:
            yield Change(path=path, value=not current)
        elif kind.choices:
            position = kind.choices.index(cast("str | int", current))
            yield Change(path=path, value=kind.choices[position - 1])
        elif kind.base is int:
            number = cast("int", current)
            yield Change(path=path, value=number + 1 if number < cast("int", kind.constraint("le")) else number - 1)


def _data(stack: str, *, has_successor: bool) -> dict[str, Json]:
    data = as_data(stack)
    if has_successor:
        rds = data["taskflow:rds"]
        assert isinstance(rds, dict)
        successor = cast("dict[str, Json]", BASES[SUCCESSOR][1][SUCCESSOR])
        source: dict[str, Json] = {"instance": ELSEWHERE, "maxConnections": 800}
        # A source is in another region than the stack.
        rds["successor"] = {**successor, "source": source} if stack == "dr" else successor
    return data


@functools.cache
def _before(stack: str, *, has_successor: bool) -> RecordedResources:
    return record_resources(changed(_data(stack, has_successor=has_successor), {}), stack=stack)


def _lost(before: RecordedResources, after: RecordedResources) -> set[str]:
    """Return the names of the stateful resources that are deleted or that the provider would replace."""
    lost: set[str] = set()
    for (token, name), inputs in before.items():
        if KINDS[token].is_stateful:
            now = after.get((token, name))
            if now is None or any(
                d.replaces and d.path.split(".")[0] not in IGNORED for d in differences(token, inputs, now)
            ):
                lost.add(name)
    return lost


CHANGES = (*CHOSEN, *_others())
BATCH_SIZE = 20


def _batches() -> Iterator[tuple[Change, ...]]:
    """Yield lossless changes in batches of one stack, each setting once per batch; all other changes alone."""
    by_stack: dict[tuple[str, bool], list[list[Change]]] = defaultdict(list)
    for change in CHANGES:
        # A promotion is irreversible and changes the effect of other settings.
        if change.lost or change.path.endswith(".promoted"):
            yield (change,)
            continue
        batches = by_stack[change.stack, _has_successor(change)]
        fitting = (b for b in batches if len(b) < BATCH_SIZE and change.path not in {other.path for other in b})
        batch = next(fitting, None)
        if batch is None:
            batches.append([change])
        else:
            batch.append(change)
    yield from (tuple(batch) for batches in by_stack.values() for batch in batches)


def _has_successor(change: Change) -> bool:
    return change.path.startswith(SUCCESSOR)


# Read only by checks of the settings and by commands, or exported only.
NOT_PLANNED = {
    "taskflow:incidents.responseTime.sev1",
    "taskflow:incidents.responseTime.sev2",
    "taskflow:incidents.responseTime.sev3",
    "taskflow:incidents.responseTime.sev4",
    "taskflow:releases.deploymentLimit",
    "taskflow:releases.migrationCommand",
    "taskflow:releases.migrationLimit",
    "taskflow:releases.watch",
    "taskflow:rds.source.maxConnections",
    "taskflow:rds.successor.source.maxConnections",
}

# The settings that a change requires, or it would be rejected.
REQUIRED: Mapping[str, Mapping[str, Json]] = {
    "taskflow:rds.promoted": PROMOTED,
    "taskflow:rds.successor.restored": {
        "taskflow:rds.successor.identifier": "taskflow-recovery-20260115-0930",
        "taskflow:rds.successor.source": None,
    },
    "taskflow:rds.version": {"taskflow:rds.autoMinorVersionUpgrade": False},
}


def _required(changes: Sequence[Change]) -> Mapping[str, Json]:
    return {path: value for change in changes for path, value in REQUIRED.get(change.path, {}).items()}


def _lost_by(changes: Sequence[Change]) -> set[str]:
    stack, has_successor = changes[0].stack, _has_successor(changes[0])
    values = changed(
        _data(stack, has_successor=has_successor),
        {**_required(changes), **{change.path: change.value for change in changes}},
    )
    before, after = _before(stack, has_successor=has_successor), record_resources(values, stack=stack)
    assert before, "nothing was recorded"
    is_planned = any(change.path not in NOT_PLANNED for change in changes)
    assert (before != after) == is_planned, "NOT_PLANNED is out of date"
    return _lost(before, after)


@pytest.mark.parametrize("changes", tuple(_batches()), ids=lambda changes: f"{len(changes)} from {changes[0]}")
def test_changes_lose_only_the_listed_stateful_resources(changes: tuple[Change, ...]) -> None:
    assert _lost_by(changes) == {name for change in changes for name in change.lost}


@pytest.mark.thorough
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_each_change_alone_loses_only_the_listed_stateful_resources(change: Change) -> None:
    assert _lost_by([change]) == set(change.lost)


def test_two_recordings_of_the_same_settings_are_equal() -> None:
    """Otherwise differences would not prove an effect of the settings."""
    values = changed(as_data("production"), {})
    assert record_resources(values, stack="production") == record_resources(values, stack="production")


@pytest.mark.places
def test_every_setting_with_more_than_one_allowed_value_is_changed() -> None:
    # originTakesTraffic requires a promoted database; engine tests cover it.
    changeable = {path for path, _ in _settings()} - {"taskflow:loadBalancer.originTakesTraffic"}
    paths = {change.path for change in CHANGES}
    assert not changeable - paths, "tests/components/test_changed_settings.py: CHOSEN lacks them"
    assert not paths - changeable, "tests/components/test_changed_settings.py: CHOSEN has more"
