"""Rules about the archive: locked for seven years, cheaper as it ages, written by few, and deleted by nobody."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies.engine.expectations import expect, expect_absent, expect_true, within
from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule, Verdict, findings, violation
from policies.figures import audit as audit_figures
from policies.figures.common import ACCOUNT
from policies.readers.buckets import is_for_audit, part_of
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

_EXCEPT = frozenset({"arnnotequals", "arnnotlike", "stringnotequals", "stringnotlike"})


def _there(stack: Stack) -> Iterator[Finding]:
    if not is_planned(stack):
        return
    names = [bucket.at("bucket").text() for bucket in stack.of(BUCKET)]
    doubt = next((name for name in names if isinstance(name, Unknown)), None)
    if not any(is_for_audit(bucket) for bucket in stack.of(BUCKET)):
        lacking = violation("there is no archive", f"a bucket …{audit_figures.ARCHIVE_BUCKET_ENDING}")
        yield Finding(resource=stack_resource(stack), verdict=doubt or lacking)


def _parts(stack: Stack, type_: str, *, lacking: str | None = None) -> Iterator[tuple[Resource, Resource] | Finding]:
    """Each archive with its part of a type; `lacking` where no other rule tells of a missing one."""
    for bucket in stack.of(BUCKET):
        if not is_for_audit(bucket):
            continue
        part = part_of(bucket, type_, stack)
        if isinstance(part, Resource):
            yield bucket, part
        elif part or lacking:
            yield Finding(resource=bucket, verdict=part or lacking or "")


def _locked(stack: Stack) -> Iterator[Finding]:
    for bucket in stack.of(BUCKET):
        if is_for_audit(bucket):
            # It can only be said when a bucket is made.
            yield from findings(bucket, expect_true(bucket.at("objectLockEnabled"), default=False))
    lacking = violation(
        "no lock by default is its", f"a BucketObjectLockConfiguration for {audit_figures.ARCHIVE_DAYS} days"
    )
    for found in _parts(stack, LOCK, lacking=lacking):
        if isinstance(found, Finding):
            yield found
            continue
        _, part = found
        kept = part.at("rule", "defaultRetention")
        if not part.protect:
            verdict = violation("it isn't protected: what comes after it isn't locked", "the option protect")
            yield Finding(resource=part, verdict=verdict)
        yield from findings(
            part,
            (
                *expect(kept.at("mode"), *audit_figures.LOCK_MODES),
                *within(kept.at("days"), audit_figures.ARCHIVE_DAYS),
            ),
        )


def _ages(stack: Stack) -> Iterator[Finding]:
    """A bucket without a lifecycle is told by the buckets' own rules."""
    for found in _parts(stack, BUCKET_LIFECYCLE):
        if isinstance(found, Finding):
            yield found
            continue
        _, part = found
        rules = part.at("rules").items()
        for rule in rules.value if isinstance(rules, Known) else ():
            yield from findings(part, _aging(rule))
        if isinstance(rules, Unknown):
            yield Finding(resource=part, verdict=rules)


def _aging(rule: Node) -> Iterator[Verdict]:
    """A lifecycle goes on in a locked bucket: it can't delete a version before its time, but it can hide all."""
    yield from within(rule.at("expiration", "days"), audit_figures.ARCHIVE_DAYS)
    yield from expect_absent(rule.at("expiration", "date"), "days, and no day for all")
    match rule.at("transitions").items():
        case Known(value=nodes) if nodes:
            for node in nodes:
                yield from expect(node.at("storageClass"), *audit_figures.CHEAPER)
        case Unknown() as unknown:
            yield unknown
        case _:
            yield violation("it is as dear after years as on the first day", "transitions to cheaper storage")


def _closed(stack: Stack) -> Iterator[Finding]:
    """An archive without a policy is told by the buckets' own rules."""
    for found in _parts(stack, BUCKET_POLICY):
        if isinstance(found, Finding):
            yield found
            continue
        bucket, part = found
        name = bucket.at("bucket").text()
        if isinstance(name, Known):
            yield from findings(part, (*_writers(part), *_undeletable(part, f"arn:aws:s3:::{name.value}")))


def _writers(policy: Resource) -> Iterator[Verdict]:
    """Roles of the account are let in by their own policies; this one is for CloudTrail alone."""
    for statement in allow_statements(policy.at("policy"), absent=violation("policy isn't set", "a policy")):
        if not isinstance(statement, Node):
            yield statement
            return
        name, who = label(statement), principals(statement)
        if who != [("Service", audit_figures.TRAIL_SERVICE)]:
            yield violation(
                f"{name} lets in {', '.join(each for _, each in who) or 'others'}", audit_figures.TRAIL_SERVICE
            )
        elif not is_for_trail(statement):
            yield violation(f"{name} lets in any trail", f"a condition on aws:SourceArn with {audit_figures.TRAIL_ARN}")
        other = [each for each in texts(statement.at("Action")) if each not in ("s3:GetBucketAcl", "s3:PutObject")]
        if other or statement.at("NotAction").value is not None:
            yield violation(f"{name} allows {', '.join(other) or 'the rest'}", "s3:GetBucketAcl and s3:PutObject")


def _undeletable(policy: Resource, bucket: str) -> Iterator[Verdict]:
    found = statements(policy.at("policy"), absent="")
    # What can't be read is told above.
    refusals = [each for each in found if _is_refusal(each)] if isinstance(found, tuple) else None
    if refusals is None:
        return
    for wanted, arn in ((audit_figures.OF_FILES, f"{bucket}/file"), (audit_figures.OF_BUCKET, bucket)):
        denied = [
            action.lower()
            for statement in refusals
            if any(fnmatchcase(arn, text) for text in texts(statement.at("Resource")))
            for action in texts(statement.at("Action"))
        ]
        missing = [each for each in wanted if not any(fnmatchcase(each, pattern) for pattern in denied)]
        if missing:
            allowed = f"a Deny of {', '.join(wanted)} to everybody, but for certain roles at most"
            yield violation(f"it lets people do {', '.join(missing)}", allowed)


def _is_refusal(statement: Node) -> bool:
    condition = statement.at("Condition")
    operators = condition.value if isinstance(condition.value, dict) else {}
    return denies_everyone(statement) and all(
        operator.lower() in _EXCEPT
        and isinstance(lines := condition.at(operator).value, dict)
        and [key.lower() for key in lines] == ["aws:principalarn"]
        and all(_is_certain(arn) for key in lines for arn in texts(condition.at(operator).at(key)))
        for operator in operators
    )


def _is_certain(arn: str) -> bool:
    """Whether a principal is a certain one of this account."""
    return account_of(arn) == ACCOUNT and not matches_everything(resource_of(arn).partition("/")[2] or resource_of(arn))


RULES = (
    StackRule(
        id="audit-archive",
        section=SECTION,
        description="Each stack has an archive of its own, so that dr's is whole while us-east-1 is down",
        remedy=f"Make a bucket whose name ends in {audit_figures.ARCHIVE_BUCKET_ENDING}.",
        judge=_there,
    ),
    StackRule(
        id="audit-archive-locked",
        section=SECTION,
        description="An archive is locked for 2,557 days by default",
        remedy="Set objectLockEnabled, and GOVERNANCE with 2557 days in its BucketObjectLockConfiguration.",
        judge=_locked,
    ),
    StackRule(
        id="audit-archive-ages",
        section=SECTION,
        description="An archive gets cheaper as it ages, and nothing in it ends before 2,557 days, or never",
        remedy="Set transitions, and an expiration of at least 2557 days.",
        judge=_ages,
    ),
    StackRule(
        id="audit-archive-closed",
        section=SECTION,
        description="By an archive's policy CloudTrail writes for the trail, and nobody deletes or unlocks",
        remedy=f"Let {audit_figures.TRAIL_SERVICE} put objects for the trail, and deny all to delete or unlock.",
        judge=_closed,
    ),
)
