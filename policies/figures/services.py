"""What the pack knows by itself of AWS's services that are let in: the condition keys that each is documented to send.

In lower case, as AWS compares them. A key that a service doesn't send shuts it out. Nothing of the program is read
here; the pages below docs.aws.amazon.com are those on which a sample policy for the principal shows the keys, or none.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["role", "bucket", "key", "topic", "queue", "log group"]

ACCOUNT_KEY, ARN_KEY = "aws:sourceaccount", "aws:sourcearn"
NONE: frozenset[str] = frozenset()
BY_ACCOUNT, BY_ARN, BY_BOTH = frozenset({ACCOUNT_KEY}), frozenset({ARN_KEY}), frozenset({ACCOUNT_KEY, ARN_KEY})

SENT: Mapping[Kind, Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "role": {
            # aws-backup: iam-service-roles
            "backup.amazonaws.com": NONE,
            # chatbot: slack-setup
            "chatbot.amazonaws.com": NONE,
            # awscloudtrail: cloudtrail-required-policy-for-cloudwatch-logs; delivery stops with either key
            "cloudtrail.amazonaws.com": NONE,
            # config: iamrole-permissions
            "config.amazonaws.com": BY_BOTH,
            # AmazonECS: task-iam-roles
            "ecs-tasks.amazonaws.com": BY_BOTH,
            # firehose: controlling-access
            "firehose.amazonaws.com": NONE,
            # AmazonCloudWatch/logs: SubscriptionFilters
            "logs.amazonaws.com": BY_ARN,
            # AmazonRDS: USER_Monitoring.OS.Enabling
            "monitoring.rds.amazonaws.com": BY_BOTH,
            # AmazonS3: setting-repl-config-perm-overview
            "s3.amazonaws.com": NONE,
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
            "logdelivery.elasticloadbalancing.amazonaws.com": NONE,
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
            # AmazonCloudWatch/logs: encrypt-log-data-kms
            "logs.us-east-1.amazonaws.com": NONE,
            "logs.us-west-2.amazonaws.com": NONE,
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
            "delivery.logs.amazonaws.com": NONE,
            "events.amazonaws.com": NONE,
        },
    }
)
