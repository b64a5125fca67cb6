"""The benchmark: how much this project adds to what the engine and the SDK take anyway. `make bench` runs it.

Four programs are previewed for both stacks in processes of the same layout (driver, CLI, stand-ins, policy pack): ours,
ours without its policies, a floor (the same resources with the same inputs, made bare from the same SDK classes under a
pack of one idle rule), and an empty one. They take turns, so that a busy machine slows all four; the ratios of the
medians count, and for the policies' share the median of what they added in each round. The pack's processor time is
that of its process: its start, and the judging of one stack.
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

from sandbox.__main__ import PROJECT, STACKS, opened, project

ROUNDS = 5
MOST_TIMES_THE_FLOOR = 1.25
MOST_STAND_IN_SHARE = 0.15
# An idle pack takes two thirds of it (docs/decisions/0027); runs differ by 1 to 2 percentage points.
MOST_PACK_SHARE = 0.12
MOST_PACK_SECONDS = 1.5
IDLE_PACK = Path(__file__).parent / "idle_pack"


def main(arguments: Sequence[str]) -> int:
    """Measure (0: within the limits, 1: not), or with `one KIND FILE` be one of the measured processes."""
    if arguments[:1] == ["one"]:
        return _one(arguments[1], Path(arguments[2]))

    from sandbox.processes import forget_owners_environment
    from tests.bench.floor import planned_of_both

    forget_owners_environment()
    rounds = int(arguments[0]) if arguments else ROUNDS
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan.json"
        plan.write_text(json.dumps(planned_of_both()))
        walls: dict[str, list[float]] = {"ours": [], "unguarded": [], "floor": [], "empty": []}
        ours: list[_Spent] = []
        for _ in range(rounds):
            for kind, seconds in walls.items():
                wall, spent = _measured(kind, plan)
                seconds.append(wall)
                if kind == "ours":
                    ours.append(spent)
    return _report(walls, ours, rounds)


@dataclass(frozen=True, kw_only=True)
class _Spent:
    """The processor seconds of a measured process's helpers: the stand-ins, their start apart; the pack by stack."""

    stand_ins: float
    pack: Mapping[str, float]


def _measured(kind: str, plan: Path) -> tuple[float, _Spent]:
    start = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench", "one", kind, str(plan)],
        cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return time.perf_counter() - start, _Spent(**json.loads(ran.stdout.splitlines()[-1]))


def _one(kind: str, plan: Path) -> int:
    """Preview both stacks as `make preview` does, and print what its helpers spent."""
    import gc

    gc.set_threshold(100_000, 50, 50)
    made = project()
    if kind == "unguarded":
        made = replace(made, policies=None)
    elif kind != "ours":
        made = replace(made, policies=IDLE_PACK if kind == "floor" else None)
    pack: dict[str, float] = {}
    with opened(made) as sandbox:
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
    """Give what a measured process runs instead of the project's program."""
    if kind == "floor":
        from tests.bench.floor import make_bare

        return make_bare(json.loads(plan.read_text()))
    return _nothing if kind == "empty" else None


def _nothing() -> None:
    """Be an empty program."""


def _report(walls: Mapping[str, Sequence[float]], ours: Sequence[_Spent], rounds: int) -> int:
    medians = {kind: statistics.median(seconds) for kind, seconds in walls.items()}
    ratio = medians["ours"] / medians["floor"]
    # Of neighbours in time: a machine's speed changes by more between the first round and the last.
    added = [ours_ - unguarded for ours_, unguarded in zip(walls["ours"], walls["unguarded"], strict=True)]
    pack_share = statistics.median(added) / medians["ours"]
    stand_in_share = statistics.median(spent.stand_ins for spent in ours) / medians["ours"]
    pack = {stack: statistics.median(spent.pack[stack] for spent in ours) for stack in STACKS}
    seconds = (
        ("preview of both stacks", medians["ours"]),
        ("the same without policies", medians["unguarded"]),
        ("floor: the same resources, bare", medians["floor"]),
        ("empty preview of both", medians["empty"]),
    )
    limited = (
        ("ours over the floor", ratio, MOST_TIMES_THE_FLOOR, ".2f", ""),
        ("the policies' share of the preview", pack_share, MOST_PACK_SHARE, ".1%", ""),
        *((f"policies, {stack}, processor", spent, MOST_PACK_SECONDS, ".2f", " s") for stack, spent in pack.items()),
        ("stand-ins' processor share", stand_in_share, MOST_STAND_IN_SHARE, ".1%", ""),
    )
    write: Callable[[str], int] = sys.stdout.write
    write(f"Medians of {rounds} rounds, warm\n")
    for what, value in seconds:
        write(f"  {what:<36}{value:>8.1f} s\n")
    for what, value, most, form, unit in limited:
        write(f"  {what:<36}{format(value, form):>8}{unit:<2}  at most {format(most, form)}\n")
    return 0 if all(value <= most for _, value, most, _, _ in limited) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
