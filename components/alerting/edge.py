"""Alarms on what the world sees: the distributions, their web ACL, and the load balancers asked from outside.

Sections: CDN (CloudFront), WAF Rules, Environment Details (DR). CloudFront and Route 53 measure in us-east-1 only, so
these belong to the stack that is there. Thresholds are this project's choice.
"""

from collections.abc import Iterator

import pulumi

from components.alerting.alarms import ABOVE, BELOW, Row
from components.ingress.edge import EdgeOutputs
from components.ingress.origin_failover import OriginChecks
from settings.alerts import SeverityName

DISTRIBUTION, FIREWALL, ROUTE_53 = "AWS/CloudFront", "AWS/WAFV2", "AWS/Route53"
# 1 while a health check is well, 0 while it isn't.
STATUS = "HealthCheckStatus"
CHECKS = "route53 list-health-checks"

# Percent of the requests at the edge, and requests that are blocked in a minute; the minutes for each.
EDGE_ERRORS, BLOCKED, EDGE_MINUTES = 5, 1000, 5
# Minutes without a good answer. Whoever stands by may be brought up to date meanwhile.
UNREACHABLE_MINUTES, STANDBY_MINUTES = 2, 10


def edge_rows(edge: EdgeOutputs) -> Iterator[Row]:
    """Watch what CloudFront answers with 5xx, its own errors among them, and what its web ACL blocks."""
    for site, id_ in (("web", edge.web_distribution_id), ("api", edge.api_distribution_id)):
        yield Row(
            name=f"edge-errors-{site}",
            page="edge-errors",
            says=f"More than {EDGE_ERRORS} % of requests have failed at the edge ({site}) for {EDGE_MINUTES} minutes",
            severity="High",
            command="cloudfront list-distributions",
            comparison=ABOVE,
            threshold=EDGE_ERRORS,
            periods=EDGE_MINUTES,
            missing="notBreaching",
            namespace=DISTRIBUTION,
            metric="5xxErrorRate",
            dimensions={"DistributionId": id_, "Region": "Global"},
            statistic="Average",
            symptom=True,
        )
    yield Row(
        name="blocked-requests",
        page="blocked-requests",
        says=f"More than {BLOCKED} requests a minute have been blocked for {EDGE_MINUTES} minutes",
        severity="Warning",
        command="wafv2 list-web-acls --scope CLOUDFRONT",
        comparison=ABOVE,
        threshold=BLOCKED,
        periods=EDGE_MINUTES,
        missing="notBreaching",
        namespace=FIREWALL,
        metric="BlockedRequests",
        dimensions={"WebACL": edge.web_acl, "Rule": "ALL"},
        statistic="Sum",
    )


def origin_rows(checks: OriginChecks) -> Iterator[Row]:
    """Watch the load balancers from outside, and whether whoever stands by takes the traffic."""
    yield _asked(
        "origin-unreachable",
        "From outside, the load balancer hasn't answered well",
        checks.own,
        severity="Critical",
        minutes=UNREACHABLE_MINUTES,
        symptom=True,
    )
    yield _asked(
        "recovery-unreachable",
        "From outside, whoever stands by hasn't answered well",
        checks.standby,
        severity="Warning",
        minutes=STANDBY_MINUTES,
    )
    yield Row(
        name="recovery-active",
        page="recovery-active",
        says="Whoever stands by says that it takes the traffic",
        severity="High",
        command=CHECKS,
        comparison=ABOVE,
        threshold=0,
        periods=1,
        missing="missing",
        namespace=ROUTE_53,
        metric=STATUS,
        dimensions={"HealthCheckId": checks.takes_over},
        statistic="Maximum",
    )


def _asked(
    name: str, says: str, id_: pulumi.Output[str], *, severity: SeverityName, minutes: int, symptom: bool = False
) -> Row:
    return Row(
        name=name,
        page=name,
        says=f"{says} for {minutes} minutes",
        severity=severity,
        command=CHECKS,
        comparison=BELOW,
        threshold=1,
        periods=minutes,
        missing="missing",
        namespace=ROUTE_53,
        metric=STATUS,
        dimensions={"HealthCheckId": id_},
        statistic="Minimum",
        symptom=symptom,
    )
