"""Every setting but the network's, changed: nothing that holds data is replaced or deleted.

Settings whose change loses nothing are changed together, some twenty at a time; `make test-all` changes each alone.

Judged by the stand-in's own comparison over recorded inputs, with no engine. Where AWS can only replace, or a thing
would go, that is said here; the engine then refuses it, because everything that holds data is protected
(tests/engine/test_data_tier.py has five of these on the engine).
"""

import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from sandbox.diff import differences
from sandbox.kinds.table import KINDS
from settings.shape import block_in, kind_of, names
from settings.stack import Settings
from settings.values import Switch, Whole, Word
from tests.components.recorded import Recorded, recorded
from tests.settings.as_pulumi import Json
from tests.settings.breakages_data import BASES
from tests.settings.support import PROMOTED, as_data, changed

# Never written back, so no difference either: see components/shared/secrets.py.
IGNORED = {"password", "authToken", "secretString", "versionStages"}
REPLICA = "database-taskflow-production-replica-1"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One setting's other value, and the stateful things that it would replace or let go, by name."""

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


def _other(block: str, path: str, value: Json, *lost: str, stack: str = "production") -> Change:
    return Change(path=f"taskflow:{block}.{path}", value=value, lost=lost, stack=stack)


INSTANCES = ("database-taskflow-production", REPLICA)
LOGS = tuple(f"{name}-{log}" for name in INSTANCES for log in ("postgresql", "upgrade"))
ELSEWHERE = "arn:aws:rds:eu-west-1:987654321098:db:taskflow-production"
SECRET = "arn:aws:secretsmanager:us-west-2:987654321098:secret:other-a1B2c3"
SUCCESSOR = "taskflow:rds.successor"
COPIES = (
    "keys-data-copy", "keys-secrets-copy", "keys-assets-copy", "backup-copy", "backup-taskflow-production",
    "files-copy", "edge-assets-copy", "registry-copy",
)  # fmt: skip
KEY = "arn:aws:kms:us-west-2:987654321098:key/00000000-0000-4000-8000-00000000000f"

CHANGES: Sequence[Change] = (
    # Another name is another instance: the first one and its logs would go.
    _rds("identifier", "taskflow-production-2", *INSTANCES, *LOGS, "backup-taskflow-production"),
    _rds("version", "15.17"),
    _rds("instanceClass", "db.r6g.xlarge"),
    _rds("storage", 300),
    _rds("maxStorage", 395),
    _rds("multiAZ", False),
    _rds("readReplicas", 2),
    _rds("readReplicas", 0, REPLICA, *(log for log in LOGS if log.startswith(REPLICA))),
    _rds("backupRetention", 35),
    _rds("backupWindow", "01:00-02:00"),
    _rds("maintenanceWindow", "sun:04:00-sun:05:30"),
    _rds("deletionProtection", False),
    # PostgreSQL's first database can't be renamed by RDS.
    _rds("databaseName", "other", "database-taskflow-production"),
    _rds("maxConnections", 700),
    _rds("replicaMaxConnections", 900),
    _rds("slowStatementMs", 250),
    _rds("monitoringInterval", 15),
    _rds("certificateAuthority", "rds-ca-rsa4096-g1"),
    _rds("autoMinorVersionUpgrade", False),
    _rds("applyImmediately", True),
    _rds("logRetention", 180),
    _rds("source.instance", ELSEWHERE, stack="dr"),
    _rds("source.maxConnections", 700, stack="dr"),
    _rds("promoted", True, stack="dr"),
    _rds("secrets.master", SECRET, stack="dr"),
    _rds("secrets.application", SECRET, stack="dr"),
    _rds("secrets.key", KEY, stack="dr"),
    _rds("successor.identifier", "taskflow-production-3", "database-taskflow-production-2",
         "database-taskflow-production-2-postgresql", "database-taskflow-production-2-upgrade"),
    _rds("successor.source.instance", ELSEWHERE),
    _rds("successor.source.maxConnections", 700),
    _rds("successor.promoted", True),
    _cache("nodeType", "cache.r6g.xlarge"),
    _cache("numNodeGroups", 3),
    _cache("replicasPerGroup", 2),
    _cache("snapshotRetention", 14),
    _cache("snapshotWindow", "05:15-06:30"),
    _cache("maintenanceWindow", "sun:08:30-sun:10:30"),
    _cache("autoMinorVersionUpgrade", False),
    _cache("applyImmediately", True),
    _cache("logRetention", 180),
    _backup("weeklySnapshot.at", "sun:07:30"),
    _backup("weeklySnapshot.startWindow", 90),
    _backup("weeklySnapshot.completionWindow", 300),
    _backup("weeklySnapshot.retention", 120),
    # The provider lifts a lock and puts on another one.
    _backup("vaultLock.minRetention", 80, "backup", "backup-copy"),
    _backup("vaultLock.maxRetention", 400, "backup", "backup-copy"),
    # What is in one region is never moved to another.
    _backup("recovery.region", "eu-west-1", *COPIES),
    _backup("recovery.snapshotRetention", 120),
    # RDS has no call that changes a replication of backups.
    _backup("recovery.automatedRetention", 20, "backup-taskflow-production"),
    _other("storage", "bucket.oldVersions", 30),
    _other("storage", "bucket.copyOf.bucket", "another-bucket", stack="dr"),
    _other("storage", "bucket.copyOf.key", KEY, stack="dr"),
    _other("storage", "queue.maxReceives", 3),
    _other("storage", "queue.visibilityTimeout", 60),
    _other("storage", "queue.retention", 7),
    # Another name is another repository.
    _other("storage", "registry.repository", "other-api", "registry", "registry-copy"),
    _other("storage", "registry.buildRetention", 14),
    _other("waf", "managedRules", ["AWSManagedRulesSQLiRuleSet", "AWSManagedRulesKnownBadInputsRuleSet",
                                   "AWSManagedRulesCommonRuleSet"]),
    _other("waf", "rateLimit.limit", 1000),
    _other("waf", "rateLimit.evaluationWindow", 60),
    _other("waf", "blockedCountries", ["KP"]),
    # Another name is another web ACL, which holds nothing.
    _other("waf", "webACL", "other-acl"),
    _other("waf", "bodyLimit", 32_768),
    _other("cloudfront", "priceClass", "PriceClass_100"),
    _other("cloudfront", "caching.minTTL", 60),
    _other("cloudfront", "caching.defaultTTL", 3600),
    _other("cloudfront", "caching.maxTTL", 86400),
    _other("cloudfront", "compression", False),
    _other("cloudfront", "http2", False),
    _other("cloudfront", "http3", False),
    _other("cloudfront", "contentSecurityPolicy", "default-src 'none'"),
    _other("cloudfront", "oldVersions", 30),
    _other("cloudfront", "logRetention", 180),
    _other("dashboard", "name", "other"),
    _other("dashboard", "apdexTarget", 300),
    _other("dashboard", "uptimeDays", 7),
    _other("dashboard", "activeUsers.namespace", "Other"),
    _other("dashboard", "activeUsers.metric", "People"),
    _other("loadBalancer", "tlsPolicy", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"),
    _other("loadBalancer", "idleTimeout", 120),
    _other("loadBalancer", "health.path", "/healthz"),
    _other("loadBalancer", "health.interval", 30),
    _other("loadBalancer", "health.timeout", 4),
    _other("loadBalancer", "health.healthyThreshold", 3),
    _other("loadBalancer", "health.unhealthyThreshold", 2),
    _other("loadBalancer", "slowStart", 0),
    _other("loadBalancer", "deregistrationDelay", 30),
    _other("loadBalancer", "logRetention", 180),
    _other("roles", "ecsTaskRole", "other-task-role"),
    _other("roles", "ecsExecutionRole", "other-execution-role"),
    _other("roles", "accessTaskRole", "other-access-role"),
    _other("roles", "emergencyRole", "other-emergency-role"),
    _other("service", "name", "other-api"),
    # The group of the cluster's measurements has the cluster's name.
    _other("service", "cluster", "other", "service-insights"),
    _other("service", "desiredCount", 6),
    _other("service", "minCount", 3),
    _other("service", "maxCount", 10),
    _other("service", "deployment.maximumPercent", 150),
    _other("service", "deployment.healthCheckGracePeriod", 120),
    _other("service", "deployment.errors", 2),
    _other("service", "deployment.latency", 300),
    _other("service", "logRetention", 180),
    _other("task", "cpu", 512),
    _other("task", "memory", 4096),
    _other("task", "cpuArchitecture", "ARM64"),
    _other("task", "placeholderImage", "public.ecr.aws/docker/library/python:3.13.8-alpine3.22"),
    _other("task", "user", 2000),
    _other("task", "temporarySpace", 128),
    _other("task", "stopTimeout", 60),
    _other("task", "health.interval", 30),
    _other("task", "health.timeout", 4),
    _other("task", "health.retries", 2),
    _other("task", "health.startPeriod", 60),
    _other("scaling", "policies", [{"type": "TargetTracking", "metric": "CPUUtilization", "target": 60},
                                   {"type": "TargetTracking", "metric": "MemoryUtilization", "target": 75}]),
    _other("scaling", "scaleInCooldown", 600),
    _other("scaling", "scaleOutCooldown", 30),
    # A trail that another account has takes its own log group's place.
    _other("audit", "trail", False, "audit-trail"),
    _other("audit", "logRetention", 180),
    _other("audit", "archive.retention", 3653),
    _other("audit", "archive.glacierAfter", 30),
    _other("audit", "archive.deepArchiveAfter", 730),
    _other("alerts", "errorRate.threshold", 2),
    _other("alerts", "errorRate.minutes", 3),
    _other("alerts", "errorRate.severity", "High"),
    _other("alerts", "p95Latency.threshold", 300),
    _other("alerts", "p95Latency.minutes", 3),
    _other("alerts", "p95Latency.severity", "Critical"),
    _other("alerts", "serviceDown.minutes", 1),
    _other("alerts", "serviceDown.severity", "High"),
    _other("alerts", "cpuHigh.threshold", 80),
    _other("alerts", "cpuHigh.minutes", 5),
    _other("alerts", "cpuHigh.severity", "High"),
    _other("alerts", "memoryHigh.threshold", 80),
    _other("alerts", "memoryHigh.minutes", 5),
    _other("alerts", "memoryHigh.severity", "High"),
    _other("alerts", "dbConnections.threshold", 70),
    _other("alerts", "dbConnections.minutes", 3),
    _other("alerts", "dbConnections.severity", "High"),
    _other("alerts", "diskSpace.threshold", 70),
    _other("alerts", "diskSpace.minutes", 3),
    _other("alerts", "diskSpace.severity", "High"),
    _other("alerts", "sslExpiry.days", 20),
    _other("alerts", "sslExpiry.severity", "High"),
    _other("alerts", "routes.Critical", "Slack"),
    _other("alerts", "routes.High", "Slack"),
    _other("alerts", "routes.Warning", "PagerDuty"),
    _other("alerts", "slack.workspace", "T0123456780"),
    _other("alerts", "slack.channel", "C0123456780"),
    _other("alerts", "slack.region", "us-east-2"),
    _other("alerts", "runbooks", "https://wiki.example/runbooks"),
    _other("alerts", "silentUntil", "2026-12-01"),
    _other("logs", "maskedData", ["Address", "CreditCardNumber", "EmailAddress", "Name"]),
    _other("baseline", "guardDuty", False),
    _other("baseline", "securityHub", False),
    # What Config wrote down so far stays in its bucket, and the engine asks before it lets go of that.
    _other("baseline", "config", False, "baseline-config"),
    _other("baseline", "accessAnalyzer", False),
    _other("baseline", "ebsEncryption", False),
    _other("baseline", "account.s3PublicAccessBlock", False),
    _other("baseline", "account.passwordPolicy", False),
)  # fmt: skip


def _data(stack: str, *, has_successor: bool) -> dict[str, Json]:
    data = as_data(stack)
    if has_successor:
        rds = data["taskflow:rds"]
        assert isinstance(rds, dict)
        rds["successor"] = BASES[SUCCESSOR][1][SUCCESSOR]
    return data


@functools.cache
def _before(stack: str, *, has_successor: bool) -> Recorded:
    return recorded(changed(_data(stack, has_successor=has_successor), {}), stack=stack)


def _lost(before: Recorded, after: Recorded) -> set[str]:
    """Give the names of the stateful things that are gone, or that the provider would replace."""
    lost: set[str] = set()
    for (token, name), inputs in before.items():
        if KINDS[token].stateful:
            now = after.get((token, name))
            if now is None or any(
                d.replaces and d.path.split(".")[0] not in IGNORED for d in differences(token, inputs, now)
            ):
                lost.add(name)
    return lost


TOGETHER = 20


def _batches() -> Iterator[tuple[Change, ...]]:
    """What loses nothing in batches of one stack, each setting in a batch once; what does, alone."""
    by_stack: dict[tuple[str, bool], list[list[Change]]] = defaultdict(list)
    for change in CHANGES:
        # A promotion is one way, and changes what the settings beside it mean.
        if change.lost or change.path.endswith(".promoted"):
            yield (change,)
            continue
        batches = by_stack[change.stack, _has_successor(change)]
        fitting = (b for b in batches if len(b) < TOGETHER and change.path not in {other.path for other in b})
        batch = next(fitting, None)
        if batch is None:
            batches.append([change])
        else:
            batch.append(change)
    yield from (tuple(batch) for batches in by_stack.values() for batch in batches)


def _has_successor(change: Change) -> bool:
    return change.path.startswith(SUCCESSOR)


# What only the settings' own checks read, or only an output of the stack.
NOT_PLANNED = {
    "taskflow:rds.secrets.master",
    "taskflow:rds.source.maxConnections",
    "taskflow:rds.successor.source.maxConnections",
}


NEEDED: Mapping[str, Mapping[str, Json]] = {
    "taskflow:rds.promoted": PROMOTED,
    "taskflow:rds.version": {"taskflow:rds.autoMinorVersionUpgrade": False},
}


def _needed(changes: Sequence[Change]) -> Mapping[str, Json]:
    """Return the settings without which the changed ones would be refused."""
    return {path: value for change in changes for path, value in NEEDED.get(change.path, {}).items()}


def _lost_by(changes: Sequence[Change]) -> set[str]:
    stack, has_successor = changes[0].stack, _has_successor(changes[0])
    values = changed(
        _data(stack, has_successor=has_successor),
        {**_needed(changes), **{change.path: change.value for change in changes}},
    )
    before, after = _before(stack, has_successor=has_successor), recorded(values, stack=stack)
    assert before, "nothing was recorded"
    is_planned = any(change.path not in NOT_PLANNED for change in changes)
    assert (before != after) == is_planned, "the settings change nothing, or more than is known"
    return _lost(before, after)


@pytest.mark.parametrize("changes", tuple(_batches()), ids=lambda changes: f"{len(changes)} from {changes[0]}")
def test_nothing_that_holds_data_is_lost_but_what_is_expected(changes: tuple[Change, ...]) -> None:
    assert _lost_by(changes) == {name for change in changes for name in change.lost}


@pytest.mark.thorough
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_nothing_that_holds_data_is_lost_by_one_change_but_what_is_expected(change: Change) -> None:
    assert _lost_by([change]) == set(change.lost)


def test_two_recordings_of_the_same_settings_are_the_same() -> None:
    """So that a difference above is the changed setting's."""
    values = changed(as_data("production"), {})
    assert recorded(values, stack="production") == recorded(values, stack="production")


def _only_one(path: str) -> bool:
    """Whether a setting can have one value only."""
    model, info = Settings, None
    _, _, dotted = path.partition(":")
    for name in dotted.split("."):
        info = names(model)[name]
        model = block_in(info.annotation) or model
    kind = kind_of(info) if info else None
    return (
        (isinstance(kind, Word) and len(kind.words) == 1)
        or (isinstance(kind, Whole) and kind.minimum == kind.maximum)
        or (isinstance(kind, Switch) and kind.only is not None)
    )


def test_every_setting_that_can_have_another_value_is_changed() -> None:
    from settings.table import rows

    apart = ("aws:", "taskflow:environment.", "taskflow:network.")
    settings = {row.path.partition("[]")[0] for row in rows(()) if not row.path.startswith(apart)}
    changed_ = {change.path for change in CHANGES}
    # It needs another database than this stack file's, and has tests on the engine.
    assert changed_ | {"taskflow:loadBalancer.originTakesTraffic"} == {path for path in settings if not _only_one(path)}
