"""Writes the auditor's folder: `python -m reports.evidence`, which `make evidence` calls."""

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from reports.evidence.backups import read_report
from reports.evidence.folder import FolderError, evidence, write
from reports.evidence.source import read_source
from reports.states import FILES, PROJECT
from settings.stacks import STACKS

Read = TypeVar("Read")
FOLDER = PROJECT / "build" / "evidence"


def main(arguments: Sequence[str]) -> int:
    """Write the folder: 0 on success, 1 if something doesn't hold in the states, 2 if an input can't be used."""
    parser = argparse.ArgumentParser(prog="python -m reports.evidence", description="Write the auditor's folder.")
    for stack in STACKS:
        parser.add_argument(f"--{stack}", type=Path, metavar="FILE", help=f"exported state of {stack}")
    parser.add_argument("--backup-report", type=Path, action="append", default=[], metavar="FILE",
                        help="a page of `taskflow backup report --output`")  # fmt: skip
    parser.add_argument("--folder", type=Path, default=FOLDER, metavar="FOLDER", help="by default build/evidence")
    options = parser.parse_args(arguments)
    given: dict[str, Path | None] = {stack: getattr(options, stack) for stack in STACKS}
    if len({file is None for file in given.values()}) > 1:
        print("name the states of both stacks, or of none: a sandbox's beside an export would mislead", file=sys.stderr)
        return 2
    errors: list[str] = []
    sources = [_read(lambda s=s: read_source(s, given[s] or FILES[s]), errors) for s in STACKS]
    reports = [_read(lambda f=f: read_report(f), errors) for f in options.backup_report]
    if errors:
        print("\n".join(errors), file=sys.stderr)
        return 2
    made = evidence([s for s in sources if s], [r for r in reports if r], datetime.now(UTC))
    try:
        write(made, options.folder)
    except (FolderError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{options.folder}: {len(made.pages)} pages; begin with README.md")
    for problem in made.problems:
        print(problem)
    return 1 if made.problems else 0


def _read(read: Callable[[], Read], errors: list[str]) -> Read | None:
    try:
        return read()
    except ValueError as error:
        errors.append(str(error))
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
