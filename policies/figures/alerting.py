"""What the pack knows by itself of the document's alerts: what is measured, when somebody is told, and how.

As in `figures`, no other module's words are read.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from policies.figures.common import ACCOUNT
from policies.figures.compute import LEAST_TASKS
from policies.figures.data import DB_CONNECTIONS

Channel: TypeAlias = Literal["PagerDuty", "Slack"]
Severity: TypeAlias = Literal["Critical", "High", "Warning"]

# Alert Configuration, Notification; Incident Response, Severity Levels.
CHANNELS: dict[Severity, Channel] = {"Critical": "PagerDuty", "High": "PagerDuty", "Warning": "Slack"}
# Where PagerDuty takes SNS' messages, in its two service regions: an integration's own address, or an orchestration's.
PAGERDUTY = r"https://events\.(?:eu\.)?pagerduty\.com/(?:integration/[^/?#\s]+/enqueue|x-ere/[^/?#\s]+)"
LEVELS: dict[Severity, str] = {"Critical": "SEV1", "High": "SEV2", "Warning": "SEV3"}

MINUTE, DAY = 60, 86_400


@dataclass(frozen=True, kw_only=True)
class Figures:
    """When an alert's row fires: `periods` of `period` seconds, each above the threshold (or below it).

    `missing` is how CloudWatch has to take missing points; `statistic` is what is made of a period's samples.
    """

    metric: str
    statistic: str
    threshold: float
    is_above: bool = True
    periods: int
    period: int = MINUTE
    missing: str
    severity: Severity

    @property
    def channel(self) -> Channel:
        """Who has to be told."""
        return CHANNELS[self.severity]


# Alert Configuration. CloudWatch counts latency in seconds, and has no share of connections.
BALANCER = "AWS/ApplicationELB"
ERROR_RATE = Figures(
    metric="RequestCount", statistic="Sum", threshold=1, periods=5, missing="notBreaching", severity="Critical"
)
LATENCY = Figures(
    metric="TargetResponseTime",
    statistic="p95",
    threshold=0.5,
    periods=5,
    missing="notBreaching",
    severity="High",
)
UNHEALTHY = Figures(
    metric="UnHealthyHostCount",
    statistic="Maximum",
    threshold=1,
    periods=2,
    missing="notBreaching",
    severity="Critical",
)
TOO_FEW = Figures(
    metric="HealthyHostCount",
    statistic="Minimum",
    threshold=LEAST_TASKS,
    is_above=False,
    periods=2,
    missing="missing",
    severity="Critical",
)
SILENT = Figures(
    metric="HealthyHostCount",
    statistic="SampleCount",
    threshold=1,
    is_above=False,
    periods=2,
    missing="breaching",
    severity="Critical",
)
TASKS = "AWS/ECS"
CPU = Figures(
    metric="CPUUtilization", statistic="Average", threshold=85, periods=10, missing="missing", severity="Warning"
)
MEMORY = Figures(
    metric="MemoryUtilization", statistic="Average", threshold=90, periods=10, missing="missing", severity="Warning"
)
DATABASES = "AWS/RDS"
CONNECTIONS = Figures(
    metric="DatabaseConnections",
    statistic="Average",
    threshold=0.8 * DB_CONNECTIONS,
    periods=5,
    missing="missing",
    severity="Warning",
)
DISK = Figures(metric="", statistic="Maximum", threshold=80, periods=5, missing="missing", severity="Warning")
CERTIFICATES = "AWS/CertificateManager"
EXPIRY = Figures(
    metric="DaysToExpiry",
    statistic="Minimum",
    threshold=30,
    is_above=False,
    periods=1,
    period=DAY,
    missing="breaching",
    severity="Warning",
)

# The metrics whose share of the requests fails, by the letter that stands for each in the expression, without spaces.
# RequestCount leaves out what no target could be chosen for: the load balancer's own 503s.
FAILING = {
    "HTTPCode_Target_5XX_Count": "T",
    "HTTPCode_ELB_5XX_Count": "B",
    "RequestCount": "R",
    "HTTPCode_ELB_503_Count": "U",
}
ERROR_SHARE = "100*(FILL(T,0)+FILL(B,0))/(FILL(R,0)+FILL(U,0))"

# Where RDS measures its systems, and the share of a disk that is used.
SYSTEMS_GROUP, USED_SHARE = "RDSOSMetrics", "$.fileSys[0].usedPercent"

# Before the first release: nobody is paged for the placeholder, for so many days at most.
SILENT_DAYS = 14

# Only alarms publish. Whoever publishes to an encrypted topic uses its key.
ALARMS = "cloudwatch.amazonaws.com"
PUBLISHING = ("kms:Decrypt", "kms:GenerateDataKey")

# AWS's policies that only read, as the bound of what a chat channel may do.
READING = ("arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess")

# Where the API of chat configurations is.
CHAT_REGIONS = ("us-east-2", "us-west-2", "eu-west-1", "ap-southeast-1")

# Beyond the document's table, where its sections imply it: each node of the cache, each replica, the dead letters.
CACHE = "AWS/ElastiCache"
OF_NODES = ("DatabaseMemoryUsagePercentage", "EngineCPUUtilization", "Evictions")
OF_REPLICAS = "ReplicaLag"
QUEUES = "AWS/SQS"
OF_QUEUES = "ApproximateNumberOfMessagesVisible"
EDGE, OF_DISTRIBUTIONS = "AWS/CloudFront", "5xxErrorRate"
FIREWALL, OF_FIREWALLS = "AWS/WAFV2", "BlockedRequests"
HEALTH_CHECKS, OF_HEALTH_CHECKS = "AWS/Route53", "HealthCheckStatus"
EVENTS, OF_EVENT_RULES = "AWS/Events", "TriggeredRules"
OF_SLOTS = "OldestReplicationSlotLag"
BUCKETS, OF_REPLICATIONS = "AWS/S3", "OperationsFailedReplication"

# Seconds that a milder alarm of alarms waits for a more severe one, at least, and stays silent after it.
SUPPRESSED = 60

# Emergency Access, Database Access: whoever uses root, or the role for emergencies, is seen in the trail's log group.
# As CloudWatch reads a pattern, without its spaces.
TRAIL_GROUP = "/taskflow/production/trail"
IDENTITIES = {
    "root": '{($.userIdentity.type="Root")&&($.userIdentity.invokedByNOTEXISTS)&&($.eventType!="AwsServiceEvent")}',
    "the emergency role": '{($.eventName="AssumeRole*")&&'
    f'($.requestParameters.roleArn="arn:aws:iam::{ACCOUNT}:role/prod-db-access")}}',
}
