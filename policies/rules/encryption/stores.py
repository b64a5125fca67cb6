"""Rules about encryption of the database and the cache, at rest and in transit."""

from collections.abc import Iterator

from policies.engine.answers import Answer, is_text
from policies.engine.expectations import equals, is_true, property_rule, refers_to, relation_rule, when
from policies.engine.facts import ABSENT, Absent, Known, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, StackRule, Verdict, findings, violation
from policies.readers.db_instances import source_of
from policies.readers.encryption_keys import customer_managed_key, expect_customer_managed_key
from policies.readers.parameter_groups import parameter
from policies.readers.regions import is_in_region_of
from policies.readers.resource_types import DB_INSTANCE, DB_PARAMETER_GROUP, REDIS_GROUP


def _has_performance_insights(instance: Resource) -> Answer:
    return is_text(instance.at("performanceInsightsEnabled"), "true")


def _database_keys(stack: Stack) -> Iterator[Finding]:
    for instance in stack.of(DB_INSTANCE):
        yield from findings(instance, _database_key(instance, stack))


def _database_key(instance: Resource, stack: Stack) -> Iterator[Verdict]:
    """Require a key, except for a replica in its source's region: AWS uses the source's key there."""
    key = instance.at("kmsKeyId")
    if key.scalar() != ABSENT:
        yield from expect_customer_managed_key(key)
        return
    allowed = "a customer managed key; unset only for a replica of an instance of this stack in the same region"
    match source_of(instance, stack):
        case Found(resource=source):
            is_beside = is_in_region_of(instance, source)
            if isinstance(is_beside, Unknown):
                yield is_beside
            elif not is_beside:
                yield violation(f"kmsKeyId isn't set, and the source {source.name} is in another region", allowed)
        case Outside(text=text):
            yield violation(f"kmsKeyId isn't set, and the source is {text}", allowed)
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield from expect_customer_managed_key(key)


def _authentication(group: Resource) -> Iterator[Verdict]:
    methods = (group.at("authToken").scalar(), group.at("authTokenWo").scalar(), group.at("userGroupIds").items())
    if all(method in (ABSENT, Known(value=())) for method in methods):
        found = "neither authToken nor userGroupIds is set: every host in the network may read and write"
        yield violation(found, "one of the two")


RULES = (
    property_rule(
        "encryption-database",
        section="Database (RDS PostgreSQL)",
        description="Every database is encrypted at rest, and its Performance Insights with a customer managed key",
        types=DB_INSTANCE,
        rows=(
            is_true("storageEncrypted"),
            *when(_has_performance_insights, customer_managed_key("performanceInsightsKmsKeyId")),
        ),
        severity="high",
        controls=("RDS.3", "CIS 2.2.1"),
    ),
    StackRule(
        id="encryption-database-key",
        section="Database (RDS PostgreSQL)",
        description=(
            "Every database is encrypted with a customer managed key; a replica in its source's region uses the "
            "source's key"
        ),
        remedy="Set kmsKeyId to a customer managed key of the instance's region.",
        judge=_database_keys,
    ),
    property_rule(
        "encryption-cache",
        section="Cache (ElastiCache Redis)",
        description="The cache is encrypted with a customer managed key, accepts TLS only, and authenticates clients",
        types=REDIS_GROUP,
        rows=(
            is_true("atRestEncryptionEnabled"),
            customer_managed_key("kmsKeyId"),
            is_true("transitEncryptionEnabled"),
            equals("transitEncryptionMode", "required", default="required"),
        ),
        also=_authentication,
        remedy="Set authToken or userGroupIds.",
        severity="high",
        controls=("ElastiCache.4", "ElastiCache.5"),
    ),
    relation_rule(
        "encryption-tls-database",
        section="Data Handling",
        description="Every database rejects plain text, and passwords as MD5, by a parameter group of this stack",
        types=DB_INSTANCE,
        rows=(
            refers_to(
                "parameterGroupName",
                DB_PARAMETER_GROUP,
                "parameter group",
                parameter("rds.force_ssl", "1"),
                parameter("rds.accepted_password_auth_method", "scram"),
                by=("id", "name", "arn"),
                absent="not all of AWS's default groups reject plain text",
                is_on_referrer=True,
            ),
        ),
        severity="high",
    ),
)
