"""AWS services that act on the account's behalf: how roles, buckets, keys and topics let them in.

A service that is let in without a condition may act for another account (the confused deputy). A condition on a key
that the service doesn't send shuts it out instead, often without an error. AWS publishes no list of what each
service sends: a key stands here only where AWS's documentation shows it for that principal, with the page.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pulumi

from components.shared.environment import Environment
from components.shared.iam import Statement

ACCOUNT, ARN = "aws:SourceAccount", "aws:SourceArn"

# What a service is let into: a role by its trust policy, the others by their resource policies.
Kind: TypeAlias = Literal["role", "bucket", "key", "topic", "log group"]
Conditions: TypeAlias = Mapping[str, Mapping[str, pulumi.Input[str] | Sequence[str]]]


@dataclass(frozen=True, kw_only=True)
class Documented:
    """The condition keys that AWS shows for a principal, and its page below docs.aws.amazon.com."""

    keys: tuple[str, ...]
    page: str


_ALB_LOGS = "elasticloadbalancing/latest/application/enable-access-logging.html"
_BACKUP = "aws-backup/latest/devguide/iam-service-roles.html"
_CLOUDFRONT_LOGS = "AmazonCloudFront/latest/DeveloperGuide/standard-logging.html"
_CLOUDFRONT_ORIGIN = "AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html"
_CONFIG = "config/latest/developerguide/iamrole-permissions.html"
_ECS = "AmazonECS/latest/developerguide/task-iam-roles.html"
_ENHANCED_MONITORING = "AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html"
_EVENTS = "eventbridge/latest/userguide/eb-use-resource-based.html"
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
# The role supports neither key, by this page; with one, delivery stops (prowler-cloud/prowler#4714).
_TRAIL_LOGS = "awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html"

PRINCIPALS: Mapping[tuple[Kind, str], Documented] = {
    ("role", "backup.amazonaws.com"): Documented(keys=(), page=_BACKUP),
    ("role", "chatbot.amazonaws.com"): Documented(keys=(), page=_SLACK),
    ("role", "cloudtrail.amazonaws.com"): Documented(keys=(), page=_TRAIL_LOGS),
    ("role", "config.amazonaws.com"): Documented(keys=(ACCOUNT,), page=_CONFIG),
    ("role", "ecs-tasks.amazonaws.com"): Documented(keys=(ACCOUNT, ARN), page=_ECS),
    ("role", "firehose.amazonaws.com"): Documented(keys=(), page=_FIREHOSE),
    ("role", "logs.amazonaws.com"): Documented(keys=(ARN,), page=_SUBSCRIPTIONS),
    ("role", "monitoring.rds.amazonaws.com"): Documented(keys=(ACCOUNT, ARN), page=_ENHANCED_MONITORING),
    ("role", "s3.amazonaws.com"): Documented(keys=(), page=_REPLICATION),
    ("role", "vpc-flow-logs.amazonaws.com"): Documented(keys=(ACCOUNT, ARN), page=_FLOW_LOGS),
    ("bucket", "cloudfront.amazonaws.com"): Documented(keys=(ARN,), page=_CLOUDFRONT_ORIGIN),
    ("bucket", "cloudtrail.amazonaws.com"): Documented(keys=(ARN,), page=_TRAIL_BUCKET),
    ("bucket", "delivery.logs.amazonaws.com"): Documented(keys=(ACCOUNT, ARN), page=_CLOUDFRONT_LOGS),
    # Its guard is the account in the objects' path.
    ("bucket", "logdelivery.elasticloadbalancing.amazonaws.com"): Documented(keys=(), page=_ALB_LOGS),
    ("key", "cloudfront.amazonaws.com"): Documented(keys=(ARN,), page=_CLOUDFRONT_ORIGIN),
    ("key", "cloudtrail.amazonaws.com"): Documented(keys=(ARN,), page=_TRAIL_KEY),
    ("key", "cloudwatch.amazonaws.com"): Documented(keys=(ACCOUNT,), page=_TOPIC_KEYS),
    ("key", "delivery.logs.amazonaws.com"): Documented(keys=(ACCOUNT, ARN), page=_CLOUDFRONT_LOGS),
    # Its guard is the encryption context, which is the log group's ARN.
    ("key", "logs.{region}.amazonaws.com"): Documented(keys=(), page=_LOG_KEYS),
    ("topic", "cloudwatch.amazonaws.com"): Documented(keys=(ACCOUNT,), page=_TOPICS),
    ("log group", "delivery.logs.amazonaws.com"): Documented(keys=(), page=_EVENTS),
    ("log group", "events.amazonaws.com"): Documented(keys=(), page=_EVENTS),
}


def bound(
    kind: Kind,
    service: str,
    *,
    account: str,
    source_arn: pulumi.Input[str] | None = None,
    further: Conditions | None = None,
) -> Conditions:
    """Return the conditions under which a service is let in: the keys that it sends, with this account's values.

    `source_arn` is for what the service may act, exact or with wildcards; `further` are conditions of other keys, by
    operator. Raises ValueError for a principal without a row, and for a source that isn't given or isn't sent.
    """
    documented = PRINCIPALS.get((kind, service))
    if documented is None:
        raise ValueError(f"{service} has no row for a {kind}: look up which condition keys AWS documents for it")
    if (ARN in documented.keys) != (source_arn is not None):
        raise ValueError(f"{service} on a {kind}: {ARN} is needed where {documented.page} shows it, and only there")
    merged: dict[str, dict[str, pulumi.Input[str] | Sequence[str]]] = {}
    if ACCOUNT in documented.keys:
        merged["StringEquals"] = {ACCOUNT: account}
    if source_arn is not None:
        operator = "ArnLike" if isinstance(source_arn, str) and "*" in source_arn else "StringEquals"
        merged.setdefault(operator, {})[ARN] = source_arn
    for operator, lines in (further or {}).items():
        merged.setdefault(operator, {}).update(lines)
    return merged


def let_in(
    kind: Kind,
    service: str,
    *,
    sid: str,
    actions: str | Sequence[str],
    resources: pulumi.Input[str] | Sequence[str],
    account: str,
    source_arn: pulumi.Input[str] | None = None,
    further: Conditions | None = None,
) -> Statement:
    """Return the statement of a resource policy that lets a service in; arguments as for `bound`."""
    conditions = bound(kind, service, account=account, source_arn=source_arn, further=further)
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": actions,
        "Resource": resources,
        **({"Condition": conditions} if conditions else {}),
    }


def trust(service: str, *, environment: Environment, source_arn: str | None = None) -> str:
    """Return the trust policy of a role that a service takes (`backup.amazonaws.com`), for this account's things."""
    conditions = bound("role", service, account=environment.account, source_arn=source_arn)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        **({"Condition": conditions} if conditions else {}),
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
