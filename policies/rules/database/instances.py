"""Rules that an instance's own inputs decide, before anything is made."""

import re
from collections.abc import Iterator

from policies.engine.expectations import expect, expect_absent, expect_false, expect_set, expect_true, number, within
from policies.engine.facts import ABSENT, Absent, Known, Resource, Unknown
from policies.engine.rule import ResourceRule, Verdict, violation
from policies.figures import data as data_figures
from policies.readers.db_instances import is_original_primary, kind_of
from policies.readers.resource_types import DB_INSTANCE

_VERSION = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_TIME = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_WINDOW = re.compile(f"(?:[a-z]{{3}}:)?{_TIME}-(?:[a-z]{{3}}:)?{_TIME}")
_DAY = 24 * 60


def _engine(instance: Resource) -> Iterator[Verdict]:
    engine = data_figures.DB_ENGINE
    yield from expect(instance.at("engine"), engine, default=None if is_original_primary(instance) else engine)
    allowed = (
        f"{data_figures.DB_MAJOR}, or a minor version from {data_figures.DB_MAJOR}.{data_figures.DB_LEAST_MINOR} on"
    )
    match instance.at("engineVersion").text():
        case Known(value=version) if not _is_offered(version):
            yield violation(f"engineVersion is {version}", allowed)
        # A replica has its source's version; once promoted it has one of its own.
        case Absent() if kind_of(instance) == "primary":
            yield violation("engineVersion isn't set: AWS takes its default major", allowed)
        case Unknown() as unknown:
            yield unknown
        case _:
            pass
    yield from expect_false(instance.at("allowMajorVersionUpgrade"), default=False)


def _is_offered(version: str) -> bool:
    match = _VERSION.fullmatch(version)
    if match is None or int(match[1]) != data_figures.DB_MAJOR:
        return False
    return match[2] is None or int(match[2]) >= data_figures.DB_LEAST_MINOR


def _storage(instance: Resource) -> Iterator[Verdict]:
    yield from expect(instance.at("storageType"), data_figures.DB_STORAGE_TYPE)
    least, striped = data_figures.DB_STORAGE_GIB, data_figures.DB_STRIPED_FROM_GIB
    allocated = instance.at("allocatedStorage")
    yield from within(allocated, least, default=None if is_original_primary(instance) else least)
    size = number(allocated.scalar())
    if isinstance(allocated.scalar(), Unknown):
        return
    is_striped = size is not None and size >= striped
    if not is_striped:
        for key in ("iops", "storageThroughput"):
            baseline = (
                f"nothing under {striped} GiB: AWS refuses it there, and its baseline is the document's 3000 IOPS"
            )
            yield from expect_absent(instance.at(key), baseline)
    ceiling = instance.at("maxAllocatedStorage")
    # AWS takes 0 for no growth at all.
    if ceiling.scalar() not in (ABSENT, Known(value=0)):
        yield from within(ceiling, int(size or least) + 1, None if is_striped else striped - 1)


def _available(instance: Resource) -> Iterator[Verdict]:
    if kind_of(instance) == "primary":
        yield from expect_true(instance.at("multiAz"))


def _maintenance(instance: Resource) -> Iterator[Verdict]:
    maintenance = data_figures.DB_MAINTENANCE_WINDOW
    yield from expect(instance.at("maintenanceWindow"), maintenance)
    match instance.at("backupWindow").text():
        case Known(value=window):
            backup, other = _minutes(window), _minutes(maintenance)
            if backup is None:
                yield violation(f"backupWindow is {window}", "a window as in 02:00-03:00")
            elif other and _overlap(backup, other):
                yield violation(f"backupWindow is {window}", f"a window apart from {maintenance}")
        case Unknown() as unknown:
            yield unknown
        case Absent():
            pass


def _minutes(window: str) -> tuple[int, int] | None:
    """A window's first minute of the day and the one after its last; over midnight it goes on counting."""
    match = _WINDOW.fullmatch(window.lower())
    if match is None:
        return None
    hours_from, minutes_from, hours_to, minutes_to = (int(part) for part in match.groups())
    start, end = hours_from * 60 + minutes_from, hours_to * 60 + minutes_to
    return start, end if end > start else end + _DAY


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return any(one[0] + shift < other[1] and other[0] < one[1] + shift for shift in (-_DAY, 0, _DAY))


def _private(instance: Resource) -> Iterator[Verdict]:
    yield from expect_false(instance.at("publiclyAccessible"), default=False)


def _deletion(instance: Resource) -> Iterator[Verdict]:
    yield from expect_true(instance.at("deletionProtection"))
    # AWS makes no final snapshot of a replica, wherever its source is.
    if kind_of(instance) == "primary":
        yield from expect_false(instance.at("skipFinalSnapshot"), default=False)
        yield from expect_set(instance.at("finalSnapshotIdentifier"), "a name for the last snapshot")
    # A replica of this region has no backups of its own: its source has them.
    if kind_of(instance) != "replica":
        yield from expect_false(instance.at("deleteAutomatedBackups"))


def _observed(instance: Resource) -> Iterator[Verdict]:
    yield from _exports(instance)
    yield from within(instance.at("monitoringInterval"), 1)
    for key in ("performanceInsightsEnabled", "copyTagsToSnapshot", "iamDatabaseAuthenticationEnabled"):
        yield from expect_true(instance.at(key))


def _exports(instance: Resource) -> Iterator[Verdict]:
    exports = instance.at("enabledCloudwatchLogsExports").items()
    if isinstance(exports, Unknown):
        yield exports
        return
    texts = [node.text() for node in exports.value] if isinstance(exports, Known) else []
    lacking = [log for log in data_figures.DB_LOGS if Known(value=log) not in texts]
    unknown = next((text for text in texts if isinstance(text, Unknown)), None)
    if lacking:
        allowed = f"both {' and '.join(data_figures.DB_LOGS)}"
        yield unknown or violation(f"enabledCloudwatchLogsExports lacks {', '.join(lacking)}", allowed)


RULES = (
    ResourceRule(
        id="database-engine",
        section="Database (RDS PostgreSQL)",
        description="Every instance is PostgreSQL of the document's major version, and stays in it",
        remedy='Set engine to postgres and engineVersion to "15", and leave allowMajorVersionUpgrade out.',
        types=(DB_INSTANCE,),
        judge=_engine,
    ),
    ResourceRule(
        id="database-class",
        section="Database (RDS PostgreSQL)",
        description="Every instance has the document's size: a smaller replica can't stand in for its primary",
        remedy="Set instanceClass to db.r6g.large.",
        types=(DB_INSTANCE,),
        judge=lambda instance: expect(instance.at("instanceClass"), data_figures.DB_CLASS),
    ),
    ResourceRule(
        id="database-storage",
        section="Database (RDS PostgreSQL)",
        description="The volume is gp3 with the document's size and IOPS, and can't grow to where its figures change",
        remedy="Set storageType, allocatedStorage and maxAllocatedStorage to the document's, and leave the IOPS out.",
        types=(DB_INSTANCE,),
        judge=_storage,
    ),
    ResourceRule(
        id="database-available",
        section="Database (RDS PostgreSQL)",
        description="Every primary has a standby in the other zone",
        remedy="Set multiAz to true.",
        types=(DB_INSTANCE,),
        judge=_available,
    ),
    ResourceRule(
        id="database-maintenance",
        section="Database (RDS PostgreSQL)",
        description="AWS maintains every instance in the document's window, and backs it up at another time",
        remedy="Set maintenanceWindow to the document's, and backupWindow to one apart from it.",
        types=(DB_INSTANCE,),
        judge=_maintenance,
    ),
    ResourceRule(
        id="database-private",
        section="Production Architecture",
        description="No instance has a public address",
        remedy="Set publiclyAccessible to false.",
        types=(DB_INSTANCE,),
        judge=_private,
    ),
    ResourceRule(
        id="database-deletion",
        section="Database (RDS PostgreSQL)",
        description="AWS refuses to delete an instance, and what is deleted after all leaves its backups behind",
        remedy="Set deletionProtection, name a final snapshot, and keep the automated backups.",
        types=(DB_INSTANCE,),
        judge=_deletion,
    ),
    ResourceRule(
        id="database-observed",
        section="Monitoring & Alerting",
        description="Every instance is measured, hands on its logs, lets people in by IAM, and tags its snapshots",
        remedy="Turn on the log exports, monitoring, Performance Insights, IAM authentication and copyTagsToSnapshot.",
        types=(DB_INSTANCE,),
        judge=_observed,
    ),
)
