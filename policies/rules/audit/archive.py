"""Rules about the archive: locked for years, cheaper with age, written by CloudTrail, and safe from deletion."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies.engine.expectations import expect, expect_absent, expect_true, within
from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule, Verdict, findings, report, violation
from policies.figures import audit as audit_figures
from policies.figures.common import ACCOUNT
from policies.readers.bucket_purposes import is_for_audit
from policies.readers.buckets import part_of
from policies.readers.iam_documents import (
    account_of,
    allow_statements,
    denies_everyone,
    label,
    matches_everything,
    principals,
    resource_of,
    statements,
    texts,
)
from policies.readers.resource_types import BUCKET, BUCKET_LIFECYCLE, BUCKET_POLICY, of_bucket
from policies.readers.stacks import is_planned, stack_resource
from policies.rules.audit.trail import is_for_trail

LOCK = of_bucket("BucketObjectLockConfiguration")
SECTION = "Data Handling"

_DAYS = f"{audit_figures.ARCHIVE_DAYS:,} days"
_EXCEPTIONS = frozenset({"arnnotequals", "arnnotlike", "stringnotequals", "stringnotlike"})


def _archive_exists(stack: Stack) -> Iterator[Finding]:
    if not is_planned(stack):
        return
    names = [bucket.at("bucket").text() for bucket in stack.of(BUCKET)]
    unknown = next((name for name in names if isinstance(name, Unknown)), None)
    if not any(is_for_audit(bucket) for bucket in stack.of(BUCKET)):
        missing = violation("there is no archive", f"a bucket …{audit_figures.ARCHIVE_BUCKET_ENDING}")
        yield Finding(resource=stack_resource(stack), verdict=unknown or missing)


def _archive_parts(
    stack: Stack, type_: str, *, missing: str | None = None
) -> Iterator[tuple[Resource, Resource] | Finding]:
    """Yield each archive with its part of a type; `missing` is for a type whose absence no other rule reports."""
    for bucket in stack.of(BUCKET):
        if not is_for_audit(bucket):
            continue
        part = part_of(bucket, type_, stack)
        if isinstance(part, Resource):
            yield bucket, part
        elif part or missing:
            yield Finding(resource=bucket, verdict=part or missing or "")


def _locked(stack: Stack) -> Iterator[Finding]:
    for bucket in stack.of(BUCKET):
        if is_for_audit(bucket):
            # S3 takes it when the bucket is created.
            yield from findings(bucket, expect_true(bucket.at("objectLockEnabled"), default=False))
    missing = violation("it has no default retention", f"a BucketObjectLockConfiguration of {_DAYS}")
    for found in _archive_parts(stack, LOCK, missing=missing):
        if isinstance(found, Finding):
            yield found
            continue
        _, part = found
        retention = part.at("rule", "defaultRetention")
        if not part.protect:
            yield report(part, "protect isn't set: objects written without it aren't locked", "the option protect")
        yield from findings(part, expect(retention.at("mode"), *audit_figures.LOCK_MODES))
        yield from findings(part, within(retention.at("days"), audit_figures.ARCHIVE_DAYS))


def _lifecycles(stack: Stack) -> Iterator[Finding]:
    """Judge the lifecycle of each archive; the storage rules report a missing one."""
    for found in _archive_parts(stack, BUCKET_LIFECYCLE):
        if isinstance(found, Finding):
            yield found
            continue
        _, part = found
        rules = part.at("rules").items()
        for rule in rules.value if isinstance(rules, Known) else ():
            yield from findings(part, _lifecycle_rule(rule))
        if isinstance(rules, Unknown):
            yield Finding(resource=part, verdict=rules)


def _lifecycle_rule(rule: Node) -> Iterator[Verdict]:
    """Judge a lifecycle rule: in a locked bucket it can't delete a version, but it can hide it."""
    yield from within(rule.at("expiration", "days"), audit_figures.ARCHIVE_DAYS)
    yield from expect_absent(rule.at("expiration", "date"), "days: a date is the same for all objects")
    match rule.at("transitions").items():
        case Known(value=nodes) if nodes:
            for node in nodes:
                yield from expect(node.at("storageClass"), *audit_figures.ARCHIVE_STORAGE_CLASSES)
        case Unknown() as unknown:
            yield unknown
        case _:
            allowed = f"transitions to {' or '.join(audit_figures.ARCHIVE_STORAGE_CLASSES)}"
            yield violation("transitions isn't set: old objects stay in the most expensive class", allowed)


def _policies(stack: Stack) -> Iterator[Finding]:
    """Judge the policy of each archive; the storage rules report a missing one."""
    for found in _archive_parts(stack, BUCKET_POLICY):
        if isinstance(found, Finding):
            yield found
            continue
        bucket, part = found
        name = bucket.at("bucket").text()
        if isinstance(name, Known):
            yield from findings(part, (*_expect_trail_only(part), *_expect_denials(part, f"arn:aws:s3:::{name.value}")))


def _expect_trail_only(policy: Resource) -> Iterator[Verdict]:
    """Require that only CloudTrail is allowed in: roles of the account get access by their own policies."""
    for statement in allow_statements(policy.at("policy"), absent=violation("policy isn't set", "a policy")):
        if not isinstance(statement, Node):
            yield statement
            return
        name, allowed = label(statement), principals(statement)
        if allowed != [("Service", audit_figures.TRAIL_SERVICE)]:
            found = ", ".join(principal for _, principal in allowed) or "unnamed principals"
            yield violation(f"{name} gives access to {found}", audit_figures.TRAIL_SERVICE)
        elif not is_for_trail(statement):
            condition = f"a condition on aws:SourceArn with {audit_figures.TRAIL_ARN}"
            yield violation(f"{name} gives access to any trail", condition)
        other = [each for each in texts(statement.at("Action")) if each not in ("s3:GetBucketAcl", "s3:PutObject")]
        if other or statement.at("NotAction").value is not None:
            found = ", ".join(other) or "all actions but some"
            yield violation(f"{name} allows {found}", "s3:GetBucketAcl and s3:PutObject")


def _expect_denials(policy: Resource, bucket: str) -> Iterator[Verdict]:
    found = statements(policy.at("policy"), absent="")
    # `_expect_trail_only` reports an unreadable policy.
    denials = [each for each in found if _is_denial(each)] if isinstance(found, tuple) else None
    if denials is None:
        return
    for required, arn in (
        (audit_figures.ARCHIVE_OBJECT_ACTIONS, f"{bucket}/file"),
        (audit_figures.ARCHIVE_BUCKET_ACTIONS, bucket),
    ):
        denied = [
            action.lower()
            for statement in denials
            if any(fnmatchcase(arn, text) for text in texts(statement.at("Resource")))
            for action in texts(statement.at("Action"))
        ]
        missing = [each for each in required if not any(fnmatchcase(each, pattern) for pattern in denied)]
        if missing:
            allowed = f"a Deny of {', '.join(required)} to everyone, except named roles at most"
            yield violation(f"it doesn't deny {', '.join(missing)}", allowed)


def _is_denial(statement: Node) -> bool:
    """Return whether a statement denies something to everyone, except named principals of this account at most."""
    condition = statement.at("Condition")
    operators = condition.value if isinstance(condition.value, dict) else {}
    return denies_everyone(statement) and all(
        operator.lower() in _EXCEPTIONS
        and isinstance(lines := condition.at(operator).value, dict)
        and [key.lower() for key in lines] == ["aws:principalarn"]
        and all(_is_named(arn) for key in lines for arn in texts(condition.at(operator).at(key)))
        for operator in operators
    )


def _is_named(arn: str) -> bool:
    """Return whether an ARN names a principal of this account, and isn't a pattern for all."""
    return account_of(arn) == ACCOUNT and not matches_everything(resource_of(arn).partition("/")[2] or resource_of(arn))


RULES = (
    StackRule(
        id="audit-archive",
        section=SECTION,
        description="Each stack has an archive, so that dr's is complete while production's region is down",
        remedy=f"Create a bucket whose name ends in {audit_figures.ARCHIVE_BUCKET_ENDING}.",
        severity="high",
        judge=_archive_exists,
    ),
    StackRule(
        id="audit-archive-locked",
        section=SECTION,
        description=f"Objects in an archive are locked for {_DAYS} by default",
        remedy="Set objectLockEnabled to true, and protect a BucketObjectLockConfiguration with "
        f"{' or '.join(audit_figures.LOCK_MODES)} and at least {audit_figures.ARCHIVE_DAYS} days.",
        severity="critical",
        judge=_locked,
    ),
    StackRule(
        id="audit-archive-ages",
        section=SECTION,
        description=f"Objects in an archive move to cheaper storage, and expire after {_DAYS} at the earliest",
        remedy=f"Set transitions, and an expiration of at least {audit_figures.ARCHIVE_DAYS} days.",
        severity="medium",
        judge=_lifecycles,
    ),
    StackRule(
        id="audit-archive-closed",
        section=SECTION,
        description="An archive's policy allows CloudTrail to write for the trail only, and denies everyone to delete "
        "and unlock",
        remedy=f"Allow {audit_figures.TRAIL_SERVICE} to put objects for the trail, and deny everyone to delete and "
        "unlock.",
        severity="critical",
        judge=_policies,
    ),
)
