"""What the settings tests share: the committed stack files as data, with one thing changed, and what is told of it."""

import copy
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, cast

from settings.errors import Problem, SettingsError
from settings.parse import parse
from settings.secrets import SecretSetting
from settings.stack import Settings
from tests.settings.as_pulumi import Json, as_pulumi, handed_over, settings_in

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("production", "dr")

# The settings by which the recovery stack's database is promoted, and by which it then takes the traffic.
PROMOTED: Mapping[str, Json] = {
    "taskflow:rds.promoted": True,
    "taskflow:service.minCount": 4,
    "taskflow:service.desiredCount": 4,
}
TAKING_TRAFFIC: Mapping[str, Json] = {**PROMOTED, "taskflow:loadBalancer.originTakesTraffic": True}


class Absent:
    """Stands for a setting that is taken out."""


ABSENT = Absent()
Change: TypeAlias = "Json | Absent"


def stack_file(stack: str) -> str:
    """Give a committed stack file's text."""
    return (ROOT / f"Pulumi.{stack}.yaml").read_text()


def as_data(stack: str) -> dict[str, Json]:
    """Give a committed stack file's settings as data."""
    return settings_in(stack_file(stack))


def changed(data: Mapping[str, Json], changes: Mapping[str, Change]) -> dict[str, str]:
    """Give what Pulumi would hand over after some changes, each a dotted path and a new value."""
    whole = copy.deepcopy(dict(data))
    for path, value in changes.items():
        *above, last = steps(path)
        place: Json = whole
        for step in above:
            place = cast("dict[str | int, Json]", place)[step]
        if isinstance(value, Absent):
            del cast("dict[str | int, Json]", place)[last]
        elif isinstance(place, list) and last == len(place):
            place.append(value)
        else:
            cast("dict[str | int, Json]", place)[last] = value
    return {key: handed_over(value) for key, value in whole.items()}


def steps(path: str) -> list[str | int]:
    """Take a dotted path apart: `taskflow:network.publicSubnets[1]`."""
    return [int(index) if index else name for name, index in re.findall(r"([^.\[\]]+(?![^\[]*\]))|\[(\d+)\]", path)]


def parsed(
    values: Mapping[str, str],
    secret_keys: Collection[str] = (),
    *,
    stack: str = "production",
    declared: Sequence[SecretSetting] = (),
) -> Settings:
    """Parse as the program would."""
    return parse(values, secret_keys, file=f"Pulumi.{stack}.yaml", stack=stack, declared=declared)


def refusal(
    values: Mapping[str, str],
    secret_keys: Collection[str] = (),
    *,
    stack: str = "production",
    declared: Sequence[SecretSetting] = (),
) -> SettingsError:
    """Give the error that these values are refused with; it is a failure of the test if they aren't."""
    try:
        parsed(values, secret_keys, stack=stack, declared=declared)
    except SettingsError as error:
        return error
    raise AssertionError("these settings were accepted")


def refused_text(text: str, *, stack: str = "production") -> SettingsError:
    """Give the error that a stack file's text is refused with."""
    values, secret_keys = as_pulumi(text)
    return refusal(values, secret_keys, stack=stack)


def told(error: SettingsError) -> dict[str, Problem]:
    """Give an error's problems by their paths, each path once."""
    problems = {problem.path: problem for problem in error.problems}
    assert len(problems) == len(error.problems), f"a path is told twice: {[p.path for p in error.problems]}"
    return problems


def whole_text(problem: Problem) -> str:
    """Give all that is said of a problem, to look for a fragment in."""
    return f"{problem.value!r} {problem.allowed} {problem.hint}"
