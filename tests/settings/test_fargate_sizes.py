"""Every pair of CPU and memory that Fargate offers is valid, and no other."""

from collections.abc import Mapping, Set

from settings.fargate import Task
from settings.parse import dotted_path
from settings.validation import validate
from tests.settings.support import as_data

# AWS, Task definition parameters for Fargate, stated independently: CPU units, and GiB of memory in steps.
GIB = 1024
OFFERED: Mapping[int, Set[int]] = {
    256: {512, 1024, 2048},
    512: {1024, 2048, 3072, 4096},
    1024: {gib * GIB for gib in (2, 3, 4, 5, 6, 7, 8)},
    2048: {gib * GIB for gib in range(4, 17)},
    4096: {gib * GIB for gib in range(8, 31)},
    8192: {gib * GIB for gib in range(16, 61) if gib % 4 == 0},
    16384: {gib * GIB for gib in range(32, 121) if gib % 8 == 0},
}


def _around(values: Set[int]) -> set[int]:
    return {value + beside for value in values for beside in (-1, 0, 1)}


def test_the_pairs_that_fargate_offers_are_valid_and_no_other() -> None:
    task = as_data("production")["taskflow:task"]
    assert isinstance(task, dict)
    every_cpu = {*range(0, 32_769, 128), *_around(set(OFFERED))}
    every_memory = {*range(0, 131_073, 1024), *_around({memory for sizes in OFFERED.values() for memory in sizes})}
    valid: set[tuple[int, int]] = set()
    for cpu in every_cpu:
        # A CPU that isn't offered is invalid with any memory.
        for memory in every_memory if cpu in OFFERED else (2048, 8192):
            values = {**task, "cpu": cpu, "memory": memory, "temporarySpace": 16}
            if not validate(Task, values, path=dotted_path)[1]:
                valid.add((cpu, memory))
    assert valid == {(cpu, memory) for cpu, sizes in OFFERED.items() for memory in sizes}
