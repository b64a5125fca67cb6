"""What is logged in a month, and what its ingestion, storage, masking and archive cost."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from reports.cost.lines import (
    MILLION,
    MINUTES,
    SECONDS,
    Line,
    Pricer,
    Stack,
    UnpricedError,
    elements,
    number,
    text,
)
from reports.cost.traffic import (
    asset_requests,
    files_read,
    files_written,
    gigabytes,
    millions,
    probes,
    requests,
)
from reports.states import Recorded

LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
SUBSCRIPTION = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter"
TRAIL = "aws:cloudtrail/trail:Trail"
DAYS_PER_MONTH = 365 / 12


@dataclass(frozen=True, kw_only=True)
class Volume:
    """What a log group takes in, in GB, how that is computed, and the price that applies."""

    gb: float
    how: str
    price: str = "logs.ingestion"


def _api(stack: Stack) -> Volume:
    size = stack.usage.log_bytes
    return Volume(
        gb=gigabytes(requests(stack), size), how=f"{millions(requests(stack)):,.0f} million lines × {size:g} B"
    )


def _audit(stack: Stack) -> Volume:
    records = requests(stack) * stack.usage.audit_share
    size = stack.usage.audit_record_bytes
    return Volume(gb=gigabytes(records, size), how=f"{millions(records):,.0f} million records × {size:g} B")


def _flows(stack: Stack) -> Volume:
    usage = stack.usage
    records = requests(stack) * usage.flow_records_per_request + usage.idle_flow_records_per_second * SECONDS
    how = f"{millions(records):,.0f} million records × {usage.flow_record_bytes:g} B"
    return Volume(gb=gigabytes(records, usage.flow_record_bytes), how=how, price="logs.vended")


def _waf(inspected: Callable[[Stack], float]) -> Callable[[Stack, Recorded], Volume]:
    def volume(stack: Stack, group: Recorded) -> Volume:
        usage = stack.usage
        share = usage.waf_logged_share if _is_filtered(stack, group) else 1.0
        logged = gigabytes(inspected(stack) * share, usage.waf_log_bytes)
        free = millions(inspected(stack)) * usage.waf_free_log_gb_per_million
        how = f"{logged:,.0f} GB less {free:,.0f} GB that WAF's price includes"
        return Volume(gb=max(0.0, logged - free), how=how, price="logs.vended")

    return volume


def _is_filtered(stack: Stack, group: Recorded) -> bool:
    """Return whether the web ACL that logs to a group keeps only some requests."""
    kind = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
    end = f":log-group:{text(group, 'name')}"
    logs_here = [
        configuration
        for configuration in stack.of_type(kind)
        if any(str(destination).endswith(end) for destination in elements(configuration, "logDestinationConfigs"))
    ]
    return all(configuration.inputs.get("loggingFilter") for configuration in logs_here)


def edge_requests(stack: Stack) -> float:
    """Return the requests that CloudFront's web ACL inspects."""
    return requests(stack) + asset_requests(stack)


def origin_requests(stack: Stack) -> float:
    """Return the requests that the load balancer and its web ACL get."""
    return requests(stack) + probes(stack)


def data_events(stack: Stack) -> float:
    """Return the S3 object events that the trail records: files, their copies, and assets that CloudFront fetches."""
    return files_read(stack) + 2 * files_written(stack) + asset_requests(stack) * stack.usage.cache_miss_share


def _trail(stack: Stack) -> Volume:
    usage = stack.usage
    events = usage.management_events * MILLION * len(stack.family) + sum(data_events(each) for each in stack.family)
    return Volume(
        gb=gigabytes(events, usage.event_bytes), how=f"{millions(events):,.0f} million events × {usage.event_bytes:g} B"
    )


def _insights(stack: Stack) -> Volume:
    tasks = sum(number(service, "desiredCount") for service in stack.of_type("aws:ecs/service:Service"))
    events = 2 * tasks * MINUTES
    size = stack.usage.insights_event_bytes
    return Volume(gb=gigabytes(events, size), how=f"{tasks:g} tasks × 2 events a minute × {size:g} B")


def _os_metrics(stack: Stack) -> Volume:
    instances = len(stack.of_type("aws:rds/instance:Instance"))
    size = stack.usage.os_metrics_bytes
    return Volume(gb=gigabytes(instances * MINUTES, size), how=f"{instances} instances × {size:g} B a minute")


def _postgresql(stack: Stack) -> Volume:
    return Volume(gb=stack.usage.postgresql_log_gb, how="of an instance")


def _small(stack: Stack) -> Volume:
    return Volume(gb=stack.usage.small_log_gb, how="a small log")


# By the logical name of the log group, which says what is logged.
VOLUMES: Mapping[str, Callable[[Stack], Volume]] = {
    "service-tasks": _api,
    "service-insights": _insights,
    "audit-records": _audit,
    "audit-trail": _trail,
    "network-flow-logs": _flows,
    "database-os-metrics": _os_metrics,
    "database-.+-postgresql": _postgresql,
    "database-.+-upgrade|cache-(slow|engine)-log|service-sessions|audit-archive-delivery|alerts-events": _small,
}
WAF_VOLUMES: Mapping[str, Callable[[Stack, Recorded], Volume]] = {
    "edge-web-acl": _waf(edge_requests),
    "origin-web-acl": _waf(origin_requests),
}


def volume_of(group: Recorded, stack: Stack) -> Volume:
    """Return what a log group takes in. Raise UnpricedError for a group that no row describes."""
    if waf := WAF_VOLUMES.get(group.name):
        return waf(stack, group)
    for pattern, volume in VOLUMES.items():
        if re.fullmatch(pattern, group.name):
            return volume(stack)
    raise UnpricedError("its volume isn't known: add a row to VOLUMES in reports/cost/logs.py")


def _log_group(group: Recorded, stack: Stack) -> Iterator[Line]:
    volume = volume_of(group, stack)
    yield Line(price=volume.price, quantity=volume.gb, what="log ingestion", how=volume.how)
    months = number(group, "retentionInDays") / DAYS_PER_MONTH
    compression = stack.usage.log_compression
    how = f"{volume.gb:,.1f} GB × {months:.1f} months × {compression * 100:g} % compressed"
    yield Line(price="logs.storage", quantity=volume.gb * months * compression, what="log storage", how=how)


def _named(name: str, stack: Stack) -> Volume:
    """Return the volume of the group with a physical name."""
    groups = [group for group in stack.of_type(LOG_GROUP) if text(group, "name") == name]
    if not groups:
        raise UnpricedError(f"its log group {name} isn't in the stack")
    return volume_of(groups[0], stack)


def _masking(policy: Recorded, stack: Stack) -> Iterator[Line]:
    volume = _named(text(policy, "logGroupName"), stack)
    yield Line(price="logs.masking", quantity=volume.gb, what="masking of personal data", how=volume.how)


def archived_gb(stack: Stack) -> float:
    """Return what the subscriptions deliver to the archive in a month, uncompressed."""
    return sum(_named(text(filter_, "logGroup"), stack).gb for filter_ in stack.of_type(SUBSCRIPTION))


def trail_gb(stack: Stack) -> float:
    """Return what trails deliver to the archive in a month, uncompressed."""
    return _trail(stack).gb * len(stack.of_type(TRAIL))


def _delivery(stream: Recorded, stack: Stack) -> Iterator[Line]:
    arn = str(stream.outputs.get("arn"))
    filters = [each for each in stack.of_type(SUBSCRIPTION) if text(each, "destinationArn") == arn]
    gb = sum(_named(text(each, "logGroup"), stack).gb for each in filters)
    compression = stack.usage.log_compression
    how = f"{gb:,.1f} GB of {len(filters)} log groups"
    yield Line(
        price="firehose.ingestion",
        quantity=gb * compression,
        what="delivery to the archive",
        how=f"{how} × {compression * 100:g} % compressed",
    )
    yield Line(price="firehose.decompression", quantity=gb, what="decompression", how=how)


def _metric_filter(_filter: Recorded, _stack: Stack) -> Iterator[Line]:
    yield Line(price="cloudwatch.metric", quantity=1, what="metrics from logs", how="1 metric")


def _trail_events(_trail_resource: Recorded, stack: Stack) -> Iterator[Line]:
    events = millions(sum(data_events(each) for each in stack.family))
    how = "files read, stored and copied, assets fetched by CloudFront; a first copy of management events is free"
    yield Line(price="trail.data-events", quantity=events, what="data events", how=how)


PRICED: Mapping[str, Pricer] = {
    LOG_GROUP: _log_group,
    "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy": _masking,
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": _metric_filter,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": _delivery,
    TRAIL: _trail_events,
}
