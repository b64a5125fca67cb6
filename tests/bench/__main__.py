"""The benchmark: the time that this project adds to the engine and the SDK. `make bench` runs it.

Four programs are previewed for both stacks, in the same processes (driver, CLI, stand-ins, policy pack): ours, ours
without policies, a floor (the same resources and inputs, created directly from the same SDK classes under a pack of one
idle rule), and an empty one. They run in turns, so that a busy machine slows down all four. The results are ratios of
medians; the first two run twice in a round, since rounds differ by more seconds than the policies add. The pack's
processor time is that of its process: its start and the checks of one stack. Then the growth: see growth.py.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sandbox.__main__ import PROJECT, STACKS, open_sandbox, project
from tests.bench import growth
from tests.bench.report import Limited, write_limited

ROUNDS = 5
OURS, WITHOUT, FLOOR, EMPTY = "ours", "without policies", "floor", "empty"
TURNS = (OURS, WITHOUT, FLOOR, OURS, WITHOUT, EMPTY)
MAX_FLOOR_RATIO = 1.25
MAX_STAND_IN_SHARE = 0.15
MAX_PACK_SHARE = 0.10
MAX_PACK_SECONDS = 1.5
IDLE_PACK = Path(__file__).parent / "idle_pack"


def main(arguments: Sequence[str]) -> int:
    """Measure (0: within the limits, 1: not): everything, or the `growth` alone; `one …` runs one measured preview."""
    if arguments[:2] == ["one", "growth"]:
        return growth.run_one(int(arguments[2]))
    if arguments[:1] == ["one"]:
        return _run_one(arguments[1], Path(arguments[2]))

    from sandbox.processes import clear_environment
    from tests.bench.floor import plan_both_stacks

    clear_environment()
    if arguments[:1] == ["growth"]:
        return 0 if growth.measure_growth(growth.ROUNDS) else 1
    rounds = int(arguments[0]) if arguments else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan.json"
        plan.write_text(json.dumps(plan_both_stacks()))
        walls: dict[str, list[float]] = {kind: [] for kind in TURNS}
        ours: list[_ProcessorTime] = []
        for kind in TURNS * rounds:
            wall, processor = _measure(kind, plan)
            walls[kind].append(wall)
            if kind == OURS:
                ours.append(processor)
    is_within = _report(walls, ours, rounds)
    return 0 if growth.measure_growth(min(rounds, growth.ROUNDS)) and is_within else 1


@dataclass(frozen=True, kw_only=True)
class _ProcessorTime:
    """Processor seconds of the stand-ins, without their start, and of the policy pack by stack."""

    stand_ins: float
    pack: Mapping[str, float]


def _measure(kind: str, plan: Path) -> tuple[float, _ProcessorTime]:
    start = time.perf_counter()
    process = subprocess.run(
        [sys.executable, "-m", "tests.bench", "one", kind, str(plan)],
        cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return time.perf_counter() - start, _ProcessorTime(**json.loads(process.stdout.splitlines()[-1]))


def _run_one(kind: str, plan: Path) -> int:
    """Preview both stacks as `make preview` does, and print the processor seconds."""
    import gc

    gc.set_threshold(100_000, 50, 50)
    measured = project()
    if kind != OURS:
        measured = replace(measured, policies=IDLE_PACK if kind == FLOOR else None)
    pack: dict[str, float] = {}
    with open_sandbox(measured) as sandbox:
        program = _program(kind, plan)
        stacks = {stack: sandbox.stack(stack, program=program) for stack in STACKS}
        start_up = before = sandbox.pack_server.seconds() if sandbox.pack_server else 0.0
        for name, stack in stacks.items():
            stack.preview()
            after = sandbox.pack_server.seconds() if sandbox.pack_server else 0.0
            pack[name] = start_up + after - before
            before = after
    stand_ins = sandbox.stand_in.seconds - sandbox.stand_in.start_up_seconds
    sys.stdout.write(json.dumps({"stand_ins": stand_ins, "pack": pack}) + "\n")
    return 0


def _program(kind: str, plan: Path) -> Callable[[], None] | None:
    """Return the program that replaces the project's, if any."""
    if kind == FLOOR:
        from tests.bench.floor import floor_program

        return floor_program(json.loads(plan.read_text()))
    return growth.empty_program if kind == EMPTY else None


def _report(walls: Mapping[str, Sequence[float]], ours: Sequence[_ProcessorTime], rounds: int) -> bool:
    medians = {kind: statistics.median(seconds) for kind, seconds in walls.items()}
    ratio = medians[OURS] / medians[FLOOR]
    pack_share = (medians[OURS] - medians[WITHOUT]) / medians[OURS]
    stand_in_share = statistics.median(time_.stand_ins for time_ in ours) / medians[OURS]
    pack = {stack: statistics.median(time_.pack[stack] for time_ in ours) for stack in STACKS}
    seconds = (
        ("preview of both stacks", medians[OURS]),
        ("the same without policies", medians[WITHOUT]),
        ("floor: the same resources only", medians[FLOOR]),
        ("empty preview of both stacks", medians[EMPTY]),
    )
    limited = (
        Limited("ratio to the floor", ratio, MAX_FLOOR_RATIO, ".2f"),
        Limited("policies' share of the preview", pack_share, MAX_PACK_SHARE, ".1%"),
        *(
            Limited(f"policies, {stack}, processor", value, MAX_PACK_SECONDS, ".2f", " s")
            for stack, value in pack.items()
        ),
        Limited("stand-ins' processor share", stand_in_share, MAX_STAND_IN_SHARE, ".1%"),
    )
    write: Callable[[str], int] = sys.stdout.write
    write(f"Medians of {rounds} rounds, warm\n")
    for name, value in seconds:
        write(f"  {name:<36}{value:>8.1f} s\n")
    return write_limited(limited)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
