"""All mutations of the compliant stack, from the modules of this package."""

from tests.policies.mutations import (
    access,
    access_people,
    alerting,
    alerting_further,
    audit,
    baseline,
    compute,
    data,
    edge,
    encryption,
    groups,
    origin,
    records,
    stack,
    storage,
    subnets,
)

MUTATIONS = (
    *stack.CHANGES,
    *groups.CHANGES,
    *subnets.CHANGES,
    *encryption.CHANGES,
    *data.CHANGES,
    *origin.CHANGES,
    *edge.CHANGES,
    *records.CHANGES,
    *access.CHANGES,
    *access_people.CHANGES,
    *storage.CHANGES,
    *compute.CHANGES,
    *alerting.CHANGES,
    *alerting_further.CHANGES,
    *baseline.CHANGES,
    *audit.CHANGES,
)
