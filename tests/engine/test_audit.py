"""Audit: the events that the trail records, access to the archives, and queries of the audit records."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import cast

import pytest

from sandbox.__main__ import PROJECT, STACKS
from sandbox.values import Value
from tests.engine.both import BothStacks, Resource, inputs_of, of_type
from tests.engine.iam import Request, Statement, is_allowed

pytestmark = pytest.mark.xdist_group("both-stacks")

ACCOUNT = "987654321098"
REGIONS = {"production": "us-east-1", "dr": "us-west-2"}
TRAIL = "aws:cloudtrail/trail:Trail"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
SUBSCRIPTION = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter"
QUERY = "aws:cloudwatch/queryDefinition:QueryDefinition"
STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
INLINE = "aws:iam/rolePolicy:RolePolicy"
FORMAT = (PROJECT / "docs" / "audit-records.md").read_text()
# The filter pattern of the document.
DOCUMENT_PATTERN = '{ $.event_type = "data_access" }'
EVENT_TYPES = {"authentication", "data_access", "configuration_change", "error", "operation"}
ARCHIVES = {stack: f"arn:aws:s3:::taskflow-{stack}-audit-archive-{ACCOUNT}" for stack in STACKS}
ADMINISTRATOR: Sequence[Statement] = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
TRAIL_ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/taskflow-production"


def _of(both: BothStacks, stack: str, type_: str, name: str = "") -> list[Resource]:
    return [r for r in of_type(both, stack, type_) if not name or str(r["urn"]).endswith(f"::{name}")]


def _statements(both: BothStacks, stack: str, type_: str, name: str) -> list[Statement]:
    (resource,) = _of(both, stack, type_, name)
    return json.loads(str(inputs_of(resource)["policy"]))["Statement"]


def _is_recorded(both: BothStacks, event: Mapping[str, str]) -> bool:
    """Evaluate the trail's selectors as CloudTrail does: one selector must match the event in all of its fields."""
    (trail,) = _of(both, "production", TRAIL)
    selectors = cast("list[Mapping[str, list[Mapping[str, Value]]]]", inputs_of(trail)["advancedEventSelectors"])
    return any(all(_matches_field(field, event) for field in selector["fieldSelectors"]) for selector in selectors)


def _matches_field(field: Mapping[str, Value], event: Mapping[str, str]) -> bool:
    value = event.get(str(field["field"]), "")

    def any_of(key: str) -> bool | None:
        expected = [str(each) for each in cast("list[Value]", field.get(key) or [])]
        compare = str.__eq__ if key.lower().endswith("equals") else str.startswith
        return any(compare(value, each) for each in expected) if expected else None

    unknown = set(field) - {"field", "equals", "startsWiths", "notStartsWiths"}
    assert not unknown, f"not supported by this test: {unknown}"
    return not any_of("notStartsWiths") and any([any_of("equals"), any_of("startsWiths")])


def _object_event(arn: str, *, is_read: bool) -> Mapping[str, str]:
    return {
        "eventCategory": "Data",
        "resources.type": "AWS::S3::Object",
        "resources.ARN": f"{arn}/AWSLogs/file",
        "readOnly": str(is_read).lower(),
    }


@pytest.mark.parametrize("archive", ARCHIVES.values())
def test_only_reads_of_an_archive_are_recorded(both: BothStacks, archive: str) -> None:
    assert _is_recorded(both, _object_event(archive, is_read=True))
    assert not _is_recorded(both, _object_event(archive, is_read=False)), "each trail file would cause an event"


@pytest.mark.parametrize("is_read", [True, False])
def test_every_api_call_and_every_object_event_is_recorded(both: BothStacks, is_read: bool) -> None:
    assert _is_recorded(both, {"eventCategory": "Management", "readOnly": str(is_read).lower()})
    buckets = [inputs_of(r)["bucket"] for stack in STACKS for r in _of(both, stack, "aws:s3/bucket:Bucket")]
    for name in buckets:
        arn = f"arn:aws:s3:::{name}"
        assert _is_recorded(both, _object_event(arn, is_read=is_read)) or arn in ARCHIVES.values(), name
    other = _object_event("arn:aws:s3:::another-bucket", is_read=is_read)
    assert not _is_recorded(both, other), "only the application's buckets"


def test_only_production_owns_the_accounts_trail(both: BothStacks) -> None:
    assert not _of(both, "dr", TRAIL)
    (trail,) = _of(both, "production", TRAIL)
    inputs, outputs = inputs_of(trail), cast("Resource", trail["outputs"])
    assert trail["protect"]
    assert outputs["arn"] == TRAIL_ARN, "its key and bucket policies name the ARN"
    assert str(inputs["cloudWatchLogsGroupArn"]).endswith(":log-group:/taskflow/production/trail:*")
    for switch in ("isMultiRegionTrail", "includeGlobalServiceEvents", "enableLogFileValidation", "enableLogging"):
        assert inputs[switch] is True, switch


@pytest.mark.parametrize("stack", STACKS)
def test_no_principal_deletes_records_or_changes_the_lock(both: BothStacks, stack: str) -> None:
    """Even an administrator has to remove the bucket policy first."""
    archive = ARCHIVES[stack]
    person = f"arn:aws:iam::{ACCOUNT}:role/administrator"
    statements = [*ADMINISTRATOR, *_statements(both, stack, POLICY, "audit-archive")]

    def can(action: str, resource: str) -> bool:
        return is_allowed(Request(principal=person, action=action, resource=resource), statements)

    on_records = ("DeleteObject", "DeleteObjectVersion", "BypassGovernanceRetention", "PutObjectRetention")
    on_bucket = ("PutBucketObjectLockConfiguration", "PutLifecycleConfiguration", "DeleteBucket")
    assert [action for action in on_records if can(f"s3:{action}", f"{archive}/records/file")] == []
    assert [action for action in on_bucket if can(f"s3:{action}", archive)] == []
    assert can("s3:GetObject", f"{archive}/records/file"), "records can be read"
    assert can("s3:PutBucketTagging", archive), "deployments aren't affected"


@pytest.mark.parametrize("stack", STACKS)
def test_an_archives_policy_is_created_after_lock_and_lifecycle(both: BothStacks, stack: str) -> None:
    """Otherwise the policy would deny the first `up` to set them."""
    (policy,) = _of(both, stack, POLICY, "audit-archive")
    dependencies = {str(urn).rsplit("$", 1)[-1] for urn in cast("list[Value]", policy["dependencies"])}
    for kind in ("BucketObjectLockConfiguration", "BucketLifecycleConfiguration"):
        assert f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}::audit-archive" in dependencies


def test_cloudtrail_writes_to_the_archive_for_this_trail_only(both: BothStacks) -> None:
    policy, key = _statements(both, "production", POLICY, "audit-archive"), _key(both, "production")
    context = {
        "s3:x-amz-acl": "bucket-owner-full-control",
        "kms:EncryptionContext:aws:cloudtrail:arn": TRAIL_ARN,
    }

    def can(trail: str, action: str, resource: str, documents: Sequence[Statement]) -> bool:
        for_cloudtrail = [s for s in documents if s["Principal"] == {"Service": "cloudtrail.amazonaws.com"}]
        request = Request(
            principal=f"arn:aws:iam::{ACCOUNT}:cloudtrail",
            action=action,
            resource=resource,
            context={**context, "aws:SourceArn": trail},
        )
        return is_allowed(request, for_cloudtrail)

    archive = ARCHIVES["production"]
    file = f"{archive}/AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/01/01/file.json.gz"
    for action, resource, documents in (
        ("s3:GetBucketAcl", archive, policy),
        ("s3:PutObject", file, policy),
        ("kms:GenerateDataKey", "key", key),
        ("kms:Decrypt", "key", key),
        ("kms:DescribeKey", "key", key),
    ):
        assert can(TRAIL_ARN, action, resource, documents), action
        assert not can(f"{TRAIL_ARN}-2", action, resource, documents), action
    assert not can(TRAIL_ARN, "s3:PutObject", f"{archive}/records/file", policy)
    assert not [s for s in _statements(both, "dr", POLICY, "audit-archive") if s["Effect"] == "Allow"]


def _key(both: BothStacks, stack: str) -> list[Statement]:
    return _statements(both, stack, "aws:kms/key:Key", "keys-audit")


@pytest.mark.parametrize("stack", STACKS)
def test_the_delivery_role_only_writes_below_its_prefix(both: BothStacks, stack: str) -> None:
    archive, region = ARCHIVES[stack], REGIONS[stack]
    statements = _statements(both, stack, INLINE, "audit-archive-delivery")
    role = f"arn:aws:iam::{ACCOUNT}:role/delivery"

    def can(action: str, resource: str) -> bool:
        return is_allowed(Request(principal=role, action=action, resource=resource), statements)

    assert can("s3:PutObject", f"{archive}/records/2026/01/01/00/file.json.gz")
    assert not can("s3:PutObject", f"{archive}/AWSLogs/{ACCOUNT}/file"), "only the trail writes its files"
    for action in ("DeleteObject", "DeleteObjectVersion", "PutObjectRetention", "BypassGovernanceRetention"):
        assert not can(f"s3:{action}", f"{archive}/records/file"), action
    stream = f"arn:aws:firehose:{region}:{ACCOUNT}:deliverystream/taskflow-{stack}-audit"
    (delivery_stream,) = _of(both, stack, STREAM)
    assert cast("Resource", delivery_stream["outputs"])["arn"] == stream, "its role's policy names the ARN"
    statements = _statements(both, stack, INLINE, "audit-subscription")
    assert [can(action, stream) for action in ("firehose:PutRecordBatch", "firehose:DeleteDeliveryStream")] == [
        True, False
    ]  # fmt: skip


@pytest.mark.parametrize("stack", STACKS)
def test_every_audit_record_is_archived(both: BothStacks, stack: str) -> None:
    groups = [str(inputs_of(r)["name"]) for r in _of(both, stack, GROUP)]
    expected = {"/taskflow/audit", *(name for name in groups if re.fullmatch(r"/aws/rds/instance/.+/postgresql", name))}
    subscriptions = [inputs_of(r) for r in _of(both, stack, SUBSCRIPTION)]
    assert {str(each["logGroup"]) for each in subscriptions} == expected
    assert len(expected) == (3 if stack == "production" else 2), "the application's and each instance's"
    (stream,) = _of(both, stack, STREAM)
    for each in subscriptions:
        assert each["filterPattern"] == "", "every record"
        assert each["destinationArn"] == cast("Resource", stream["outputs"])["arn"]


@pytest.mark.parametrize("stack", STACKS)
def test_resources_that_hold_records_are_protected(both: BothStacks, stack: str) -> None:
    kinds = ("aws:s3/bucket:Bucket", "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", STREAM)
    for type_ in kinds:
        (resource,) = _of(both, stack, type_, "audit-archive")
        assert resource.get("protect"), type_
    (group,) = _of(both, stack, GROUP, "audit-records")
    assert group.get("protect")


@pytest.mark.parametrize("stack", STACKS)
def test_the_task_only_writes_audit_records(both: BothStacks, stack: str) -> None:
    statements = _statements(both, stack, INLINE, "roles-task-audit")
    group = f"arn:aws:logs:{REGIONS[stack]}:{ACCOUNT}:log-group:/taskflow/audit"
    role = f"arn:aws:iam::{ACCOUNT}:role/task"
    actions = (
        "CreateLogStream",
        "PutLogEvents",
        "GetLogEvents",
        "FilterLogEvents",
        "DeleteLogStream",
        "DeleteLogGroup",
    )
    allowed = {
        action
        for action in actions
        for resource in (group, f"{group}:*", f"{group}:log-stream:task-1")
        if is_allowed(Request(principal=role, action=f"logs:{action}", resource=resource), statements)
    }
    assert allowed == {"CreateLogStream", "PutLogEvents"}


def _samples() -> list[Mapping[str, Value]]:
    blocks = re.findall(r"```json\n(.*?)```", FORMAT, re.DOTALL)
    return [json.loads(line) for block in blocks for line in block.splitlines()]


def _matches(pattern: str, record: Mapping[str, Value]) -> bool:
    """Evaluate a filter pattern of CloudWatch Logs, of the document's form only."""
    match = re.fullmatch(r'\{ \$\.(\w+) = "([^"]*)" \}', pattern)
    assert match, f"not supported by this test: {pattern}"
    return record.get(match[1]) == match[2]


def test_the_documents_query_finds_the_right_records() -> None:
    assert DOCUMENT_PATTERN in FORMAT
    assert {str(record["event_type"]) for record in _samples()} == EVENT_TYPES, "a sample of each event type"
    found = [record["event_type"] for record in _samples() if _matches(DOCUMENT_PATTERN, record)]
    assert found == ["data_access"]


def test_every_field_of_the_samples_is_documented() -> None:
    documented = set(re.findall(r"`(\w+)`", FORMAT.partition("## Fields")[2].partition("## Queries")[0]))
    for record in _samples():
        assert set(record) <= documented, record["event_type"]


@pytest.mark.parametrize("stack", STACKS)
def test_each_event_type_has_a_saved_query_for_all_of_its_fields(both: BothStacks, stack: str) -> None:
    queries = [inputs_of(r) for r in _of(both, stack, QUERY)]
    # Not every command has every field.
    samples: dict[str, set[str]] = defaultdict(set)
    for record in _samples():
        samples[str(record["event_type"])] |= set(record)
    seen: set[str] = set()
    for query in queries:
        assert query["logGroupNames"] == ["/taskflow/audit"]
        fields, filter_, *_ = str(query["queryString"]).split("\n| ")
        match = re.fullmatch(r'filter event_type = "(\w+)"', filter_)
        assert match
        queried = {field for field in fields.removeprefix("fields ").split(", ") if not field.startswith("@")}
        assert queried == samples[match[1]]
        seen.add(match[1])
    assert seen == EVENT_TYPES
