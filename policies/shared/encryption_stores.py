"""Rules about encryption of the database and the cache, at rest and in transit."""

from collections.abc import Iterator

from policies.engine.answers import Answer, is_text
from policies.engine.expectations import equals, is_true, property_rule, refers_to, relation_rule, when
from policies.engine.facts import ABSENT, Known, Resource
from policies.engine.rule import Verdict, violation
from policies.readers.encryption_keys import customer_managed_key
from policies.readers.parameter_groups import parameter
from policies.readers.resource_types import DB_INSTANCE, DB_PARAMETER_GROUP, REDIS_GROUP


def _has_performance_insights(instance: Resource) -> Answer:
    return is_text(instance.at("performanceInsightsEnabled"), "true")


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
