"""Rules about the database's daily and weekly backups, their locks, and their copies in another region."""

import re
from collections.abc import Iterator, Sequence

from policies.engine.expectations import (
    at_least,
    expect,
    expect_absent,
    expect_false,
    is_false,
    property_rule,
    when,
    within,
)
from policies.engine.facts import ABSENT, Absent, Known, Node, Resource, Unknown, Value
from policies.engine.graph import Found, Outside, Reference, Stack
from policies.engine.rule import (
    Finding,
    StackRule,
    Verdict,
    each_has,
    expect_reference,
    findings,
    report,
    unknowns,
    violation,
)
from policies.figures import data as data_figures
from policies.readers.db_instances import has_backups, is_primary
from policies.readers.regions import expect_region, is_in_region_of, own_region, region_of
from policies.readers.resource_types import BACKUP_REPLICATION, BACKUP_VAULT, BACKUP_VAULT_LOCK, DB_INSTANCE

PLAN = "aws:backup/plan:Plan"
SELECTION = "aws:backup/selection:Selection"
SECTION = "Backup Schedule"
DAILY_DAYS, WEEKLY_DAYS = data_figures.DAILY_DAYS, data_figures.WEEKLY_DAYS
COPY_REGION = data_figures.DATA["production"].copy_region

_DAY = "(?:SUN|MON|TUE|WED|THU|FRI|SAT|[1-7])"
# Days of every week, or all days of every month: minute, hour, day of the month, month, day of the week, year.
_WEEKLY = re.compile(rf"cron\(\S+ \S+ (?:\? \* {_DAY}(?:[-,]{_DAY})*|\* \* \?|\? \* \*) \*\)")


def primaries(stack: Stack) -> list[Resource]:
    """Return the primaries of a stack."""
    return [instance for instance in stack.of(DB_INSTANCE) if is_primary(instance)]


def _copy_region(stack: Stack) -> str | None:
    figures = data_figures.DATA.get(stack.name)
    return figures.copy_region if figures else None


def _best(options: Sequence[Sequence[Finding]]) -> Sequence[Finding]:
    """Return none if an alternative complies, else the unknowns of one that may, else the violations of all."""
    for option in sorted(options, key=len):
        if all(isinstance(finding.verdict, Unknown) for finding in option):
            return option
    return [finding for option in options for finding in option if not isinstance(finding.verdict, Unknown)]


def _weekly(stack: Stack) -> Iterator[Finding]:
    for primary in primaries(stack):
        selecting: list[Resource] = []
        undecided: list[Finding] = []
        for selection in stack.of(SELECTION):
            selected = stack.refer_each(selection, selection.at("resources"), DB_INSTANCE)
            if Found(resource=primary) in selected:
                selecting.append(selection)
            undecided += unknowns(selection, *selected)
        if selecting:
            yield from _best([list(_selection(selection, stack)) for selection in selecting])
        else:
            allowed = "a weekly backup by a plan of this stack"
            yield from undecided[:1] or [report(primary, "no selection of a backup plan names it", allowed)]


def _selection(selection: Resource, stack: Stack) -> Iterator[Finding]:
    for key in ("notResources", "conditions", "selectionTags"):
        filter_ = selection.at(key)
        if isinstance(filter_.value, Unknown):
            yield Finding(resource=selection, verdict=filter_.value)
        elif _has_content(filter_.value):
            yield report(selection, f"{key} limits the selection", "the database by its ARN alone")
    yield from expect_reference(
        selection, "planId", stack, PLAN, "a backup plan", judge=lambda plan: _plan(plan, stack)
    )


def _has_content(value: Value) -> bool:
    """Whether a value is set: AWS returns an unset one as empty lists in lists."""
    match value:
        case list():
            return any(_has_content(element) for element in value)
        case dict():
            return any(_has_content(member) for member in value.values())
        case _:
            return value not in (None, "")


def _plan(plan: Resource, stack: Stack) -> Iterator[Finding]:
    match plan.at("rules").items():
        case Known(value=rules) if rules:
            yield from _best([list(findings(plan, _rule(plan, rule, stack))) for rule in rules])
        case Unknown() as unknown:
            yield Finding(resource=plan, verdict=unknown)
        case _:
            yield report(plan, "the plan has no rule", "a weekly backup")


def _rule(plan: Resource, rule: Node, stack: Stack) -> Iterator[Verdict]:
    # A snapshot has the deleted data of people: for 90 days, and no longer.
    yield from expect(rule.at("lifecycle", "deleteAfter"), WEEKLY_DAYS)
    yield from expect_weekly(rule.at("schedule"))
    # AWS keeps a continuous backup for 35 days at most.
    yield from expect_false(rule.at("enableContinuousBackup"), default=False)
    yield from _vault(plan, rule.at("targetVaultName"), stack, own_region(stack.name))
    region = _copy_region(stack)
    if region is None:
        return
    copies = rule.at("copyActions")
    match copies.items():
        case Known(value=actions) if actions:
            options = [list(findings(plan, _copy(plan, action, stack, region))) for action in actions]
            yield from (finding.verdict for finding in _best(options))
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation(f"{'.'.join(copies.path)} isn't set", f"a copy in {region}")


def expect_weekly(schedule: Node) -> Iterator[Verdict]:
    """Require a cron expression that matches in every week."""
    name = ".".join(schedule.path)
    allowed = "a cron expression for every day or for days of every week, such as cron(0 7 ? * SUN *)"
    match schedule.text():
        case Known(value=text) if not _WEEKLY.fullmatch(text):
            yield violation(f"{name} is {text}", allowed)
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield violation(f"{name} isn't set", allowed)
        case _:
            pass


def _copy(plan: Resource, action: Node, stack: Stack, region: str) -> Iterator[Verdict]:
    yield from expect(action.at("lifecycle", "deleteAfter"), WEEKLY_DAYS)
    yield from _vault(plan, action.at("destinationVaultArn"), stack, region)


def _vault(plan: Resource, node: Node, stack: Stack, region: str | None) -> Iterator[Verdict]:
    """Require a vault of this stack in the region; None: in any region."""
    reference = _vault_of(plan, node, stack)
    allowed = f"a vault of this stack{f' in {region}' if region else ''}"
    # A plan has its vaults in one property, so a preview shows which they are, but not which is which.
    urns = (plan.property_urns or {}).get(node.path[0], ())
    vaults = [vault for vault in stack.of(BACKUP_VAULT) if vault.urn in urns] if isinstance(reference, Unknown) else []
    if isinstance(reference, Found):
        vaults = [reference.resource]
    regions = [region_of(vault) for vault in vaults]
    if vaults and (region is None or Known(value=region) in regions):
        return
    name = ".".join(node.path)
    unknown = next((fact for fact in regions if isinstance(fact, Unknown)), None)
    if unknown:
        unknown = Unknown(path=(*node.path, "region"), sentinel=unknown.sentinel)
    match reference:
        case Absent():
            yield violation(f"{name} isn't set", allowed)
        case Outside(text=text):
            yield violation(f"{name} is {text}", allowed)
        case Unknown() if not vaults:
            yield reference
        case _:
            yield unknown or violation(f"{name} is {' or '.join(vault.name for vault in vaults)}", allowed)


def _vault_of(holder: Resource, node: Node, stack: Stack) -> Reference:
    """Return the vault of this stack that a property names; of namesakes, the one in the holder's region."""
    keys = ("name", "id", "arn")
    reference, text = stack.refer(holder, node, BACKUP_VAULT, by=keys), node.text()
    if not isinstance(reference, Found) or not isinstance(text, Known):
        return reference
    namesakes = [vault for vault in stack.of(BACKUP_VAULT) if text in [vault.at(key).text() for key in keys]]
    here = [vault for vault in namesakes if is_in_region_of(vault, holder) is True]
    return Found(resource=here[0]) if here else reference


def _vault_locks(stack: Stack) -> Iterator[Finding]:
    yield from each_has(
        stack.of(BACKUP_VAULT),
        stack.of(BACKUP_VAULT_LOCK),
        lambda lock: _vault_of(lock, lock.at("backupVaultName"), stack),
        missing=violation("the vault has no lock: a snapshot can be deleted at any time", "a lock of the vault"),
    )
    for lock in stack.of(BACKUP_VAULT_LOCK):
        yield from findings(lock, _lock(lock))


def _lock(lock: Resource) -> Iterator[Verdict]:
    # A smaller minimum allows early deletion; a larger one rejects the weekly backups.
    yield from expect(lock.at("minRetentionDays"), WEEKLY_DAYS)
    longest, grace = lock.at("maxRetentionDays"), lock.at("changeableForDays")
    # A state may hold an unset number as 0, which AWS accepts for neither.
    unset = (ABSENT, Known(value=0))
    if longest.scalar() not in unset:
        yield from within(longest, WEEKLY_DAYS)
    if grace.scalar() not in unset:
        yield from expect_absent(grace, "nothing: after these days the lock can't be removed")


def _daily_copies(stack: Stack) -> Iterator[Finding]:
    region = _copy_region(stack)
    if region is None:
        return
    for primary in primaries(stack):
        options: list[list[Finding]] = []
        undecided: list[Finding] = []
        for copy in stack.of(BACKUP_REPLICATION):
            source = stack.refer(copy, copy.at("sourceDbInstanceArn"), DB_INSTANCE)
            undecided += unknowns(copy, source)
            if source == Found(resource=primary):
                verdicts = (*within(copy.at("retentionPeriod"), DAILY_DAYS), *expect_region(copy, region))
                options.append(list(findings(copy, verdicts)))
        if options:
            yield from _best(options)
        else:
            missing = report(primary, "its daily backups aren't copied", f"a replication of them to {region}")
            yield from undecided[:1] or [missing]


RULES = (
    property_rule(
        "backup-daily",
        section=SECTION,
        description=f"The database's daily backups are kept for {DAILY_DAYS} days",
        types=DB_INSTANCE,
        rows=when(has_backups, at_least("backupRetentionPeriod", DAILY_DAYS)),
        severity="critical",
        controls=("RDS.11",),
    ),
    StackRule(
        id="backup-weekly",
        section=SECTION,
        description=(
            f"Every primary has a weekly snapshot that is kept for {WEEKLY_DAYS} days, in production also in "
            f"{COPY_REGION}"
        ),
        remedy=(
            f"Select the primary by its ARN for a plan of weekly backups with deleteAfter {WEEKLY_DAYS} and, in "
            f"production, a copy in {COPY_REGION}."
        ),
        judge=_weekly,
        severity="high",
    ),
    StackRule(
        id="backup-vault-lock",
        section=SECTION,
        description=f"Every vault has a lock: no snapshot can be deleted in its first {WEEKLY_DAYS} days",
        remedy=f"Add a lock of the vault with minRetentionDays {WEEKLY_DAYS} and without changeableForDays.",
        judge=_vault_locks,
        severity="critical",
    ),
    property_rule(
        "backup-vault-kept",
        section="Backup & Recovery",
        description="A vault that holds snapshots can't be destroyed",
        types=BACKUP_VAULT,
        rows=(is_false("forceDestroy", default=False),),
        severity="critical",
    ),
    StackRule(
        id="backup-elsewhere",
        section="Backup & Recovery",
        description=f"Production's daily backups are copied to {COPY_REGION} and kept there for {DAILY_DAYS} days",
        remedy=(
            f"Add an InstanceAutomatedBackupsReplication of the primary in {COPY_REGION} with retentionPeriod "
            f"{DAILY_DAYS}."
        ),
        judge=_daily_copies,
        severity="high",
    ),
)
