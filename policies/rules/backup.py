"""Chapter backup: what is kept of the database, for how long, out of whose reach, and where else."""

import re
from collections.abc import Iterator, Sequence

from policies.engine.expectations import expect, expect_absent, expect_false, within
from policies.engine.facts import ABSENT, Absent, Known, Node, Resource, Unknown, Value
from policies.engine.graph import Found, Outside, Reference, Stack
from policies.engine.rule import (
    Finding,
    ResourceRule,
    StackRule,
    Verdict,
    each_has,
    findings,
    report,
    unknowns,
    violation,
)
from policies.figures import data as data_figures
from policies.readers.db_instances import kind_of
from policies.readers.regions import expect_region, is_in_region_of, own_region, region_of
from policies.readers.resource_types import BACKUP_REPLICATION, BACKUP_VAULT, BACKUP_VAULT_LOCK, DB_INSTANCE

PLAN = "aws:backup/plan:Plan"
SELECTION = "aws:backup/selection:Selection"
SECTION = "Backup Schedule"

_DAY = "(?:SUN|MON|TUE|WED|THU|FRI|SAT|[1-7])"
# Days of every week, or all days of every month: minute, hour, day of the month, month, day of the week, year.
_WEEKLY = re.compile(rf"cron\(\S+ \S+ (?:\? \* {_DAY}(?:[-,]{_DAY})*|\* \* \?|\? \* \*) \*\)")


def _daily(instance: Resource) -> Iterator[Verdict]:
    # A replica of this region has no backups of its own: its source has them.
    if kind_of(instance) != "replica":
        yield from within(instance.at("backupRetentionPeriod"), data_figures.DAILY_DAYS)


def _primaries(stack: Stack) -> list[Resource]:
    return [instance for instance in stack.of(DB_INSTANCE) if kind_of(instance) == "primary"]


def _copy_region(stack: Stack) -> str | None:
    known = data_figures.DATA.get(stack.name)
    return known.copy_region if known else None


def _best(options: Sequence[Sequence[Finding]]) -> Sequence[Finding]:
    """Of several ways to be right: nothing where one is, else what keeps one undecided, else the faults of all."""
    for option in sorted(options, key=len):
        if all(isinstance(finding.verdict, Unknown) for finding in option):
            return option
    return [finding for option in options for finding in option if not isinstance(finding.verdict, Unknown)]


def _weekly(stack: Stack) -> Iterator[Finding]:
    for primary in _primaries(stack):
        selecting: list[Resource] = []
        doubts: list[Finding] = []
        for selection in stack.of(SELECTION):
            selected = stack.refer_each(selection, selection.at("resources"), DB_INSTANCE)
            if Found(resource=primary) in selected:
                selecting.append(selection)
            doubts += unknowns(selection, *selected)
        if selecting:
            yield from _best([list(_selection(selection, stack)) for selection in selecting])
        else:
            bare = violation("no selection of a backup plan names it", "a weekly backup by a plan of this stack")
            yield from doubts[:1] or [Finding(resource=primary, verdict=bare)]


def _selection(selection: Resource, stack: Stack) -> Iterator[Finding]:
    for key in ("notResources", "conditions", "selectionTags"):
        narrowing = selection.at(key)
        if isinstance(narrowing.value, Unknown):
            yield Finding(resource=selection, verdict=narrowing.value)
        elif _says_something(narrowing.value):
            verdict = violation(f"{key} narrows what is selected", "the database by its ARN alone")
            yield Finding(resource=selection, verdict=verdict)
    match stack.refer(selection, selection.at("planId"), PLAN):
        case Found(resource=plan):
            yield from _plan(plan, stack)
        case Unknown() as unknown:
            yield Finding(resource=selection, verdict=unknown)
        case Outside(text=text):
            yield report(selection, f"planId is {text}", "a backup plan of this stack")
        case Absent():
            yield report(selection, "planId isn't set", "a backup plan of this stack")


def _says_something(value: Value) -> bool:
    """Whether anything stands in it: AWS shows what is unset as lists of nothing."""
    match value:
        case list():
            return any(_says_something(element) for element in value)
        case dict():
            return any(_says_something(member) for member in value.values())
        case _:
            return value not in (None, "")


def _plan(plan: Resource, stack: Stack) -> Iterator[Finding]:
    match plan.at("rules").items():
        case Known(value=rules) if rules:
            options = [
                [Finding(resource=plan, verdict=verdict) for verdict in _rule(plan, rule, stack)] for rule in rules
            ]
            yield from _best(options)
        case Unknown() as unknown:
            yield Finding(resource=plan, verdict=unknown)
        case _:
            yield report(plan, "the plan has no rule", "a weekly backup")


def _rule(plan: Resource, rule: Node, stack: Stack) -> Iterator[Verdict]:
    yield from within(rule.at("lifecycle", "deleteAfter"), data_figures.WEEKLY_DAYS)
    yield from _schedule(rule.at("schedule"))
    # A continuous backup is kept for 35 days at the most.
    yield from expect_false(rule.at("enableContinuousBackup"), default=False)
    yield from _vault(plan, rule.at("targetVaultName"), stack, own_region(stack.name))
    region = _copy_region(stack)
    if region is None:
        return
    match rule.at("copyActions").items():
        case Known(value=actions) if actions:
            options = [
                [Finding(resource=plan, verdict=verdict) for verdict in _copy(plan, action, stack, region)]
                for action in actions
            ]
            yield from (finding.verdict for finding in _best(options))
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation(f"{'.'.join(rule.at('copyActions').path)} isn't set", f"a copy in {region}")


def _schedule(schedule: Node) -> Iterator[Verdict]:
    allowed = "a cron expression for every day or for days of every week, as in cron(0 7 ? * SUN *)"
    match schedule.text():
        case Known(value=text) if not _WEEKLY.fullmatch(text):
            yield violation(f"{'.'.join(schedule.path)} is {text}", allowed)
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield violation(f"{'.'.join(schedule.path)} isn't set", allowed)
        case _:
            pass


def _copy(plan: Resource, action: Node, stack: Stack, region: str) -> Iterator[Verdict]:
    yield from within(action.at("lifecycle", "deleteAfter"), data_figures.WEEKLY_DAYS)
    yield from _vault(plan, action.at("destinationVaultArn"), stack, region)


def _vault(plan: Resource, node: Node, stack: Stack, region: str | None) -> Iterator[Verdict]:
    """The vault that a plan names: one of this stack, and in the region (None: in any)."""
    named = _vault_of(plan, node, stack)
    allowed = f"a vault of this stack{f' in {region}' if region else ''}"
    # A plan names its vaults in one property, so a preview knows which they are, but not which is which.
    urns = (plan.property_urns or {}).get(node.path[0], ())
    candidates = [vault for vault in stack.of(BACKUP_VAULT) if vault.urn in urns] if isinstance(named, Unknown) else []
    vaults = [named.resource] if isinstance(named, Found) else candidates
    regions = [region_of(vault) for vault in vaults]
    if vaults and (region is None or Known(value=region) in regions):
        return
    place = ".".join(node.path)
    unknown = next((fact for fact in regions if isinstance(fact, Unknown)), None)
    if unknown:
        unknown = Unknown(path=(*node.path, "region"), sentinel=unknown.sentinel)
    match named:
        case Absent():
            yield violation(f"{place} isn't set", allowed)
        case Outside(text=text):
            yield violation(f"{place} is {text}", allowed)
        case Unknown() if not vaults:
            yield named
        case _:
            yield unknown or violation(f"{place} is {' or '.join(vault.name for vault in vaults)}", allowed)


def _vault_of(holder: Resource, node: Node, stack: Stack) -> Reference:
    """The vault of this stack that the property names: of several with one name, the one of the holder's region."""
    keys = ("name", "id", "arn")
    named, text = stack.refer(holder, node, BACKUP_VAULT, by=keys), node.text()
    if not isinstance(named, Found) or not isinstance(text, Known):
        return named
    namesakes = [vault for vault in stack.of(BACKUP_VAULT) if text in [vault.at(key).text() for key in keys]]
    here = [vault for vault in namesakes if is_in_region_of(vault, holder) is True]
    return Found(resource=here[0]) if here else named


def _vault_locks(stack: Stack) -> Iterator[Finding]:
    yield from each_has(
        stack.of(BACKUP_VAULT),
        stack.of(BACKUP_VAULT_LOCK),
        lambda lock: _vault_of(lock, lock.at("backupVaultName"), stack),
        lacking=violation("the vault has no lock: a snapshot can be deleted at any time", "a lock of the vault"),
    )
    for lock in stack.of(BACKUP_VAULT_LOCK):
        yield from findings(lock, _bounds(lock))


def _bounds(lock: Resource) -> Iterator[Verdict]:
    days = data_figures.WEEKLY_DAYS
    # Less lets snapshots be deleted before their time, more keeps the weekly ones out.
    yield from expect(lock.at("minRetentionDays"), days)
    longest, grace = lock.at("maxRetentionDays"), lock.at("changeableForDays")
    # A state may show an unset number as 0, which AWS takes for neither.
    unset = (ABSENT, Known(value=0))
    if longest.scalar() not in unset:
        yield from within(longest, days)
    if grace.scalar() not in unset:
        yield from expect_absent(grace, "nothing: after these days nobody could undo the lock")


def _elsewhere(stack: Stack) -> Iterator[Finding]:
    region = _copy_region(stack)
    if region is None:
        return
    for primary in _primaries(stack):
        options: list[list[Finding]] = []
        doubts: list[Finding] = []
        for copy in stack.of(BACKUP_REPLICATION):
            source = stack.refer(copy, copy.at("sourceDbInstanceArn"), DB_INSTANCE)
            doubts += unknowns(copy, source)
            if source == Found(resource=primary):
                saids = (
                    *within(copy.at("retentionPeriod"), data_figures.DAILY_DAYS),
                    *expect_region(copy, region),
                )
                options.append([Finding(resource=copy, verdict=verdict) for verdict in saids])
        if options:
            yield from _best(options)
        else:
            bare = violation("its daily backups are copied nowhere", f"a replication of them to {region}")
            yield from doubts[:1] or [Finding(resource=primary, verdict=bare)]


RULES = (
    ResourceRule(
        id="backup-daily",
        section=SECTION,
        description="The database's daily backups are kept for 30 days",
        remedy="Set backupRetentionPeriod to 30.",
        types=(DB_INSTANCE,),
        judge=_daily,
    ),
    StackRule(
        id="backup-weekly",
        section=SECTION,
        description="Every primary has a weekly snapshot that is kept for 90 days, in production in two regions",
        remedy="Select the primary by its ARN for a plan of weekly backups: deleteAfter 90 and, in production, a copy.",
        judge=_weekly,
    ),
    StackRule(
        id="backup-vault-lock",
        section=SECTION,
        description="Every vault is locked, so that nobody deletes a snapshot before its 90 days",
        remedy="Give the vault a lock with minRetentionDays 90 and without changeableForDays.",
        judge=_vault_locks,
    ),
    ResourceRule(
        id="backup-vault-kept",
        section="Backup & Recovery",
        description="A vault with snapshots in it can't be destroyed",
        remedy="Leave forceDestroy out.",
        types=(BACKUP_VAULT,),
        judge=lambda vault: expect_false(vault.at("forceDestroy"), default=False),
    ),
    StackRule(
        id="backup-elsewhere",
        section="Backup & Recovery",
        description="Production's daily backups are copied to the recovery region and kept there for 30 days",
        remedy="Add an InstanceAutomatedBackupsReplication of the primary in us-west-2 with retentionPeriod 30.",
        judge=_elsewhere,
    ),
)
