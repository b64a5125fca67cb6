"""Rules about logs: how long they are kept."""

from policies.engine.expectations import expect
from policies.engine.rule import ResourceRule
from policies.figures.common import LOG_DAYS
from policies.readers.resource_types import LOG_GROUP

RULES = (
    ResourceRule(
        id="logs-retention",
        section="Backup Schedule",
        description="Every log group keeps its events for 90 days",
        remedy="Set the log group's retentionInDays to 90.",
        types=(LOG_GROUP,),
        # AWS keeps events for ever where nothing is said.
        judge=lambda group: expect(group.at("retentionInDays"), LOG_DAYS, default=0),
    ),
)
