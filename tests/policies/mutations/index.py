"""All changes to the compliant stack, from the modules beside this one."""

from tests.policies.mutations import (
    access,
    alerting,
    alerting_further,
    audit,
    baseline,
    compute,
    data,
    edge,
    encryption,
    groups,
    names,
    origin,
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
    *names.CHANGES,
    *access.CHANGES,
    *storage.CHANGES,
    *compute.CHANGES,
    *alerting.CHANGES,
    *alerting_further.CHANGES,
    *baseline.CHANGES,
    *audit.CHANGES,
)
