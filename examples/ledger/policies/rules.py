"""All rules of the ledger's pack: those with its figures, and those of any application, by section of the README."""

from collections.abc import Sequence
from dataclasses import replace

from examples.ledger.policies import data, environment, service
from examples.ledger.policies.sections import ACCESS, DATA, ENCRYPTION, NETWORK, SERVICE
from policies.engine.rule import AnyRule
from policies.shared import (
    bucket_types,
    buckets,
    cluster,
    credentials,
    data_subnets,
    encryption_keys,
    encryption_records,
    encryption_stores,
    nat_gateways,
    openings,
    resilience,
)


def _in_section(section: str, *rules: AnyRule) -> Sequence[AnyRule]:
    """Return shared rules with the section of the ledger's README, which the message of a violation names."""
    return [replace(rule, section=section) for rule in rules]


RULES: tuple[AnyRule, ...] = (
    *environment.RULES,
    *_in_section(NETWORK, *openings.RULES, *data_subnets.RULES, *nat_gateways.RULES),
    *data.RULES,
    *_in_section(DATA, *buckets.RULES, *bucket_types.RULES, *resilience.RULES),
    *service.RULES,
    *_in_section(SERVICE, *cluster.RULES),
    *_in_section(ENCRYPTION, *encryption_stores.RULES, *encryption_records.RULES, *encryption_keys.RULES),
    *_in_section(ACCESS, *credentials.RULES),
)
