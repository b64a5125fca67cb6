"""Draw the pictures: python -m reports.diagram [--against FILE]."""

import argparse
import sys
from pathlib import Path

from reports.diagram.listing import as_markdown, differences, read_listing
from reports.diagram.pictures import LIST, draw_pictures
from reports.states import PROJECT, load_state


def main() -> int:
    """Write the pictures and their list, or print what differs from another list; 2 for what can't be read."""
    parser = argparse.ArgumentParser(prog="python -m reports.diagram", description=__doc__)
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help=f"print what changed since FILE, an earlier {LIST}; write nothing"
    )
    parser.add_argument("--listing", type=Path, metavar="FILE", help=f"to this {LIST}, and not to the recorded states")
    options = parser.parse_args()
    against: Path | None = options.against
    listing: Path | None = options.listing
    try:
        if against and listing:
            print(_changes(against, listing.read_text(encoding="utf-8")), end="")
            return 0
        files = draw_pictures(load_state("production"), load_state("dr"))
        if against:
            print(_changes(against, files[LIST]), end="")
            return 0
    except FileNotFoundError as error:
        print(f"{error.filename} doesn't exist; `make diagram` records the states", file=sys.stderr)
        return 2
    except ValueError as error:
        print(f"{against}: {error}" if against else str(error), file=sys.stderr)
        return 2
    for path, text in files.items():
        (PROJECT / path).write_text(text, encoding="utf-8")
        print(path)
    return 0


def _changes(against: Path, listing: str) -> str:
    before = read_listing(against.read_text(encoding="utf-8"))
    return as_markdown(list(differences(before, read_listing(listing))))


if __name__ == "__main__":
    sys.exit(main())
