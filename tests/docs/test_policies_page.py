"""docs/policies.md is what the pack says today."""

import pytest

from sandbox.__main__ import PROJECT
from tests.docs.policies_page import page

PAGE = PROJECT / "docs" / "policies.md"


@pytest.mark.places
def test_the_page_of_the_policies_is_current(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "`make golden` writes it"
