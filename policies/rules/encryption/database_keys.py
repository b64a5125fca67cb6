"""The rule about the keys of databases."""

from collections.abc import Iterator

from policies.engine.facts import ABSENT, Absent, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, StackRule, Verdict, findings, violation
from policies.readers.db_instances import source_of
from policies.readers.encryption_keys import expect_customer_managed_key
from policies.readers.regions import is_in_region_of
from policies.readers.resource_types import DB_INSTANCE


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


RULES = (
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
)
