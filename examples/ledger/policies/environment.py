"""Rules about the account, the region, the tags, the network, permissions, logs and records."""

from collections.abc import Iterator

from examples.ledger.policies import figures
from examples.ledger.policies.sections import ACCESS, ENVIRONMENT, NETWORK, RECORDS
from policies.engine.expectations import (
    at_least,
    equals,
    expect,
    is_true,
    judge_rows,
    must_be_absent,
    of_type,
    one_of,
    property_rule,
    when,
)
from policies.engine.facts import Node, Resource
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule, Verdict, each_has, report, violation
from policies.readers.encryption_keys import customer_managed_key
from policies.readers.iam_documents import allow_statements, label, texts
from policies.readers.resource_types import (
    BACKUP_VAULT_LOCK,
    DB_INSTANCE,
    IAM_POLICIES,
    LOG_GROUP,
    SUBNET,
    VPC,
    of_bucket,
)
from policies.readers.security_group_rules import INGRESS_RULE

PROVIDER = "pulumi:providers:aws"
CHAT = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
TRAIL = "aws:cloudtrail/trail:Trail"
OBJECT_LOCK = of_bucket("BucketObjectLockConfiguration")

# What a ledger can't be without: the other rules judge what there is, and nothing of a type that is missing.
REQUIRED = (
    DB_INSTANCE,
    BACKUP_VAULT_LOCK,
    "aws:backup/plan:Plan",
    TRAIL,
    OBJECT_LOCK,
    "aws:wafv2/webAclAssociation:WebAclAssociation",
    "aws:sns/topicSubscription:TopicSubscription",
)

_ALL_TRAFFIC = equals("trafficType", "ALL")
_PORTS = (figures.HTTPS_PORT, figures.SERVICE_PORT, figures.DATABASE_PORT, figures.CACHE_PORT)

# The actions for which AWS has no resource, so that they need `*` (Service Authorization Reference).
_WITHOUT_ARN = frozenset(
    {
        "backup:ListRestoreJobs",
        "backup:PutRestoreValidationResult",
        "ecr:GetAuthorizationToken",
        "logs:DescribeLogGroups",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    }
)


def _provider(provider: Resource) -> Iterator[Verdict]:
    """Judge what the engine passes as JSON text: the accounts and the default tags."""
    accounts = texts(provider.at("allowedAccountIds").parsed())
    if accounts != (figures.ACCOUNT,):
        yield violation(f"allowedAccountIds is [{', '.join(accounts)}]", f"exactly [{figures.ACCOUNT}]")
    tags = provider.at("defaultTags").parsed().at("tags").parsed()
    for name, value in figures.TAGS.items():
        yield from expect(tags.at(name), value)


def _complete(stack: Stack) -> Iterator[Finding]:
    for type_ in REQUIRED:
        if not stack.is_empty and not stack.of(type_):
            yield report(None, f"there is no {type_.rpartition(':')[2]}", f"one {type_} or more")


def _is_not_chat(resource: Resource) -> bool:
    return resource.type != CHAT


def _flow_logs(stack: Stack) -> Iterator[Finding]:
    return each_has(
        stack.of(VPC),
        stack.of(FLOW_LOG),
        lambda log: stack.refer(log, log.at("vpcId"), VPC),
        missing=violation("the VPC has no flow log", "a flow log of all its traffic"),
        judge=lambda log: judge_rows((_ALL_TRAFFIC,), log, stack),
    )


def _wildcards(policy: Resource) -> Iterator[Verdict]:
    for statement in allow_statements(policy.at("policy"), absent=violation("policy isn't set", "a policy")):
        yield from _statement(statement) if isinstance(statement, Node) else (statement,)


def _statement(statement: Node) -> Iterator[Verdict]:
    actions = texts(statement.at("Action"))
    if not actions or any("*" in action for action in actions):
        found = f"{label(statement)} allows the actions {', '.join(actions) or 'but those in NotAction'}"
        yield violation(found, "actions by their names")
    if "*" in texts(statement.at("Resource")) and not set(actions) <= _WITHOUT_ARN:
        yield violation(f"{label(statement)} allows {', '.join(actions)} on every resource", "resources by their ARNs")


RULES = (
    property_rule(
        "environment-provider",
        section=ENVIRONMENT,
        description=f"The provider accepts the account {figures.ACCOUNT} alone, and has the ledger's region and tags",
        types=PROVIDER,
        rows=(equals("region", figures.REGION),),
        also=_provider,
        remedy="Set aws:allowedAccountIds and aws:defaultTags in the stack file.",
        severity="high",
    ),
    property_rule(
        "environment-region",
        section=ENVIRONMENT,
        description=f"Every resource is in {figures.REGION}, but for Slack's channel in {figures.CHAT_REGION}",
        types="aws:",
        rows=(
            *when(_is_not_chat, equals("region", figures.REGION, default=figures.REGION)),
            *when(of_type(CHAT), equals("region", figures.CHAT_REGION), of="Slack's channel"),
        ),
        severity="high",
    ),
    StackRule(
        id="environment-complete",
        section=ENVIRONMENT,
        description="The ledger has its database, locked backups, trail and archive, firewall and alerts",
        remedy="Add the component that creates it.",
        judge=_complete,
        severity="high",
    ),
    property_rule(
        "network-addresses",
        section=NETWORK,
        description=f"The VPC has the addresses {figures.ADDRESSES}",
        types=VPC,
        rows=(equals("cidrBlock", figures.ADDRESSES),),
    ),
    property_rule(
        "network-zones",
        section=NETWORK,
        description="Every subnet is in one of the ledger's two zones",
        types=SUBNET,
        rows=(one_of("availabilityZone", *figures.ZONES),),
    ),
    property_rule(
        "network-ports",
        section=NETWORK,
        description="Security groups accept HTTPS, and the ports of the service, the database and the cache only",
        types=INGRESS_RULE,
        rows=(equals("ipProtocol", "tcp"), one_of("fromPort", *_PORTS), one_of("toPort", *_PORTS)),
        severity="high",
    ),
    StackRule(
        id="network-flow-logs",
        section=NETWORK,
        description="The VPC's traffic is logged, accepted and rejected",
        remedy=f"Add a flow log for the VPC: {_ALL_TRAFFIC.remedy}.",
        judge=_flow_logs,
        controls=("EC2.6",),
    ),
    property_rule(
        "access-wildcards",
        section=ACCESS,
        description="Permissions name their actions, and their resources where AWS has any",
        types=IAM_POLICIES,
        rows=(),
        also=_wildcards,
        remedy="Name each action, and each resource by its ARN.",
        severity="high",
        controls=("IAM.21",),
    ),
    property_rule(
        "records-logs",
        section=RECORDS,
        description=f"Log groups keep their events for {figures.LOG_DAYS} days",
        types=LOG_GROUP,
        rows=(equals("retentionInDays", figures.LOG_DAYS),),
    ),
    property_rule(
        "records-trail",
        section=RECORDS,
        description="CloudTrail records all regions, encrypted, with a digest that shows a changed file",
        types=TRAIL,
        rows=(is_true("isMultiRegionTrail"), is_true("enableLogFileValidation"), customer_managed_key("kmsKeyId")),
        severity="high",
        controls=("CloudTrail.1", "CloudTrail.2", "CloudTrail.4"),
    ),
    property_rule(
        "records-archive",
        section=RECORDS,
        description=f"Nobody can delete a record of the archive for {figures.RECORD_DAYS} days",
        types=OBJECT_LOCK,
        rows=(
            at_least("rule.defaultRetention.days", figures.RECORD_DAYS),
            one_of("rule.defaultRetention.mode", "GOVERNANCE", "COMPLIANCE"),
            must_be_absent("rule.defaultRetention.years", "the retention is in days"),
        ),
        severity="critical",
    ),
)
