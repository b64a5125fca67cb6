"""Service principals in the policies of roles, buckets, keys, topics and log groups, and their source conditions.

A service that is allowed without a condition may act for another account (the confused deputy). A condition on a key
that the service doesn't send denies it instead, often without an error. AWS publishes no list of what each service
sends: a condition key is listed here only if AWS's documentation shows it for that principal, with the page.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pulumi

from components.shared.environment import Environment
from components.shared.iam import Statement

ACCOUNT, ARN = "aws:SourceAccount", "aws:SourceArn"

# The kind of policy that allows a service: a trust policy for a role, a resource policy for the others.
PolicyKind: TypeAlias = Literal["role", "bucket", "key", "topic", "log group"]
Conditions: TypeAlias = Mapping[str, Mapping[str, pulumi.Input[str] | Sequence[str]]]


@dataclass(frozen=True, kw_only=True)
class DocumentedKeys:
    """The condition keys that AWS documents for a principal, and the page on docs.aws.amazon.com."""

    keys: tuple[str, ...]
    page: str


_ALB_LOGS = "elasticloadbalancing/latest/application/enable-access-logging.html"
_ATHENA_RESULTS = "athena/latest/ug/managed-results.html"
_BACKUP = "aws-backup/latest/devguide/iam-service-roles.html"
_BATCH_OPERATIONS = "AmazonS3/latest/userguide/batch-ops-iam-role-policies.html"
_CLOUDFRONT_LOGS = "AmazonCloudFront/latest/DeveloperGuide/standard-logging.html"
_CLOUDFRONT_ORIGIN = "AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html"
_CONFIG = "config/latest/developerguide/iamrole-permissions.html"
_ECS = "AmazonECS/latest/developerguide/task-iam-roles.html"
_ENHANCED_MONITORING = "AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html"
_EVENTS = "eventbridge/latest/userguide/eb-use-resource-based.html"
# It describes aws:SourceArn as the rule that sends the event.
_EVENT_ROLES = "eventbridge/latest/userguide/eb-use-conditions.html"
_FIREHOSE = "firehose/latest/dev/controlling-access.html"
_FLOW_LOGS = "vpc/latest/userguide/flow-logs-iam-role.html"
_LOG_KEYS = "AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"
_REPLICATION = "AmazonS3/latest/userguide/setting-repl-config-perm-overview.html"
_SLACK = "chatbot/latest/adminguide/slack-setup.html"
_SUBSCRIPTIONS = "AmazonCloudWatch/latest/logs/SubscriptionFilters.html"
_TOPIC_KEYS = "sns/latest/dg/sns-key-management.html"
_TOPICS = "AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html"
_TRAIL_BUCKET = "awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html"
_TRAIL_KEY = "awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html"
# This page names neither key for the role; with one, delivery stops (prowler-cloud/prowler#4714).
_TRAIL_LOGS = "awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html"

PRINCIPALS: Mapping[tuple[PolicyKind, str], DocumentedKeys] = {
    ("role", "backup.amazonaws.com"): DocumentedKeys(keys=(), page=_BACKUP),
    ("role", "batchoperations.s3.amazonaws.com"): DocumentedKeys(keys=(), page=_BATCH_OPERATIONS),
    ("role", "chatbot.amazonaws.com"): DocumentedKeys(keys=(), page=_SLACK),
    ("role", "cloudtrail.amazonaws.com"): DocumentedKeys(keys=(), page=_TRAIL_LOGS),
    ("role", "config.amazonaws.com"): DocumentedKeys(keys=(ACCOUNT,), page=_CONFIG),
    ("role", "ecs-tasks.amazonaws.com"): DocumentedKeys(keys=(ACCOUNT, ARN), page=_ECS),
    ("role", "events.amazonaws.com"): DocumentedKeys(keys=(ACCOUNT, ARN), page=_EVENT_ROLES),
    ("role", "firehose.amazonaws.com"): DocumentedKeys(keys=(), page=_FIREHOSE),
    ("role", "logs.amazonaws.com"): DocumentedKeys(keys=(ARN,), page=_SUBSCRIPTIONS),
    ("role", "monitoring.rds.amazonaws.com"): DocumentedKeys(keys=(ACCOUNT, ARN), page=_ENHANCED_MONITORING),
    ("role", "s3.amazonaws.com"): DocumentedKeys(keys=(), page=_REPLICATION),
    ("role", "vpc-flow-logs.amazonaws.com"): DocumentedKeys(keys=(ACCOUNT, ARN), page=_FLOW_LOGS),
    ("bucket", "cloudfront.amazonaws.com"): DocumentedKeys(keys=(ARN,), page=_CLOUDFRONT_ORIGIN),
    ("bucket", "cloudtrail.amazonaws.com"): DocumentedKeys(keys=(ARN,), page=_TRAIL_BUCKET),
    ("bucket", "delivery.logs.amazonaws.com"): DocumentedKeys(keys=(ACCOUNT, ARN), page=_CLOUDFRONT_LOGS),
    # The account id in the path of the objects limits it.
    ("bucket", "logdelivery.elasticloadbalancing.amazonaws.com"): DocumentedKeys(keys=(), page=_ALB_LOGS),
    ("key", "cloudfront.amazonaws.com"): DocumentedKeys(keys=(ARN,), page=_CLOUDFRONT_ORIGIN),
    ("key", "cloudtrail.amazonaws.com"): DocumentedKeys(keys=(ARN,), page=_TRAIL_KEY),
    ("key", "cloudwatch.amazonaws.com"): DocumentedKeys(keys=(ACCOUNT,), page=_TOPIC_KEYS),
    ("key", "delivery.logs.amazonaws.com"): DocumentedKeys(keys=(ACCOUNT, ARN), page=_CLOUDFRONT_LOGS),
    ("key", "encryption.athena.amazonaws.com"): DocumentedKeys(keys=(ACCOUNT, ARN), page=_ATHENA_RESULTS),
    # The encryption context, the ARN of the log group, limits it.
    ("key", "logs.{region}.amazonaws.com"): DocumentedKeys(keys=(), page=_LOG_KEYS),
    ("topic", "cloudwatch.amazonaws.com"): DocumentedKeys(keys=(ACCOUNT,), page=_TOPICS),
    ("log group", "delivery.logs.amazonaws.com"): DocumentedKeys(keys=(), page=_EVENTS),
    ("log group", "events.amazonaws.com"): DocumentedKeys(keys=(), page=_EVENTS),
}


def source_conditions(
    kind: PolicyKind,
    service: str,
    *,
    account: str,
    source_arn: pulumi.Input[str] | None = None,
    extra_conditions: Conditions | None = None,
) -> Conditions:
    """Return the conditions for a service: the keys that it sends, with this account's values.

    `source_arn` is the resource for which the service acts, exact or with wildcards; `extra_conditions` are conditions
    on other keys, by operator. Raises ValueError for a principal without a row, and for a source ARN that is missing or
    that the service doesn't send.
    """
    documented = PRINCIPALS.get((kind, service))
    if documented is None:
        raise ValueError(f"{service} has no row for a {kind}: add the condition keys that AWS documents for it")
    if (ARN in documented.keys) != (source_arn is not None):
        raise ValueError(
            f"{service} on a {kind}: {ARN} is required if {documented.page} shows it, and forbidden otherwise"
        )
    merged: dict[str, dict[str, pulumi.Input[str] | Sequence[str]]] = {}
    if ACCOUNT in documented.keys:
        merged["StringEquals"] = {ACCOUNT: account}
    if source_arn is not None:
        operator = "ArnLike" if isinstance(source_arn, str) and "*" in source_arn else "StringEquals"
        merged.setdefault(operator, {})[ARN] = source_arn
    for operator, lines in (extra_conditions or {}).items():
        merged.setdefault(operator, {}).update(lines)
    return merged


def allow_service(
    kind: PolicyKind,
    service: str,
    *,
    sid: str,
    actions: str | Sequence[str],
    resources: pulumi.Input[str] | Sequence[str],
    account: str,
    source_arn: pulumi.Input[str] | None = None,
    extra_conditions: Conditions | None = None,
) -> Statement:
    """Return the statement of a resource policy that allows a service; arguments as for `source_conditions`."""
    conditions = source_conditions(
        kind, service, account=account, source_arn=source_arn, extra_conditions=extra_conditions
    )
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": actions,
        "Resource": resources,
        **({"Condition": conditions} if conditions else {}),
    }


def trust_policy(service: str, *, environment: Environment, source_arn: str | None = None) -> str:
    """Return the trust policy of a role that a service (`backup.amazonaws.com`) assumes for this account."""
    conditions = source_conditions("role", service, account=environment.account, source_arn=source_arn)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        **({"Condition": conditions} if conditions else {}),
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
