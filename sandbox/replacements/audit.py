"""Replacements for CloudTrail, log groups, streams, saved queries and the archive's search. See table.py."""

from collections.abc import Mapping

from sandbox.replacements.replacement import Replacement, row

AUDIT: Mapping[str, Replacement] = {
    "aws:athena/workgroup:Workgroup": row(
        "athena/workgroup.go: ForceNew on the name; configuration, state and description are UpdateWorkGroup", "name"
    ),
    "aws:cloudtrail/trail:Trail": row(
        "cloudtrail/trail.go: ForceNew on the name; bucket, key, group and selectors are UpdateTrail and "
        "PutEventSelectors",
        "name",
    ),
    "aws:cloudwatch/logGroup:LogGroup": row(
        "logs/group.go: ForceNew; retention and key change in place", "logGroupClass", "name", "namePrefix"
    ),
    "aws:cloudwatch/logStream:LogStream": row("logs/stream.go: ForceNew on both", "logGroupName", "name"),
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": row(
        "logs/subscription_filter.go: ForceNew; pattern, role and distribution are PutSubscriptionFilter again",
        "destinationArn", "logGroup", "name",
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": row(
        "logs/query_definition.go: no ForceNew; another name is PutQueryDefinition with the same id"
    ),
    "aws:glue/catalogDatabase:CatalogDatabase": row(
        "glue/catalog_database.go: ForceNew on both; the others are UpdateDatabase", "catalogId", "name"
    ),
    "aws:glue/catalogTable:CatalogTable": row(
        "glue/catalog_table.go: ForceNew; columns, location and parameters are UpdateTable",
        "catalogId", "databaseName", "name", "openTableFormatInput", "partitionIndices",
    ),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": row(
        "firehose/delivery_stream.go: ForceNew; bucket, prefix, buffer and key are UpdateDestination and "
        "StartDeliveryStreamEncryption. Properties of other destinations are not modelled here",
        "destination", "extendedS3Configuration.dynamicPartitioningConfiguration", "kinesisSourceConfiguration",
        "mskSourceConfiguration", "name",
    ),
}  # fmt: skip
