"""Chapter edge: CloudFront distributions, their web ACL and logs, and the domain's DNS records."""

from policies.engine.rule import AnyRule
from policies.rules.edge import (
    behavior_policies,
    behaviors,
    bucket_access,
    certificates,
    distributions,
    failover,
    logs,
    origins,
    records,
    web_acl,
)

RULES: tuple[AnyRule, ...] = (
    *distributions.RULES,
    *behaviors.RULES,
    *behavior_policies.RULES,
    *origins.RULES,
    *bucket_access.RULES,
    *web_acl.RULES,
    *logs.RULES,
    *records.RULES,
    *failover.RULES,
    *certificates.RULES,
)
