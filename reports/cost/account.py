"""What keys, secrets and the account's security services cost."""

from collections.abc import Iterator, Mapping

from reports.cost.data import INSTANCE
from reports.cost.lines import MILLION, Line, Pricer, Stack, UnpricedError, each, members, text
from reports.cost.logs import LOG_GROUP, Volume, data_events, volume_of
from reports.cost.traffic import files_written, millions
from reports.states import Recorded

# vCPUs that GuardDuty counts, by class.
VCPUS = {"db.r6g.large": 2}
# Each yearly rotation raises a key's price, up to the second one (KMS's pricing page).
PAID_ROTATIONS = 2


def _key(key: Recorded, stack: Stack) -> Iterator[Line]:
    usage = stack.usage
    rotations = min(PAID_ROTATIONS, (usage.months_in_service - 1) // 12) if key.inputs.get("enableKeyRotation") else 0
    yield each("kms.key", 1 + rotations, "keys", f"1 key, rotated {rotations:g} times")
    calls = usage.kms_requests_per_key
    yield Line(price="kms.requests", quantity=calls, what="requests to keys", how=f"{calls * MILLION:,.0f} a key")


def _secret(secret: Recorded, stack: Stack) -> Iterator[Line]:
    yield each("secrets.secret", 1, "secrets")
    for replica in members(secret, "replicas"):
        yield Line(
            price="secrets.secret",
            quantity=1,
            what="replicas of secrets",
            how="1",
            region=str(replica["region"]),
        )
    calls = stack.usage.secret_calls
    yield Line(price="secrets.calls", quantity=calls, what="reading of secrets", how=f"{calls * MILLION:,.0f} a secret")


def _config(_recorder: Recorded, stack: Stack) -> Iterator[Line]:
    count, changes = _resources(stack), stack.usage.config_changes_per_resource
    how = f"{count} resources × {changes:g} changes"
    yield Line(price="config.item", quantity=count * changes, what="configuration items", how=how)


def _security_hub(_account: Recorded, stack: Stack) -> Iterator[Line]:
    count, checks = _resources(stack), stack.usage.security_checks_per_resource
    how = f"{count} resources × {checks:g} checks"
    yield Line(price="security-hub.check", quantity=count * checks, what="security checks", how=how)


def _resources(stack: Stack) -> int:
    return sum(resource.type.startswith("aws:") for resource in stack.state.resources)


def _detector(_detector_resource: Recorded, stack: Stack) -> Iterator[Line]:
    events = stack.usage.management_events
    how = f"{events:g} million of the region"
    yield Line(price="guardduty.events", quantity=events, what="management events", how=how)
    flows = _flow_logs(stack)
    yield Line(
        price="guardduty.flow-logs",
        quantity=flows.gb,
        what="flow logs",
        how=f"{flows.how}; an upper bound, GuardDuty filters them",
    )


def _flow_logs(stack: Stack) -> Volume:
    """Return the volume of the VPC's flow logs, which GuardDuty reads independently of the log group."""
    (group,) = [each for each in stack.of_type(LOG_GROUP) if each.name == "network-flow-logs"]
    return volume_of(group, stack)


def _feature(feature: Recorded, stack: Stack) -> Iterator[Line]:
    if text(feature, "status") != "ENABLED":
        return
    match text(feature, "name"):
        case "S3_DATA_EVENTS":
            # In the recovery region: replicas are stored.
            primary = stack.family[0] if stack.serves else stack.family[-1]
            events = millions(data_events(stack) if stack.serves else files_written(primary))
            yield Line(
                price="guardduty.s3-events",
                quantity=events,
                what="S3 events",
                how=f"{events:,.1f} million of the region",
            )
        case "RDS_LOGIN_EVENTS":
            classes = [text(instance, "instanceClass") for instance in stack.of_type(INSTANCE)]
            if unknown := sorted({*classes} - VCPUS.keys()):
                raise UnpricedError(f"the vCPUs of {', '.join(unknown)} aren't known: add them to VCPUS in account.py")
            vcpus = sum(VCPUS[name] for name in classes)
            yield each("guardduty.rds", vcpus, "logins to databases", f"{vcpus} vCPU of {len(classes)} instances")
        case other:
            raise UnpricedError(f"the feature {other} has no price: add it to reports/cost/prices.yaml and account.py")


def _workgroup(_workgroup_resource: Recorded, stack: Stack) -> Iterator[Line]:
    scanned = stack.usage.archive_searched_tb
    yield Line(price="athena.scanned", quantity=scanned, what="searches of the archive", how=f"{scanned:g} TB")


PRICED: Mapping[str, Pricer] = {
    "aws:kms/key:Key": _key,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:cfg/recorder:Recorder": _config,
    "aws:securityhub/account:Account": _security_hub,
    "aws:guardduty/detector:Detector": _detector,
    "aws:guardduty/detectorFeature:DetectorFeature": _feature,
    "aws:athena/workgroup:Workgroup": _workgroup,
}
