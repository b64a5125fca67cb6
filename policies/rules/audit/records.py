"""Rules about the records: the group that the document asks, its archive, and the questions that are saved."""

import re
from collections.abc import Iterator

from policies.engine.expectations import expect, expect_absent, expect_true
from policies.engine.facts import Known, Resource, Unknown
from policies.engine.graph import Found, Stack
from policies.engine.rule import (
    Finding,
    ResourceRule,
    StackRule,
    Verdict,
    aws_type,
    each_has,
    expect_reference,
    findings,
    violation,
)
from policies.figures import audit as audit_figures
from policies.readers.encryption_keys import expect_customer_managed_key
from policies.readers.log_groups import log_groups_named
from policies.readers.resource_types import IAM_ROLE, LOG_GROUP
from policies.readers.stacks import is_planned, stack_resource
from policies.rules.audit.destinations import STREAM, leads_to_archive

SUBSCRIPTION = aws_type("cloudwatch", "LogSubscriptionFilter")
QUERY = aws_type("cloudwatch", "QueryDefinition")
SECTION = "Audit Logging"


def _records(stack: Stack) -> Iterator[Finding]:
    if not is_planned(stack):
        return
    found = list(log_groups_named(stack, audit_figures.RECORDS))
    doubts = [each for each in found if isinstance(each, Finding)]
    if len(found) == len(doubts):
        lacking = violation(f"nothing makes the log group {audit_figures.RECORDS}", "a log group of exactly this name")
        yield from doubts[:1] or [Finding(resource=stack_resource(stack), verdict=lacking)]


def _archived(stack: Stack) -> Iterator[Finding]:
    found = list(log_groups_named(stack, audit_figures.RECORDS, audit_figures.DATABASE_LOGS))
    yield from (each for each in found if isinstance(each, Finding))
    yield from each_has(
        [each for each in found if isinstance(each, Resource)],
        stack.of(SUBSCRIPTION),
        lambda part: stack.refer(part, part.at("logGroup"), LOG_GROUP, by=("name", "id")),
        lacking=violation("it isn't archived", "a LogSubscriptionFilter to a stream into this stack's archive"),
        judge=lambda part: _subscribed(part, stack),
    )


def _subscribed(part: Resource, stack: Stack) -> Iterator[Finding]:
    yield from findings(part, expect_absent(part.at("filterPattern"), "nothing: every line is archived"))
    yield from expect_reference(part, "destinationArn", stack, STREAM, "a delivery stream")
    yield from expect_reference(part, "roleArn", stack, IAM_ROLE, "a role")


def _stream(stream: Resource) -> Iterator[Verdict]:
    if not stream.protect:
        yield violation("it isn't protected: what it hasn't yet written goes with it", "the option protect")
    yield from expect(stream.at("destination"), "extended_s3")
    at_rest = stream.at("serverSideEncryption")
    yield from expect_true(at_rest.at("enabled"), default=False)
    yield from expect(at_rest.at("keyType"), "CUSTOMER_MANAGED_CMK", default="AWS_OWNED_CMK")
    yield from expect_customer_managed_key(at_rest.at("keyArn"))


def _streams(stack: Stack) -> Iterator[Finding]:
    for stream in stack.of(STREAM):
        yield from leads_to_archive(stream, stream.at("extendedS3Configuration", "bucketArn"), stack)


def _questions(stack: Stack) -> Iterator[Finding]:
    for group in log_groups_named(stack, audit_figures.RECORDS):
        if isinstance(group, Finding):
            yield group
            continue
        yield from _asked(group, stack)


def _asked(group: Resource, stack: Stack) -> Iterator[Finding]:
    """Which kinds of events somebody can ask for without writing the question in the middle of an incident."""
    missing, doubt = set(audit_figures.EVENTS), None
    for query in stack.of(QUERY):
        asked = stack.refer_each(query, query.at("logGroupNames"), LOG_GROUP)
        named = query.at("logGroupNames").items()
        texts = [node.text() for node in named.value] if isinstance(named, Known) else []
        is_ours = Found(resource=group) in asked or Known(value=audit_figures.RECORDS) in texts
        text = query.at("queryString").text()
        for unknown in (each for each in (*asked, text) if isinstance(each, Unknown)):
            doubt = doubt or Finding(resource=query, verdict=unknown)
        if is_ours and isinstance(text, Known):
            missing -= _kinds(text.value)
    if missing:
        lacking = violation(f"no saved query asks for {', '.join(sorted(missing))}", "a QueryDefinition for each kind")
        yield doubt or Finding(resource=group, verdict=lacking)


def _kinds(query: str) -> set[str]:
    """The kinds of events that a query's filters leave in."""
    commands = [command.strip() for command in query.split("|")]
    filters = " ".join(each for each in commands if each.startswith("filter ") and audit_figures.EVENT_FIELD in each)
    words = set(re.findall(r"\w+", filters))
    return {kind for kind in audit_figures.EVENTS if kind in words}


RULES = (
    StackRule(
        id="audit-records",
        section=SECTION,
        description="Each stack has the log group that the document's query asks",
        remedy=f"Make the log group {audit_figures.RECORDS}.",
        judge=_records,
    ),
    StackRule(
        id="audit-records-archived",
        section=SECTION,
        description="Every record, and all that the database writes of people's queries, is archived as well",
        remedy="Subscribe a delivery stream of this stack to the group, with a role and without a pattern.",
        judge=_archived,
    ),
    ResourceRule(
        id="audit-stream",
        section="Data Handling",
        description="What is on its way to the archive is protected, and encrypted with a key of one's own",
        remedy="Set protect, and serverSideEncryption with CUSTOMER_MANAGED_CMK and the key.",
        types=(STREAM,),
        judge=_stream,
    ),
    StackRule(
        id="audit-stream-leads",
        section=SECTION,
        description="A delivery stream leads into this stack's archive",
        remedy="Name the archive's ARN as bucketArn.",
        judge=_streams,
    ),
    StackRule(
        id="audit-queries",
        section=SECTION,
        description="There is a saved query for each kind of event that the document names",
        remedy=f"Save a query of {audit_figures.RECORDS} by {audit_figures.EVENT_FIELD} for each kind.",
        judge=_questions,
    ),
)
