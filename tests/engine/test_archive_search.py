"""The search of the archive: the planned table reads what the planned delivery writes, and the SQL fits the table."""

import gzip
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from operations.audit.archive import statement
from operations.audit.criteria import Criteria
from operations.audit.files import Files
from operations.audit.time_range import TimeRange
from operations.frame.context import Context
from sandbox.__main__ import STACKS
from sandbox.values import Value
from tests.engine.both import BothStacks, Resource, inputs_of, of_type
from tests.operations.fake.log_events import LogEvent
from tests.operations.fake.world import World
from tests.operations.support import Terminal, settings

pytestmark = pytest.mark.xdist_group("both-stacks")

STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
TABLE, DATABASE = "aws:glue/catalogTable:CatalogTable", "aws:glue/catalogDatabase:CatalogDatabase"
WORKGROUP = "aws:athena/workgroup:Workgroup"
# Java's letters of a time, as Firehose and the projection have them.
JAVA = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H"}
ARRIVED = datetime(2026, 3, 7, 4, 59, tzinfo=UTC)


def _one(both: BothStacks, stack: str, type_: str) -> Mapping[str, Value]:
    (resource,) = of_type(both, stack, type_)
    return inputs_of(resource)


def _destination(both: BothStacks, stack: str) -> Mapping[str, Value]:
    return cast("Mapping[str, Value]", _one(both, stack, STREAM)["extendedS3Configuration"])


def _evaluated(text: str) -> str:
    """Return a prefix of Firehose, or a format of the projection, for the time of arrival."""
    for letters, directive in JAVA.items():
        text = text.replace(letters, f"{ARRIVED:{directive}}")
    return re.sub(r"!\{timestamp:([^}]*)\}", r"\1", text)


def _table(both: BothStacks, stack: str) -> tuple[Mapping[str, str], Mapping[str, Value]]:
    table = _one(both, stack, TABLE)
    return cast("Mapping[str, str]", table["parameters"]), cast("Mapping[str, Value]", table["storageDescriptor"])


@pytest.mark.parametrize("stack", STACKS)
def test_a_file_is_in_the_partition_of_its_hour(both: BothStacks, stack: str) -> None:
    """The prefix of a delivered file, the table's partition, and the file that the tests of the command write."""
    parameters, descriptor = _table(both, stack)
    destination = _destination(both, stack)
    bucket = str(destination["bucketArn"]).removeprefix("arn:aws:s3:::")
    folder = f"s3://{bucket}/{_evaluated(str(destination['prefix']))}"
    hour = _evaluated(parameters["projection.datehour.format"])
    assert parameters["storage.location.template"].replace("${datehour}", hour) == folder
    assert folder.startswith(str(descriptor["location"]))
    world = World(stack=stack)
    assert f"s3://{world.archive.bucket}/{world.archive.deliver([], ARRIVED)}".startswith(folder)


@pytest.mark.parametrize("stack", STACKS)
def test_failed_batches_are_in_no_partition(both: BothStacks, stack: str) -> None:
    names = World(stack=stack).archive
    prefix = str(_destination(both, stack)["errorOutputPrefix"])
    assert prefix.startswith("records/failed/!{firehose:error-output-type}/")
    assert not re.match(r"records/\d{4}/", prefix), names.bucket


@pytest.mark.parametrize("stack", STACKS)
def test_the_projection_covers_the_retention(both: BothStacks, stack: str) -> None:
    parameters, _ = _table(both, stack)
    days = re.fullmatch(r"NOW-(\d+)DAYS,NOW", parameters["projection.datehour.range"])
    assert days
    assert int(days[1]) > settings(stack).audit.archive.retention


@pytest.mark.parametrize("stack", STACKS)
def test_the_columns_are_the_fields_of_a_delivered_batch(both: BothStacks, stack: str) -> None:
    _, descriptor = _table(both, stack)
    columns = {
        str(each["name"]): str(each["type"]) for each in cast("list[Mapping[str, Value]]", descriptor["columns"])
    }
    world = World(stack=stack)
    key = world.archive.deliver([LogEvent(timestamp=1, id="1", stream="s", message="{}")], ARRIVED)
    lines = gzip.decompress(world.archive.files[key].body).decode().splitlines()
    assert len(lines) == 2, "the test record of the subscription, and a batch"
    for line in lines:
        batch = json.loads(line)
        assert [name.lower() for name in batch] == list(columns)
        for event in batch["logEvents"]:
            kinds = {str: "string", int: "bigint"}
            fields = ",".join(f"{name}:{kinds[type(value)]}" for name, value in event.items())
            assert columns["logevents"] == f"array<struct<{fields}>>"


@pytest.mark.parametrize("stack", STACKS)
def test_the_commands_sql_names_the_planned_table(both: BothStacks, stack: str) -> None:
    """UNNEST names the fields of an event by their position."""
    parameters, descriptor = _table(both, stack)
    files = Files(first=ARRIVED, last=ARRIVED, count=1, size=1, unreadable=(), failed=0)
    range_ = TimeRange(start=ARRIVED - timedelta(days=1), end=ARRIVED)

    def of_command(context: Context) -> tuple[str, list[str]]:
        return statement(context, Criteria(), range_, files, 10)

    sql, values = Terminal(world=World(stack=stack), stack=stack).run_with(of_command)
    table = _one(both, stack, TABLE)
    assert f'FROM "{table["databaseName"]}"."{table["name"]}"' in sql
    assert _one(both, stack, DATABASE)["name"] == table["databaseName"]
    columns = {
        str(each["name"]): str(each["type"]) for each in cast("list[Mapping[str, Value]]", descriptor["columns"])
    }
    assert {"messagetype", "loggroup", "logstream", "logevents"} <= columns.keys()
    unnested = re.findall(r"(\w+):", columns["logevents"])
    assert unnested == ["id", "timestamp", "message"]
    assert "UNNEST(logevents) AS entry (event_id, event_time, message)" in sql
    hour = _evaluated(parameters["projection.datehour.format"])
    assert f"datehour BETWEEN '{hour}' AND '{hour}'" in sql
    assert values == ["'/taskflow/audit'"]


@pytest.mark.parametrize("stack", STACKS)
def test_results_are_encrypted_by_the_audit_key(both: BothStacks, stack: str) -> None:
    workgroup = _one(both, stack, WORKGROUP)
    configuration = cast("Mapping[str, Resource]", workgroup["configuration"])
    results = cast("Mapping[str, Resource]", configuration["managedQueryResultsConfiguration"])
    (key,) = [each for each in of_type(both, stack, "aws:kms/key:Key") if str(each["urn"]).endswith("::keys-audit")]
    arn = cast("Resource", key["outputs"])["arn"]
    assert results == {"enabled": True, "encryptionConfiguration": {"kmsKey": arn}}
