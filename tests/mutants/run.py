"""Runs the mutants of both recorded states through the policies, on several processes."""

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final, Literal, TypeAlias

from policies.engine.export import Exported, read_export
from policies.engine.rule import AnyRule
from policies.rules import RULES
from reports.conformance.rows import Row
from reports.conformance.rows import rows as conformance_rows
from tests.mutants.figures import figures_of
from tests.mutants.judging import Judge, mutated
from tests.mutants.mutants import LEFT_OUT, UNPROTECTED, Mutant, mutants_of
from tests.mutants.refused import is_needed, is_refused

Fate: TypeAlias = Literal["reported", "refused", "survivor"]
Progress: TypeAlias = Callable[[int, int], None]
# Mutants that a process takes at once.
_CHUNK: Final = 50


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """All mutants, those that no rule reports but AWS refuses, and the survivors."""

    mutants: Sequence[Mutant] = field(repr=False)
    refused: Sequence[Mutant] = field(repr=False)
    survivors: Sequence[Mutant] = field(repr=False)


class Laboratory:
    """Both recorded states with their mutants and the rules over them."""

    def __init__(
        self, states: Mapping[str, str], *, sample: int, rules: Sequence[AnyRule], rows: Sequence[Row]
    ) -> None:
        self.judges: dict[str, Judge] = {}
        self.mutants: list[Mutant] = []
        for stack, text in states.items():
            exported = read_export(text)
            self.judges[stack] = Judge(exported, rules, today())
            self.mutants += generate(exported, rows)
        self.mutants = self.mutants[::sample]

    def fate(self, place: int) -> Fate:
        """Return what becomes of a mutant, by its place."""
        mutant = self.mutants[place]
        judge = self.judges[mutant.stack]
        if next(judge.violated(mutant), None) is not None:
            return "reported"
        if mutant.kind == LEFT_OUT:
            refused = is_needed(mutant.urn, judge.exported.stack)
        else:
            refused = mutant.kind != UNPROTECTED and is_refused(mutated(judge.inputs[mutant.urn], mutant))
        return "refused" if refused else "survivor"


def today() -> date:
    """Return today's date, which exemptions end on."""
    return datetime.now(UTC).date()


def generate(exported: Exported, rows: Sequence[Row]) -> list[Mutant]:
    """Return the mutants of a state; `rows` are the conformance table's."""
    return mutants_of(exported.inputs, exported.stack.resources, figures_of(exported.inputs, rows))


def _no_progress(_done: int, _total: int) -> None:
    pass


def judge_all(
    states: Mapping[str, str],
    *,
    sample: int = 1,
    processes: int = 2,
    progress: Progress = _no_progress,
    rules: Sequence[AnyRule] = RULES,
    rows: Sequence[Row] | None = None,
) -> Outcome:
    """Judge every mutant of the states, by their JSON, or every Nth for a `sample` of N."""
    laboratory = Laboratory(states, sample=sample, rules=rules, rows=conformance_rows() if rows is None else rows)
    fates: list[Fate] = []
    with multiprocessing.get_context("fork").Pool(processes, _enter, (laboratory,)) as pool:
        for fate in pool.imap(_fate, range(len(laboratory.mutants)), chunksize=_CHUNK):
            fates.append(fate)
            if len(fates) % _CHUNK == 0 or len(fates) == len(laboratory.mutants):
                progress(len(fates), len(laboratory.mutants))
    pairs = list(zip(laboratory.mutants, fates, strict=True))
    return Outcome(
        mutants=laboratory.mutants,
        refused=[mutant for mutant, fate in pairs if fate == "refused"],
        survivors=[mutant for mutant, fate in pairs if fate == "survivor"],
    )


_laboratories: list[Laboratory] = []


# A process gets the states by being forked: they aren't sent to it.
def _enter(laboratory: Laboratory) -> None:
    _laboratories[:] = [laboratory]


def _fate(place: int) -> Fate:
    return _laboratories[0].fate(place)
