"""Mutations of account, region, tags, types and logs. Data only."""

import json

from tests.policies.compliant.data import key
from tests.policies.compliant.stack import VPC, default_tags
from tests.policies.mutations.mutation import Change, adds, mutation, sets, unprotects
from tests.policies.plan import REMOVED, Plan

PROVIDER = "aws default_7_51_1"


def _tags(plan: Plan, tags: dict[str, str]) -> None:
    plan.set(PROVIDER, "defaultTags", {"tags": tags})


def _without_tag(key: str) -> Change:
    def change(plan: Plan) -> None:
        _tags(plan, {name: value for name, value in default_tags(plan.stack).items() if name != key})

    return change


RESIDENCY = (
    mutation(
        "another account", sets(PROVIDER, "allowedAccountIds", '["111111111111"]'), "residency-account@default_7_51_1"
    ),
    mutation(
        "a second account",
        sets(PROVIDER, "allowedAccountIds", ["987654321098", "111111111111"]),
        "residency-account@default_7_51_1",
    ),
    mutation("no account list", sets(PROVIDER, "allowedAccountIds", REMOVED), "residency-account@default_7_51_1"),
    mutation("an empty account list", sets(PROVIDER, "allowedAccountIds", "[]"), "residency-account@default_7_51_1"),
    mutation("another region", sets(PROVIDER, "region", "eu-west-1"), "residency-provider-region@default_7_51_1"),
    mutation("no region", sets(PROVIDER, "region", REMOVED), "residency-provider-region@default_7_51_1"),
    mutation("a resource in another region", sets(VPC, "region", "eu-central-1"), "residency-region@main"),
    *(
        mutation(f"no default tag {key}", _without_tag(key), "residency-default-tags@default_7_51_1")
        for key in ("Application", "Environment", "Owner", "ManagedBy", "DataClassification", "CostCenter")
    ),
    mutation(
        "an empty default tag",
        lambda plan: _tags(plan, {**default_tags(plan.stack), "Owner": ""}),
        "residency-default-tags@default_7_51_1",
    ),
    mutation(
        "the default tags of another environment",
        lambda plan: _tags(plan, {**default_tags(plan.stack), "Environment": "staging"}),
        "residency-default-tags@default_7_51_1",
    ),
    mutation(
        "the default tags of another application",
        lambda plan: _tags(plan, {**default_tags(plan.stack), "Application": "ledger"}),
        "residency-default-tags@default_7_51_1",
    ),
    mutation("no default tags", sets(PROVIDER, "defaultTags", REMOVED), "residency-default-tags@default_7_51_1"),
    mutation("a resource of another environment", sets(VPC, "tags.Environment", "staging"), "residency-tags@main"),
    mutation("a resource of another owner", sets(VPC, "tags.Owner", "other"), "residency-tags@main"),
    mutation("a resource of another application", sets(VPC, "tags.Application", "other"), "residency-tags@main"),
    mutation(
        "another provider package",
        adds("pulumi:providers:aws-native", "native", region="us-east-1"),
        "residency-packages@native",
    ),
)

# Types that aren't in the architecture.
TYPES = tuple(
    mutation(f"a {type_}", adds(type_, "added", **inputs), "residency-types@added")
    for type_, inputs in (
        ("aws:dynamodb/table:Table", {"name": "jobs", "hashKey": "id"}),
        ("aws:s3/bucketAcl:BucketAcl", {"bucket": "taskflow-files", "acl": "public-read"}),
        ("aws:lambda/functionUrl:FunctionUrl", {"functionName": "open", "authorizationType": "NONE"}),
        ("aws:rds/cluster:Cluster", {"engine": "aurora-mysql", "storageEncrypted": True}),
        ("aws:docdb/cluster:Cluster", {"engine": "docdb"}),
        ("aws:ec2/instance:Instance", {"instanceType": "t3.micro"}),
        ("random:index/randomString:RandomString", {"length": 16}),
        ("pulumi:pulumi:StackReference", {"name": "organization/taskflow/production"}),
    )
)

GROUP = "arn:aws:logs:us-east-1:987654321098:log-group:/aws/events/taskflow-production:*"


def _writing(**changed: object) -> Change:
    """Add a policy that lets EventBridge write to a log group, with some elements changed."""
    writes = ["logs:CreateLogStream", "logs:PutLogEvents"]
    service = {"Service": "events.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": service, "Action": writes, "Resource": GROUP, **changed}
    kept = {name: value for name, value in statement.items() if value is not REMOVED}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [kept]})
    return adds("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "events", policyDocument=policy)


WRITERS = tuple(
    mutation(f"log groups: {label}", _writing(**changed), "logs-writers@events")
    for label, changed in (
        ("everyone may write", {"Principal": "*"}),
        ("another account may write", {"Principal": {"AWS": "111122223333"}}),
        ("all but some may write", {"Principal": REMOVED, "NotPrincipal": {"AWS": "111122223333"}}),
        ("a service may do everything", {"Action": "*"}),
        ("a service may read", {"Action": ["logs:PutLogEvents", "logs:GetLogEvents"]}),
        ("a service may do all but some", {"Action": REMOVED, "NotAction": ["logs:GetLogEvents"]}),
        ("a service may write to all of them", {"Resource": "*"}),
        ("a service may write to all by a pattern", {"Resource": f"{GROUP.partition('/')[0]}*"}),
        ("a service may write to another account's", {"Resource": GROUP.replace("987654321098", "111122223333")}),
    )
)

LOGS = (
    *WRITERS,
    mutation(
        "logs for 30 days",
        sets("LogGroup flow-logs", "retentionInDays", 30),
        "logs-retention@flow-logs",
        "network-flow-logs@flow-logs",
    ),
    mutation(
        "retentionInDays unset",
        sets("LogGroup flow-logs", "retentionInDays", REMOVED),
        "logs-retention@flow-logs",
        "network-flow-logs@flow-logs",
    ),
    mutation(
        "another log group for 7 days",
        adds("aws:cloudwatch/logGroup:LogGroup", "api", retentionInDays=7, kmsKeyId=key("logs")),
        "logs-retention@api",
        "resilience-protect@api",
    ),
    mutation("an unprotected log group", unprotects("LogGroup flow-logs"), "resilience-protect@flow-logs"),
)


CHANGES = (*RESIDENCY, *TYPES, *LOGS)
