"""Limits that a model has only in the documentation of a member, not as a constraint.

EC2, RDS, SQS and a few other services document most limits in sentences. Each row quotes the sentence. A test looks it
up in the installed botocore's model, to notice when AWS changes a limit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A limit as a model would express it, and the sentence that documents it."""

    sentence: str
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    values: tuple[str, ...] = ()
    # Set if the member is a text with a number: the range then applies to the number, not the length.
    kind: str | None = None


def _name(sentence: str, characters: str, longest: int, shortest: int = 1) -> Limit:
    return Limit(sentence=sentence, pattern=f"[{characters}]+", minimum=shortest, maximum=longest)


def _number(sentence: str, smallest: int, largest: int) -> Limit:
    return Limit(sentence=sentence, minimum=smallest, maximum=largest, kind="integer")


def _at_least_one(sentence: str) -> Limit:
    return Limit(sentence=sentence, minimum=1)


_EC2_CHARACTERS: Final = r"a-zA-Z0-9 ._\-:/()#,@\[\]+=;{}!$*"
_CIDR: Final = r"(\d{1,3}\.){3}\d{1,3}/\d{1,2}"
_LETTERS: Final = "Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed."
_CAPABILITIES: Final = (
    "ALL", "AUDIT_CONTROL", "AUDIT_WRITE", "BLOCK_SUSPEND", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER",
    "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD",
    "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_ADMIN",
    "SYS_BOOT", "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE",
    "SYS_TIME", "SYS_TTY_CONFIG", "SYSLOG", "WAKE_ALARM",
)  # fmt: skip
_CAPABILITY: Final = Limit(
    sentence="Valid values: " + " | ".join(f'"{name}"' for name in _CAPABILITIES), values=_CAPABILITIES
)
_POSITIVE: Final = "The value must be a non-zero positive integer."
_CLOUDFRONT_TIMEOUT: Final = "The minimum timeout is 1 second, the maximum is 120 seconds"
_RULE_DESCRIPTION: Final = (
    "Up to 255 characters in length. Allowed characters are a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+="
)
_TIME: Final = "([01][0-9]|2[0-3]):[0-5][0-9]"
_DAY: Final = "(?i:mon|tue|wed|thu|fri|sat|sun)"
_WINDOW: Final = f"{_DAY}:{_TIME}-{_DAY}:{_TIME}"
# The documentation has an example of each extended statistic: p90, tm90, TC(X%:X%), PR(n:m) …
_STATISTIC: Final = (
    r"SampleCount|Average|Sum|Minimum|Maximum|IQM|(p|tm|tc|ts|wm)\d{1,3}(\.\d{1,10})?|(PR|TC|TM|TS|WM)\([\d.%:E+-]*\)"
)
_RDS_NAME: Final = "[a-zA-Z](-?[a-zA-Z0-9])*"

# By service, then structure and member; after a second dot the key of a map. A list's limit applies to its items.
LIMITS: Mapping[str, Mapping[str, Limit]] = {
    "acm": {
        "RequestCertificateRequest.DomainName": Limit(sentence="cannot exceed 64 octets (characters)", maximum=64),
    },
    "backup": {
        "BackupPlanInput.BackupPlanName": _name(
            "Must contain 1 to 50 alphanumeric or '-_.' characters.", r"a-zA-Z0-9\-_.", 50
        ),
    },
    "cloudfront": {
        "CachePolicyConfig.Comment": Limit(sentence="cannot be longer than 128 characters", maximum=128),
        "CustomErrorResponse.ErrorCode": Limit(
            sentence="HTTP status codes in the 4xx and 5xx range", minimum=400, maximum=599
        ),
        "CustomOriginConfig.OriginKeepaliveTimeout": Limit(sentence=_CLOUDFRONT_TIMEOUT, minimum=1, maximum=120),
        "CustomOriginConfig.OriginReadTimeout": Limit(sentence=_CLOUDFRONT_TIMEOUT, minimum=1, maximum=120),
        "DistributionConfig.Comment": Limit(sentence="cannot be longer than 128 characters", maximum=128),
        "Origin.ConnectionAttempts": Limit(sentence="The minimum number is 1, the maximum is 3", minimum=1, maximum=3),
        "OriginAccessControlConfig.Name": Limit(sentence="You can specify up to 64 characters.", maximum=64),
    },
    "cloudtrail": {
        "CreateTrailRequest.Name": _name("Be between 3 and 128 characters", "a-zA-Z0-9._-", 128, 3),
    },
    "cloudwatch": {
        "MetricStat.Stat": Limit(
            sentence="It can include any CloudWatch statistic or extended statistic.", pattern=_STATISTIC
        ),
        "PutDashboardInput.DashboardName": _name(
            'The maximum length is 255, and valid characters are A-Z, a-z, 0-9, "-", and "_".', r"A-Za-z0-9\-_", 255
        ),
        "PutMetricAlarmInput.ExtendedStatistic": Limit(
            sentence="If you specify ExtendedStatistic, the following are valid values:", pattern=_STATISTIC
        ),
    },
    "ec2": {
        "CreateFlowLogsRequest.MaxAggregationInterval": Limit(
            sentence="The possible values are 60 seconds (1 minute) or 600 seconds (10 minutes).", values=("60", "600")
        ),
        "CreateRouteRequest.DestinationCidrBlock": Limit(
            sentence="The IPv4 CIDR address block used for the destination match.", pattern=_CIDR
        ),
        "CreateSecurityGroupRequest.Description": _name("Up to 255 characters in length", _EC2_CHARACTERS + "&", 255),
        "CreateSecurityGroupRequest.GroupName": Limit(
            sentence="Up to 255 characters in length. Can't start with sg-.",
            pattern=f"(?!sg-)[{_EC2_CHARACTERS}&]+",
            maximum=255,
        ),
        "CreateSubnetRequest.CidrBlock": Limit(
            sentence="The IPv4 network range for the subnet, in CIDR notation.", pattern=_CIDR
        ),
        "CreateVpcRequest.CidrBlock": Limit(
            sentence="The IPv4 network range for the VPC, in CIDR notation.", pattern=_CIDR
        ),
        "IpPermission.IpProtocol": Limit(
            sentence="The IP protocol name (tcp, udp, icmp, icmpv6) or number",
            pattern=r"(?i)tcp|udp|icmp|icmpv6|-1|\d{1,3}|all",  # the provider sends -1 for all
        ),
        "IpRange.CidrIp": Limit(
            sentence="To specify a single IPv4 address, use the /32 prefix length.", pattern=_CIDR
        ),
        "Ipv6Range.Description": _name(_RULE_DESCRIPTION, _EC2_CHARACTERS + "&", 255),
        "IpRange.Description": _name(_RULE_DESCRIPTION, _EC2_CHARACTERS + "&", 255),
        "PrefixListId.Description": _name(_RULE_DESCRIPTION, _EC2_CHARACTERS, 255),
        "Tag.Key": Limit(sentence="accept a maximum of 127 Unicode characters", maximum=127),
        "Tag.Value": Limit(sentence="accept a maximum of 256 Unicode characters", maximum=256),
        "UserIdGroupPair.Description": _name(_RULE_DESCRIPTION, _EC2_CHARACTERS, 255),
    },
    "ecs": {
        "ClusterSetting.value": Limit(
            sentence="The supported values are enhanced, enabled, and disabled.",
            values=("enhanced", "enabled", "disabled"),
        ),
        "ContainerDefinition.image": Limit(
            sentence="The only supported hash function is sha256, and the hash value after sha256: must be exactly 64 "
            "characters (only letters A-F, a-f, and numbers 0-9 are allowed).",
            pattern=r"[a-zA-Z0-9\-_:./#]{1,255}(@sha256:[a-fA-F0-9]{64})?",
        ),
        "ContainerDefinition.name": _name(_LETTERS, r"a-zA-Z0-9_\-", 255),
        "CreateClusterRequest.clusterName": _name(_LETTERS, r"a-zA-Z0-9_\-", 255),
        "CreateServiceRequest.serviceName": _name(_LETTERS, r"a-zA-Z0-9_\-", 255),
        "HealthCheck.interval": Limit(sentence="between 5 and 300 seconds", minimum=5, maximum=300),
        "HealthCheck.retries": Limit(sentence="between 1 and 10 retries", minimum=1, maximum=10),
        "HealthCheck.startPeriod": Limit(sentence="between 0 and 300 seconds", minimum=0, maximum=300),
        "HealthCheck.timeout": Limit(sentence="between 2 and 60 seconds", minimum=2, maximum=60),
        "KernelCapabilities.add": _CAPABILITY,
        "KernelCapabilities.drop": _CAPABILITY,
        "RegisterTaskDefinitionRequest.family": _name(_LETTERS, r"a-zA-Z0-9_\-", 255),
    },
    "elasticache": {
        "CreateCacheParameterGroupMessage.CacheParameterGroupFamily": Limit(
            sentence="Valid values are: valkey8 | valkey7 | memcached1.4 | memcached1.5 | memcached1.6 | redis2.6 "
            "| redis2.8 | redis3.2 | redis4.0 | redis5.0 | redis6.x | redis7",
            values=(
                "valkey8", "valkey7", "memcached1.4", "memcached1.5", "memcached1.6", "redis2.6", "redis2.8",
                "redis3.2", "redis4.0", "redis5.0", "redis6.x", "redis7",
            ),
        ),
        "CreateCacheSubnetGroupMessage.CacheSubnetGroupName": _name(
            "Must contain no more than 255 alphanumeric characters or hyphens.", r"a-zA-Z0-9\-", 255
        ),
        "CreateReplicationGroupMessage.AuthToken": Limit(
            sentence="Must be at least 16 characters and no more than 128 characters in length. The only permitted "
            "printable special characters are !, &, #, $, ^, <, >, and -.",
            pattern=r"[a-zA-Z0-9!&#$^<>\-]+",
            minimum=16,
            maximum=128,
        ),
        "CreateReplicationGroupMessage.PreferredMaintenanceWindow": Limit(
            sentence="It is specified as a range in the format ddd:hh24:mi-ddd:hh24:mi", pattern=_WINDOW
        ),
        "CreateReplicationGroupMessage.ReplicasPerNodeGroup": Limit(
            sentence="Valid values are 0 to 5.", minimum=0, maximum=5
        ),
        "CreateReplicationGroupMessage.ReplicationGroupId": Limit(
            sentence="A name must contain from 1 to 40 alphanumeric characters or hyphens.",
            pattern="[a-zA-Z](-?[a-zA-Z0-9])*",
            maximum=40,
        ),
    },
    "elbv2": {
        "CreateLoadBalancerInput.Name": Limit(
            sentence='can have a maximum of 32 characters, must contain only alphanumeric characters or hyphens, must '
            'not begin or end with a hyphen, and must not begin with "internal-"',
            pattern="(?!internal-)[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?",
            maximum=32,
        ),
        "CreateTargetGroupInput.Name": Limit(
            sentence="can have a maximum of 32 characters, must contain only alphanumeric characters or hyphens, and "
            "must not begin or end with a hyphen",
            pattern="[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?",
            maximum=32,
        ),
        "Matcher.HttpCode": Limit(
            sentence='You can specify multiple values (for example, "200,202") or a range of values',
            pattern=r"[2-5]\d\d(-[2-5]\d\d)?(,[2-5]\d\d(-[2-5]\d\d)?)*",
        ),
        "PathPatternConditionConfig.Values": Limit(
            sentence="The maximum length of each string is 128 characters.", maximum=128
        ),
    },
    "kms": {
        "ScheduleKeyDeletionRequest.PendingWindowInDays": Limit(
            sentence="it must be between 7 and 30, inclusive", minimum=7, maximum=30
        ),
    },
    "logs": {
        "PutRetentionPolicyRequest.retentionInDays": Limit(
            sentence="Possible values are: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, "
            "2192, 2557, 2922, 3288, and 3653.",
            values=(
                "1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400", "545", "731", "1096",
                "1827", "2192", "2557", "2922", "3288", "3653",
            ),
        ),
    },
    "rds": {
        "CreateDBInstanceMessage.BackupRetentionPeriod": Limit(
            sentence="Must be a value from 0 to 35.", minimum=0, maximum=35
        ),
        "CreateDBInstanceMessage.DBInstanceIdentifier": Limit(
            sentence="Must contain from 1 to 63 letters, numbers, or hyphens.", pattern=_RDS_NAME, maximum=63
        ),
        "CreateDBInstanceMessage.MasterUserPassword": Limit(
            sentence='Can include any printable ASCII character except "/", """, or "@".', pattern=r"[!#-.0-?A-~ ]+"
        ),
        "CreateDBInstanceMessage.MasterUsername": Limit(
            sentence="Must be 1 to 16 letters, numbers, or underscores. First character must be a letter.",
            pattern="[a-zA-Z][a-zA-Z0-9_]*",
            maximum=63,  # 16 is MySQL's; PostgreSQL takes 63
        ),
        "CreateDBInstanceMessage.MonitoringInterval": Limit(
            sentence="Valid Values: 0 | 1 | 5 | 10 | 15 | 30 | 60", values=("0", "1", "5", "10", "15", "30", "60")
        ),
        "CreateDBInstanceMessage.Port": Limit(sentence="Valid Values: 1150-65535", minimum=1150, maximum=65535),
        "CreateDBInstanceMessage.PreferredBackupWindow": Limit(
            sentence="Must be in the format hh24:mi-hh24:mi.", pattern=f"{_TIME}-{_TIME}"
        ),
        "CreateDBInstanceMessage.PreferredMaintenanceWindow": Limit(
            sentence="Must be in the format ddd:hh24:mi-ddd:hh24:mi.", pattern=_WINDOW
        ),
        "CreateDBInstanceMessage.StorageType": Limit(
            sentence="Valid Values: gp2 | gp3 | io1 | io2 | standard", values=("gp2", "gp3", "io1", "io2", "standard")
        ),
        "CreateDBParameterGroupMessage.DBParameterGroupName": Limit(
            sentence="Must be 1 to 255 letters, numbers, or hyphens.", pattern=_RDS_NAME, maximum=255
        ),
        "CreateDBSubnetGroupMessage.DBSubnetGroupName": Limit(
            sentence="Must contain no more than 255 letters, numbers, periods, underscores, spaces, or hyphens.",
            pattern=r"[a-zA-Z][a-zA-Z0-9._ \-]*",
            maximum=255,
        ),
        "DeleteDBInstanceMessage.FinalDBSnapshotIdentifier": Limit(
            sentence="Can't end with a hyphen or contain two consecutive hyphens.", pattern=_RDS_NAME, maximum=255
        ),
    },
    "s3": {
        "LifecycleExpiration.Days": _at_least_one(_POSITIVE),
        "LifecycleRule.ID": Limit(sentence="The value cannot be longer than 255 characters.", maximum=255),
        "NoncurrentVersionExpiration.NoncurrentDays": _at_least_one(_POSITIVE),
        "ReplicationRule.ID": Limit(sentence="The maximum value is 255 characters.", maximum=255),
        "Transition.Days": Limit(sentence="The value can be 0 or any positive integer.", minimum=0),
    },
    "secretsmanager": {
        "CreateSecretRequest.Name": Limit(
            sentence="The secret name can contain ASCII letters, numbers, and the following characters: /_+=.@-",
            # AWS advises against a hyphen and six characters at the end, but accepts them.
            pattern=r"[a-zA-Z0-9/_+=.@\-]+",
            minimum=1,
            maximum=512,
        ),
        "DeleteSecretRequest.RecoveryWindowInDays": Limit(
            sentence="The number of days from 7 to 30", minimum=7, maximum=30
        ),
    },
    "sns": {
        "CreateTopicInput.Name": _name(
            "made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be "
            "between 1 and 256 characters long",
            r"a-zA-Z0-9_\-.",  # the dot of a FIFO topic's .fifo
            256,
        ),
        "SubscribeInput.Protocol": Limit(
            sentence="Supported protocols include:",
            values=("http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"),
        ),
    },
    "sqs": {
        "CreateQueueRequest.Attributes.DelaySeconds": _number("An integer from 0 to 900 seconds", 0, 900),
        "CreateQueueRequest.Attributes.KmsDataKeyReusePeriodSeconds": _number(
            "An integer representing seconds, between 60 seconds (1 minute) and 86,400 seconds (24 hours)", 60, 86_400
        ),
        "CreateQueueRequest.Attributes.MaximumMessageSize": _number(
            "An integer from 1,024 bytes (1 KiB) to 1,048,576 bytes (1 MiB)", 1024, 1_048_576
        ),
        "CreateQueueRequest.Attributes.MessageRetentionPeriod": _number(
            "An integer from 60 seconds (1 minute) to 1,209,600 seconds (14 days)", 60, 1_209_600
        ),
        "CreateQueueRequest.Attributes.ReceiveMessageWaitTimeSeconds": _number(
            "An integer from 0 to 20 (seconds)", 0, 20
        ),
        "CreateQueueRequest.Attributes.VisibilityTimeout": _number(
            "An integer from 0 to 43,200 (12 hours)", 0, 43_200
        ),
        "CreateQueueRequest.QueueName": _name("A queue name can have up to 80 characters.", r"a-zA-Z0-9_\-.", 80),
    },
    "wafv2": {
        "RateBasedStatement.EvaluationWindowSec": Limit(
            sentence="Valid settings are 60, 120, 300, and 600.", values=("60", "120", "300", "600")
        ),
    },
}  # fmt: skip
