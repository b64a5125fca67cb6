"""The committed stack files: both are valid, and they fit together."""

from collections.abc import Mapping
from ipaddress import IPv4Network

import pytest
import yaml

from settings.yaml_values import Json, as_pulumi
from tests.settings.support import ABSENT, ROOT, STACKS, as_data, changed, parsed, stack_file


@pytest.mark.parametrize("stack", STACKS)
def test_a_committed_stack_file_is_accepted(stack: str) -> None:
    values, secret_keys = as_pulumi(stack_file(stack))
    assert not secret_keys, "no secret is committed"
    settings = parsed(values, stack=stack)
    assert settings.aws.account == "987654321098", "the document's account"
    assert settings.environment.domain == "taskflow.app", "the document's domain"
    assert settings.network.flow_logs.retention_in_days == 90, "the document's figure for logs"
    ports = settings.network.ports
    assert (ports.service, ports.database, ports.cache) == (3001, 5432, 6379), "the document's security groups"


def test_each_stack_is_in_its_region() -> None:
    regions = {stack: parsed(as_pulumi(stack_file(stack))[0], stack=stack).aws.region for stack in STACKS}
    assert regions == {"production": "us-east-1", "dr": "us-west-2"}


def test_the_two_networks_can_be_peered() -> None:
    """Their ranges don't overlap, and each lists the other's as a peer."""
    production, dr = (parsed(as_pulumi(stack_file(stack))[0], stack=stack).network for stack in STACKS)
    assert not IPv4Network(production.cidr_block).overlaps(IPv4Network(dr.cidr_block))
    assert production.peer_cidrs == (dr.cidr_block,)
    assert dr.peer_cidrs == (production.cidr_block,)


def test_the_two_files_differ_only_in_expected_blocks() -> None:
    """So that a setting isn't added to one file only."""
    production, dr = as_data("production"), as_data("dr")
    only = ("taskflow:cloudfront", "taskflow:access", "taskflow:delivery")
    assert [key for key in production if key not in only] == list(dr), (
        "CloudFront, people and workflows are production's alone"
    )
    own = {
        "aws:region", "aws:defaultTags", "taskflow:network", "taskflow:rds", "taskflow:backup", "taskflow:storage",
        "taskflow:loadBalancer", "taskflow:roles", "taskflow:service", "taskflow:waf", "taskflow:alerts",
        "taskflow:dashboard", "taskflow:audit", "taskflow:baseline",
    }  # fmt: skip
    assert {key for key in dr if production[key] != dr[key]} == own


DOCUMENT: Mapping[str, Mapping[str, Json]] = {
    "taskflow:rds": {
        "engine": "postgres",
        # The document's 15.4 was withdrawn: its major.
        "version": "15",
        "instanceClass": "db.r6g.large",
        "storage": 200,
        "storageType": "gp3",
        "iops": 3000,
        "multiAZ": True,
        "readReplicas": 1,
        "backupRetention": 30,
        "maintenanceWindow": "sun:04:00-sun:05:00",
        "deletionProtection": True,
        "encryption": True,
        "logRetention": 90,
    },
    "taskflow:elasticache": {
        "engine": "redis",
        "version": "7.0",
        "nodeType": "cache.r6g.large",
        "clusterMode": "enabled",
        "numNodeGroups": 2,
        "replicasPerGroup": 1,
        "encryption": {"atRest": True, "inTransit": True},
        "snapshotRetention": 7,
        "logRetention": 90,
    },
    "taskflow:service": {
        "name": "taskflow-api-production",
        "cluster": "taskflow-production",
        "desiredCount": 4,
        "minCount": 2,
        "maxCount": 20,
        "logRetention": 90,
    },
    "taskflow:task": {"cpu": 1024, "memory": 2048},
    # Access Controls: sessions limited to 1 hour.
    "taskflow:tools": {"accessTimeout": 3600},
    "taskflow:scaling": {
        "policies": [
            {"type": "TargetTracking", "metric": "CPUUtilization", "target": 70},
            {"type": "TargetTracking", "metric": "MemoryUtilization", "target": 80},
        ],
        "scaleInCooldown": 300,
        "scaleOutCooldown": 60,
    },
    "taskflow:roles": {
        "ecsTaskRole": "taskflow-ecs-task-role",
        "ecsExecutionRole": "taskflow-ecs-execution-role",
        "accessTaskRole": "taskflow-access-task-role",
        "accessExecutionRole": "taskflow-access-execution-role",
        "databaseTaskRole": "taskflow-database-task-role",
        "filesRestoreRole": "taskflow-files-restore-role",
        "restoreValidationRole": "taskflow-restore-validation-role",
        "dataExportRole": "taskflow-data-export-role",
        "databaseAccessRole": "prod-db-access",
        "breakGlassRole": "prod-break-glass",
    },
    "taskflow:waf": {
        "managedRules": [
            "AWSManagedRulesCommonRuleSet",
            "AWSManagedRulesKnownBadInputsRuleSet",
            "AWSManagedRulesSQLiRuleSet",
        ],
        "rateLimit": {"limit": 2000, "evaluationWindow": 300},
        "blockedCountries": ["KP", "IR"],
        "webACL": "taskflow-production-acl",
    },
    "taskflow:cloudfront": {
        "priceClass": "PriceClass_All",
        "caching": {"minTTL": 0, "defaultTTL": 86400, "maxTTL": 31536000},
        "compression": True,
        "http2": True,
        "http3": True,
        # Data Handling: TLS 1.3.
        "tlsPolicy": "TLSv1.3_2025",
        "logRetention": 90,
    },
    "taskflow:alerts": {
        "errorRate": {"threshold": 1, "minutes": 5, "severity": "Critical"},
        "p95Latency": {"threshold": 500, "minutes": 5, "severity": "High"},
        "serviceDown": {"minutes": 2, "severity": "Critical"},
        "cpuHigh": {"threshold": 85, "minutes": 10, "severity": "Warning"},
        "memoryHigh": {"threshold": 90, "minutes": 10, "severity": "Warning"},
        "dbConnections": {"threshold": 80, "minutes": 5, "severity": "Warning"},
        "diskSpace": {"threshold": 80, "minutes": 5, "severity": "Warning"},
        "sslExpiry": {"days": 30, "severity": "Warning"},
        "routes": {"Critical": "PagerDuty", "High": "PagerDuty", "Warning": "Slack"},
    },
    # Key Metrics; the target is the alert's on P95.
    "taskflow:dashboard": {"name": "taskflow-production", "apdexTarget": 500, "uptimeDays": 30},
    "taskflow:audit": {"trail": True, "logRetention": 90},
    "taskflow:baseline": {
        "guardDuty": True,
        "securityHub": True,
        "config": True,
        "accessAnalyzer": True,
        "ebsEncryption": True,
        "account": {"s3PublicAccessBlock": True, "passwordPolicy": True},
    },
}


@pytest.mark.parametrize("block", DOCUMENT)
def test_productions_file_has_the_documents_figures(block: str) -> None:
    assert DOCUMENT[block].items() <= blocks("production")[block].items()


def test_the_weekly_snapshots_have_the_documents_retention_and_copies() -> None:
    backup = parsed(as_pulumi(stack_file("production"))[0]).backup
    assert backup.weekly_snapshot.retention == 90
    assert backup.recovery is not None
    recovery = backup.recovery
    assert (recovery.region, recovery.snapshot_retention, recovery.automated_retention) == ("us-west-2", 90, 30)


def test_the_audit_records_are_kept_for_seven_years_in_both_stacks() -> None:
    """The recovery stack has no trail and no account-wide settings (one account, two regions)."""
    production, dr = blocks("production"), blocks("dr")
    for audit in (production["taskflow:audit"], dr["taskflow:audit"]):
        archive = audit["archive"]
        assert isinstance(archive, dict)
        assert (archive["retention"], archive["lockMode"], audit["logRetention"]) == (2557, "GOVERNANCE", 90)
    assert {**production["taskflow:audit"], "trail": False} == dr["taskflow:audit"]
    baseline = {name: value for name, value in production["taskflow:baseline"].items() if name != "account"}
    assert baseline == dr["taskflow:baseline"]
    assert {"EmailAddress", "CreditCardNumber", "Name", "Address"} <= set(masked(production)) == set(masked(dr))


def masked(of: Mapping[str, Mapping[str, Json]]) -> list[str]:
    names = of["taskflow:logs"]["maskedData"]
    assert isinstance(names, list)
    return [str(name) for name in names]


def test_drs_database_differs_only_in_its_source() -> None:
    """The same size and protection, ready to take over; no replica and no copy."""
    production, dr = blocks("production"), blocks("dr")
    own = {"identifier", "promoted", "source", "secrets", "readReplicas", "applyImmediately"}
    rds, other = production["taskflow:rds"], dr["taskflow:rds"]
    assert {name for name in {*rds, *other} if rds.get(name) != other.get(name)} == own
    assert other["readReplicas"] == 0
    assert {**production["taskflow:backup"], "recovery": None} == {**dr["taskflow:backup"], "recovery": None}
    assert "recovery" not in dr["taskflow:backup"]


def test_drs_service_is_smaller_until_it_takes_over() -> None:
    production, dr = blocks("production"), blocks("dr")
    service, other = production["taskflow:service"], dr["taskflow:service"]
    assert {name for name in service if service[name] != other[name]} == {"name", "cluster", "desiredCount"}
    assert (other["name"], other["cluster"], other["desiredCount"]) == ("taskflow-api-dr", "taskflow-dr", 2)
    # Each stack has other names for the roles that it creates; those of emergencies are the account's.
    of_account = {"databaseAccessRole": "prod-db-access", "breakGlassRole": "prod-break-glass"}
    roles = {name: f"{role}-dr" for name, role in production["taskflow:roles"].items() if name not in of_account}
    assert dr["taskflow:roles"] == {**roles, **of_account}


def test_both_stacks_run_the_same_tools_image() -> None:
    """ECR replicates it with its digest."""
    production, dr = blocks("production"), blocks("dr")
    assert production["taskflow:tools"] == dr["taskflow:tools"]


def test_dr_uses_the_replica_of_productions_files_and_takes_no_traffic() -> None:
    production, dr = blocks("production"), blocks("dr")
    copy = parsed(changed(as_data("dr"), {}), stack="dr").storage.bucket.copy_of
    assert copy is not None
    assert copy.bucket == "taskflow-production-files-copy-987654321098", "as production names it"
    whole = changed(as_data("dr"), {"taskflow:storage.bucket.copyOf": ABSENT})["taskflow:storage"]
    assert whole == changed(as_data("production"), {})["taskflow:storage"]
    edges = {"webACL", "bodyLimit"}
    rules = {name: value for name, value in production["taskflow:waf"].items() if name not in edges}
    assert rules == dr["taskflow:waf"], "both web ACLs block the same"
    balancer = {**production["taskflow:loadBalancer"], "originTakesTraffic": False}
    assert balancer == dr["taskflow:loadBalancer"]
    assert production["taskflow:environment"] == dr["taskflow:environment"], "both write to one hosted zone"


def test_drs_database_replicates_productions() -> None:
    """The ARN follows from production's settings, and dr's limits aren't below production's."""
    production, dr = (parsed(as_pulumi(stack_file(stack))[0], stack=stack) for stack in STACKS)
    assert dr.rds.source is not None
    instance = f"arn:aws:rds:{production.aws.region}:{production.aws.account}:db:{production.rds.identifier}"
    assert dr.rds.source.instance == instance
    assert dr.rds.max_connections >= dr.rds.source.max_connections == production.rds.max_connections
    assert dr.rds.instance_class == production.rds.instance_class, "the other limits of a replica follow its class"


def test_each_stack_has_its_own_channel_and_the_same_alerts() -> None:
    production, dr = ({**blocks(stack)["taskflow:alerts"]} for stack in STACKS)
    channels = [parsed(changed(as_data(stack), {}), stack=stack).alerts.slack.channel for stack in STACKS]
    assert len(set(channels)) == 2
    del production["slack"], dr["slack"]
    assert production == dr
    assert "silentUntil" not in dr, "no alarm is silenced after the first release"


def blocks(stack: str) -> Mapping[str, Mapping[str, Json]]:
    return {key: value for key, value in as_data(stack).items() if isinstance(value, dict)}


@pytest.mark.parametrize("stack", STACKS)
def test_the_editors_schema_is_named_directly_above_config(stack: str) -> None:
    """Only there the line survives when Pulumi rewrites the file."""
    lines = stack_file(stack).splitlines()
    assert lines[lines.index("config:") - 1] == "# yaml-language-server: $schema=settings/stack.schema.json"
    assert (ROOT / "settings/stack.schema.json").is_file()


def test_the_project_file_is_pulumis_and_names_no_backend() -> None:
    """Each stack logs in to the backend in its own region."""
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    assert project["name"] == "taskflow"
    assert project["runtime"] == {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
    assert set(project) == {"name", "description", "runtime"}
