"""Tests of a group run on one worker; pytest-xdist loses the groups under an unsupported pytest."""

import os

import pytest


@pytest.mark.xdist_group("example")
def test_a_group_is_known_to_the_worker(request: pytest.FixtureRequest) -> None:
    """The group is part of the test's id."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert request.node.nodeid.endswith("@example")
