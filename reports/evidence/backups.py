"""Backups: what the schedule requires, whether the states have it, and the reports of restores from the account."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.conformance.rows import rows
from reports.evidence.source import Source
from reports.markdown import table

SECTIONS = ("Backup Schedule", "Recovery Procedures")
HEAD = """\
# Backups
Two things are needed: that backups are configured, which the states show, and that they exist and can be restored,
which only an account can show.

## Configured
"""
NONE = """\
## Existing and restorable
**Not shown here.** No report was given, and the states can't show it: {why}. In the account:

```sh
taskflow backup status
taskflow backup report --output backups.md
make evidence BACKUP_REPORT=backups.md STATE_PRODUCTION=… STATE_DR=…
```

`status` checks each row of the Backup Schedule against AWS. `report` lists the weekly restore tests, each with what
its validation found, and the backups and copies of 30 days.
"""
_TITLE = "# Backups of "


@dataclass(frozen=True, kw_only=True)
class Report:
    """A page that `taskflow backup report --output` has written."""

    name: str
    text: str


def read_report(file: Path) -> Report:
    """Return a report; ValueError, which names the file, if it isn't one."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{file}: can't be read: {error}") from None
    if not text.startswith(_TITLE):
        raise ValueError(f"{file}: not a page of `taskflow backup report --output`, which begins with {_TITLE!r}")
    return Report(name=file.name, text=text)


def page(sources: Sequence[Source], failed: Mapping[str, Sequence[str]], reports: Sequence[Report]) -> str:
    """Return the page."""
    shown = [row for row in rows() if row.section in SECTIONS and row.is_evaluated]
    cells = [
        (row.section, row.requirement, ", ".join(row.stacks), "<br>".join(failed.get(row.key, ())) or "holds")
        for row in shown
    ]
    lines = [HEAD, *table(("Section", "Requirement", "Stacks", "In the state"), cells), ""]
    return "\n".join([*lines, *(_reports(reports) if reports else [NONE.format(why=_why(sources))])]) + "\n"


def _why(sources: Sequence[Source]) -> str:
    if any(source.is_sandbox for source in sources):
        return "in the sandbox nothing is ever backed up or restored"
    return "Pulumi doesn't know AWS's backups and restores"


def _reports(reports: Sequence[Report]) -> Iterator[str]:
    yield "## Existing and restorable\nThe reports of `taskflow backup report`, as they were given."
    for report in reports:
        digest = hashlib.sha256(report.text.encode()).hexdigest()
        yield f"\n### {report.name}\nSHA-256 `{digest}`.\n"
        # Its headings go below this one.
        yield "\n".join(f"###{line}" if line.startswith("#") else line for line in report.text.splitlines())
