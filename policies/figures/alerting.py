"""Figures of alerting: metrics, thresholds, severities and channels."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from policies.figures.common import ACCOUNT
from policies.figures.compute import MIN_TASKS
from policies.figures.data import DB_CONNECTIONS

Channel: TypeAlias = Literal["PagerDuty", "Slack"]
Severity: TypeAlias = Literal["Critical", "High", "Warning"]

# Alert Configuration, Notification; Incident Response, Severity Levels.
CHANNELS: dict[Severity, Channel] = {"Critical": "PagerDuty", "High": "PagerDuty", "Warning": "Slack"}
# PagerDuty's endpoints for SNS in its two service regions: of an integration or an orchestration.
PAGERDUTY_ENDPOINT = r"https://events\.(?:eu\.)?pagerduty\.com/(?:integration/[^/?#\s]+/enqueue|x-ere/[^/?#\s]+)"
LEVELS: dict[Severity, str] = {"Critical": "SEV1", "High": "SEV2", "Warning": "SEV3"}

MINUTE, DAY = 60, 86_400


@dataclass(frozen=True, kw_only=True)
class AlarmFigures:
    """A row of the document's table of alerts: `periods` of `period` seconds, each above (or below) the threshold.

    `missing` is the treatment of missing data, `statistic` the aggregation of a period's samples.
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
        """Return the channel of the severity."""
        return CHANNELS[self.severity]


# Alert Configuration. CloudWatch has latency in seconds, and connections as a number, not a share.
LOAD_BALANCER_NAMESPACE = "AWS/ApplicationELB"
ERROR_RATE = AlarmFigures(
    metric="RequestCount", statistic="Sum", threshold=1, periods=5, missing="notBreaching", severity="Critical"
)
LATENCY = AlarmFigures(
    metric="TargetResponseTime",
    statistic="p95",
    threshold=0.5,
    periods=5,
    missing="notBreaching",
    severity="High",
)
UNHEALTHY_TASKS = AlarmFigures(
    metric="UnHealthyHostCount",
    statistic="Maximum",
    threshold=1,
    periods=2,
    missing="notBreaching",
    severity="Critical",
)
TOO_FEW_TASKS = AlarmFigures(
    metric="HealthyHostCount",
    statistic="Minimum",
    threshold=MIN_TASKS,
    is_above=False,
    periods=2,
    missing="missing",
    severity="Critical",
)
UNREPORTED_TASKS = AlarmFigures(
    metric="HealthyHostCount",
    statistic="SampleCount",
    threshold=1,
    is_above=False,
    periods=2,
    missing="breaching",
    severity="Critical",
)
SERVICE_NAMESPACE = "AWS/ECS"
CPU = AlarmFigures(
    metric="CPUUtilization", statistic="Average", threshold=85, periods=10, missing="missing", severity="Warning"
)
MEMORY = AlarmFigures(
    metric="MemoryUtilization", statistic="Average", threshold=90, periods=10, missing="missing", severity="Warning"
)
DATABASE_NAMESPACE = "AWS/RDS"
CONNECTIONS = AlarmFigures(
    metric="DatabaseConnections",
    statistic="Average",
    threshold=0.8 * DB_CONNECTIONS,
    periods=5,
    missing="missing",
    severity="Warning",
)
DISK = AlarmFigures(metric="", statistic="Maximum", threshold=80, periods=5, missing="missing", severity="Warning")
CERTIFICATE_NAMESPACE = "AWS/CertificateManager"
EXPIRY = AlarmFigures(
    metric="DaysToExpiry",
    statistic="Minimum",
    threshold=30,
    is_above=False,
    periods=1,
    period=DAY,
    missing="breaching",
    severity="Warning",
)

# The metrics of the error rate, with their ids in the expression, which is without spaces. RequestCount excludes
# requests without a target, which the load balancer itself answers with 503.
ERROR_RATE_METRICS = {
    "HTTPCode_Target_5XX_Count": "T",
    "HTTPCode_ELB_5XX_Count": "B",
    "RequestCount": "R",
    "HTTPCode_ELB_503_Count": "U",
}
ERROR_RATE_EXPRESSION = "100*(FILL(T,0)+FILL(B,0))/(FILL(R,0)+FILL(U,0))"

# The log group of Enhanced Monitoring, and the field of the used share of a disk.
OS_METRICS_GROUP, DISK_USED_FIELD = "RDSOSMetrics", "$.fileSys[0].usedPercent"

# Before the first release: alerts about the placeholder may be silent for so many days.
MAX_SILENT_DAYS = 14

# Only alarms publish. A publisher to an encrypted topic needs these actions on its key.
ALARMS_PRINCIPAL = "cloudwatch.amazonaws.com"
PUBLISHER_KEY_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")

# AWS's read-only policies, as the guardrails of a chat channel.
READ_ONLY_POLICIES = ("arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess")

# The regions of the API of chat configurations.
CHAT_REGIONS = ("us-east-2", "us-west-2", "eu-west-1", "ap-southeast-1")

# Implied by the document's sections, beyond its table: cache nodes, replicas, dead letters and the like.
CACHE_NAMESPACE = "AWS/ElastiCache"
NODE_METRICS = ("DatabaseMemoryUsagePercentage", "EngineCPUUtilization", "Evictions")
REPLICA_METRIC = "ReplicaLag"
QUEUE_NAMESPACE = "AWS/SQS"
QUEUE_METRIC = "ApproximateNumberOfMessagesVisible"
CLOUDFRONT_NAMESPACE, DISTRIBUTION_METRIC = "AWS/CloudFront", "5xxErrorRate"
WAF_NAMESPACE, WAF_METRIC = "AWS/WAFV2", "BlockedRequests"
HEALTH_CHECK_NAMESPACE, HEALTH_CHECK_METRIC = "AWS/Route53", "HealthCheckStatus"
EVENTS_NAMESPACE, EVENT_RULE_METRIC = "AWS/Events", "TriggeredRules"
REPLICATION_SLOT_METRIC = "OldestReplicationSlotLag"
S3_NAMESPACE, REPLICATION_METRIC = "AWS/S3", "OperationsFailedReplication"
REPLICATION_DIMENSIONS = ("RuleId", "SourceBucket", "DestinationBucket")

# Seconds that a composite alarm waits for one of a higher severity, and stays suppressed after it, at least.
SUPPRESSION_SECONDS = 60

# Emergency Access, Database Access: filters of the trail's log group for the use of root or of the emergency roles,
# without spaces.
TRAIL_GROUP = "/taskflow/production/trail"
IDENTITY_FILTERS = {
    "root": '{($.userIdentity.type="Root")&&($.userIdentity.invokedByNOTEXISTS)&&($.eventType!="AwsServiceEvent")}',
    "the emergency roles": '{($.eventName="AssumeRole*")&&'
    f'(($.requestParameters.roleArn="arn:aws:iam::{ACCOUNT}:role/prod-db-access")||'
    f'($.requestParameters.roleArn="arn:aws:iam::{ACCOUNT}:role/prod-break-glass"))}}',
}

# Key Metrics: the metrics, and the panels that show them.
DASHBOARD_TITLES = (
    "Alerts",
    "Requests/sec", "Active Users", "Peak Today", "Traffic",
    "P50 Latency", "P95 Latency", "P99 Latency", "Performance",
    "Error Rate", "Uptime", "Apdex", "Reliability",
    "CPU", "Memory", "DB Connections", "Resources",
)  # fmt: skip
