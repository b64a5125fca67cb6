"""Comparison with the golden files, which were reviewed."""

import difflib
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent.parent / "golden"


def golden_difference(name: str, text: str, request: pytest.FixtureRequest) -> str:
    """Return the difference from a golden file, empty if there is none; with --update-golden write the file first."""
    file = GOLDEN / name
    if request.config.getoption("--update-golden"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    if not file.exists():
        return f"{name} is missing: `make golden` writes it"
    reviewed = file.read_text()
    if text == reviewed:
        return ""
    before, after = (whole.splitlines(keepends=True) for whole in (reviewed, text))
    lines = "".join(difflib.unified_diff(before, after, "reviewed", "current", n=2))
    return f"{name} differs: review the difference, then run `make golden`\n{lines}"
