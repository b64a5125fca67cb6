"""All changes to the compliant stack, from the modules changes_*."""

from tests.policies import (
    changes_access,
    changes_alerting,
    changes_alerting_further,
    changes_audit,
    changes_baseline,
    changes_compute,
    changes_data,
    changes_edge,
    changes_encryption,
    changes_groups,
    changes_names,
    changes_origin,
    changes_stack,
    changes_storage,
    changes_subnets,
)

MUTATIONS = (
    *changes_stack.CHANGES,
    *changes_groups.CHANGES,
    *changes_subnets.CHANGES,
    *changes_encryption.CHANGES,
    *changes_data.CHANGES,
    *changes_origin.CHANGES,
    *changes_edge.CHANGES,
    *changes_names.CHANGES,
    *changes_access.CHANGES,
    *changes_storage.CHANGES,
    *changes_compute.CHANGES,
    *changes_alerting.CHANGES,
    *changes_alerting_further.CHANGES,
    *changes_baseline.CHANGES,
    *changes_audit.CHANGES,
)
