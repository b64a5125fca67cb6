"""docs/conformance.md is what the conformance table says today."""

import pytest

from reports.conformance.page import page
from sandbox.__main__ import PROJECT

PAGE = PROJECT / "docs" / "conformance.md"


@pytest.mark.places
def test_the_page_of_the_conformance_is_current(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "`make golden` writes it"
