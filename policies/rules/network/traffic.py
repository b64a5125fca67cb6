"""The rule about flow logs."""

from collections.abc import Iterator

from policies.engine.expectations import equals, judge_rows, refers_to
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule, each_has, violation
from policies.figures.common import LOG_DAYS
from policies.readers.resource_types import LOG_GROUP, VPC

FLOW_LOG = "aws:ec2/flowLog:FlowLog"
ROWS = (
    equals("trafficType", "ALL"),
    # CloudWatch Logs is AWS's default, and encrypts the log.
    equals("logDestinationType", "cloud-watch-logs", default="cloud-watch-logs"),
    refers_to(
        "logDestination",
        LOG_GROUP,
        "log group",
        equals("retentionInDays", LOG_DAYS, default=0),
        by=("arn", "id"),
        is_on_referrer=True,
    ),
)


def _flow_logs(stack: Stack) -> Iterator[Finding]:
    return each_has(
        stack.of(VPC),
        stack.of(FLOW_LOG),
        lambda log: stack.refer(log, log.at("vpcId"), VPC),
        missing=violation("the VPC has no flow log", "a flow log of ALL its traffic"),
        judge=lambda log: judge_rows(ROWS, log, stack),
    )


RULES = (
    StackRule(
        id="network-flow-logs",
        section="Audit Logging",
        description=f"All traffic of every VPC is logged to a log group that keeps it for {LOG_DAYS} days",
        remedy="Add a flow log of ALL the VPC's traffic to a log group of this stack.",
        judge=_flow_logs,
        controls=("EC2.6", "CIS 3.7"),
    ),
)
