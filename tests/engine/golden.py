"""The golden files: what was reviewed, and how what is there now differs from it."""

import difflib
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent.parent / "golden"


def difference(name: str, text: str, request: pytest.FixtureRequest) -> str:
    """Give the lines by which a text differs from its golden file, none if it doesn't; or write the file anew."""
    file = GOLDEN / name
    if request.config.getoption("--update-golden"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    if not file.exists():
        return f"{name} is missing: `make golden` writes it"
    reviewed = file.read_text()
    if text == reviewed:
        return ""
    before, now = (whole.splitlines(keepends=True) for whole in (reviewed, text))
    lines = "".join(difflib.unified_diff(before, now, "reviewed", "now", n=2))
    return f"{name} differs: review it, then `make golden`\n{lines}"
