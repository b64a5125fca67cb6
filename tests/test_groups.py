"""Tests that share a stack stay together on one worker: a pytest that pytest-xdist doesn't know loses the groups."""

import os

import pytest


@pytest.mark.xdist_group("somebody")
def test_a_group_is_known_to_the_worker(request: pytest.FixtureRequest) -> None:
    """Its name in the test's id is all by which the tests of a group find one another."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert request.node.nodeid.endswith("@somebody")
