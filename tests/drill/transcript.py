"""The transcript of a drill: what was typed, what it printed, and how long it took, in reality and in AWS."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tests.drill.engine import EngineRun

# Seconds that were measured are the only numbers with a decimal and this unit: they differ between runs.
MEASURED = re.compile(r"\b\d+\.\d s\b")
WIDTH = 138
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def in_words(seconds: float) -> str:
    """Return a time on the simulated clock: `12 min 05 s`."""
    whole = round(seconds)
    return f"{whole // 60} min {whole % 60:02} s" if whole >= 60 else f"{whole} s"


def measured(runs: Sequence[EngineRun]) -> str:
    """Return the time of runs of the engine, as it was measured."""
    return f"{sum(run.seconds for run in runs):.1f} s"


def without_times(text: str) -> str:
    """Return a transcript without what differs between runs."""
    return MEASURED.sub("… s", text)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A command and how it ended. `asked`: calls to the region that is lost, which weren't answered."""

    command: str
    output: str
    code: int
    passed: timedelta
    runs: Sequence[EngineRun]
    asked: Sequence[str] = ()
    # A region is lost, and it is said whether it was asked.
    is_lost: bool = False

    def text(self) -> str:
        """Return it as Markdown."""
        times = [f"Exit code {self.code}."]
        if self.passed:
            times.append(f"Simulated, in AWS: {in_words(self.passed.total_seconds())}.")
        if self.runs:
            each = ", ".join(f"{run.verb} of {run.stack} {run.seconds:.1f} s" for run in self.runs)
            times.append(f"Measured, the engine: {measured(self.runs)} ({each}).")
        if self.is_lost:
            asked = ", ".join(f"`{call}`" for call in dict.fromkeys(self.asked))
            times.append(f"us-east-1: {f'asked for {asked}, without an answer' if asked else 'not asked'}.")
        output = ESCAPES.sub("", self.output).rstrip()
        lines = "\n".join(line.rstrip() for line in output.splitlines())
        return f"```console\n$ {self.command}\n{lines}\n```\n*{' '.join(times)}*".replace("\n\n```\n", "\n```\n")


@dataclass(frozen=True, kw_only=True)
class Result:
    """A promotion: how long users weren't served, on the simulated clock, and the loss that the command measured."""

    scenario: str
    outage: timedelta
    command: timedelta
    runs: Sequence[EngineRun]
    loss: timedelta | None


@dataclass(kw_only=True)
class Transcript:
    """The parts of a drill, in order."""

    parts: list[str] = field(default_factory=list[str])

    def heading(self, text: str) -> None:
        """Begin a scene."""
        self.parts.append(f"## {text}")

    def say(self, text: str) -> None:
        """Add a paragraph."""
        self.parts.append(textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False))

    def show(self, shown: Shown) -> None:
        """Add a command."""
        self.parts.append(shown.text())

    def text(self) -> str:
        """Return all of it."""
        return "\n\n".join(self.parts)
