"""Rules about CloudTrail: one trail for the account and all regions, its events, its destinations and its key."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from policies.engine.answers import Answer
from policies.engine.expectations import (
    equals,
    is_true,
    must_be_absent,
    must_be_set,
    property_rule,
    refers_to,
    relation_rule,
)
from policies.engine.facts import Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, StackRule, Verdict, aws_type, findings, report, violation
from policies.figures import audit as audit_figures
from policies.figures import baseline as baseline_figures
from policies.readers.bucket_purposes import is_for_audit, is_for_logs
from policies.readers.encryption_keys import customer_managed_key, key_policy_of
from policies.readers.event_selectors import MANAGEMENT, in_bucket, is_recorded
from policies.readers.iam_documents import allow_statements, conditions, has_condition, principals, texts
from policies.readers.resource_types import BUCKET, IAM_ROLE, KMS_KEY, LOG_GROUP
from policies.readers.stacks import is_owner, is_planned, stack_resource
from policies.rules.audit.destinations import expect_archive

TRAIL = aws_type("cloudtrail", "Trail")
SECTION = "Audit Logging"


def _protection(trail: Resource) -> Iterator[Verdict]:
    if not trail.protect:
        yield violation("protect isn't set: without the trail nothing is recorded", "the option protect")


def _single_trail(stack: Stack) -> Iterator[Finding]:
    if not is_planned(stack):
        return
    trails = stack.of(TRAIL)
    if not is_owner(stack.name):
        for trail in trails:
            yield report(trail, "it is a second trail of the account", f"only the trail of {baseline_figures.OWNER}")
    elif not trails:
        yield report(stack_resource(stack), "there is no trail", "one trail for all regions")
    for trail in trails[1:] if is_owner(stack.name) else ():
        yield report(trail, "it is a second trail: AWS charges for each event again", "one trail")


def _destinations(stack: Stack) -> Iterator[Finding]:
    for trail in stack.of(TRAIL):
        yield from expect_archive(trail, trail.at("s3BucketName"), stack)
        arn = trail.at("cloudWatchLogsGroupArn").text()
        # CloudTrail rejects an ARN without this ending.
        if isinstance(arn, Known) and not arn.value.endswith(":*"):
            yield report(trail, f"cloudWatchLogsGroupArn is {arn.value}", "the log group's ARN followed by :*")


def _logged_events(stack: Stack) -> Iterator[Finding]:
    for trail in stack.of(TRAIL):
        for reading, kind in ((True, "read"), (False, "write")):
            answer = is_recorded(trail, MANAGEMENT, reading=reading)
            yield from _expect_logged(trail, answer, f"{kind} management events aren't logged", required=True)
        for name in audit_figures.ARCHIVES:
            reads, writes = (is_recorded(trail, in_bucket(name), reading=reading) for reading in (True, False))
            yield from _expect_logged(trail, reads, f"reads of the archive {name} aren't logged", required=True)
            found = f"writes to the archive {name} are logged: each log file causes another"
            yield from _expect_logged(trail, writes, found, required=False)
        for bucket in stack.of(BUCKET):
            yield from _expect_bucket_logged(trail, bucket)


def _expect_bucket_logged(trail: Resource, bucket: Resource) -> Iterator[Finding]:
    match bucket.at("bucket").text():
        case Known(value=name) if not is_for_logs(bucket) and not is_for_audit(bucket):
            for reading, kind in ((True, "reads of"), (False, "writes to")):
                answer = is_recorded(trail, in_bucket(name), reading=reading)
                found = f"{kind} the bucket {bucket.name} aren't logged"
                yield from _expect_logged(trail, answer, found, required=True)
        case Unknown() as unknown:
            yield Finding(resource=bucket, verdict=unknown)
        case _:
            # AWS writes to the log buckets all day, and they hold no customer data.
            pass


def _expect_logged(trail: Resource, answer: Answer, found: str, *, required: bool) -> Iterator[Finding]:
    if isinstance(answer, Unknown):
        yield Finding(resource=trail, verdict=answer)
    elif answer is not required:
        allowed = "all management events, all object events of the buckets, and only read events of the archives"
        yield report(trail, found, allowed)


def _key_access(stack: Stack) -> Iterator[Finding]:
    """Judge the policy of the trail's key; audit-trail reports a trail without a key."""
    for trail in stack.of(TRAIL):
        match stack.refer(trail, trail.at("kmsKeyId"), KMS_KEY):
            case Found(resource=key):
                policy = key_policy_of(key, stack)
                yield from findings(key, [policy] if isinstance(policy, Unknown) else _key_policy(policy))
            case Unknown() as unknown:
                yield Finding(resource=trail, verdict=unknown)
            case Outside(text=text):
                yield report(trail, f"kmsKeyId is {text}", "a key of this stack whose policy allows CloudTrail")
            case _:
                pass


def _key_policy(policy: Resource) -> Iterator[Verdict]:
    allowed = f"kms:GenerateDataKey* for {audit_figures.TRAIL_ARN}"
    is_allowed = False
    for statement in allow_statements(policy.at("policy"), absent=violation("policy isn't set", allowed)):
        if not isinstance(statement, Node):
            yield statement
            return
        if ("Service", audit_figures.TRAIL_SERVICE) not in principals(statement):
            continue
        if is_for_trail(statement):
            actions = [action.lower() for action in texts(statement.at("Action"))]
            is_allowed = is_allowed or any(fnmatchcase("kms:generatedatakey", action) for action in actions)
        else:
            yield violation("CloudTrail is allowed to use the key for any trail", allowed)
    if not is_allowed:
        yield violation("CloudTrail isn't allowed to use the key", allowed)


def is_for_trail(statement: Node) -> bool:
    """Return whether a statement applies to the account's trail only."""
    return has_condition(conditions(statement), "aws:sourcearn".__eq__, audit_figures.TRAIL_ARN.__eq__)


RULES = (
    property_rule(
        "audit-trail",
        section=SECTION,
        description="The trail records all regions and global services, is on, validated, encrypted and protected",
        types=TRAIL,
        rows=(
            # The policies of its key and its bucket admit the trail of this name only.
            equals("name", audit_figures.TRAIL),
            is_true("isMultiRegionTrail", default=False),
            is_true("includeGlobalServiceEvents", default=True),
            is_true("enableLogFileValidation", default=False),
            is_true("enableLogging", default=True),
            customer_managed_key("kmsKeyId"),
            must_be_set("cloudWatchLogsRoleArn", "the role that writes to its log group"),
            must_be_absent("eventSelectors", "the advanced event selectors define the events"),
        ),
        also=_protection,
        remedy="Set the option protect.",
        severity="high",
        controls=("CloudTrail.1", "CloudTrail.2", "CloudTrail.4", "CIS 3.1", "CIS 3.2", "CIS 3.5"),
    ),
    StackRule(
        id="audit-trail-one",
        section=SECTION,
        description=f"The account has one trail, in the stack {baseline_figures.OWNER}",
        remedy=f"Create one trail in the stack {baseline_figures.OWNER}, and no other.",
        severity="high",
        controls=("CloudTrail.1", "CIS 3.1"),
        judge=_single_trail,
    ),
    relation_rule(
        "audit-trail-destinations",
        section=SECTION,
        description="The trail writes to the archive, and to a log group for queries and alarms",
        types=TRAIL,
        rows=(
            refers_to("cloudWatchLogsGroupArn", LOG_GROUP, "log group"),
            refers_to("cloudWatchLogsRoleArn", IAM_ROLE, "role"),
        ),
        also=_destinations,
        remedy="Set s3BucketName to this stack's archive, and end the log group's ARN in :*.",
        severity="high",
        controls=("CloudTrail.5",),
    ),
    StackRule(
        id="audit-trail-events",
        section=SECTION,
        description="The trail logs management events, object events of the buckets, and reads of the archives but not "
        "writes",
        remedy="Select all management events, all object events of the buckets, and only the readOnly ones of the "
        "archives.",
        severity="medium",
        controls=("CIS 3.8", "CIS 3.9"),
        judge=_logged_events,
    ),
    StackRule(
        id="audit-trail-key",
        section="Data Handling",
        description="The trail's key allows CloudTrail to encrypt for this account's trail only",
        remedy=f"Allow {audit_figures.TRAIL_SERVICE} kms:GenerateDataKey* where aws:SourceArn is "
        f"{audit_figures.TRAIL_ARN}.",
        severity="high",
        judge=_key_access,
    ),
)
