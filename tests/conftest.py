"""Options and fixtures of all tests."""

import gc
import os
import time
from pathlib import Path
from typing import cast

import pytest

from sandbox.processes import clear_environment
from tests.engine.both import BothStacks, load_both_stacks, record_both_stacks

# The order of tests, by the start of their path. First the tests that create the shared recording; then, on the other
# worker, those that don't need it; then the long groups. Thousands of short tests come last and keep both workers busy.
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
    parser.addoption("--update-golden", action="store_true", help="write the golden files from the current plans")
    parser.addoption(
        "--quick", type=float, metavar="SECONDS", help="skip tests on the engine, and start no test after SECONDS"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--quick"):
        items[:] = [item for item in items if not _is_slow(item)]
    items.sort(key=lambda item: next(n for n, start in enumerate(ORDER) if item.nodeid.startswith(start)))


def _is_slow(item: pytest.Item) -> bool:
    """Whether a test is thorough or needs the engine."""
    fixtures = getattr(item, "fixturenames", ())
    needs_engine = item.nodeid.startswith(("tests/engine", "tests/examples")) or "recording" in fixtures
    return needs_engine or item.get_closest_marker("thorough") is not None


STARTED = time.monotonic()


def pytest_runtest_setup(item: pytest.Item) -> None:
    seconds = cast("float | None", item.config.getoption("--quick"))
    if seconds and time.monotonic() - STARTED > seconds:
        pytest.skip("out of time: `make test` runs it")


def pytest_configure() -> None:
    clear_environment()
    # As in the sandbox: see sandbox/__main__.py.
    gc.set_threshold(100_000, 50, 50)


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with both stacks after their lifecycle in one account, shared by all workers."""
    folder = tmp_path_factory.getbasetemp()
    return record_both_stacks((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "both-stacks")


@pytest.fixture(scope="session")
def both(recording: Path) -> BothStacks:
    """Return the results of that lifecycle for production and dr."""
    return load_both_stacks(recording)
