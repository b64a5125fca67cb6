"""Checklists that die at each of their calls and are run again: no answer is lost, and none is asked twice."""

import contextlib
import copy
import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from operations.checklist.items import ITEMS
from operations.frame.errors import ExitCode
from tests.operations.checklists import Person, started
from tests.operations.fake.wire import Fault, Killed, unreachable

RECORD = "/taskflow/production/checklist/v1.1.0"
TITLES = {item.key: item.title for item in ITEMS}


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A checklist in a prepared world."""

    name: str
    prepare: Callable[[], Person]
    command: Callable[[Person, Fault | None], ExitCode]
    questions: int

    def __str__(self) -> str:
        return self.name

    def person(self) -> Person:
        return copy.deepcopy(_prepared(self))

    def calls(self) -> list[str]:
        """Return the calls of an undisturbed run."""
        person = self.person()
        assert self.command(person, None) is ExitCode.SUCCESS
        assert len(person.asked) == self.questions
        return list(person.world.wire.calls)


@functools.cache
def _prepared(scenario: Scenario) -> Person:
    return scenario.prepare()


def _released() -> Person:
    person = started()
    start = person.world.clock.now()
    person.world.metrics = {"rate": [(start, 0.02)], "watched": [(start, 0.18)]}
    person.world.clock.sleep(3600)
    assert person.release("v1.1.0") is ExitCode.SUCCESS
    person.world.clock.sleep(28 * 60)
    return person


SCENARIOS = (
    Scenario(
        name="preflight",
        prepare=started,
        command=lambda person, fault: person.preflight(fault=fault),
        questions=8,
    ),
    Scenario(
        name="postflight",
        prepare=_released,
        command=lambda person, fault: person.postflight(fault=fault),
        questions=2,
    ),
)


def recorded(person: Person) -> set[str]:
    """Return the titles of the answered items in the record."""
    text = person.world.parameters.get(RECORD)
    return {TITLES[key] for key in json.loads(text)["answers"]} if text else set()


def disturbed(scenario: Scenario, fault: Callable[[int, bool], Fault]) -> Iterator[tuple[Person, str]]:
    """Yield a person after a run that was disturbed before or after each call in turn."""
    for at, call in enumerate(scenario.calls(), start=1):
        for is_after in (False, True) if call == "ssm PutParameter" else (False,):
            person = scenario.person()
            with contextlib.suppress(Killed):
                scenario.command(person, fault(at, is_after))
            yield person, f"{call} ({at}), {'carried out' if is_after else 'lost'}"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_killed_checklist_continues_with_the_next_question(scenario: Scenario) -> None:
    for person, where in disturbed(scenario, lambda at, is_after: Fault(at=at, error=Killed, is_after=is_after)):
        before, first = recorded(person), list(person.asked)
        # Each question but the one at which it died is recorded.
        assert set(first[:-1]) <= before, where
        person.asked.clear()
        assert scenario.command(person, None) is ExitCode.SUCCESS, where
        assert len(recorded(person)) == scenario.questions, where
        assert not before & set(person.asked), where
        assert len(person.asked) == scenario.questions - len(before), where


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_a_checklist_that_loses_the_network_ends_well_in_the_next_run(scenario: Scenario) -> None:
    """A check that can't be made is no pass; an answer that can't be recorded ends the run."""
    for person, where in disturbed(scenario, lambda at, is_after: Fault(at=at, error=unreachable, is_after=is_after)):
        before = recorded(person)
        person.asked.clear()
        assert scenario.command(person, None) is ExitCode.SUCCESS, where
        assert not before & set(person.asked), where
        assert len(recorded(person)) == scenario.questions, where


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_an_interrupted_question_keeps_the_answers_before_it(scenario: Scenario) -> None:
    """Control-C at each question in turn."""
    for number in range(scenario.questions):
        person = scenario.person()

        def interrupted(_title: str, person: Person = person, number: int = number) -> str:
            if len(person.asked) == number:
                raise KeyboardInterrupt
            return "y"

        person.reply = interrupted
        assert scenario.command(person, None) is ExitCode.INTERRUPTED
        assert person.world.events()[-1]["outcome"] == "interrupted"
        assert len(recorded(person)) == number
        person.asked.clear()
        person.reply = None
        assert scenario.command(person, None) is ExitCode.SUCCESS
        assert len(person.asked) == scenario.questions - number
