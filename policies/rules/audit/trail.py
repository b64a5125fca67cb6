"""Rules about CloudTrail: one trail of the account, of all regions, that nobody can change unseen."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies.engine.answers import Answer
from policies.engine.expectations import expect, expect_absent, expect_set, expect_true
from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import (
    Finding,
    ResourceRule,
    StackRule,
    Verdict,
    aws_type,
    expect_reference,
    findings,
    report,
    violation,
)
from policies.figures import audit as audit_figures
from policies.figures import baseline as baseline_figures
from policies.readers.buckets import is_for_audit, is_for_logs
from policies.readers.encryption_keys import expect_customer_managed_key, key_policy_of
from policies.readers.event_selectors import MANAGEMENT, in_bucket, is_written
from policies.readers.iam_documents import allow_statements, conditions, has_condition, principals, texts
from policies.readers.resource_types import BUCKET, IAM_ROLE, KMS_KEY, LOG_GROUP
from policies.readers.stacks import is_owner, is_planned, stack_resource
from policies.rules.audit.destinations import leads_to_archive

TRAIL = aws_type("cloudtrail", "Trail")
SECTION = "Audit Logging"


def _whole(trail: Resource) -> Iterator[Verdict]:
    # Its key and its bucket let in the trail of this name alone.
    yield from expect(trail.at("name"), audit_figures.TRAIL)
    yield from expect_true(trail.at("isMultiRegionTrail"), default=False)
    yield from expect_true(trail.at("includeGlobalServiceEvents"), default=True)
    yield from expect_true(trail.at("enableLogFileValidation"), default=False)
    yield from expect_true(trail.at("enableLogging"), default=True)
    yield from expect_customer_managed_key(trail.at("kmsKeyId"))
    yield from expect_set(trail.at("cloudWatchLogsRoleArn"), "the role by which it writes to its log group")
    yield from expect_absent(trail.at("eventSelectors"), "nothing: the advanced selectors say all")
    if not trail.protect:
        yield violation("it isn't protected: nothing is written down once it is gone", "the option protect")


def _one(stack: Stack) -> Iterator[Finding]:
    if not is_planned(stack):
        return
    trails = stack.of(TRAIL)
    if not is_owner(stack.name):
        for trail in trails:
            verdict = violation("a trail of all regions stands here too", f"the one of {baseline_figures.OWNER}")
            yield Finding(resource=trail, verdict=verdict)
    elif not trails:
        yield report(stack_resource(stack), "there is no trail", "one of all regions")
    for trail in trails[1:] if is_owner(stack.name) else ():
        yield report(trail, "it isn't the only trail: each event is paid twice", "one")


def _leads(stack: Stack) -> Iterator[Finding]:
    for trail in stack.of(TRAIL):
        yield from leads_to_archive(trail, trail.at("s3BucketName"), stack)
        yield from expect_reference(trail, "cloudWatchLogsGroupArn", stack, LOG_GROUP, "a log group")
        yield from expect_reference(trail, "cloudWatchLogsRoleArn", stack, IAM_ROLE, "a role")
        ending = trail.at("cloudWatchLogsGroupArn").text()
        if isinstance(ending, Known) and not ending.value.endswith(":*"):
            verdict = violation(f"cloudWatchLogsGroupArn is {ending.value}", "the group's ARN with :* behind it")
            yield Finding(resource=trail, verdict=verdict)


def _events(stack: Stack) -> Iterator[Finding]:
    for trail in stack.of(TRAIL):
        for reading, what in ((True, "reads"), (False, "changes")):
            answer = is_written(trail, MANAGEMENT, reading=reading)
            yield from _told(trail, answer, f"what {what} AWS's own things isn't written down", wanted=True)
        for name in audit_figures.ARCHIVES:
            reads, changes = (is_written(trail, in_bucket(name), reading=reading) for reading in (True, False))
            yield from _told(trail, reads, f"who reads the archive {name} isn't written down", wanted=True)
            yield from _told(trail, changes, f"each file in {name} is an event that makes another file", wanted=False)
        for bucket in stack.of(BUCKET):
            match bucket.at("bucket").text():
                case Known(value=name) if not is_for_logs(bucket) and not is_for_audit(bucket):
                    for reading, what in ((True, "reads"), (False, "changes")):
                        answer = is_written(trail, in_bucket(name), reading=reading)
                        found = f"who {what} the bucket {bucket.name} isn't written down"
                        yield from _told(trail, answer, found, wanted=True)
                case Unknown() as unknown:
                    yield Finding(resource=bucket, verdict=unknown)
                case _:
                    # Logs that AWS writes all day are no customers' data.
                    pass


def _told(trail: Resource, answer: Answer, found: str, *, wanted: bool) -> Iterator[Finding]:
    if isinstance(answer, Unknown):
        yield Finding(resource=trail, verdict=answer)
    elif answer is not wanted:
        verdict = violation(found, "all management events, all of the buckets, and of an archive what is only read")
        yield Finding(resource=trail, verdict=verdict)


def _opened(stack: Stack) -> Iterator[Finding]:
    """A trail without a key is told by another rule."""
    for trail in stack.of(TRAIL):
        match stack.refer(trail, trail.at("kmsKeyId"), KMS_KEY):
            case Found(resource=key):
                policy = key_policy_of(key, stack)
                yield from findings(key, [policy] if isinstance(policy, Unknown) else _key_policy(policy))
            case Unknown() as unknown:
                yield Finding(resource=trail, verdict=unknown)
            case Outside(text=text):
                allowed = "a key of this stack, whose policy lets CloudTrail in"
                yield report(trail, f"kmsKeyId is {text}", allowed)
            case _:
                pass


def _key_policy(policy: Resource) -> Iterator[Verdict]:
    allowed = f"kms:GenerateDataKey* for {audit_figures.TRAIL_ARN}"
    is_open = False
    for statement in allow_statements(policy.at("policy"), absent=violation("policy isn't set", allowed)):
        if not isinstance(statement, Node):
            yield statement
            return
        if ("Service", audit_figures.TRAIL_SERVICE) not in principals(statement):
            continue
        if is_for_trail(statement):
            actions = [action.lower() for action in texts(statement.at("Action"))]
            is_open = is_open or any(fnmatchcase("kms:generatedatakey", action) for action in actions)
        else:
            yield violation("CloudTrail may use it for any trail", allowed)
    if not is_open:
        yield violation("CloudTrail may not use it", allowed)


def is_for_trail(statement: Node) -> bool:
    """Whether a statement holds for the account's trail alone."""
    return has_condition(conditions(statement), "aws:sourcearn".__eq__, audit_figures.TRAIL_ARN.__eq__)


RULES = (
    ResourceRule(
        id="audit-trail",
        section=SECTION,
        description="The trail is of all regions, with global events, validated, encrypted, running and protected",
        remedy="Set isMultiRegionTrail, enableLogFileValidation, kmsKeyId and the role; leave eventSelectors out.",
        types=(TRAIL,),
        judge=_whole,
    ),
    StackRule(
        id="audit-trail-one",
        section=SECTION,
        description="The account has one trail, in production",
        remedy="Make the trail in production's stack, and no other.",
        judge=_one,
    ),
    StackRule(
        id="audit-trail-leads",
        section=SECTION,
        description="What the trail sees is archived, and stands in a log group for questions and alarms",
        remedy="Name the archive's bucket, and a log group and a role of this stack.",
        judge=_leads,
    ),
    StackRule(
        id="audit-trail-events",
        section=SECTION,
        description="Calls, uses of customers' files and reads of the archive are written down, but not its own files",
        remedy="Select all management events, S3's objects in the buckets, and for the archive readOnly ones.",
        judge=_events,
    ),
    StackRule(
        id="audit-trail-key",
        section="Data Handling",
        description="The trail's key lets CloudTrail encrypt, for this account's trail alone",
        remedy=f"Let {audit_figures.TRAIL_SERVICE} do kms:GenerateDataKey* by aws:SourceArn of the trail.",
        judge=_opened,
    ),
)
