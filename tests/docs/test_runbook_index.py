"""docs/runbooks/README.md lists every page."""

import pytest

from tests.docs.runbook_index import FILE, index


@pytest.mark.places
def test_the_index_of_the_runbooks_is_current(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        FILE.write_text(index(), encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == index(), "`make golden` writes it"
