"""Alarms on what users see from outside: CloudFront's errors, its web ACL, and the load balancers' health checks.

Sections: CDN (CloudFront), WAF Rules, Environment Details (DR). CloudFront and Route 53 publish metrics in us-east-1
only, so the stack in that region has these alarms. Thresholds are this project's choice.
"""

from collections.abc import Iterator

import pulumi

from components.alerting.alarms import Alarm, AlarmMetric, above, below
from components.ingress.edge import EdgeOutputs
from components.ingress.origin_failover import OriginHealthChecks

LIST_HEALTH_CHECKS = "route53 list-health-checks"

# Percent of requests, blocked requests per minute, and the minutes of both.
EDGE_ERROR_RATE, BLOCKED_REQUESTS, EDGE_MINUTES = 5, 1000, 5
# Minutes without a successful check. The recovery stack may be under deployment meanwhile.
UNREACHABLE_MINUTES, RECOVERY_UNREACHABLE_MINUTES = 2, 10


def edge_alarms(edge: EdgeOutputs) -> Iterator[Alarm]:
    """Yield the alarms on CloudFront's 5xx responses, its own included, and on requests that its web ACL blocks."""
    for site, distribution_id in (("web", edge.web_distribution_id), ("api", edge.api_distribution_id)):
        yield Alarm(
            name=f"edge-errors-{site}",
            description=f"CloudFront's error rate ({site}) above {EDGE_ERROR_RATE} % for {EDGE_MINUTES} minutes: users "
            "receive 5xx responses. Check whether error-rate is in ALARM too",
            severity="High",
            command="cloudfront list-distributions",
            metric=AlarmMetric(
                "AWS/CloudFront",
                "5xxErrorRate",
                {"DistributionId": distribution_id, "Region": "Global"},
                "Average",
            ),
            condition=above(EDGE_ERROR_RATE),
            periods=EDGE_MINUTES,
            missing_data="notBreaching",
            runbook="edge-errors",
            user_facing=True,
        )
    yield Alarm(
        name="blocked-requests",
        description=f"CloudFront's web ACL blocks more than {BLOCKED_REQUESTS} requests per minute for {EDGE_MINUTES} "
        "minutes: an attack, or a rule that blocks users. Find the rule in the web ACL's log",
        severity="Warning",
        command="wafv2 list-web-acls --scope CLOUDFRONT",
        metric=AlarmMetric("AWS/WAFV2", "BlockedRequests", {"WebACL": edge.web_acl_metric_name, "Rule": "ALL"}, "Sum"),
        condition=above(BLOCKED_REQUESTS),
        periods=EDGE_MINUTES,
        missing_data="notBreaching",
    )


def origin_alarms(checks: OriginHealthChecks) -> Iterator[Alarm]:
    """Yield the alarms on Route 53's health checks of both load balancers, and on a failover."""
    yield Alarm(
        name="origin-unreachable",
        description=f"The load balancer is unreachable from the internet for {UNREACHABLE_MINUTES} minutes: users "
        "receive errors. Check its tasks, then its network; decide on a failover after 10 minutes",
        severity="Critical",
        command=LIST_HEALTH_CHECKS,
        metric=_health_check(checks.load_balancer, "Minimum"),
        condition=below(1),
        periods=UNREACHABLE_MINUTES,
        missing_data="missing",
        user_facing=True,
    )
    yield Alarm(
        name="recovery-unreachable",
        description="The recovery region is unreachable from the internet for "
        f"{RECOVERY_UNREACHABLE_MINUTES} minutes: a failover would fail. See the alarms there",
        severity="Warning",
        command=LIST_HEALTH_CHECKS,
        metric=_health_check(checks.recovery_load_balancer, "Minimum"),
        condition=below(1),
        periods=RECOVERY_UNREACHABLE_MINUTES,
        missing_data="missing",
    )
    yield Alarm(
        name="recovery-active",
        description="The recovery region is receiving production traffic: originTakesTraffic is true there. If no "
        "failover was decided, two databases may take writes: set it back",
        severity="High",
        command=LIST_HEALTH_CHECKS,
        metric=_health_check(checks.recovery_active, "Maximum"),
        condition=above(0),
        periods=1,
        missing_data="missing",
    )


def _health_check(id_: pulumi.Output[str], statistic: str) -> AlarmMetric:
    """Return the status of a health check: 1 while it is healthy, else 0."""
    return AlarmMetric("AWS/Route53", "HealthCheckStatus", {"HealthCheckId": id_}, statistic)
