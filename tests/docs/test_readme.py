"""The README and the reference of the settings are up to date, and links lead to existing files."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from policies.rules import RULES
from reports.conformance.page import badges
from sandbox.__main__ import PROJECT
from settings import reference
from tests.settings.support import as_data, changed, settings_error

README = PROJECT / "README.md"
PART = re.compile(r"(<!-- (\w+): written by `make golden` -->\n)(.*?)(<!-- end -->)", re.DOTALL)
PAGES = sorted(
    p for p in PROJECT.rglob("*.md") if not {".venv", "build", ".pytest_cache"} & set(p.relative_to(PROJECT).parts)
)


def error_sample() -> str:
    """Return the error of a stack file with two mistakes."""
    values = changed(
        as_data("production"),
        {
            "taskflow:network.cidrBlock": "10.20.0.1/16",
            "taskflow:network.flowLogs.retentionInDays": 30,
        },
    )
    return f"```text\n{settings_error(values)}\n```\n"


PARTS: Mapping[str, Callable[[], str]] = {"refusal": error_sample, "conformance": lambda: badges(len(RULES))}


@pytest.mark.places
def test_the_reference_of_the_settings_is_up_to_date() -> None:
    assert reference.FILE.read_text() == reference.markdown(), "`make schema` writes it"


def test_the_generated_parts_are_current(request: pytest.FixtureRequest) -> None:
    text = README.read_text()
    assert {m[2] for m in PART.finditer(text)} == set(PARTS)
    current = PART.sub(lambda m: f"{m[1]}{PARTS[m[2]]()}{m[4]}", text)
    if request.config.getoption("--update-golden"):
        README.write_text(current)
    assert README.read_text() == current, "`make golden` writes them"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(PROJECT)))
def test_links_lead_to_what_exists(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_command_that_the_readme_names_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", README.read_text()))
    assert named <= targets
    assert {"preview", "test"} <= named
