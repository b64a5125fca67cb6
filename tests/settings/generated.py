"""Hypothesis strategies from the models: whole settings that must be accepted.

A new field of a known type needs nothing here. A field of an unknown type, or whose value depends on another field,
fails with the strategy to add.
"""

import re
from collections.abc import Callable, Collection, Mapping
from ipaddress import IPv4Network
from typing import Annotated, Any, cast

from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from settings.audit import IDENTIFIERS, REQUIRED, SEVEN_YEARS
from settings.base import Block
from settings.environment import DOMAIN, REQUIRED_TAGS, TAG_CHARACTER
from settings.fargate import SIZES
from settings.rds import MINORS
from settings.shape import ValueType, block_in, names
from settings.stack import EDGE_REGION, Settings
from settings.values import Items, NotNull
from settings.waf import COUNTRIES, REQUIRED_SETS
from settings.yaml_values import Json

REGIONS = ("us-east-1", "us-west-2", "eu-central-1", "ap-southeast-2")
PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
LABEL = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,9}[a-z0-9])?", fullmatch=True)
TAG_CHARACTERS = st.characters(categories=["L", "N", "Z"], include_characters="_.:/=+-@")

# Fields whose values depend on one another: drawn together in stack_settings.
INTERDEPENDENT = {
    "aws": ("assumeRoleWithWebIdentity", "assumeRoles", "region"),
    "network": ("cidrBlock", "availabilityZones", "publicSubnets", "privateSubnets", "dataSubnets", "peerCidrs"),
    "rds": (
        "autoMinorVersionUpgrade", "backupWindow", "maintenanceWindow", "maxConnections", "maxStorage", "promoted",
        "replicaMaxConnections", "secrets", "source", "storage", "successor", "version",
    ),
    "elasticache": ("maintenanceWindow", "numNodeGroups", "replicasPerGroup", "snapshotWindow"),
    "backup": ("recovery", "vaultLock", "weeklySnapshot"),
    "environment": ("domain", "hostedZoneName"),
    "storage": ("bucket", "registry"),
    "cloudfront": ("caching", "compression", "contentSecurityPolicy"),
    "waf": ("blockedCountries", "bodyLimit", "managedRules", "webACL"),
    "loadBalancer": ("health", "originTakesTraffic", "slowStart"),
    "roles": (
        "accessExecutionRole", "accessTaskRole", "breakGlassRole", "dataExportRole", "databaseAccessRole",
        "databaseTaskRole", "ecsExecutionRole", "ecsTaskRole", "filesRestoreRole", "restoreValidationRole",
    ),
    "access": ("onCall", "devops", "dba", "databaseAccess", "breakGlass"),
    "delivery": ("application", "infrastructure", "states"),
    "service": ("desiredCount", "maxCount", "minCount"),
    "task": ("cpu", "health", "memory", "temporarySpace"),
    "scaling": ("policies",),
    "audit": ("archive",),
    "logs": ("maskedData",),
    "incidents": ("responseTime",),
    "baseline": ("account",),
}  # fmt: skip

# Windows that don't overlap, some of them over midnight: the database's backup and maintenance, the weekly snapshot,
# Redis' snapshot and maintenance.
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
            entries = cast("Data", draw(_block(block, without=INTERDEPENDENT.get(name, ()))))
            data |= (
                {f"aws:{key}": value for key, value in entries.items()}
                if name == "aws"
                else {f"taskflow:{name}": entries}
            )
    # The stack with CloudFront must be in this region.
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
    service = draw(_service_tier(_most_tasks(network, cast("Data", data["taskflow:service"])), account))
    tiers = {**draw(_data_tier(region, elsewhere, account)), **service, **draw(_edge()), **draw(_compliance())}
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
    """Return the largest maxCount for which one zone has room during a release, beside the endpoints."""
    subnets = (IPv4Network(subnet) for subnet in cast("list[str]", network["privateSubnets"]))
    free = min(subnet.num_addresses for subnet in subnets) - 5 - len(cast("list[str]", network["interfaceEndpoints"]))
    share = cast("int", cast("Data", service["deployment"])["maximumPercent"])
    return min(1000, free * 100 // share)


@st.composite
def _service_tier(draw: st.DrawFn, room: int, account: str) -> dict[str, Data]:
    """Draw interdependent settings of the service, within the room for tasks, and of its load balancer."""
    fewest, desired, most = sorted(draw(st.lists(st.integers(2, room), min_size=3, max_size=3)))
    cpu = draw(st.sampled_from(tuple(SIZES)))
    memory = draw(st.sampled_from(SIZES[cpu]))
    quick, slow = sorted(draw(st.lists(st.integers(5, 60), min_size=2, max_size=2, unique=True)))
    counts = st.integers(2, 10)
    targets = draw(st.lists(st.integers(10, 90), min_size=2, max_size=2))
    metrics = draw(st.permutations(("CPUUtilization", "MemoryUtilization")))
    return {
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
        **draw(_roles(account)),
        "service": {"minCount": fewest, "desiredCount": desired, "maxCount": most},
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
def _edge(draw: st.DrawFn) -> dict[str, Data]:
    """Draw interdependent settings of the domain, CloudFront, the web ACLs and the files."""
    shortest, usual, longest = sorted(draw(st.lists(st.integers(0, 3_153_600_000), min_size=3, max_size=3)))
    zone = ".".join(draw(st.lists(LABEL, min_size=1, max_size=2))) + ".app"
    bucket: Data = {"oldVersions": draw(st.integers(1, 79))}
    return {
        "storage": {"bucket": bucket, "registry": draw(_registry())},
        "environment": {"hostedZoneName": zone, "domain": draw(st.sampled_from((zone, f"tasks.{zone}")))},
        "cloudfront": {
            "caching": {"minTTL": shortest, "defaultTTL": usual, "maxTTL": longest},
            "compression": draw(st.booleans()) and longest > 0,
            "contentSecurityPolicy": draw(st.sampled_from(("default-src 'self'", "img-src 'none'; script-src a.app"))),
        },
        "waf": {
            "webACL": draw(st.sampled_from(("acl", "an-acl_2"))),
            "bodyLimit": draw(st.integers(8_192, 65_536)),
            "managedRules": list(draw(st.permutations(REQUIRED_SETS))),
            "blockedCountries": list(draw(st.sets(st.sampled_from(sorted(COUNTRIES)), min_size=1, max_size=50))),
        },
    }


@st.composite
def _registry(draw: st.DrawFn) -> Data:
    """Draw repositories with different names."""
    names = draw(st.lists(LABEL.filter(lambda label: "--" not in label), min_size=2, max_size=2, unique=True))
    repositories: Data = dict(zip(("repository", "toolsRepository"), names, strict=True))
    return {**repositories, "buildRetention": draw(st.integers(1, 365))}


@st.composite
def _compliance(draw: st.DrawFn) -> dict[str, Data]:
    """Draw interdependent settings of the audit trail, of masked data, of incidents and of the account's baseline."""
    glacier = draw(st.integers(1, 365))
    minutes = sorted(draw(st.lists(st.integers(1, 10_080), min_size=4, max_size=4)))
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
        "incidents": {"responseTime": {f"sev{level}": each for level, each in enumerate(minutes, start=1)}},
        "baseline": {
            "account": {"s3PublicAccessBlock": draw(st.booleans()), "passwordPolicy": draw(st.booleans())},
        },
    }


@st.composite
def _roles(draw: st.DrawFn, account: str) -> dict[str, Data]:
    """Draw roles with different names, and who may assume those of people."""
    jobs_with_role = ("onCall", "devops", "dba")
    count = len(INTERDEPENDENT["roles"])
    names = draw(_names(count + len(jobs_with_role)))
    center = f"arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_"
    people = st.lists(
        st.sampled_from([f"{center}{job}_0123456789abcdef" for job in ("A", "B")] + [f"arn:aws:iam::{account}:user/a"]),
        min_size=1, max_size=3, unique=True,
    )  # fmt: skip
    jobs: Data = {job: {"assumedBy": cast("Json", draw(people))} for job in INTERDEPENDENT["access"]}
    for job, name in zip(jobs_with_role, names[count:], strict=True):
        cast("Data", jobs[job])["role"] = name
    return {
        "roles": dict(zip(INTERDEPENDENT["roles"], names[:count], strict=True)),
        "access": jobs,
        "delivery": draw(_delivery(account)),
    }


@st.composite
def _delivery(draw: st.DrawFn, account: str) -> Data:
    """Draw two repositories, and the states of one or two regions."""
    ids = draw(st.lists(st.integers(1, 10**9), min_size=2, max_size=2, unique=True))
    infrastructure, application = (f"owner@1/name@{each}" for each in ids)
    states: list[Json] = [
        {"bucket": f"state-{number}", "key": f"arn:aws:kms:{region}:{account}:key/01234567-89ab-cdef-0123-456789abcdef"}
        for number, region in enumerate(("us-east-1", "us-west-2")[: draw(st.integers(1, 2))])
    ]
    return {"infrastructure": infrastructure, "application": application, "states": states}


def _names(count: int) -> st.SearchStrategy[list[str]]:
    return st.lists(
        st.from_regex("[A-Za-z0-9+=,.@_-]{1,64}", fullmatch=True), min_size=count, max_size=count, unique=True
    )


@st.composite
def _data_tier(draw: st.DrawFn, region: str, elsewhere: str, account: str) -> dict[str, Data]:
    """Draw interdependent settings of the database, the cache and the backups."""
    backup, maintenance, snapshot, cache_snapshot, cache_maintenance = draw(st.sampled_from(TIMETABLES))
    groups, replicas = draw(st.tuples(st.integers(1, 15), st.integers(1, 5)))
    cache: Data = {
        "snapshotWindow": cache_snapshot,
        "maintenanceWindow": cache_maintenance,
        "numNodeGroups": groups,
        "replicasPerGroup": replicas,
    }
    rds = {"backupWindow": backup, "maintenanceWindow": maintenance, **draw(_database(region, elsewhere, account))}
    return {"rds": rds, "elasticache": cache, "backup": draw(_backups(snapshot, elsewhere))}


@st.composite
def _database(draw: st.DrawFn, region: str, elsewhere: str, account: str) -> Data:
    fewest, fewer, more = sorted(draw(st.lists(st.integers(100, 5000), min_size=3, max_size=3)))
    storage = draw(st.integers(20, 362))
    is_automatic = draw(st.booleans())
    rds: Data = {
        "autoMinorVersionUpgrade": is_automatic,
        "version": "15" if is_automatic else draw(st.sampled_from(("15", *MINORS))),
        "maxConnections": fewer,
        "replicaMaxConnections": more,
        "storage": storage,
        "maxStorage": draw(st.integers((storage * 11 + 9) // 10, 399)),
    }
    source: Data = {"instance": f"arn:aws:rds:{elsewhere}:{account}:db:other", "maxConnections": fewest}
    if draw(st.booleans()):
        rds |= {"source": source, "promoted": draw(st.booleans())}
    if draw(st.booleans()):
        prefix = f"arn:aws:secretsmanager:{region}:{account}:secret:taskflow/database-"
        rds["secrets"] = {
            "master": f"{prefix}master-a1B2c3",
            "application": f"{prefix}application-a1B2c3",
            "key": f"arn:aws:kms:{region}:{account}:key/00000000-0000-4000-8000-000000000001",
        }
    if draw(st.booleans()):
        replica: Data = {"identifier": "a-successor", "source": source}
        restored: Data = {"identifier": "a-recovery-20260115-0930", "restored": True}
        rds["successor"] = {**draw(st.sampled_from((replica, restored))), "promoted": draw(st.booleans())}
        if "source" in rds and "source" in rds["successor"]:
            rds["successor"]["standby"] = draw(st.booleans())
    return rds


@st.composite
def _backups(draw: st.DrawFn, snapshot: str, elsewhere: str) -> Data:
    shortest, kept, copied, longest = sorted(draw(st.lists(st.integers(1, 36_500), min_size=4, max_size=4)))
    start_window = draw(st.integers(60, 120))
    backups: Data = {
        "weeklySnapshot": {
            "at": snapshot,
            "startWindow": start_window,
            "completionWindow": start_window + 60,
            "retention": kept,
        },
        "vaultLock": {"minRetention": shortest, "maxRetention": longest},
    }
    if draw(st.booleans()):
        backups["recovery"] = {
            "region": elsewhere,
            "snapshotRetention": copied,
            "automatedRetention": draw(st.integers(1, 35)),
        }
    return backups


@st.composite
def _address_plan(draw: st.DrawFn) -> Data:
    """Draw a VPC's range, disjoint subnets of different sizes in it, and disjoint peers outside it."""
    vpc = draw(_range(16, 22))
    subnets: list[IPv4Network] = []
    # Eight parts of the VPC, each cut down to another size, so that none overlap. The load balancer and the tasks need
    # /27 or larger.
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
    required = {name: _value(ValueType.of_field(info)) for name, info in fields.items() if info.is_required()}
    optional = {name: _value(ValueType.of_field(info)) for name, info in fields.items() if not info.is_required()}
    return cast("st.SearchStrategy[Json]", st.fixed_dictionaries(required, optional=optional))


def _value(kind: ValueType) -> st.SearchStrategy[Json]:
    """Return the values of a type; text with a check beyond its pattern is filtered by the type itself."""
    if kind.choices:
        return st.sampled_from(kind.choices)
    if issubclass(kind.base, Block):
        return _block(kind.base)
    if kind.base not in STRATEGIES:
        raise TypeError(f"{kind!r} has no strategy yet: add one to tests/settings/generated.py")
    return STRATEGIES[kind.base](kind)


def _integers(kind: ValueType) -> st.SearchStrategy[Json]:
    return st.integers(cast("int", kind.constraint("ge")), cast("int", kind.constraint("le")))


def _lists(kind: ValueType) -> st.SearchStrategy[Json]:
    items = kind.find(Items) or Items()
    longest = 5 if items.maximum is None else items.maximum
    lists = st.lists(_value(kind.parts[0]), min_size=items.minimum, max_size=longest, unique_by=repr)
    return lists.map(list[Json])


def _maps(kind: ValueType) -> st.SearchStrategy[Json]:
    keys, values = map(_value, kind.parts)
    return cast("st.SearchStrategy[Json]", st.dictionaries(cast("st.SearchStrategy[str]", keys), values, max_size=5))


def _text(kind: ValueType) -> st.SearchStrategy[Json]:
    pattern = str(kind.constraint("pattern"))
    if "IPv4 range" in kind.allowed:
        return _range(16, 28).map(str)
    if pattern == DOMAIN:
        return st.lists(LABEL, min_size=2, max_size=5).map(".".join).filter(_accepts(kind))
    if TAG_CHARACTER in pattern:
        return st.text(TAG_CHARACTERS, max_size=20).filter(_accepts(kind))
    return st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True).filter(_accepts(kind))


def _accepts(kind: ValueType) -> Callable[[str], bool]:
    metadata = (data for data in kind.metadata if not isinstance(data, NotNull))
    adapter = TypeAdapter[object](cast("Any", Annotated)[(kind.base, *metadata)])

    def accepts(text: str) -> bool:
        try:
            adapter.validate_python(text)
        except ValidationError:
            return False
        return True

    return accepts


STRATEGIES: Mapping[type, Callable[[ValueType], st.SearchStrategy[Json]]] = {
    bool: lambda _: st.booleans(),
    int: _integers,
    str: _text,
    tuple: _lists,
    Mapping: _maps,
}
