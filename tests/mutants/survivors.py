"""The reviewed list of survivors, tests/mutants/survivors.yaml: mutants that no rule reports, and the reason of each.

An entry is for one type, property and some kinds of edits, with the number of survivors of each kind. So a new
survivor, one more of a known kind, and an entry that is no longer true are errors.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

import yaml

from tests.mutants.mutants import Group, Mutant

REVIEWED: Final = Path(__file__).parent / "survivors.yaml"
HEADER: Final = """\
# Survivors of `make mutants`, by type and property: changes of the recorded states that no rule reports.
#
#   edits    the kinds of edits that survive, and how often in both stacks
#   reason   why no rule has to report them
#   holds    for a figure of the document: why it is still true. default: it isn't set, and AWS or the provider does the
#            same; stricter: beyond the figure on its safe side; same: another value that meets the requirement as well;
#            fails: the change fails at its deployment, or raises an alarm at once; refused: AWS refuses it, though its
#            published models don't say so
#
# `python -m tests.mutants --update` adds new survivors; each needs a reason. Most need a rule instead
# (docs/decisions/0053-mutants-of-the-recorded-states.md).

"""
TO_REVIEW: Final = "not reviewed yet"
# Why a figure of the document is still true, and of which edits that may be said; None: of all.
HOLDS: Final[Mapping[str, frozenset[str] | None]] = {
    "default": frozenset({"removed"}),  # it isn't set, and AWS's default is the figure
    "stricter": frozenset({"larger", "smaller", "zero", "inverted", "another value", "one more", "left out"}),
    "same": None,  # another value that meets the requirement as well
    "fails": None,  # the change fails at its deployment, or raises an alarm at once
    "refused": None,  # AWS refuses the value, though its published models don't say so
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry: the number of survivors by kind of edit, and the reason why no rule has to report them.

    `holds` is needed for a figure of the document: why it is still true (a key of HOLDS).
    """

    type: str
    name: str
    edits: Mapping[str, int]
    reason: str
    holds: str = ""

    def accepts(self, kind: str) -> bool:
        """Whether the entry says why a figure is still true after an edit of this kind."""
        kinds = HOLDS.get(self.holds, frozenset[str]())
        return kinds is None or kind in kinds

    @property
    def groups(self) -> Iterator[Group]:
        """Return the groups that the entry is for."""
        return ((self.type, self.name, kind) for kind in self.edits)


@dataclass(kw_only=True)
class Comparison:
    """What differs between the survivors of a run and the list, as messages."""

    figures: list[str] = field(default_factory=list[str])
    unreviewed: list[str] = field(default_factory=list[str])
    stale: list[str] = field(default_factory=list[str])

    @property
    def problems(self) -> list[str]:
        """Return all messages."""
        return [*self.figures, *self.unreviewed, *self.stale]


def read_reviewed(text: str) -> list[Entry]:
    """Return the entries of the list; ValueError with every mistake in it."""
    types = cast("Mapping[str, Mapping[str, Sequence[Mapping[str, object]]]]", yaml.safe_load(text) or {})
    entries = [
        Entry(
            type=kind,
            name=name,
            edits=cast("Mapping[str, int]", each.get("edits") or {}),
            reason=str(each.get("reason") or ""),
            holds=str(each.get("holds") or ""),
        )
        for kind, properties in types.items()
        for name, entries in properties.items()
        for each in entries
    ]
    mistakes = [f"{entry.type} {entry.name}: {mistake}" for entry in entries for mistake in _mistakes(entry)]
    groups = [group for entry in entries for group in entry.groups]
    mistakes += [f"{' '.join(group)}: listed twice" for group in sorted({g for g in groups if groups.count(g) > 1})]
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return entries


def _mistakes(entry: Entry) -> Iterator[str]:
    if not entry.reason:
        yield "no reason"
    if not entry.edits or not all(count > 0 for count in entry.edits.values()):
        yield "edits: the number of survivors for each kind of edit"
    if entry.holds and entry.holds not in HOLDS:
        yield f"holds is {entry.holds}; allowed: {', '.join(HOLDS)}"


def grouped(survivors: Sequence[Mutant]) -> Mapping[Group, Sequence[Mutant]]:
    """Return the survivors by type, property and kind of edit."""
    groups: dict[Group, list[Mutant]] = defaultdict(list)
    for mutant in survivors:
        groups[mutant.group].append(mutant)
    return groups


def compare(survivors: Sequence[Mutant], entries: Sequence[Entry]) -> Comparison:
    """Compare the survivors of a whole run with the list."""
    found, listed = grouped(survivors), {group: entry for entry in entries for group in entry.groups}
    result = Comparison()
    for group, mutants in found.items():
        entry = listed.get(group)
        label = f"{' '.join(group)}: {_names(mutants)}"
        result.figures += [
            f"a figure of the document isn't held by a rule: {mutant}: {mutant.figure}"
            for mutant in mutants
            if mutant.figure and not (entry and entry.accepts(mutant.kind))
        ]
        if entry is None:
            result.unreviewed.append(f"a survivor isn't in the list: {label}")
        elif entry.reason == TO_REVIEW:
            result.unreviewed.append(f"a survivor isn't reviewed: {label}")
        elif len(mutants) > entry.edits[group[2]]:
            result.unreviewed.append(f"{len(mutants)} survivors, reviewed are {entry.edits[group[2]]}: {label}")
    for group, entry in listed.items():
        left = len(found.get(group, ()))
        if left < entry.edits[group[2]]:
            result.stale.append(
                f"the list has {entry.edits[group[2]]} survivors, and {left} are left: {' '.join(group)}"
            )
    return result


def _names(mutants: Sequence[Mutant]) -> str:
    names = sorted({f"{mutant.stack}: {mutant.name}" for mutant in mutants})
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def updated(survivors: Sequence[Mutant], entries: Sequence[Entry]) -> str:
    """Return the list with today's survivors: known reasons are kept, new groups have to be reviewed."""
    known = {group: entry for entry in entries for group in entry.groups}
    merged: dict[tuple[str, str], dict[tuple[str, str], dict[str, int]]] = {}
    for group, mutants in sorted(grouped(survivors).items()):
        entry = known.get(group)
        reason = (entry.reason, entry.holds) if entry else (TO_REVIEW, "")
        merged.setdefault(group[:2], {}).setdefault(reason, {})[group[2]] = len(mutants)
    document: dict[str, dict[str, list[dict[str, object]]]] = {}
    for (kind, name), reasons in merged.items():
        document.setdefault(kind, {})[name] = [
            {"edits": edits, **({"holds": holds} if holds else {}), "reason": reason}
            for (reason, holds), edits in reasons.items()
        ]
    return HEADER + yaml.safe_dump(document, sort_keys=False, width=110, allow_unicode=True)
