"""Changes that violate the rules about the archive's search. Data only."""

from tests.policies.compliant.audit import DELIVERY, SEARCH, SEARCHED, archive_name, processors, table_parameters
from tests.policies.mutations.database import each
from tests.policies.mutations.mutation import Change, mutation, removes
from tests.policies.plan import REMOVED, STACKS, Plan

PROCESSING = "extendedS3Configuration.processingConfiguration"
RESULTS = "configuration.managedQueryResultsConfiguration"


def _parameters(**changed: object) -> Change:
    """Change parameters of the table; None removes one."""

    def change(plan: Plan) -> None:
        plan.set(SEARCHED, "parameters", table_parameters(plan.stack, **changed))

    return change


LINES = each(
    "audit-archive-lines@audit-archive",
    DELIVERY,
    ("files with all batches in one line", PROCESSING, REMOVED),
    ("processing that is off", f"{PROCESSING}.enabled", False),
    ("processing without its switch", f"{PROCESSING}.enabled", REMOVED),
    ("no processors", f"{PROCESSING}.processors", REMOVED),
    ("batches without a delimiter", f"{PROCESSING}.processors", processors("Decompression")),
    ("lines of compressed batches", f"{PROCESSING}.processors", processors("AppendDelimiterToRecord")),
    (
        "delimiters before decompression",
        f"{PROCESSING}.processors",
        processors("AppendDelimiterToRecord", "Decompression"),
    ),
    (
        "messages without their time",
        f"{PROCESSING}.processors",
        processors("Decompression", "CloudWatchLogProcessing", "AppendDelimiterToRecord"),
    ),
    ("files that aren't compressed", "extendedS3Configuration.compressionFormat", "UNCOMPRESSED"),
    ("files without a compression", "extendedS3Configuration.compressionFormat", REMOVED),
    ("compressed files that look like text", "extendedS3Configuration.fileExtension", ".json"),
)

TABLES = (
    *(
        mutation(
            f"{stack}'s archive without a {kind}",
            removes(key),
            f"audit-archive-search@taskflow-{stack}",
            stacks=(stack,),
        )
        for stack in STACKS
        for kind, key in (("table", SEARCHED), ("workgroup", SEARCH))
    ),
    *(
        mutation(label, _parameters(**changed), "audit-archive-search@audit-search")
        for label, changed in (
            ("a table without a projection", {"projection__enabled": None}),
            ("a projection that is off", {"projection__enabled": "false"}),
            ("a projection of numbers", {"projection__datehour__type": "integer"}),
            ("a projection without a type", {"projection__datehour__type": None}),
            ("a projection of days", {"projection__datehour__format": "yyyy/MM/dd"}),
            ("a projection without a format", {"projection__datehour__format": None}),
            ("a projection of five years", {"projection__datehour__range": "NOW-1825DAYS,NOW"}),
            ("a projection from a date on", {"projection__datehour__range": "2027/01/01/00,NOW"}),
            ("a projection without a range", {"projection__datehour__range": None}),
            ("partitions elsewhere", {"storage__location__template": "s3://elsewhere/records/${datehour}/"}),
            ("partitions without a template", {"storage__location__template": None}),
            ("restored files that are skipped", {"read_restored_glacier_objects": "false"}),
            ("a table without restored files", {"read_restored_glacier_objects": None}),
        )
    ),
    *each(
        "audit-archive-search@audit-search",
        SEARCHED,
        ("a table of another bucket", "storageDescriptor.location", "s3://elsewhere/records/"),
        ("a table of the trail's files", "storageDescriptor.location", f"s3://{archive_name('production')}/AWSLogs/"),
        ("a table without a location", "storageDescriptor.location", REMOVED),
        (
            "a SerDe that may lose rows",
            "storageDescriptor.serDeInfo.serializationLibrary",
            "org.openx.data.jsonserde.JsonSerDe",
        ),
        ("a table without a SerDe", "storageDescriptor.serDeInfo", REMOVED),
    ),
    *each(
        "audit-archive-search@audit-archive",
        DELIVERY,
        ("a stream without a folder for each hour", "extendedS3Configuration.prefix", "records/"),
        ("a stream without a prefix", "extendedS3Configuration.prefix", REMOVED),
    ),
    *each(
        "audit-archive-search@audit-search",
        DELIVERY,
        ("a stream to another folder", "extendedS3Configuration.prefix", "other/!{timestamp:yyyy/MM/dd/HH}/"),
        ("a stream with a folder for each day", "extendedS3Configuration.prefix", "records/!{timestamp:yyyy/MM/dd}/"),
    ),
)

WORKGROUPS = each(
    "audit-archive-workgroup@audit-search",
    SEARCH,
    ("clients that choose the results' place", "configuration.enforceWorkgroupConfiguration", False),
    ("results in no storage", RESULTS, REMOVED),
    ("results that Athena doesn't store", f"{RESULTS}.enabled", False),
    ("results without the switch", f"{RESULTS}.enabled", REMOVED),
    ("results under AWS's key", f"{RESULTS}.encryptionConfiguration", REMOVED),
    ("results without a key", f"{RESULTS}.encryptionConfiguration.kmsKey", REMOVED),
    ("results in a bucket", "configuration.resultConfiguration", {"outputLocation": "s3://elsewhere/"}),
    ("a newer engine", "configuration.engineVersion.selectedEngineVersion", "AUTO"),
    ("a workgroup without an engine", "configuration.engineVersion", REMOVED),
    ("searches without a limit", "configuration.bytesScannedCutoffPerQuery", REMOVED),
    ("searches of 2 TiB", "configuration.bytesScannedCutoffPerQuery", 2 * 1024**4),
    ("a workgroup without a configuration", "configuration", REMOVED),
)

CHANGES = (*LINES, *TABLES, *WORKGROUPS)
