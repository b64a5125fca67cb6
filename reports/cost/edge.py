"""What the edge costs: CloudFront, the web ACLs, and Route 53."""

from collections.abc import Iterator, Mapping
from typing import cast

from reports.cost.lines import Line, Pricer, Stack, each, elements, text
from reports.cost.logs import edge_requests, origin_requests
from reports.cost.traffic import asset_requests, gigabytes, millions, requests, response_bytes
from reports.states import Recorded

# Metrics that CloudFront sends when additional metrics are on (CloudFront Developer Guide).
ADDITIONAL_METRICS = 8
# CloudFront's metrics exist there only.
METRICS_REGION = "us-east-1"


def _distribution(distribution: Recorded, stack: Stack) -> Iterator[Line]:
    """Price the distribution of the web application by its files, and the API's by the requests of the document."""
    usage = stack.usage
    serves_files = bool(distribution.inputs.get("defaultRootObject"))
    count = asset_requests(stack) if serves_files else requests(stack)
    size = usage.asset_bytes if serves_files else response_bytes(stack)
    how = f"{millions(count):,.1f} million requests"
    yield Line(price="cloudfront.requests", quantity=millions(count), what="HTTPS requests", how=how)
    yield Line(
        price="cloudfront.transfer",
        quantity=gigabytes(count, size),
        what="transfer to users",
        how=f"{how} × {size:,.0f} B",
    )
    if not serves_files:
        yield Line(
            price="cloudfront.origin",
            quantity=gigabytes(count, usage.request_bytes),
            what="transfer to the origin",
            how=f"{how} × {usage.request_bytes:,.0f} B",
        )
    behavior = cast("Mapping[str, object]", distribution.inputs.get("defaultCacheBehavior") or {})
    if behavior.get("functionAssociations"):
        yield Line(price="cloudfront.function", quantity=millions(count), what="function", how=how)


def _metrics(_subscription: Recorded, _stack: Stack) -> Iterator[Line]:
    yield Line(
        price="cloudwatch.metric",
        quantity=ADDITIONAL_METRICS,
        what="additional metrics",
        how=f"{ADDITIONAL_METRICS} metrics",
        region=METRICS_REGION,
    )


def _web_acl(acl: Recorded, stack: Stack) -> Iterator[Line]:
    yield each("waf.acl", 1, "web ACL")
    yield each("waf.rule", len(elements(acl, "rules")), "rules")
    match text(acl, "scope"):
        case "CLOUDFRONT":
            count, what = edge_requests(stack), "requests to CloudFront"
        case _:
            count, what = origin_requests(stack), "requests to the load balancer"
    how = f"{millions(count):,.1f} million {what}"
    yield Line(price="waf.requests", quantity=millions(count), what="inspected requests", how=how)


def _health_check(check: Recorded, _stack: Stack) -> Iterator[Line]:
    yield each("route53.check", 1, "health checks", "an endpoint in AWS: the first 50 are free")
    options = {
        "HTTPS": text(check, "type").startswith("HTTPS"),
        "a search string": "searchString" in check.inputs,
        "an interval of 10 s": check.inputs.get("requestInterval") == 10,
        "latency": bool(check.inputs.get("measureLatency")),
    }
    names = [name for name, is_on in options.items() if is_on]
    yield each("route53.check-option", len(names), "options of health checks", f"{len(names)}: {', '.join(names)}")


def _record(record: Recorded, stack: Stack) -> Iterator[Line]:
    """Price the queries of CNAME records: aliases are free, and validation records are asked for rarely."""
    if text(record, "type") == "CNAME" and not text(record, "name").startswith("_"):
        queries = stack.usage.dns_queries_per_record
        yield Line(price="route53.queries", quantity=queries, what="DNS queries", how=f"{queries:g} million")


PRICED: Mapping[str, Pricer] = {
    "aws:cloudfront/distribution:Distribution": _distribution,
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription": _metrics,
    "aws:wafv2/webAcl:WebAcl": _web_acl,
    "aws:route53/healthCheck:HealthCheck": _health_check,
    "aws:route53/record:Record": _record,
}
