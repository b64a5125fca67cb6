"""The audit: what the trail writes down, who may do what with an archive, and what can be asked of records."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import cast

import pytest

from sandbox.__main__ import PROJECT, STACKS
from sandbox.values import Value
from tests.engine.both import Both, Resource, inputs_of, of_type
from tests.engine.iam import Request, Statement, may

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
# The document's own, word for word.
DOCUMENTS_PATTERN = '{ $.event_type = "data_access" }'
KINDS = {"authentication", "data_access", "configuration_change", "error"}
ARCHIVES = {stack: f"arn:aws:s3:::taskflow-{stack}-audit-archive-{ACCOUNT}" for stack in STACKS}
ADMINISTRATOR: Sequence[Statement] = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
TRAIL_ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/taskflow-production"


def _of(both: Both, stack: str, type_: str, name: str = "") -> list[Resource]:
    return [r for r in of_type(both, stack, type_) if not name or str(r["urn"]).endswith(f"::{name}")]


def _statements(both: Both, stack: str, type_: str, name: str) -> list[Statement]:
    (resource,) = _of(both, stack, type_, name)
    return json.loads(str(inputs_of(resource)["policy"]))["Statement"]


def _is_written(both: Both, event: Mapping[str, str]) -> bool:
    """Judge an event by the trail's selectors as CloudTrail does: any selector that takes it, by all of its fields."""
    (trail,) = _of(both, "production", TRAIL)
    selectors = cast("list[Mapping[str, list[Mapping[str, Value]]]]", inputs_of(trail)["advancedEventSelectors"])
    return any(all(_takes(field, event) for field in selector["fieldSelectors"]) for selector in selectors)


def _takes(field: Mapping[str, Value], event: Mapping[str, str]) -> bool:
    value = event.get(str(field["field"]), "")

    def any_of(key: str) -> bool | None:
        wanted = [str(each) for each in cast("list[Value]", field.get(key) or [])]
        compare = str.__eq__ if key.lower().endswith("equals") else str.startswith
        return any(compare(value, each) for each in wanted) if wanted else None

    unknown = set(field) - {"field", "equals", "startsWiths", "notStartsWiths"}
    assert not unknown, f"{unknown} isn't judged here"
    selected = [any_of("equals"), any_of("startsWiths")]
    return not any_of("notStartsWiths") and any(selected)


def _file(arn: str, *, reads: bool) -> Mapping[str, str]:
    return {
        "eventCategory": "Data",
        "resources.type": "AWS::S3::Object",
        "resources.ARN": f"{arn}/AWSLogs/file",
        "readOnly": str(reads).lower(),
    }


@pytest.mark.parametrize("archive", ARCHIVES.values())
def test_who_reads_an_archive_is_written_down_but_not_what_the_trail_writes_there(both: Both, archive: str) -> None:
    assert _is_written(both, _file(archive, reads=True))
    assert not _is_written(both, _file(archive, reads=False)), "each of its files would be an event for the next"


@pytest.mark.parametrize("reads", [True, False])
def test_each_call_and_each_use_of_a_file_is_written_down(both: Both, reads: bool) -> None:
    assert _is_written(both, {"eventCategory": "Management", "readOnly": str(reads).lower()})
    buckets = [inputs_of(r)["bucket"] for stack in STACKS for r in _of(both, stack, "aws:s3/bucket:Bucket")]
    for name in buckets:
        arn = f"arn:aws:s3:::{name}"
        assert _is_written(both, _file(arn, reads=reads)) or arn in ARCHIVES.values(), name
    assert not _is_written(both, _file("arn:aws:s3:::another-bucket", reads=reads)), "the application's own alone"


def test_production_alone_has_the_trail_and_it_is_the_accounts(both: Both) -> None:
    assert not _of(both, "dr", TRAIL)
    (trail,) = _of(both, "production", TRAIL)
    inputs, outputs = inputs_of(trail), cast("Resource", trail["outputs"])
    assert trail["protect"]
    assert outputs["arn"] == TRAIL_ARN, "its key and its bucket name it before it is made"
    assert str(inputs["cloudWatchLogsGroupArn"]).endswith(":log-group:/taskflow/production/trail:*")
    for switch in ("isMultiRegionTrail", "includeGlobalServiceEvents", "enableLogFileValidation", "enableLogging"):
        assert inputs[switch] is True, switch


@pytest.mark.parametrize("stack", STACKS)
def test_nobody_deletes_or_loosens_what_keeps_an_archive(both: Both, stack: str) -> None:
    """An administrator too has to lift the policy first."""
    archive = ARCHIVES[stack]
    person = f"arn:aws:iam::{ACCOUNT}:role/administrator"
    statements = [*ADMINISTRATOR, *_statements(both, stack, POLICY, "audit-archive")]

    def can(action: str, resource: str) -> bool:
        return may(Request(principal=person, action=action, resource=resource), statements)

    of_files = ("DeleteObject", "DeleteObjectVersion", "BypassGovernanceRetention", "PutObjectRetention")
    of_bucket = ("PutBucketObjectLockConfiguration", "PutLifecycleConfiguration", "DeleteBucket")
    assert [action for action in of_files if can(f"s3:{action}", f"{archive}/records/file")] == []
    assert [action for action in of_bucket if can(f"s3:{action}", archive)] == []
    assert can("s3:GetObject", f"{archive}/records/file"), "it is kept to be read"
    assert can("s3:PutBucketTagging", archive), "what deploys daily goes on"


@pytest.mark.parametrize("stack", STACKS)
def test_an_archives_policy_comes_after_what_it_forbids_to_change(both: Both, stack: str) -> None:
    """Else the first `up` couldn't set the lock and the lifecycle."""
    (policy,) = _of(both, stack, POLICY, "audit-archive")
    waits = {str(urn).rsplit("$", 1)[-1] for urn in cast("list[Value]", policy["dependencies"])}
    for kind in ("BucketObjectLockConfiguration", "BucketLifecycleConfiguration"):
        assert f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}::audit-archive" in waits


def test_cloudtrail_writes_to_the_archive_for_this_trail_alone(both: Both) -> None:
    policy, key = _statements(both, "production", POLICY, "audit-archive"), _key(both, "production")
    context = {
        "s3:x-amz-acl": "bucket-owner-full-control",
        "kms:EncryptionContext:aws:cloudtrail:arn": TRAIL_ARN,
    }

    def can(trail: str, action: str, resource: str, documents: Sequence[Statement]) -> bool:
        own = [s for s in documents if s["Principal"] == {"Service": "cloudtrail.amazonaws.com"}]
        request = Request(
            principal=f"arn:aws:iam::{ACCOUNT}:cloudtrail",
            action=action,
            resource=resource,
            context={**context, "aws:SourceArn": trail},
        )
        return may(request, own)

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


def _key(both: Both, stack: str) -> list[Statement]:
    return _statements(both, stack, "aws:kms/key:Key", "keys-audit")


@pytest.mark.parametrize("stack", STACKS)
def test_who_brings_records_writes_below_their_prefix_and_deletes_nothing(both: Both, stack: str) -> None:
    archive, region = ARCHIVES[stack], REGIONS[stack]
    own = _statements(both, stack, INLINE, "audit-archive-delivery")
    role = f"arn:aws:iam::{ACCOUNT}:role/delivery"

    def can(action: str, resource: str) -> bool:
        return may(Request(principal=role, action=action, resource=resource), own)

    assert can("s3:PutObject", f"{archive}/records/2026/01/01/00/file.json.gz")
    assert not can("s3:PutObject", f"{archive}/AWSLogs/{ACCOUNT}/file"), "the trail's files are the trail's"
    for action in ("DeleteObject", "DeleteObjectVersion", "PutObjectRetention", "BypassGovernanceRetention"):
        assert not can(f"s3:{action}", f"{archive}/records/file"), action
    stream = f"arn:aws:firehose:{region}:{ACCOUNT}:deliverystream/taskflow-{stack}-audit"
    (made,) = _of(both, stack, STREAM)
    assert cast("Resource", made["outputs"])["arn"] == stream, "its role's policy names it before it is made"
    own = _statements(both, stack, INLINE, "audit-subscription")
    assert [can(action, stream) for action in ("firehose:PutRecordBatch", "firehose:DeleteDeliveryStream")] == [
        True, False
    ]  # fmt: skip


@pytest.mark.parametrize("stack", STACKS)
def test_every_record_of_people_is_archived(both: Both, stack: str) -> None:
    groups = [str(inputs_of(r)["name"]) for r in _of(both, stack, GROUP)]
    wanted = {"/taskflow/audit", *(name for name in groups if re.fullmatch(r"/aws/rds/instance/.+/postgresql", name))}
    subscriptions = [inputs_of(r) for r in _of(both, stack, SUBSCRIPTION)]
    assert {str(each["logGroup"]) for each in subscriptions} == wanted
    assert len(wanted) == (3 if stack == "production" else 2), "the application's, and each instance's"
    (stream,) = _of(both, stack, STREAM)
    for each in subscriptions:
        assert each["filterPattern"] == "", "nothing is left out"
        assert each["destinationArn"] == cast("Resource", stream["outputs"])["arn"]


@pytest.mark.parametrize("stack", STACKS)
def test_what_keeps_records_is_protected(both: Both, stack: str) -> None:
    kinds = ("aws:s3/bucket:Bucket", "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", STREAM)
    for type_ in kinds:
        (resource,) = _of(both, stack, type_, "audit-archive")
        assert resource.get("protect"), type_
    (group,) = _of(both, stack, GROUP, "audit-records")
    assert group.get("protect")


@pytest.mark.parametrize("stack", STACKS)
def test_the_task_writes_records_and_neither_reads_nor_deletes_them(both: Both, stack: str) -> None:
    own = _statements(both, stack, INLINE, "roles-task-audit")
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
        if may(Request(principal=role, action=f"logs:{action}", resource=resource), own)
    }
    assert allowed == {"CreateLogStream", "PutLogEvents"}


def _samples() -> list[Mapping[str, Value]]:
    (block,) = re.findall(r"```json\n(.*?)```", FORMAT, re.DOTALL)
    return [json.loads(line) for line in block.splitlines()]


def _matches(pattern: str, record: Mapping[str, Value]) -> bool:
    """Judge a record by a filter pattern of CloudWatch Logs, as far as the document's has parts."""
    match = re.fullmatch(r'\{ \$\.(\w+) = "([^"]*)" \}', pattern)
    assert match, f"{pattern} isn't judged here"
    return record.get(match[1]) == match[2]


def test_the_documents_query_finds_what_it_asks_for() -> None:
    assert DOCUMENTS_PATTERN in FORMAT
    assert {str(record["event_type"]) for record in _samples()} == KINDS, "each of the document's kinds has one"
    found = [record["event_type"] for record in _samples() if _matches(DOCUMENTS_PATTERN, record)]
    assert found == ["data_access"]


def test_every_field_of_the_samples_is_said_in_the_format() -> None:
    told = set(re.findall(r"`(\w+)`", FORMAT.partition("## Fields")[2].partition("```")[0]))
    for record in _samples():
        assert set(record) <= told, record["event_type"]


@pytest.mark.parametrize("stack", STACKS)
def test_each_kind_has_a_saved_query_on_the_fields_that_its_records_have(both: Both, stack: str) -> None:
    queries = [inputs_of(r) for r in _of(both, stack, QUERY)]
    samples = {str(record["event_type"]): record for record in _samples()}
    seen: set[str] = set()
    for query in queries:
        assert query["logGroupNames"] == ["/taskflow/audit"]
        fields, filter_, *_ = str(query["queryString"]).split("\n| ")
        match = re.fullmatch(r'filter event_type = "(\w+)"', filter_)
        assert match
        asked = {field for field in fields.removeprefix("fields ").split(", ") if not field.startswith("@")}
        assert asked == set(samples[match[1]]), "all that a record says, and nothing that it doesn't"
        seen.add(match[1])
    assert seen == KINDS
