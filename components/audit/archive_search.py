"""The archive as a table of Athena, and the workgroup in which it is searched.

Section: Audit Logging (query audit logs), for records that CloudWatch Logs no longer has. A line of a file is one batch
of a log subscription (delivery.py). Partitions are projected: a partition is an hour of arrival, without a crawler.
"""

import pulumi
import pulumi_aws as aws

from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment

# The fields of a batch, as CloudWatch Logs sends it to a subscription. Hive's names are lower case; the SerDe ignores
# the case of the fields.
COLUMNS = {
    "messagetype": "string",
    "owner": "string",
    "loggroup": "string",
    "logstream": "string",
    "subscriptionfilters": "array<string>",
    "logevents": "array<struct<id:string,timestamp:bigint,message:string>>",
}
# AWS's documentation warns of the OpenX SerDe: it may return more or fewer rows than there are.
SERDE = "org.apache.hive.hcatalog.data.JsonSerDe"
INPUT_FORMAT = "org.apache.hadoop.mapred.TextInputFormat"
OUTPUT_FORMAT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
# The only version that reads restored copies of objects in Deep Archive.
ENGINE = "Athena engine version 3"
# A query that reads more is stopped: 100 GiB cost 0.5 dollars in Athena, and 3 dollars of retrieval from Glacier.
MAX_BYTES = 100 * 1024**3


def create_archive_search(
    logical: str, *, environment: Environment, retention: int, keys: KeysOutputs, parent: pulumi.Resource
) -> None:
    """Create database, table and workgroup; `retention` is the archive's, in days."""
    child_opts = pulumi.ResourceOptions(parent=parent)
    names = environment.audit_archive
    database = aws.glue.CatalogDatabase(
        logical, name=names.database, description=f"{environment.name}: the audit archive", opts=child_opts
    )
    _table(logical, environment, retention, database, child_opts)
    aws.athena.Workgroup(
        logical,
        name=names.workgroup,
        description="Searches the audit archive",
        configuration=aws.athena.WorkgroupConfigurationArgs(
            # A client can't choose another place or another key for its results.
            enforce_workgroup_configuration=True,
            bytes_scanned_cutoff_per_query=MAX_BYTES,
            publish_cloudwatch_metrics_enabled=True,
            engine_version=aws.athena.WorkgroupConfigurationEngineVersionArgs(selected_engine_version=ENGINE),
            # In Athena's storage, which deletes them after 24 hours: a bucket would hold copies of audit records.
            managed_query_results_configuration=aws.athena.WorkgroupConfigurationManagedQueryResultsConfigurationArgs(
                enabled=True,
                encryption_configuration=(
                    aws.athena.WorkgroupConfigurationManagedQueryResultsConfigurationEncryptionConfigurationArgs(
                        kms_key=keys.audit
                    )
                ),
            ),
        ),
        # Its history doesn't prevent a deletion: each query is an event of the trail.
        force_destroy=True,
        opts=child_opts,
    )


def _table(
    logical: str,
    environment: Environment,
    retention: int,
    database: aws.glue.CatalogDatabase,
    opts: pulumi.ResourceOptions,
) -> None:
    names = environment.audit_archive
    location = f"s3://{names.bucket}/{names.prefix}"
    aws.glue.CatalogTable(
        logical,
        name=names.table,
        database_name=database.name,
        description="Batches of log events by their hour of arrival in UTC",
        table_type="EXTERNAL_TABLE",
        parameters={
            "EXTERNAL": "TRUE",
            "classification": "json",
            "projection.enabled": "true",
            "projection.datehour.type": "date",
            "projection.datehour.format": "yyyy/MM/dd/HH",
            # A day more than the retention: an object expires at the end of its last day.
            "projection.datehour.range": f"NOW-{retention + 1}DAYS,NOW",
            "projection.datehour.interval": "1",
            "projection.datehour.interval.unit": "HOURS",
            "storage.location.template": f"{location}${{datehour}}/",
            # Otherwise Athena skips objects in Deep Archive even after they are restored.
            "read_restored_glacier_objects": "true",
        },
        partition_keys=[aws.glue.CatalogTablePartitionKeyArgs(name="datehour", type="string")],
        storage_descriptor=aws.glue.CatalogTableStorageDescriptorArgs(
            location=location,
            columns=[
                aws.glue.CatalogTableStorageDescriptorColumnArgs(name=name, type=type_)
                for name, type_ in COLUMNS.items()
            ],
            compressed=True,
            input_format=INPUT_FORMAT,
            output_format=OUTPUT_FORMAT,
            ser_de_info=aws.glue.CatalogTableStorageDescriptorSerDeInfoArgs(
                name=names.table, serialization_library=SERDE
            ),
        ),
        opts=opts,
    )
