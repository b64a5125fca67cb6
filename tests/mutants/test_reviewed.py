"""The reviewed list of survivors, and the recorded states that it is about."""

import random
import re

import pytest

from policies.engine.export import read_export
from policies.rules import RULES
from reports.conformance.rows import rows
from tests.engine.both import BothStacks
from tests.mutants.judging import Judge
from tests.mutants.run import generate, today
from tests.mutants.survivors import REVIEWED, TO_REVIEW, read_reviewed

pytestmark = pytest.mark.xdist_group("both-stacks")
# Of each kind of edit.
SAMPLE = 20


def test_every_entry_has_a_reason() -> None:
    assert not [entry for entry in read_reviewed(REVIEWED.read_text()) if entry.reason == TO_REVIEW]


def test_every_rule_in_a_reason_exists() -> None:
    named = re.findall(r"`([^`]+)`", " ".join(entry.reason for entry in read_reviewed(REVIEWED.read_text())))
    assert not {name for name in named if not name.startswith("taskflow ")} - {rule.id for rule in RULES}


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("a:b:C: {d: [{edits: {removed: 1}}]}", "a:b:C d: no reason"),
        ("a:b:C: {d: [{reason: x}]}", "a:b:C d: edits: the number of survivors for each kind of edit"),
        ("a:b:C: {d: [{edits: {removed: 0}, reason: x}]}", "a:b:C d: edits: the number of survivors"),
        ("a:b:C: {d: [{edits: {removed: 1}, reason: x, holds: maybe}]}", "a:b:C d: holds is maybe; allowed: default"),
        ("a:b:C: {d: [{edits: {x: 1}, reason: x}, {edits: {x: 1}, reason: y}]}", "a:b:C d x: listed twice"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_list_is_reported(text: str, mistake: str) -> None:
    with pytest.raises(ValueError, match=mistake):
        read_reviewed(text)


def test_every_entry_is_about_something_recorded(both: BothStacks) -> None:
    """Each type and property of the list is in a state, so that the list can't keep what is gone."""
    recorded = {mutant.group[:2] for life in both.values() for mutant in generate(read_export(life.state), rows())}
    assert not {group[:2] for entry in read_reviewed(REVIEWED.read_text()) for group in entry.groups} - recorded


@pytest.mark.thorough
@pytest.mark.parametrize("stack", ["production", "dr"])
def test_rules_that_are_left_out_report_nothing(both: BothStacks, stack: str) -> None:
    """On a sample of mutants, all rules over all resources report the same as those that can see the change."""
    exported = read_export(both[stack].state)
    judge = Judge(exported, RULES, today())
    mutants = generate(exported, rows())
    choose = random.Random(stack)  # noqa: S311  (a sample, not a secret)
    for kind in sorted({mutant.kind for mutant in mutants}):
        own = [mutant for mutant in mutants if mutant.kind == kind]
        for mutant in choose.sample(own, min(len(own), SAMPLE)):
            assert frozenset(judge.violated(mutant)) == judge.violated_in_full(mutant), str(mutant)
