"""Rules about the database and the cache: encrypted where they keep data, and on the way there."""

from collections.abc import Iterator

from policies.engine.expectations import expect, expect_true
from policies.engine.facts import ABSENT, Absent, Known, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, violation
from policies.readers.encryption_keys import expect_customer_managed_key
from policies.readers.parameter_groups import parameter_values
from policies.readers.regions import is_in_region_of
from policies.readers.resource_types import DB_INSTANCE, DB_PARAMETER_GROUP, REDIS_GROUP

FORCE_TLS = "rds.force_ssl"


def _database(instance: Resource) -> Iterator[Verdict]:
    yield from expect_true(instance.at("storageEncrypted"))
    match instance.at("performanceInsightsEnabled").scalar():
        case Known(value=True):
            yield from expect_customer_managed_key(instance.at("performanceInsightsKmsKeyId"))
        case Unknown() as unknown if instance.at("performanceInsightsKmsKeyId").scalar() == ABSENT:
            yield unknown
        case _:
            pass


def _database_keys(stack: Stack) -> Iterator[Finding]:
    for instance in stack.of(DB_INSTANCE):
        yield from findings(instance, _database_key(instance, stack))


def _database_key(instance: Resource, stack: Stack) -> Iterator[Verdict]:
    """A replica beside its source leaves the key out, because AWS takes the source's; every other instance has one."""
    key = instance.at("kmsKeyId")
    if key.scalar() != ABSENT:
        yield from expect_customer_managed_key(key)
        return
    allowed = "a customer's key; none only for a replica of an instance of this stack in the same region"
    match stack.refer(instance, instance.at("replicateSourceDb"), DB_INSTANCE, by=("identifier", "id", "arn")):
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


def _cache(group: Resource) -> Iterator[Verdict]:
    yield from expect_true(group.at("atRestEncryptionEnabled"))
    yield from expect_customer_managed_key(group.at("kmsKeyId"))
    yield from expect_true(group.at("transitEncryptionEnabled"))
    yield from expect(group.at("transitEncryptionMode"), "required", default="required")
    ways = (group.at("authToken").scalar(), group.at("authTokenWo").scalar(), group.at("userGroupIds").items())
    if all(way in (ABSENT, Known(value=())) for way in ways):
        yield violation("neither authToken nor userGroupIds is set: anybody in the network may read", "one of the two")


def _tls(stack: Stack) -> Iterator[Finding]:
    for instance in stack.of(DB_INSTANCE):
        match stack.refer(instance, instance.at("parameterGroupName"), DB_PARAMETER_GROUP, by=("id", "name", "arn")):
            case Found(resource=group):
                for verdict in _forced(group):
                    if isinstance(verdict, Unknown):
                        yield Finding(resource=group, verdict=verdict)
                    else:
                        yield Finding(resource=instance, verdict=f"its parameter group {group.name}: {verdict}")
            case Outside(text=text):
                verdict = violation(f"the parameter group is {text}", f"one of this stack, with {FORCE_TLS} 1")
                yield Finding(resource=instance, verdict=verdict)
            case Unknown() as unknown:
                yield Finding(resource=instance, verdict=unknown)
            case Absent():
                lacking = "parameterGroupName isn't set: AWS's default groups don't all refuse plain text"
                verdict = violation(lacking, f"a group of this stack, with {FORCE_TLS} 1")
                yield Finding(resource=instance, verdict=verdict)


def _forced(group: Resource) -> Iterator[Verdict]:
    """What a parameter group says about TLS: one 1, and nothing else."""
    values, hidden = parameter_values(group, FORCE_TLS)
    for value in values:
        text = value.text()
        if isinstance(text, Unknown):
            yield text
        elif text != Known(value="1"):
            yield violation(f"{FORCE_TLS} is {text.value if isinstance(text, Known) else 'empty'}", "1")
    if not values:
        yield hidden or violation(f"{FORCE_TLS} isn't set", "1")


RULES = (
    ResourceRule(
        id="encryption-database",
        section="Database (RDS PostgreSQL)",
        description="What a database stores is encrypted, and what Performance Insights keeps with a key of one's own",
        remedy="Set storageEncrypted, and performanceInsightsKmsKeyId to the key for data.",
        types=(DB_INSTANCE,),
        judge=_database,
    ),
    StackRule(
        id="encryption-database-key",
        section="Database (RDS PostgreSQL)",
        description="Every database is encrypted with a key of one's own; a replica beside its source takes that one's",
        remedy="Set kmsKeyId to the key for data of the instance's region.",
        judge=_database_keys,
    ),
    ResourceRule(
        id="encryption-cache",
        section="Cache (ElastiCache Redis)",
        description="The cache is encrypted with a key of one's own, speaks TLS only, and asks who is there",
        remedy="Set both encryptions, kmsKeyId and authToken, and leave transitEncryptionMode out.",
        types=(REDIS_GROUP,),
        judge=_cache,
    ),
    StackRule(
        id="encryption-tls-database",
        section="Data Handling",
        description="Every database refuses plain text by a parameter group of this stack",
        remedy=f"Give the instance a parameter group of this stack that sets {FORCE_TLS} to 1.",
        judge=_tls,
    ),
)
