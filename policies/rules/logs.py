"""Chapter logs: retention, and which services of AWS may write to log groups."""

from collections.abc import Iterator

from policies.engine.expectations import equals, property_rule
from policies.engine.facts import Node, Resource
from policies.engine.rule import ResourceRule, Verdict, aws_type, violation
from policies.figures.common import ACCOUNT, LOG_DAYS
from policies.readers.iam_documents import account_of, allow_statements, label, parts_of, principals, texts
from policies.readers.resource_types import LOG_GROUP

# What EventBridge needs, by AWS's page on its resource-based policies.
WRITES = ("logs:CreateLogStream", "logs:PutLogEvents")


def _writers(policy: Resource) -> Iterator[Verdict]:
    for statement in allow_statements(policy.at("policyDocument"), absent=violation("it isn't set", "a policy")):
        if isinstance(statement, Node):
            yield from _writer(statement)
        else:
            yield statement


def _writer(statement: Node) -> Iterator[Verdict]:
    name, allowed = label(statement), principals(statement)
    for kind, principal in allowed or [("", "everyone but some")]:
        # access-services reports an unknown service.
        if kind != "Service":
            yield violation(f"{name} lets {principal} write", "services of AWS; roles have their own policies")
    for action in texts(statement.at("Action")) or ["all actions but some"]:
        if action not in WRITES:
            yield violation(f"{name} allows {action}", " and ".join(WRITES))
    for resource in texts(statement.at("Resource")) or ["all resources but some"]:
        if account_of(resource) != ACCOUNT or not parts_of(resource)[-1].startswith("log-group:/"):
            yield violation(f"{name} allows writes to {resource}", f"the log groups by name, in the account {ACCOUNT}")


RULES = (
    ResourceRule(
        id="logs-writers",
        section="Access Controls",
        description="A resource policy of CloudWatch Logs lets services of AWS write to named log groups, and no more",
        remedy=f"Allow {' and '.join(WRITES)} to the service, on the log group's ARN.",
        types=(aws_type("cloudwatch", "LogResourcePolicy"),),
        judge=_writers,
    ),
    property_rule(
        "logs-retention",
        section="Backup Schedule",
        description=f"Every log group keeps its events for {LOG_DAYS} days",
        types=LOG_GROUP,
        # By default CloudWatch keeps events for ever.
        rows=(equals("retentionInDays", LOG_DAYS, default=0),),
    ),
)
