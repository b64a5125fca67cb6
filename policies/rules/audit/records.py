"""Rules about the audit records: their log group, their way to the archive, and the saved queries."""

import re
from collections.abc import Iterator

from policies.engine.expectations import equals, is_true, judge_rows, must_be_absent, property_rule, refers_to
from policies.engine.facts import Known, Resource, Unknown
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, StackRule, Verdict, aws_type, each_has, violation
from policies.figures import audit as audit_figures
from policies.readers.encryption_keys import customer_managed_key
from policies.readers.log_groups import log_groups_named
from policies.readers.resource_types import IAM_ROLE, LOG_GROUP
from policies.readers.stacks import is_planned, stack_resource
from policies.rules.audit.destinations import STREAM, expect_archive

SUBSCRIPTION = aws_type("cloudwatch", "LogSubscriptionFilter")
QUERY = aws_type("cloudwatch", "QueryDefinition")
SECTION = "Audit Logging"

SUBSCRIPTION_ROWS = (
    must_be_absent("filterPattern", "every line is archived"),
    refers_to("destinationArn", STREAM, "delivery stream"),
    refers_to("roleArn", IAM_ROLE, "role"),
)


def _records_exist(stack: Stack) -> Iterator[Finding]:
    if not is_planned(stack):
        return
    found = list(log_groups_named(stack, audit_figures.RECORDS_GROUP))
    unknown = [each for each in found if isinstance(each, Finding)]
    if len(found) == len(unknown):
        missing = violation(f"there is no log group {audit_figures.RECORDS_GROUP}", "a log group of exactly this name")
        yield from unknown[:1] or [Finding(resource=stack_resource(stack), verdict=missing)]


def _archived(stack: Stack) -> Iterator[Finding]:
    found = list(log_groups_named(stack, audit_figures.RECORDS_GROUP, audit_figures.DATABASE_LOGS))
    yield from (each for each in found if isinstance(each, Finding))
    yield from each_has(
        [each for each in found if isinstance(each, Resource)],
        stack.of(SUBSCRIPTION),
        lambda part: stack.refer(part, part.at("logGroup"), LOG_GROUP, by=("name", "id")),
        missing=violation("it isn't archived", "a LogSubscriptionFilter to a delivery stream of this stack"),
        judge=lambda part: judge_rows(SUBSCRIPTION_ROWS, part, stack),
    )


def _protection(stream: Resource) -> Iterator[Verdict]:
    if not stream.protect:
        yield violation("protect isn't set: buffered records are lost with the stream", "the option protect")


def _stream_destinations(stack: Stack) -> Iterator[Finding]:
    for stream in stack.of(STREAM):
        yield from expect_archive(stream, stream.at("extendedS3Configuration", "bucketArn"), stack)


def _saved_queries(stack: Stack) -> Iterator[Finding]:
    for group in log_groups_named(stack, audit_figures.RECORDS_GROUP):
        if isinstance(group, Finding):
            yield group
            continue
        yield from _expect_queries(group, stack)


def _expect_queries(group: Resource, stack: Stack) -> Iterator[Finding]:
    """Require a saved query for each kind of event: in an incident there is no time to write one."""
    missing, unknown = set(audit_figures.EVENT_TYPES), None
    for query in stack.of(QUERY):
        references = stack.refer_each(query, query.at("logGroupNames"), LOG_GROUP)
        names = query.at("logGroupNames").items()
        texts = [node.text() for node in names.value] if isinstance(names, Known) else []
        is_of_group = Found(resource=group) in references or Known(value=audit_figures.RECORDS_GROUP) in texts
        text = query.at("queryString").text()
        for each in (each for each in (*references, text) if isinstance(each, Unknown)):
            unknown = unknown or Finding(resource=query, verdict=each)
        if is_of_group and isinstance(text, Known):
            missing -= _event_kinds(text.value)
    if missing:
        verdict = violation(f"no saved query selects {', '.join(sorted(missing))}", "a QueryDefinition for each kind")
        yield unknown or Finding(resource=group, verdict=verdict)


def _event_kinds(query: str) -> set[str]:
    """Return the kinds of events that the filters of a query select."""
    commands = [command.strip() for command in query.split("|")]
    filters = " ".join(each for each in commands if each.startswith("filter ") and audit_figures.EVENT_FIELD in each)
    words = set(re.findall(r"\w+", filters))
    return {kind for kind in audit_figures.EVENT_TYPES if kind in words}


RULES = (
    StackRule(
        id="audit-records",
        section=SECTION,
        description=f"Each stack has the log group {audit_figures.RECORDS_GROUP}, which the document's query reads",
        remedy=f"Create the log group {audit_figures.RECORDS_GROUP}.",
        severity="medium",
        judge=_records_exist,
    ),
    StackRule(
        id="audit-records-archived",
        section=SECTION,
        description="All audit records and all logs of the database are archived",
        remedy="Create a LogSubscriptionFilter of the log group, and there "
        f"{', '.join(row.remedy for row in SUBSCRIPTION_ROWS)}.",
        severity="high",
        judge=_archived,
    ),
    property_rule(
        "audit-stream",
        section="Data Handling",
        description="A delivery stream to the archive is protected, and encrypted with a customer managed key",
        types=STREAM,
        rows=(
            equals("destination", "extended_s3"),
            is_true("serverSideEncryption.enabled", default=False),
            equals("serverSideEncryption.keyType", "CUSTOMER_MANAGED_CMK", default="AWS_OWNED_CMK"),
            customer_managed_key("serverSideEncryption.keyArn"),
        ),
        also=_protection,
        remedy="Set the option protect.",
        severity="medium",
        controls=("DataFirehose.1",),
    ),
    StackRule(
        id="audit-stream-destination",
        section=SECTION,
        description="A delivery stream writes to this stack's archive",
        remedy="Set extendedS3Configuration.bucketArn to the ARN of the archive.",
        severity="high",
        judge=_stream_destinations,
    ),
    StackRule(
        id="audit-queries",
        section=SECTION,
        description="There is a saved query for each kind of event in the document",
        remedy=f"Save a query of {audit_figures.RECORDS_GROUP} for each kind of event, with a filter on "
        f"{audit_figures.EVENT_FIELD}.",
        severity="low",
        judge=_saved_queries,
    ),
)
