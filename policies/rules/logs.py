"""Rules about logs: how long they are kept."""

from policies import figures
from policies.rule import ResourceRule, expect

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"

RULES = (
    ResourceRule(
        id="logs-retention",
        section="Backup Schedule",
        description="Every log group keeps its events for 90 days",
        remedy="Set the log group's retentionInDays to 90.",
        types=(LOG_GROUP,),
        # AWS keeps events for ever where nothing is said.
        judge=lambda group: expect(group.at("retentionInDays"), figures.LOG_DAYS, default=0),
    ),
)
