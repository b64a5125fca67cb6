"""Rules about what is written down of the traffic: each VPC's flow log, and where it goes."""

from collections.abc import Iterator

from policies.engine.expectations import expect
from policies.engine.facts import Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, StackRule, Verdict, each_has, violation
from policies.figures.common import LOG_DAYS
from policies.readers.resource_types import LOG_GROUP, VPC

FLOW_LOG = "aws:ec2/flowLog:FlowLog"


def _flow_logs(stack: Stack) -> Iterator[Finding]:
    return each_has(
        stack.of(VPC),
        stack.of(FLOW_LOG),
        lambda log: stack.refer(log, log.at("vpcId"), VPC),
        lacking=violation("the VPC has no flow log", "a flow log of ALL its traffic"),
        judge=lambda log: (Finding(resource=log, verdict=verdict) for verdict in _flow_log(log, stack)),
    )


def _flow_log(log: Resource, stack: Stack) -> Iterator[Verdict]:
    yield from expect(log.at("trafficType"), "ALL")
    # CloudWatch Logs is where AWS sends them if nothing is said, and it encrypts what it keeps.
    yield from expect(log.at("logDestinationType"), "cloud-watch-logs", default="cloud-watch-logs")
    match stack.refer(log, log.at("logDestination"), LOG_GROUP, by=("arn", "id")):
        case Found(resource=group):
            for verdict in expect(group.at("retentionInDays"), LOG_DAYS, default=0):
                yield verdict if isinstance(verdict, Unknown) else f"its log group {group.name}: {verdict}"
        case Outside(text=text):
            yield violation(f"the flow log goes to {text}", "a log group of this stack")
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation("logDestination isn't set", "a log group of this stack")


RULES = (
    StackRule(
        id="network-flow-logs",
        section="Audit Logging",
        description="All traffic of each VPC is written to a log group that keeps it for 90 days",
        remedy="Give the VPC a flow log of ALL traffic into a log group of this stack.",
        judge=_flow_logs,
    ),
)
