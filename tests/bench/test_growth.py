"""The benchmark of growth: its limit accepts a constant time per resource, and rejects one that grows."""

from collections.abc import Callable

import pytest

from tests.bench.growth import SIZES, Measured, report


def _measured(seconds: Callable[[int], float]) -> dict[int, Measured]:
    resources = {size: 280 + 61 * size for size in SIZES}
    return {size: Measured(resources=count, seconds=1, processor=seconds(count)) for size, count in resources.items()}


def test_a_constant_time_per_resource_is_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(_measured(lambda resources: 0.010 * resources), rounds=3)
    printed = capsys.readouterr().out
    assert "10        890      1.0      8.9 s             10.0                10.0" in printed
    assert "10 services to one                      1.00    at most 1.10" in printed


def test_a_time_that_grows_with_the_square_is_not() -> None:
    """Six microseconds for each pair of resources are enough."""
    assert not report(_measured(lambda resources: 0.008 * resources + 6e-6 * resources**2), rounds=3)
