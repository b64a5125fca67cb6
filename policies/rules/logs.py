"""Rules about logs: how long they are kept."""

from collections.abc import Iterator

from policies.engine.facts import Known, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import ResourceRule, Said, expect, fault
from policies.figures.common import LOG_DAYS

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"


def unmade(stack: Stack, name: str) -> Iterator[Said]:
    """What is wrong with a log group that somebody writes to: the stack has to make it, or AWS does, without a key."""
    names = [group.at("name").text() for group in stack.of(LOG_GROUP)]
    if Known(value=name) not in names:
        doubt = next((fact for fact in names if isinstance(fact, Unknown)), None)
        yield doubt or fault(f"nothing makes the log group {name}", "a log group of this stack")


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
