"""The condition keys that AWS's services send, by the kind of resource whose policy allows them.

In lower case: AWS ignores the case. A condition on a key that a service doesn't send denies it. The comments name the
page on docs.aws.amazon.com whose sample policy for the principal has the keys, or none.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["role", "bucket", "key", "topic", "queue", "log group"]

ACCOUNT_KEY, ARN_KEY = "aws:sourceaccount", "aws:sourcearn"
NO_KEYS: frozenset[str] = frozenset()
BY_ACCOUNT, BY_ARN, BY_BOTH = frozenset({ACCOUNT_KEY}), frozenset({ARN_KEY}), frozenset({ACCOUNT_KEY, ARN_KEY})

CONDITION_KEYS: Mapping[Kind, Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "role": {
            # aws-backup: iam-service-roles
            "backup.amazonaws.com": NO_KEYS,
            # AmazonS3: batch-ops-iam-role-policies
            "batchoperations.s3.amazonaws.com": NO_KEYS,
            # chatbot: slack-setup
            "chatbot.amazonaws.com": NO_KEYS,
            # awscloudtrail: cloudtrail-required-policy-for-cloudwatch-logs; delivery stops with either key
            "cloudtrail.amazonaws.com": NO_KEYS,
            # config: iamrole-permissions
            "config.amazonaws.com": BY_BOTH,
            # AmazonECS: task-iam-roles
            "ecs-tasks.amazonaws.com": BY_BOTH,
            # eventbridge: eb-use-conditions, which describes both keys by the rule that sends the event
            "events.amazonaws.com": BY_BOTH,
            # firehose: controlling-access
            "firehose.amazonaws.com": NO_KEYS,
            # AmazonCloudWatch/logs: SubscriptionFilters
            "logs.amazonaws.com": BY_ARN,
            # AmazonRDS: USER_Monitoring.OS.Enabling
            "monitoring.rds.amazonaws.com": BY_BOTH,
            # AmazonS3: setting-repl-config-perm-overview
            "s3.amazonaws.com": NO_KEYS,
            # vpc: flow-logs-iam-role
            "vpc-flow-logs.amazonaws.com": BY_BOTH,
        },
        "bucket": {
            # AmazonCloudFront: private-content-restricting-access-to-s3
            "cloudfront.amazonaws.com": BY_ARN,
            # awscloudtrail: create-s3-bucket-policy-for-cloudtrail
            "cloudtrail.amazonaws.com": BY_BOTH,
            # config: s3-bucket-policy
            "config.amazonaws.com": BY_BOTH,
            # AmazonCloudWatch/logs: AWS-logs-infrastructure-V2-S3
            "delivery.logs.amazonaws.com": BY_BOTH,
            # elasticloadbalancing/application: enable-access-logging; reports of denied access with a source's ARN
            "logdelivery.elasticloadbalancing.amazonaws.com": NO_KEYS,
        },
        "key": {
            # AmazonCloudFront: private-content-restricting-access-to-s3
            "cloudfront.amazonaws.com": BY_ARN,
            # awscloudtrail: create-kms-key-policy-for-cloudtrail
            "cloudtrail.amazonaws.com": BY_BOTH,
            # sns: sns-key-management
            "cloudwatch.amazonaws.com": BY_BOTH,
            # AmazonCloudWatch/logs: AWS-logs-infrastructure-V2-S3
            "delivery.logs.amazonaws.com": BY_BOTH,
            # athena: managed-results
            "encryption.athena.amazonaws.com": BY_BOTH,
            # AmazonCloudWatch/logs: encrypt-log-data-kms
            "logs.us-east-1.amazonaws.com": NO_KEYS,
            "logs.us-west-2.amazonaws.com": NO_KEYS,
        },
        "topic": {
            # AmazonCloudWatch/monitoring: Notify_Users_Alarm_Changes
            "cloudwatch.amazonaws.com": BY_BOTH,
        },
        "queue": {
            # sns: sns-access-policy-use-cases
            "sns.amazonaws.com": BY_ARN,
        },
        "log group": {
            # eventbridge: eb-use-resource-based
            "delivery.logs.amazonaws.com": NO_KEYS,
            "events.amazonaws.com": NO_KEYS,
        },
    }
)
