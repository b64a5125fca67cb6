"""Rules about the archive's search by Athena: files of lines, a table over these files, a restricted workgroup."""

import re
from collections.abc import Iterator

from policies.engine.expectations import between, equals, expect, is_true, must_be_absent, property_rule, row
from policies.engine.facts import Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Stack
from policies.engine.rule import Finding, StackRule, Verdict, aws_type, findings, report, violation
from policies.figures import audit as audit_figures
from policies.figures.common import APPLICATION
from policies.readers.encryption_keys import customer_managed_key
from policies.readers.stacks import is_planned, stack_resource
from policies.rules.audit.destinations import STREAM

TABLE = aws_type("glue", "CatalogTable")
WORKGROUP = aws_type("athena", "Workgroup")
SECTION = "Audit Logging"
KEY = audit_figures.PARTITION_KEY

_CONFIGURATION = "configuration.managedQueryResultsConfiguration"
_PROCESSING = "extendedS3Configuration.processingConfiguration"
_PREFIX = re.compile(r"(?P<folder>[^!]+/)!\{timestamp:(?P<format>[^}]+)\}/")


def _processors(node: Node) -> Iterator[Verdict]:
    """Require exactly these processors: message extraction would drop the records' time and log group."""
    required, name = audit_figures.LINE_PROCESSORS, ".".join(node.path)
    match node.items():
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield violation(f"{name} isn't set: a file has all of its batches in one line", " and ".join(required))
        case Known(value=nodes):
            types = [each.at("type").text() for each in nodes]
            unknown = next((each for each in types if isinstance(each, Unknown)), None)
            found = [each.value for each in types if isinstance(each, Known)]
            if unknown:
                yield unknown
            elif tuple(found) != required:
                yield violation(f"{name} has {', '.join(found) or 'no type'}", " and then ".join(required))


def _extension(node: Node) -> Iterator[Verdict]:
    match node.text():
        case Unknown() as unknown:
            yield unknown
        case Known(value=value) if not value.endswith(".gz"):
            yield violation(f"{'.'.join(node.path)} is {value}: Athena would read compressed text as it is", "….gz")
        # Firehose's default extension for GZIP is .gz.
        case _:
            pass


def _search(stack: Stack) -> Iterator[Finding]:
    tables = stack.of(TABLE)
    if is_planned(stack):
        for type_, name in ((TABLE, "table of the archive"), (WORKGROUP, "workgroup that searches the archive")):
            if not stack.of(type_):
                yield report(stack_resource(stack), f"there is no {name}", f"a {type_.rpartition(':')[2]}")
    for table in tables:
        for stream in stack.of(STREAM):
            yield from _matches(table, stream, stack)


def _matches(table: Resource, stream: Resource, stack: Stack) -> Iterator[Finding]:
    """Require that the table's partitions are the folders that the stream writes to."""
    prefix = stream.at("extendedS3Configuration", "prefix").text()
    if isinstance(prefix, Unknown):
        yield Finding(resource=stream, verdict=prefix)
        return
    written = _PREFIX.fullmatch(prefix.value) if isinstance(prefix, Known) else None
    if written is None:
        found = f"is {prefix.value}" if isinstance(prefix, Known) else "isn't set"
        yield report(stream, f"extendedS3Configuration.prefix {found}", "a folder and !{timestamp:yyyy/MM/dd/HH}/")
        return
    bucket = f"{APPLICATION}-{stack.name}{audit_figures.ARCHIVE_BUCKET_ENDING}"
    yield from findings(table, _table(table, f"s3://{bucket}/{written['folder']}", written["format"]))


def _table(table: Resource, location: str, format_: str) -> Iterator[Verdict]:
    descriptor, parameters = table.at("storageDescriptor"), table.at("parameters")
    yield from expect(descriptor.at("location"), location)
    yield from expect(descriptor.at("serDeInfo", "serializationLibrary"), audit_figures.SERDE)
    for name, value in (
        ("projection.enabled", "true"),
        (f"projection.{KEY}.type", "date"),
        (f"projection.{KEY}.format", format_),
        ("storage.location.template", f"{location}${{{KEY}}}/"),
        ("read_restored_glacier_objects", "true"),
    ):
        yield from expect(parameters.at(name), value)
    yield from _range(parameters.at(f"projection.{KEY}.range"))


def _range(node: Node) -> Iterator[Verdict]:
    """Require the whole retention: Athena finds nothing outside the range, and doesn't say so."""
    match node.text():
        case Unknown() as unknown:
            yield unknown
        case fact:
            text = fact.value if isinstance(fact, Known) else ""
            days = re.fullmatch(r"NOW-(\d+)DAYS,NOW", text)
            if not days or int(days[1]) < audit_figures.ARCHIVE_DAYS:
                found = f"is {text}" if text else "isn't set"
                allowed = f"NOW-…DAYS,NOW with at least {audit_figures.ARCHIVE_DAYS} days"
                yield violation(f"{'.'.join(node.path)} {found}", allowed)


RULES = (
    property_rule(
        "audit-archive-lines",
        section=SECTION,
        description="A file of the archive has a batch of records in each line, so that Athena reads all of them",
        types=STREAM,
        rows=(
            is_true(f"{_PROCESSING}.enabled"),
            row(
                f"{_PROCESSING}.processors",
                f"set {_PROCESSING}.processors to {' and '.join(audit_figures.LINE_PROCESSORS)}",
                _processors,
            ),
            equals("extendedS3Configuration.compressionFormat", "GZIP"),
            row(
                "extendedS3Configuration.fileExtension",
                "end extendedS3Configuration.fileExtension with .gz",
                _extension,
            ),
        ),
        severity="high",
    ),
    StackRule(
        id="audit-archive-search",
        section=SECTION,
        description="Each stack has a table of Athena whose partitions are the folders of its archive, for all years",
        remedy="Create a CatalogTable with the archive's location, a projection of its folders over the retention, and "
        "read_restored_glacier_objects, and a Workgroup.",
        severity="high",
        judge=_search,
    ),
    property_rule(
        "audit-archive-workgroup",
        section="Data Handling",
        description="Results of searches are in Athena's storage under a customer managed key; a search reads 1 TiB at "
        "most",
        types=WORKGROUP,
        rows=(
            is_true("configuration.enforceWorkgroupConfiguration", default=True),
            is_true(f"{_CONFIGURATION}.enabled"),
            customer_managed_key(f"{_CONFIGURATION}.encryptionConfiguration.kmsKey"),
            must_be_absent("configuration.resultConfiguration", "a bucket would keep copies of audit records"),
            equals("configuration.engineVersion.selectedEngineVersion", audit_figures.ENGINE),
            between("configuration.bytesScannedCutoffPerQuery", *audit_figures.SEARCH_BYTES),
        ),
        severity="medium",
        controls=("Athena.1",),
    ),
)
