"""What the recovery region knows by itself. Nothing here asks another region or a global control plane."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from operations.checklist.judgement import Finding, failed, not_needed, passed
from operations.dr.capacity import ScalingTarget, healthy_targets
from operations.dr.latch import LATCH_PATH
from operations.dr.replica import BACKING_UP, SERVES
from operations.dr.sight import Sight
from operations.frame.context import Context
from operations.release.registry import image_details
from operations.release.service import short

ALARM = "ALARM"
DAY = timedelta(days=1)


def instance(sight: Sight) -> Finding:
    """Check that the instance is a replica that replicates, or a primary."""
    found, advice = sight.instance, "docs/runbooks/replica-lag.md: a replica that doesn't recover is created again."
    if found.problem:
        return failed(f"{found.name} doesn't replicate: {found.problem}", advice)
    if found.status not in SERVES:
        return failed(f"{found.name} is {found.status}", "Wait until it is available.")
    return passed(f"{found.name} is a replica" if found.is_replica else f"{found.name} is the primary")


def backup(sight: Sight) -> Finding:
    """Check that no backup runs: RDS refuses PromoteReadReplica while the status is `backing-up`."""
    found = sight.instance
    if not found.is_replica:
        return not_needed("promoted")
    if found.status == BACKING_UP:
        window = sight.recovery.settings.rds.backup_window
        return failed(
            "a backup runs: RDS refuses the promotion until it has ended",
            f"Wait for it; the daily one begins in {window} UTC.",
        )
    return passed("none runs")


def parameters(sight: Sight) -> Finding:
    """Check that the instance runs with its parameters, and with the connections that its source has."""
    found, source = sight.instance, sight.stacks.production.settings.rds
    own = sight.recovery.settings.rds
    if found.pending:
        return failed(f"{found.pending} waits for a restart", "Reboot the instance in its maintenance window.")
    if own.max_connections < source.max_connections:
        return failed(
            f"maxConnections {own.max_connections}, production has {source.max_connections}",
            "Raise it in dr first: a replica with fewer doesn't start.",
        )
    return passed(f"in use; {own.max_connections} connections, production has {source.max_connections}")


def release(sight: Sight) -> Finding:
    """Check that a release runs, and that no deployment is unfinished."""
    newest = sight.api.service.newest_deployment()
    if newest and not newest.is_over:
        return failed(
            f"a deployment has been running since {newest.created_at:%H:%M} UTC",
            "Wait for it, or stop it with `taskflow rollback --stack dr`.",
        )
    if sight.running.digest is None:
        return failed("the placeholder runs", "Release what production runs: `taskflow release VERSION --stack dr`.")
    return passed(sight.running.name)


def image(sight: Sight) -> Finding:
    """Check that the registry of the region has the running image: new tasks pull it from there."""
    digest, region = sight.running.digest, sight.recovery.environment.region
    if digest is None:
        return failed("the placeholder runs", "Release what production runs: `taskflow release VERSION --stack dr`.")
    if image_details(sight.recovery, {"imageDigest": digest}) is None:
        return failed(
            f"{region} has no image {short(digest)}: no further task can start",
            "Push the image again: ECR replicates pushes only. Then release it in dr.",
        )
    return passed(f"{short(digest)} in {region}")


def tasks(sight: Sight) -> Finding:
    """Check the tasks by the load balancer's health checks."""
    state, healthy = sight.api.service.state(), healthy_targets(sight.recovery)
    if state.desired == 0 or healthy < state.desired:
        return failed(f"{healthy} of {state.desired} healthy", "docs/runbooks/service-down.md, in dr.")
    return passed(f"{healthy} of {state.desired} healthy")


def capacity(sight: Sight) -> Finding:
    """Check that scaling can raise the service to what production has."""
    bounds, wanted = ScalingTarget(context=sight.recovery).bounds(), sight.stacks.production.settings.service
    if bounds.is_suspended:
        return failed("scaling is suspended", "`pulumi up --stack dr` resumes it.")
    if bounds.maximum < wanted.desired_count:
        return failed(f"at most {bounds.maximum} tasks, production has {wanted.desired_count}", "Raise maxCount in dr.")
    return passed(f"{bounds.minimum} to {bounds.maximum} tasks; from a promotion on {wanted.desired_count} at least")


def certificate(sight: Sight) -> Finding:
    """Check the certificate of the load balancer."""
    return judge_certificates(sight.recovery, [sight.recovery.environment.host_name("origin")])


def judge_certificates(context: Context, hosts: list[str]) -> Finding:
    """Judge the certificates of hosts in a region, by the one that ends first."""
    pages = context.aws.acm.get_paginator("list_certificates").paginate(Includes={"keyTypes": KEY_TYPES})
    ends: dict[str, datetime] = {}
    for page in pages:
        found: list[Mapping[str, Any]] = page["CertificateSummaryList"]
        for each in found:
            host, until = each["DomainName"], each.get("NotAfter")
            if host in hosts and until and each.get("Status") in {"ISSUED", "EXPIRED"}:
                ends[host] = max(until, ends.get(host, until))
    if missing := [host for host in hosts if host not in ends]:
        return failed(f"no certificate of {', '.join(missing)}", "docs/runbooks/certificate.md")
    host = min(ends, key=lambda each: ends[each])
    left, limit = ends[host] - context.clock.now(), context.settings.alerts.ssl_expiry.days * DAY
    if left <= timedelta(0):
        return failed(f"{host} expired on {ends[host]:%Y-%m-%d}", "docs/runbooks/certificate.md")
    detail = f"{host}: {left.days} days left"
    # ACM renews 60 days before the end; the alert fires at 30.
    return passed(detail if left > limit else f"{detail}; see docs/runbooks/certificate.md")


# ListCertificates returns RSA certificates of 1024 and 2048 bits only, unless key types are named.
KEY_TYPES = ["RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1"]


def health(sight: Sight) -> Finding:
    """Check that the region answers the health path from outside."""
    host, path = sight.recovery.environment.host_name("standby"), sight.recovery.settings.load_balancer.health.path
    answer = sight.recovery.https.get(host, path)
    if answer.status != 200:
        return failed(
            f"{host}{path}: {answer.problem or f'status {answer.status}'}", "`taskflow smoke --stack dr` shows more."
        )
    return passed(f"{host}{path}: status 200")


def latch(sight: Sight) -> Finding:
    """Check that the latch agrees with the stack file: 404 before a failover, 200 after it."""
    host = sight.recovery.environment.host_name("standby")
    answer = sight.recovery.https.get(host, LATCH_PATH)
    wanted = sight.recovery.settings.load_balancer.origin_takes_traffic
    meaning = {200: "on: users are sent to dr", 404: "off: users are sent to production"}.get(answer.status)
    if meaning is None:
        return failed(f"no answer: {answer.problem or f'status {answer.status}'}", "`taskflow smoke --stack dr`")
    if (answer.status == 200) is not bool(wanted):
        return failed(meaning, f"The stack file has originTakesTraffic: {str(wanted).lower()}. Is it committed?")
    return passed(meaning)


def alarms(sight: Sight) -> Finding:
    """Check that the region's alarms exist, act and don't fire.

    That on the replica's lag fires minutes after production is lost. The lag is a check of its own, which knows whether
    production is idle or doesn't answer.
    """
    pages = sight.recovery.aws.cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=f"{sight.recovery.environment.name}-", AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    found = [each for page in pages for each in (*page["MetricAlarms"], *page["CompositeAlarms"])]
    silent = [each.get("AlarmName", "") for each in found if not each.get("ActionsEnabled", True)]
    on_lag = f"{sight.recovery.environment.name}-replica-lag-{sight.standby.name}"
    all_firing = [each.get("AlarmName", "") for each in found if each.get("StateValue") == ALARM]
    firing = [name for name in all_firing if name != on_lag]
    if not found:
        return failed("there is none", "`pulumi up --stack dr` creates them.")
    if silent:
        return failed(f"{len(silent)} without actions: {', '.join(silent[:3])}", "Enable their actions.")
    if firing:
        return failed(f"{len(firing)} in ALARM: {', '.join(firing[:3])}", "Each alarm's description names its runbook.")
    return passed(f"{len(found)}, in ALARM only that on the lag" if all_firing else f"{len(found)}, none in ALARM")


def stack_file(sight: Sight) -> Finding:
    """Check that the stack file says what the instance is: an `up` would otherwise promote it."""
    setting, promoted, is_replica = sight.standby.setting, sight.standby.is_promoted, sight.instance.is_replica
    if promoted and is_replica:
        return failed(
            f"{setting}: true, and the database is a replica: the next `pulumi up` promotes it",
            "Continue the promotion, or undo it: `taskflow dr fence --undo` and `git checkout Pulumi.dr.yaml`.",
        )
    if not promoted and not is_replica:
        return failed(f"{setting}: false, and the database is the primary", "Commit the file of the promotion.")
    return passed(f"{setting}: {str(promoted).lower()}")
