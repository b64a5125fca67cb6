"""Chapter logs: retention."""

from policies.engine.expectations import equals, property_rule
from policies.figures.common import LOG_DAYS
from policies.readers.resource_types import LOG_GROUP

RULES = (
    property_rule(
        "logs-retention",
        section="Backup Schedule",
        description=f"Every log group keeps its events for {LOG_DAYS} days",
        types=LOG_GROUP,
        # By default CloudWatch keeps events for ever.
        rows=(equals("retentionInDays", LOG_DAYS, default=0),),
    ),
)
