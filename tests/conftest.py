"""Options and fixtures that every test may use."""

import gc
import os
import time
from pathlib import Path
from typing import cast

import pytest

from sandbox.processes import forget_owners_environment
from tests.engine.both import Both, both_in, recorded

# The order in which tests begin, by the beginning of their path. First what all others share; then what needs nothing
# of it, while it is made; then the long groups. Thousands of short tests come last, and fill both workers to the end.
ORDER = (
    "tests/engine/test_stacks.py",
    "tests/engine/test_stand_ins.py",
    "tests/engine/test_gates.py",
    "tests/engine/test_baseline.py",
    "tests/examples",
    "tests/engine",
    "tests/components",
    "tests/operations",
    "tests/",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files from today's plans")
    parser.addoption(
        "--quick", type=float, metavar="SECONDS", help="leave out the engine's tests, and start none after SECONDS"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--quick"):
        items[:] = [item for item in items if not _is_slow(item)]
    items.sort(key=lambda item: next(n for n, start in enumerate(ORDER) if item.nodeid.startswith(start)))


def _is_slow(item: pytest.Item) -> bool:
    """Whether a test is thorough, or needs the engine."""
    fixtures = getattr(item, "fixturenames", ())
    on_engine = item.nodeid.startswith(("tests/engine", "tests/examples")) or "recording" in fixtures
    return on_engine or item.get_closest_marker("thorough") is not None


STARTED = time.monotonic()


def pytest_runtest_setup(item: pytest.Item) -> None:
    seconds = cast("float | None", item.config.getoption("--quick"))
    if seconds and time.monotonic() - STARTED > seconds:
        pytest.skip("out of time: `make test` runs it")


def pytest_configure() -> None:
    forget_owners_environment()
    # As in the sandbox's own process: see sandbox/__main__.py.
    gc.set_threshold(100_000, 50, 50)


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of both stacks as they stand after a life in one account, which all workers share."""
    folder = tmp_path_factory.getbasetemp()
    return recorded((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "both-stacks")


@pytest.fixture(scope="session")
def both(recording: Path) -> Both:
    """Give what became of production and dr in that life."""
    return both_in(recording)
