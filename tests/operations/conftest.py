"""A stack of the fake world that has one release."""

import pytest

from operations.frame.errors import ExitCode
from tests.operations.fake.world import World
from tests.operations.support import Terminal


@pytest.fixture
def terminal() -> Terminal:
    """A terminal in a world in which v1.0.0 runs and v1.1.0 is pushed."""
    world = World()
    for version in ("v1.0.0", "v1.1.0"):
        world.push(version)
    terminal = Terminal(world=world)
    assert terminal.release("v1.0.0") is ExitCode.SUCCESS
    return terminal
