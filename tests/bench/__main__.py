"""The benchmark: how much this project adds to what the engine and the SDK take anyway. `make bench` runs it.

Three programs are previewed for both stacks in processes of the same layout (driver, CLI, stand-ins, policy pack):
ours, a floor (the same resources with the same inputs, made bare from the same SDK classes under a pack of one idle
rule), and an empty one. They take turns, so that a busy machine slows all three; the ratio of the medians counts.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from sandbox.__main__ import PROJECT, STACKS, project
from sandbox.workspace import Sandbox, forget_owners_environment
from tests.bench.floor import make_bare, planned_of_both

ROUNDS = 5
MOST_TIMES_THE_FLOOR = 1.5
MOST_STAND_IN_SHARE = 0.15
IDLE_PACK = Path(__file__).parent / "idle_pack"


def main(arguments: Sequence[str]) -> int:
    """Measure (0: within the limits, 1: not), or with `one KIND FILE` be one of the measured processes."""
    forget_owners_environment()
    if arguments[:1] == ["one"]:
        return _one(arguments[1], Path(arguments[2]))
    rounds = int(arguments[0]) if arguments else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan.json"
        plan.write_text(json.dumps(planned_of_both()))
        walls: dict[str, list[float]] = {"ours": [], "floor": [], "empty": []}
        shares: list[float] = []
        for _ in range(rounds):
            for kind, seconds in walls.items():
                wall, share = _measured(kind, plan)
                seconds.append(wall)
                if kind == "ours":
                    shares.append(share)
    return _report(walls, statistics.median(shares), rounds)


def _measured(kind: str, plan: Path) -> tuple[float, float]:
    start = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench", "one", kind, str(plan)],
        cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    wall = time.perf_counter() - start
    return wall, float(ran.stdout.split()[-1]) / wall


def _one(kind: str, plan: Path) -> int:
    """Preview both stacks as `make preview` does, and print the stand-ins' processor seconds, start-up apart."""
    import gc

    gc.set_threshold(100_000, 50, 50)
    ours = project()
    if kind == "ours":
        made, program = ours, None
    else:
        made = replace(ours, policies=IDLE_PACK if kind == "floor" else None)
        program = make_bare(json.loads(plan.read_text())) if kind == "floor" else _nothing
    with Sandbox(made) as sandbox:
        for stack in STACKS:
            sandbox.stack(stack, program=program).preview()
    sys.stdout.write(f"{sandbox.stand_in.seconds - sandbox.stand_in.start_up_seconds}\n")
    return 0


def _nothing() -> None:
    """Be an empty program."""


def _report(walls: dict[str, list[float]], share: float, rounds: int) -> int:
    medians = {kind: statistics.median(seconds) for kind, seconds in walls.items()}
    ratio = medians["ours"] / medians["floor"]
    lines: Sequence[tuple[str, str, str]] = (
        ("preview of both stacks", f"{medians['ours']:.1f} s", ""),
        ("floor: the same resources, bare", f"{medians['floor']:.1f} s", ""),
        ("empty preview of both", f"{medians['empty']:.1f} s", ""),
        ("ours over the floor", f"{ratio:.2f}", f"at most {MOST_TIMES_THE_FLOOR}"),
        ("stand-ins' processor share", f"{share:.1%}", f"at most {MOST_STAND_IN_SHARE:.0%}"),
    )
    write: Callable[[str], int] = sys.stdout.write
    write(f"Medians of {rounds} rounds, warm\n")
    for what, value, limit in lines:
        write(f"  {what:<34}{value:>8}  {limit}\n")
    return 0 if ratio <= MOST_TIMES_THE_FLOOR and share <= MOST_STAND_IN_SHARE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
