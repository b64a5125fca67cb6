"""Options and fixtures that every test may use."""

import gc
from collections.abc import Iterator

import pytest

from sandbox.__main__ import STACKS
from sandbox.workspace import forget_owners_environment
from tests.engine.both import Both, live
from tests.engine.support import sandboxed


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files from today's plans")
    parser.addoption("--every-create", action="store_true", help="fail each create of dr in turn, not one per type")


def pytest_configure() -> None:
    forget_owners_environment()
    # As in the sandbox's own process: see sandbox/__main__.py.
    gc.set_threshold(100_000, 50, 50)


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Give production and dr after a life in one account, dr beside production as in reality."""
    with sandboxed(world=tmp_path_factory.mktemp("world") / "world.json") as sandbox:
        yield {name: live(sandbox, name) for name in STACKS}
