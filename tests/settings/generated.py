"""Hypothesis strategies made from the models: whole settings that must be accepted, and values that may be anything.

A new field of a known kind needs nothing here; one of a kind that isn't known yet, or whose value hangs on another
field's, is refused with what to add.
"""

from collections.abc import Callable, Collection
from ipaddress import IPv4Network
from typing import cast, get_args

from hypothesis import strategies as st
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from settings.audit import IDENTIFIERS, REQUIRED, SEVEN_YEARS
from settings.base import Block
from settings.environment import REQUIRED_TAGS
from settings.fargate import SIZES
from settings.rds import MINORS
from settings.shape import block_in, kind_of, names
from settings.stack import EDGE_REGION, Settings
from settings.values import Entries, Items, Switch, Text, Whole, Word
from settings.waf import COUNTRIES, REQUIRED_SETS
from tests.settings.as_pulumi import Json

REGIONS = ("us-east-1", "us-west-2", "eu-central-1", "ap-southeast-2")
PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
LABEL = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,9}[a-z0-9])?", fullmatch=True)
TAG_CHARACTERS = st.characters(categories=["L", "N", "Z"], include_characters="_.:/=+-@")

# Fields whose values hang on one another: drawn together in stack_settings.
HANGING_TOGETHER = {
    "aws": ("assumeRoleWithWebIdentity", "assumeRoles", "region"),
    "network": ("cidrBlock", "availabilityZones", "publicSubnets", "privateSubnets", "dataSubnets", "peerCidrs"),
    "rds": (
        "autoMinorVersionUpgrade", "backupWindow", "maintenanceWindow", "maxConnections", "maxStorage", "promoted",
        "replicaMaxConnections", "secrets", "source", "storage", "successor", "version",
    ),
    "elasticache": ("maintenanceWindow", "numNodeGroups", "replicasPerGroup", "snapshotWindow"),
    "backup": ("recovery", "vaultLock", "weeklySnapshot"),
    "environment": ("domain", "hostedZoneName"),
    "storage": ("bucket",),
    "cloudfront": ("caching", "compression", "contentSecurityPolicy"),
    "waf": ("blockedCountries", "bodyLimit", "managedRules", "webACL"),
    "loadBalancer": ("health", "originTakesTraffic", "slowStart"),
    "roles": ("accessTaskRole", "ecsExecutionRole", "ecsTaskRole", "emergencyRole"),
    "service": ("desiredCount", "maxCount", "minCount"),
    "task": ("cpu", "health", "memory", "temporarySpace"),
    "scaling": ("policies",),
    "audit": ("archive",),
    "logs": ("maskedData",),
    "baseline": ("account",),
}  # fmt: skip

# Windows that keep apart from one another, daily ones over midnight among them: the database's backup and maintenance,
# the weekly snapshot's moment, Redis' snapshot and maintenance.
TIMETABLES = (
    ("02:00-03:00", "sun:04:00-sun:05:00", "sun:07:00", "05:30-06:30", "sun:08:30-sun:09:30"),
    ("23:30-00:30", "sun:23:00-sun:23:30", "wed:12:00", "03:00-04:00", "mon:05:00-mon:06:30"),
    ("10:00-10:30", "sun:23:30-mon:00:30", "thu:20:15", "22:15-23:15", "sat:23:30-sun:01:00"),
)

Data = dict[str, Json]


@st.composite
def stack_settings(draw: st.DrawFn) -> dict[str, Json]:
    """Draw a whole stack's settings, by full keys, for the stack `production`."""
    data: dict[str, Json] = {}
    for name, info in names(Settings).items():
        block = block_in(info.annotation)
        if block:
            entries = cast("Data", draw(_block(block, without=HANGING_TOGETHER.get(name, ()))))
            data |= (
                {f"aws:{key}": value for key, value in entries.items()}
                if name == "aws"
                else {f"taskflow:{name}": entries}
            )
    # CloudFront's stack is in one region.
    region = EDGE_REGION
    data["aws:region"] = region
    tags = cast("dict[str, Data]", data["aws:defaultTags"])["tags"]
    tags |= {name: draw(st.sampled_from(("devops", "x y", "Ü1"))) for name in REQUIRED_TAGS}
    tags |= {"Application": "taskflow", "Environment": "production"}
    account = cast("list[str]", data["aws:allowedAccountIds"])[0]
    data |= draw(_sign_in(account))
    network = cast("Data", data["taskflow:network"])
    network |= draw(_address_plan())
    letters = draw(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=2, unique=True))
    network["availabilityZones"] = [f"{region}{letter}" for letter in letters]
    elsewhere = draw(st.sampled_from([other for other in REGIONS if other != region]))
    service = draw(_service_tier(_most_tasks(network, cast("Data", data["taskflow:service"]))))
    tiers = {**draw(_data_tier(region, elsewhere, account)), **service, **draw(_compliance())}
    for name, drawn in tiers.items():
        cast("Data", data[f"taskflow:{name}"]).update(drawn)
    if "recovery" not in tiers["backup"] and draw(st.booleans()):
        key = f"arn:aws:kms:{region}:{account}:key/00000000-0000-4000-8000-000000000001"
        cast("Data", tiers["storage"]["bucket"])["copyOf"] = {"bucket": "a-bucket", "key": key}
    return data


@st.composite
def _sign_in(draw: st.DrawFn, account: str) -> Data:
    """Draw roles to sign in with; the last one is the account's."""
    role, hub = f"arn:aws:iam::{account}:role/deploy", "arn:aws:iam::000000000000:role/hub"
    chains: tuple[Json, ...] = ([{"roleArn": role}], [{"roleArn": hub, "duration": "1h"}, {"roleArn": role}])
    web: Json = {"roleArn": draw(st.sampled_from((role, hub))), "webIdentityTokenFile": "/token"}
    drawn: Data = {}
    if draw(st.booleans()):
        drawn["aws:assumeRoles"] = draw(st.sampled_from(chains))
        if draw(st.booleans()):
            drawn["aws:assumeRoleWithWebIdentity"] = web
    return drawn


def _most_tasks(network: Data, service: Data) -> int:
    """Return how many tasks one zone has room for, twice or more over, beside the endpoints."""
    subnets = (IPv4Network(subnet) for subnet in cast("list[str]", network["privateSubnets"]))
    free = min(subnet.num_addresses for subnet in subnets) - 5 - len(cast("list[str]", network["interfaceEndpoints"]))
    share = cast("int", cast("Data", service["deployment"])["maximumPercent"])
    return min(1000, free * 100 // share)


@st.composite
def _service_tier(draw: st.DrawFn, room: int) -> dict[str, Data]:
    """Draw what hangs together in the service, for which there is room, and in what stands before it."""
    least, wanted, most = sorted(draw(st.lists(st.integers(2, room), min_size=3, max_size=3)))
    cpu = draw(st.sampled_from(tuple(SIZES)))
    memory = draw(st.sampled_from(SIZES[cpu]))
    quick, slow = sorted(draw(st.lists(st.integers(5, 60), min_size=2, max_size=2, unique=True)))
    counts = st.integers(2, 10)
    targets = draw(st.lists(st.integers(10, 90), min_size=2, max_size=2))
    metrics = draw(st.permutations(("CPUUtilization", "MemoryUtilization")))
    shortest, usual, longest = sorted(draw(st.lists(st.integers(0, 3_153_600_000), min_size=3, max_size=3)))
    zone = ".".join(draw(st.lists(LABEL, min_size=1, max_size=2))) + ".app"
    compressed = draw(st.booleans()) and longest > 0
    kept: Data = {"oldVersions": draw(st.integers(1, 85))}
    return {
        "storage": {"bucket": kept},
        "environment": {"hostedZoneName": zone, "domain": draw(st.sampled_from((zone, f"tasks.{zone}")))},
        "cloudfront": {
            "caching": {"minTTL": shortest, "defaultTTL": usual, "maxTTL": longest},
            "compression": compressed,
            "contentSecurityPolicy": draw(st.sampled_from(("default-src 'self'", "img-src 'none'; script-src a.app"))),
        },
        "waf": {
            "webACL": draw(st.sampled_from(("acl", "an-acl_2"))),
            "bodyLimit": draw(st.integers(8_192, 65_536)),
            "managedRules": list(draw(st.permutations(REQUIRED_SETS))),
            "blockedCountries": list(draw(st.sets(st.sampled_from(sorted(COUNTRIES)), min_size=1, max_size=50))),
        },
        "loadBalancer": {
            "health": {
                "path": "/health",
                "interval": slow,
                "timeout": quick,
                "healthyThreshold": draw(counts),
                "unhealthyThreshold": draw(counts),
            },
            "slowStart": draw(st.one_of(st.just(0), st.integers(30, 900))),
        },
        "roles": dict(zip(HANGING_TOGETHER["roles"], draw(_names(4)), strict=True)),
        "service": {"minCount": least, "desiredCount": wanted, "maxCount": most},
        "task": {
            "cpu": cpu,
            "memory": memory,
            "temporarySpace": draw(st.integers(16, min(1024, memory // 4))),
            "health": {"interval": slow, "timeout": quick, "retries": draw(st.integers(1, 10)), "startPeriod": 0},
        },
        "scaling": {
            "policies": [
                {"type": "TargetTracking", "metric": metric, "target": target}
                for metric, target in zip(metrics, targets, strict=True)
            ]
        },
    }


@st.composite
def _compliance(draw: st.DrawFn) -> dict[str, Data]:
    """Draw what hangs together in the audit trail, in what logs mask, and in the account's baseline."""
    glacier = draw(st.integers(1, 365))
    others = st.sets(st.sampled_from([name for name in IDENTIFIERS if name not in REQUIRED]))
    return {
        "audit": {
            "archive": {
                "retention": draw(st.integers(SEVEN_YEARS, 36_500)),
                "lockMode": "GOVERNANCE",
                "glacierAfter": glacier,
                "deepArchiveAfter": draw(st.integers(glacier + 90, 2376)),
            }
        },
        "logs": {"maskedData": list(draw(st.permutations([*REQUIRED, *sorted(draw(others))])))},
        "baseline": {
            "account": {"s3PublicAccessBlock": draw(st.booleans()), "passwordPolicy": draw(st.booleans())},
        },
    }


def _names(count: int) -> st.SearchStrategy[list[str]]:
    return st.lists(
        st.from_regex("[A-Za-z0-9+=,.@_-]{1,64}", fullmatch=True), min_size=count, max_size=count, unique=True
    )


@st.composite
def _data_tier(draw: st.DrawFn, region: str, elsewhere: str, account: str) -> dict[str, Data]:
    """Draw what hangs together in the database, the cache and the backups."""
    backup, maintenance, snapshot, cache_snapshot, cache_maintenance = draw(st.sampled_from(TIMETABLES))
    fewest, fewer, more = sorted(draw(st.lists(st.integers(100, 5000), min_size=3, max_size=3)))
    storage = draw(st.integers(20, 362))
    ceiling = draw(st.integers((storage * 11 + 9) // 10, 399))
    least, kept, copied, longest = sorted(draw(st.lists(st.integers(1, 36_500), min_size=4, max_size=4)))
    groups, replicas = draw(st.tuples(st.integers(1, 15), st.integers(1, 5)))
    started = draw(st.integers(60, 120))
    is_automatic = draw(st.booleans())
    rds: Data = {
        "autoMinorVersionUpgrade": is_automatic,
        "version": "15" if is_automatic else draw(st.sampled_from(("15", *MINORS))),
        "backupWindow": backup,
        "maintenanceWindow": maintenance,
        "maxConnections": fewer,
        "replicaMaxConnections": more,
        "storage": storage,
        "maxStorage": ceiling,
    }
    source: Data = {"instance": f"arn:aws:rds:{elsewhere}:{account}:db:other", "maxConnections": fewest}
    if draw(st.booleans()):
        rds |= {"source": source, "promoted": draw(st.booleans())}
    if draw(st.booleans()):
        named = f"arn:aws:secretsmanager:{region}:{account}:secret:taskflow/database-"
        rds["secrets"] = {
            "master": f"{named}master-a1B2c3",
            "application": f"{named}application-a1B2c3",
            "key": f"arn:aws:kms:{region}:{account}:key/00000000-0000-4000-8000-000000000001",
        }
    if draw(st.booleans()):
        rds["successor"] = {"identifier": "a-successor", "source": source, "promoted": draw(st.booleans())}
    backups: Data = {
        "weeklySnapshot": {
            "at": snapshot,
            "startWindow": started,
            "completionWindow": started + 60,
            "retention": kept,
        },
        "vaultLock": {"minRetention": least, "maxRetention": longest},
    }
    if draw(st.booleans()):
        backups["recovery"] = {
            "region": elsewhere,
            "snapshotRetention": copied,
            "automatedRetention": draw(st.integers(1, 35)),
        }
    cache: Data = {
        "snapshotWindow": cache_snapshot,
        "maintenanceWindow": cache_maintenance,
        "numNodeGroups": groups,
        "replicasPerGroup": replicas,
    }
    return {"rds": rds, "elasticache": cache, "backup": backups}


@st.composite
def _address_plan(draw: st.DrawFn) -> Data:
    """Draw a VPC's range, disjoint subnets of different sizes in it, and disjoint peers beside it."""
    vpc = draw(_range(16, 22))
    subnets: list[IPv4Network] = []
    # Eight parts of the VPC, each cut down to a size of its own: no two overlap. The load balancer and the tasks take
    # none below /27.
    for number, part in enumerate(draw(st.permutations(list(vpc.subnets(prefixlen_diff=3))))[:6]):
        size = draw(st.integers(part.prefixlen, 27 if number < 4 else 28))
        subnets.append(next(part.subnets(new_prefix=size)))
    peers: list[IPv4Network] = []
    for peer in draw(st.lists(_range(16, 28), max_size=4)):
        if not any(peer.overlaps(other) for other in (vpc, *peers)):
            peers.append(peer)
    tiers = ("publicSubnets", "privateSubnets", "dataSubnets")
    plan: Data = {tier: [str(subnet) for subnet in subnets[2 * n : 2 * n + 2]] for n, tier in enumerate(tiers)}
    plan["cidrBlock"] = str(vpc)
    plan["peerCidrs"] = [str(peer) for peer in peers]
    return plan


@st.composite
def _range(draw: st.DrawFn, shortest: int, longest: int) -> IPv4Network:
    within = draw(st.sampled_from(PRIVATE))
    bits = draw(st.integers(max(shortest, within.prefixlen), longest))
    index = draw(st.integers(0, 2 ** (bits - within.prefixlen) - 1))
    return IPv4Network((int(within.network_address) + (index << (32 - bits)), bits))


def _block(block: type[Block], without: Collection[str] = ()) -> st.SearchStrategy[Json]:
    fields = {name: info for name, info in names(block).items() if name not in without}
    required = {name: _field(info) for name, info in fields.items() if info.is_required()}
    optional = {name: _field(info) for name, info in fields.items() if not info.is_required()}
    return cast("st.SearchStrategy[Json]", st.fixed_dictionaries(required, optional=optional))


def _field(info: FieldInfo) -> st.SearchStrategy[Json]:
    block, kind = block_in(info.annotation), kind_of(info)
    if isinstance(kind, Items):
        item = get_args(info.annotation)[0]
        most = 5 if kind.maximum is None else kind.maximum
        one = _block(block) if block else _value(get_args(item)[1:])
        return st.lists(one, min_size=kind.minimum, max_size=most, unique_by=repr).map(list[Json])
    if isinstance(kind, Entries):
        key, value = (_value(get_args(part)[1:]) for part in get_args(info.annotation))
        entries = st.dictionaries(cast("st.SearchStrategy[str]", key), value, max_size=5)
        return cast("st.SearchStrategy[Json]", entries)
    return _block(block) if block else _value((kind,))


def _value(kinds: tuple[object, ...]) -> st.SearchStrategy[Json]:
    """Give the values of one kind; Text that has more to it than its pattern is thinned out by the kind itself."""
    kind = kinds[0]
    if isinstance(kind, Word | Switch):
        return st.sampled_from(_choices(kind))
    if isinstance(kind, Whole):
        allowed = [n for n in kind.choices if kind.minimum <= n <= kind.maximum]
        return st.sampled_from(allowed) if allowed else st.integers(kind.minimum, kind.maximum)
    if isinstance(kind, Text):
        return _text(kind)
    raise TypeError(f"{kind!r} has no strategy yet: add one to tests/settings/generated.py")


def _choices(kind: Word | Switch) -> list[str | bool]:
    if isinstance(kind, Word):
        return list(kind.words)
    return [True, False] if kind.only is None else [kind.only]


def _text(kind: Text) -> st.SearchStrategy[Json]:
    if kind.name == "address range":
        return _range(16, 28).map(str)
    if kind.name == "domain":
        return st.lists(LABEL, min_size=2, max_size=5).map(".".join).filter(_accepts(kind))
    if kind.name in ("tag name", "text"):
        return st.text(TAG_CHARACTERS, max_size=20).filter(_accepts(kind))
    return st.from_regex(kind.pattern, fullmatch=True).filter(_accepts(kind))


def _accepts(kind: Text) -> Callable[[str], bool]:
    def accepts(text: str) -> bool:
        try:
            kind.validate(text)
        except PydanticCustomError:
            return False
        return True

    return accepts
