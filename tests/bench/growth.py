"""Growth: the time per resource of the example with 1, 2, 5 and 10 services, under its policy pack.

A further service is what a newcomer would add: a queue, roles, a load balancer and a Fargate service, all named after a
part of the stack, in the same network and with the same database and cache. Each size is previewed in a process of its
own, in turns, once everything is loaded; an empty preview in the same process is subtracted, since the engine's start
isn't the program's. The ratios are of processor time, of all processes together, in each size's fastest round: a busy
machine makes a preview wait, and only ever adds to its time.
"""

import json
import resource
import runpy
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import SimpleNamespace

import psutil

from sandbox.__main__ import PROJECT, open_sandbox, project
from sandbox.project import Project, read_project
from sandbox.workspace import SandboxStack
from tests.bench.report import Limited, write_limited

EXAMPLE = PROJECT / "examples" / "ledger"
SIZES = (1, 2, 5, 10)
ROUNDS = 5
# Of the time per resource of one service; a tenth is the measurement's noise.
MAX_RATIO = 1.10


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A preview's resources, seconds and processor seconds, without those of an empty preview."""

    resources: int
    seconds: float
    processor: float


def measure_growth(rounds: int) -> bool:
    """Measure and print the growth; whether it is within the limit."""
    runs: dict[int, list[Measured]] = {size: [] for size in SIZES}
    for size in SIZES * rounds:
        runs[size].append(_measure(size))
    return report({size: _fastest(measured) for size, measured in runs.items()}, rounds)


def report(measured: Mapping[int, Measured], rounds: int) -> bool:
    """Print the sizes and the ratios to one service; whether these are within the limit."""
    write: Callable[[str], int] = sys.stdout.write
    write(f"Growth of the example, the fastest of {rounds} rounds, without an empty preview\n")
    write("  services  resources  seconds  processor  ms per resource  ms per further one\n")
    each = {size: 1000 * run.processor / run.resources for size, run in measured.items()}
    before: Measured | None = None
    for size, run in measured.items():
        write(f"  {size:>8}{run.resources:>11}{run.seconds:>9.1f}{run.processor:>9.1f} s{each[size]:>17.1f}")
        write(f"{_further(run, before):>20.1f}\n" if before else "\n")
        before = run
    first, *others = measured
    return write_limited(
        Limited(f"{size} services to one", each[size] / each[first], MAX_RATIO, ".2f") for size in others
    )


def _further(run: Measured, before: Measured) -> float:
    """Return the milliseconds of each resource that a size has beyond the one before: growth shows here first."""
    return 1000 * (run.processor - before.processor) / (run.resources - before.resources)


def _fastest(runs: Sequence[Measured]) -> Measured:
    return replace(runs[0], seconds=min(run.seconds for run in runs), processor=min(run.processor for run in runs))


def _measure(size: int) -> Measured:
    command = [sys.executable, "-m", "tests.bench", "one", "growth", str(size)]
    process = subprocess.run(command, cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True)
    return Measured(**json.loads(process.stdout.splitlines()[-1]))


def run_one(size: int) -> int:
    """Preview the example with so many services, and print the measured values."""
    import gc

    gc.set_threshold(100_000, 50, 50)
    with open_sandbox(grown()) as sandbox:
        # Waits until the modules are loaded.
        sandbox.stack("demo", program=empty_program).preview()
        empty = _timed(sandbox.stack("demo", program=empty_program))
        full = _timed(sandbox.stack("demo", program=program(size)))
    measured = Measured(
        resources=full.resources - empty.resources,
        seconds=full.seconds - empty.seconds,
        processor=full.processor - empty.processor,
    )
    sys.stdout.write(json.dumps(asdict(measured)) + "\n")
    return 0


def _timed(stack: SandboxStack) -> Measured:
    planned: list[str] = []
    start, processor = time.perf_counter(), _processor_seconds()
    stack.preview(on_event=lambda event: planned.append("") if event.resource_pre_event else None)
    return Measured(
        resources=len(planned),
        seconds=time.perf_counter() - start,
        processor=_processor_seconds() - processor,
    )


def _processor_seconds() -> float:
    """Return the processor seconds of this process and all that it started: CLIs that ended, stand-ins, pack."""
    own, ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    running = [process.cpu_times() for process in psutil.Process().children(recursive=True)]
    return sum(times.ru_utime + times.ru_stime for times in (own, ended)) + sum(t.user + t.system for t in running)


def empty_program() -> None:
    """Do nothing."""


def grown() -> Project:
    """Return the example's project, with its components loaded while the CLI starts, as `make preview` does."""
    return replace(read_project(EXAMPLE), modules=project().modules)


def program(size: int) -> Callable[[], None]:
    """Return the example's program with further services."""

    def run() -> None:
        example = SimpleNamespace(**runpy.run_path(str(EXAMPLE / "__main__.py"), run_name="__main__"))
        for number in range(2, size + 1):
            add_service(example, f"s{number}")

    return run


def add_service(example: SimpleNamespace, part: str) -> None:
    """Add a service to the example, whose names `example` has: as a second stack file's block would name it."""
    from components.ingress.load_balancer import LoadBalancer
    from components.service.service import FargateService
    from components.service.task_definition import environment_variables
    from components.service.task_roles import TaskRoles
    from components.storage.job_queue import JobQueue

    settings, keys, network = example.settings, example.keys, example.network
    environment = replace(example.environment, part=part)
    names = {field: f"{name}-{part}" for field, name in settings.roles.model_dump().items()}
    jobs = JobQueue(f"{part}-jobs", environment=environment, settings=settings.storage.queue, keys=keys).outputs
    load_balancer = LoadBalancer(
        f"{part}-origin", environment=environment, settings=settings.load_balancer, waf=settings.waf,
        port=example.ports.service, network=network, keys=keys, origin_secrets=[example.origin_secret],
    ).outputs  # fmt: skip
    roles = TaskRoles(
        f"{part}-roles", environment=environment, settings=settings.roles.model_copy(update=names),
        tools_repository=example.tools_repository, database=example.database, cache=example.cache,
        files=example.files, jobs=jobs, audit=example.audit, keys=keys,
    ).outputs  # fmt: skip
    FargateService(
        f"{part}-service", environment=environment,
        settings=settings.service.model_copy(update={"name": environment.name, "cluster": environment.name}),
        task=settings.task, scaling=settings.scaling, port=example.ports.service, network=network,
        load_balancer=load_balancer, roles=roles, keys=keys,
        environment_variables=environment_variables(
            environment, port=example.ports.service, database=example.database, cache=example.cache,
            files=example.files, jobs=jobs,
        ),
    )  # fmt: skip
