"""Every pair of CPU and memory that Fargate refuses is refused, and every one that it takes is taken."""

from collections.abc import Mapping, Set

from settings.fargate import Task
from settings.judge import judge
from settings.parse import path
from tests.settings.support import as_data

# AWS, Task definition parameters for Fargate, written out on its own: CPU units, and GiB of memory in steps.
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


def test_every_pair_that_fargate_takes_and_no_other_is_taken() -> None:
    task = as_data("production")["taskflow:task"]
    assert isinstance(task, dict)
    every_cpu = {*range(0, 32_769, 128), *_around(set(OFFERED))}
    every_memory = {*range(0, 131_073, 1024), *_around({memory for sizes in OFFERED.values() for memory in sizes})}
    taken: set[tuple[int, int]] = set()
    for cpu in every_cpu:
        # What isn't offered at all is refused whatever stands beside it.
        for memory in every_memory if cpu in OFFERED else (2048, 8192):
            given = {**task, "cpu": cpu, "memory": memory, "temporarySpace": 16}
            if not judge(Task, given, path=path)[1]:
                taken.add((cpu, memory))
    assert taken == {(cpu, memory) for cpu, sizes in OFFERED.items() for memory in sizes}
