"""The example's stack, recorded once for all tests of this folder: they are one group, on one worker."""

import pytest

from tests.examples.ledger import Recorded, record


@pytest.fixture(scope="session")
def ledger() -> Recorded:
    """Return the ledger's stack after its first `up`."""
    return record()
