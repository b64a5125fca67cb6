"""`taskflow data export`: what infrastructure holds of one person, in an archive that only the recipient can open.

Section: Data Handling (Data export). A task in AWS gathers rows and files and encrypts them (decision 0048): the person
who runs the command receives the archive only. Whatever stopped a run, the next one with the same options and the same
ticket finds the task or its archive.
"""

import filecmp
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import BotoCoreError

from operations.audit.time_range import MAX_AGO, time_range
from operations.data.export_task import NOT_INCLUDED, Archive, ExportTask, Request
from operations.data.subject import Subject
from operations.frame.context import Context, Operation
from operations.frame.errors import ExitCode, OperationError
from operations.frame.sizes import size_of
from operations.incident.files import create_file

# Recipients of age are Bech32, whose checksum the task's age checks.
RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")
# Linux limits an argument of a program to 128 KiB.
MAX_QUERIES = 100_000
# More than any audit record is kept.
ALWAYS = f"{MAX_AGO.days}d"


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """The options as a person enters them."""

    subject: str
    recipient: str
    queries: Path
    since: str = ALWAYS
    output: Path | None = None


def export(context: Context, options: ExportOptions) -> None:
    """Gather a person's data and download the archive. Run it again to continue after an interruption."""
    subject, queries = Subject(id=options.subject), _queries(options)
    range_ = time_range(options.since, None, context.clock.now())
    operation = Operation(context=context, action="data export")
    with operation.running():
        ticket = operation.ticket or ""
        task = ExportTask(
            context=context,
            request=Request(
                subject=subject, recipient=options.recipient, queries=queries, since=options.since, ticket=ticket
            ),
        )
        output = options.output or Path(f"export-{subject.id}-{ticket}.tar.age")
        archive = task.archive()
        if archive is None and output.exists():
            raise _exists(output)
        count, size = task.files()
        operation.details |= {"recipient": options.recipient, "count": count, "bytes": size}
        operation.begin(f"export of the data of {task.digest}", list(_changes(task, archive, count, size)))
        archive = archive or task.gather(range_, count, size)
        _download(context, task, archive, output)
        _show(context, task, archive, output)
        if archive.counts["files"] != count:
            context.report.warning(f"The archive has {archive.counts['files']:,} files, and there are {count:,} now")
        if not archive.counts["rows"]:
            context.report.warning("The queries found no rows: is the id right?")


def _queries(options: ExportOptions) -> str:
    if not RECIPIENT.fullmatch(options.recipient):
        raise OperationError(
            f"--recipient {options.recipient!a} is not a public key of age",
            code=ExitCode.USAGE,
            advice="It begins with age1 and has 62 characters: `age-keygen` prints it. The private key stays with the "
            "recipient.",
        )
    try:
        text = options.queries.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it isn't UTF-8"
        raise OperationError(f"--queries {options.queries} can't be read: {reason}", code=ExitCode.USAGE) from None
    if not text.strip() or "\0" in text or len(text.encode()) > MAX_QUERIES:
        raise OperationError(
            f"--queries {options.queries} is empty, binary or larger than {MAX_QUERIES:,} bytes",
            code=ExitCode.USAGE,
            advice="It is the application's file of SQL queries: docs/runbooks/data-export.md.",
        )
    return text


def _changes(task: ExportTask, archive: Archive | None, count: int, size: int) -> Iterator[str]:
    if archive:
        yield f"download the archive that an earlier run made at {archive.made_at:%Y-%m-%d %H:%M} UTC"
        return
    queries = task.request.digest_of_queries[:12]
    yield f"gather rows (queries {queries}), {count:,} files ({size_of(size)}) and audit records"
    yield f"encrypt them to {task.request.recipient}; AWS keeps the archive for 30 days"
    yield "download the archive"


def _download(context: Context, task: ExportTask, archive: Archive, output: Path) -> None:
    """Create the file as a whole. One that is there is kept: it is right if it is this archive."""
    context.step(f"Downloading {size_of(archive.size)}")
    try:
        if create_file(output, lambda file: task.write(archive, file)):
            return
        with tempfile.NamedTemporaryFile() as again:
            task.write(archive, again)
            again.flush()
            is_same = filecmp.cmp(again.name, output, shallow=False)
    except BotoCoreError:
        # Some of them are OSErrors too.
        raise
    except OSError as error:
        raise OperationError(
            f"{output} can't be written: {error.strerror}",
            advice="Run the same command again with --output and a folder that you may write to.",
        ) from error
    if not is_same:
        raise _exists(output)


def _exists(output: Path) -> OperationError:
    return OperationError(
        f"{output} exists, and is kept", code=ExitCode.REFUSED, advice="Name another file with --output."
    )


def _show(context: Context, task: ExportTask, archive: Archive, output: Path) -> None:
    report, audit = context.report, archive.contents["audit.jsonl"]
    report.values |= {
        "subject": task.request.subject.id,
        "export": task.path,
        "file": str(output),
        "bytes": archive.size,
        "madeAt": archive.made_at.isoformat(),
        **archive.counts,
        "contents": archive.contents,
    }
    report.table(
        ("in the archive", "", ""),
        (
            ("database.jsonl", f"{archive.counts['rows']:,} rows", f"{archive.made_at:%Y-%m-%d %H:%M} UTC"),
            ("files/", f"{archive.counts['files']:,} files", ""),
            ("audit.jsonl", f"{archive.counts['records']:,} records", f"{audit['from'][:10]} to {audit['until'][:10]}"),
        ),
    )
    report.line("Not in it:")
    for each in NOT_INCLUDED:
        report.bullet(each)
    report.done(f"{output}: {size_of(archive.size)}, encrypted to {task.request.recipient}")
    report.command(f"The recipient opens it with: age --decrypt --identity KEY-FILE {output.name} | tar --extract")
