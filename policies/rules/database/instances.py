"""Rules about the properties of one instance."""

import re
from collections.abc import Iterator

from policies.engine.expectations import (
    at_least,
    contains,
    equals,
    expect_absent,
    is_false,
    is_true,
    must_be_set,
    number,
    property_rule,
    when,
    within,
)
from policies.engine.facts import ABSENT, Absent, Known, Resource, Unknown
from policies.engine.rule import Verdict, violation
from policies.figures import data as data_figures
from policies.readers.db_instances import has_backups, is_original_primary, is_primary
from policies.readers.resource_types import DB_INSTANCE

SECTION = "Database (RDS PostgreSQL)"
VERSIONS = f"{data_figures.DB_MAJOR}, or a minor version from {data_figures.DB_MAJOR}.{data_figures.DB_MIN_MINOR} on"
_VERSION = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_TIME = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_WINDOW = re.compile(f"(?:[a-z]{{3}}:)?{_TIME}-(?:[a-z]{{3}}:)?{_TIME}")
_DAY = 24 * 60


def _inherits(instance: Resource) -> bool:
    """Whether size and engine may be unset: a replica, promoted or not, has its source's."""
    return not is_original_primary(instance)


def _version(instance: Resource) -> Iterator[Verdict]:
    match instance.at("engineVersion").text():
        case Known(value=version) if not _is_offered(version):
            yield violation(f"engineVersion is {version}", VERSIONS)
        # A replica has its source's version; a promoted one names its own.
        case Absent() if is_primary(instance):
            yield violation("engineVersion isn't set: AWS uses its default major version", VERSIONS)
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


def _is_offered(version: str) -> bool:
    match = _VERSION.fullmatch(version)
    if match is None or int(match[1]) != data_figures.DB_MAJOR:
        return False
    return match[2] is None or int(match[2]) >= data_figures.DB_MIN_MINOR


def _baseline(instance: Resource) -> Iterator[Verdict]:
    """Require the volume's baseline performance, and growth that stays below the size at which AWS stripes volumes."""
    least, striped = data_figures.DB_STORAGE_GIB, data_figures.DB_STRIPED_FROM_GIB
    allocated = instance.at("allocatedStorage").scalar()
    if isinstance(allocated, Unknown):
        return
    size = number(allocated)
    is_striped = size is not None and size >= striped
    if not is_striped:
        for key in ("iops", "storageThroughput"):
            baseline = (
                f"nothing under {striped} GiB: AWS rejects it there, and the baseline is the document's "
                f"{data_figures.DB_IOPS} IOPS"
            )
            yield from expect_absent(instance.at(key), baseline)
    ceiling = instance.at("maxAllocatedStorage")
    # For AWS, 0 turns growth off.
    if ceiling.scalar() not in (ABSENT, Known(value=0)):
        yield from within(ceiling, int(size or least) + 1, None if is_striped else striped - 1)


def _backup_window(instance: Resource) -> Iterator[Verdict]:
    maintenance = data_figures.DB_MAINTENANCE_WINDOW
    match instance.at("backupWindow").text():
        case Known(value=window):
            backup, other = _minutes(window), _minutes(maintenance)
            if backup is None:
                yield violation(f"backupWindow is {window}", "a window such as 02:00-03:00")
            elif other and _overlap(backup, other):
                yield violation(f"backupWindow is {window}", f"a window that doesn't overlap {maintenance}")
        case Unknown() as unknown:
            yield unknown
        case Absent():
            pass


def _minutes(window: str) -> tuple[int, int] | None:
    """Return a window's first minute of the day and the one after its last, which is over 1,440 past midnight."""
    match = _WINDOW.fullmatch(window.lower())
    if match is None:
        return None
    hours_from, minutes_from, hours_to, minutes_to = (int(part) for part in match.groups())
    start, end = hours_from * 60 + minutes_from, hours_to * 60 + minutes_to
    return start, end if end > start else end + _DAY


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return any(one[0] + shift < other[1] and other[0] < one[1] + shift for shift in (-_DAY, 0, _DAY))


RULES = (
    property_rule(
        "database-engine",
        section=SECTION,
        description="Every instance is PostgreSQL of the document's major version, without major upgrades, with the "
        "document's database",
        types=DB_INSTANCE,
        rows=(
            *when(
                is_original_primary,
                equals("engine", data_figures.DB_ENGINE),
                equals("dbName", data_figures.DB_NAME),
            ),
            *when(_inherits, equals("engine", data_figures.DB_ENGINE, default=data_figures.DB_ENGINE)),
            is_false("allowMajorVersionUpgrade", default=False),
            is_true("autoMinorVersionUpgrade", default=True),
        ),
        also=_version,
        remedy=f"Set engineVersion to {VERSIONS}.",
        controls=("RDS.13",),
    ),
    property_rule(
        "database-class",
        section=SECTION,
        # A smaller replica can't carry the primary's load after a promotion.
        description="Every instance, replicas included, has the document's size",
        types=DB_INSTANCE,
        rows=(equals("instanceClass", data_figures.DB_CLASS),),
    ),
    property_rule(
        "database-storage",
        section=SECTION,
        description=("Every volume has the document's type, size and IOPS, and can't grow to a size with other IOPS"),
        types=DB_INSTANCE,
        rows=(
            equals("storageType", data_figures.DB_STORAGE_TYPE),
            *when(is_original_primary, at_least("allocatedStorage", data_figures.DB_STORAGE_GIB)),
            *when(
                _inherits,
                at_least("allocatedStorage", data_figures.DB_STORAGE_GIB, default=data_figures.DB_STORAGE_GIB),
            ),
        ),
        also=_baseline,
        remedy=(
            f"Under {data_figures.DB_STRIPED_FROM_GIB} GiB leave iops and storageThroughput unset, and set "
            f"maxAllocatedStorage to less than {data_figures.DB_STRIPED_FROM_GIB}."
        ),
    ),
    property_rule(
        "database-available",
        section=SECTION,
        description="Every primary has a standby in another zone",
        types=DB_INSTANCE,
        rows=when(is_primary, is_true("multiAz")),
        severity="high",
        controls=("RDS.5", "CIS 2.2.4"),
    ),
    property_rule(
        "database-maintenance",
        section=SECTION,
        description="Every instance has the document's maintenance window, and a backup window apart from it",
        types=DB_INSTANCE,
        rows=(equals("maintenanceWindow", data_figures.DB_MAINTENANCE_WINDOW),),
        also=_backup_window,
        remedy="Set backupWindow to a time that doesn't overlap it.",
        severity="low",
    ),
    property_rule(
        "database-private",
        section="Production Architecture",
        description="No instance has a public address, and each listens on the port that the security groups allow",
        types=DB_INSTANCE,
        rows=(
            is_false("publiclyAccessible", default=False),
            equals("port", data_figures.DB_PORT, default=data_figures.DB_PORT),
        ),
        severity="critical",
        controls=("RDS.2", "CIS 2.2.3"),
    ),
    property_rule(
        "database-deletion",
        section=SECTION,
        description="Every instance is protected from deletion, which leaves a final snapshot and the backups",
        types=DB_INSTANCE,
        rows=(
            is_true("deletionProtection"),
            # AWS creates no final snapshot of a replica, in any region.
            *when(
                is_primary,
                is_false("skipFinalSnapshot", default=False),
                must_be_set("finalSnapshotIdentifier", "the name of the final snapshot"),
            ),
            *when(has_backups, is_false("deleteAutomatedBackups")),
        ),
        severity="critical",
        controls=("RDS.8",),
    ),
    property_rule(
        "database-observed",
        section="Monitoring & Alerting",
        description=(
            "Every instance has log exports, Enhanced Monitoring, Performance Insights, IAM authentication and tagged "
            "snapshots"
        ),
        types=DB_INSTANCE,
        rows=(
            contains("enabledCloudwatchLogsExports", *data_figures.DB_LOGS),
            at_least("monitoringInterval", 1),
            is_true("performanceInsightsEnabled"),
            is_true("copyTagsToSnapshot"),
            is_true("iamDatabaseAuthenticationEnabled"),
        ),
        controls=("RDS.6", "RDS.9", "RDS.10", "RDS.17", "RDS.36"),
    ),
)
