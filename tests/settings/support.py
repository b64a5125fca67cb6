"""Helpers of the settings tests: the committed stack files as data, changes to them, and their errors."""

import copy
import functools
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, cast

from settings.errors import Problem, SettingsError
from settings.parse import parse
from settings.secrets import SecretSetting
from settings.stack import Settings
from settings.yaml_values import Json, as_pulumi, config_value, settings_in

ROOT = Path(__file__).resolve().parents[2]
STACKS = ("production", "dr")

# The settings that promote the recovery stack's database, and those that then send it the traffic.
PROMOTED: Mapping[str, Json] = {
    "taskflow:rds.promoted": True,
    "taskflow:service.minCount": 4,
    "taskflow:service.desiredCount": 4,
}
TAKING_TRAFFIC: Mapping[str, Json] = {**PROMOTED, "taskflow:loadBalancer.originTakesTraffic": True}


class Absent:
    """Removes a setting."""


ABSENT = Absent()
Change: TypeAlias = "Json | Absent"


def stack_file(stack: str) -> str:
    """Return a committed stack file's text."""
    return (ROOT / f"Pulumi.{stack}.yaml").read_text()


def as_data(stack: str) -> dict[str, Json]:
    """Return a committed stack file's settings as data, for a test to change."""
    return copy.deepcopy(_read(stack))


@functools.cache
def _read(stack: str) -> dict[str, Json]:
    return settings_in(stack_file(stack))


def changed(data: Mapping[str, Json], changes: Mapping[str, Change]) -> dict[str, str]:
    """Return Pulumi's values after some changes, each a dotted path and a new value."""
    settings = copy.deepcopy(dict(data))
    for path, value in changes.items():
        *above, last = steps(path)
        parent: Json = settings
        for step in above:
            parent = cast("dict[str | int, Json]", parent)[step]
        if isinstance(value, Absent):
            del cast("dict[str | int, Json]", parent)[last]
        elif isinstance(parent, list) and last == len(parent):
            parent.append(value)
        else:
            cast("dict[str | int, Json]", parent)[last] = value
    return {key: config_value(value) for key, value in settings.items()}


def steps(path: str) -> list[str | int]:
    """Split a dotted path: `taskflow:network.publicSubnets[1]`."""
    return [int(index) if index else name for name, index in re.findall(r"([^.\[\]]+(?![^\[]*\]))|\[(\d+)\]", path)]


def parsed(
    values: Mapping[str, str],
    secret_keys: Collection[str] = (),
    *,
    stack: str = "production",
    declared: Sequence[SecretSetting] = (),
) -> Settings:
    """Parse as the program does."""
    return parse(values, secret_keys, file=f"Pulumi.{stack}.yaml", stack=stack, declared=declared)


def settings_error(
    values: Mapping[str, str],
    secret_keys: Collection[str] = (),
    *,
    stack: str = "production",
    declared: Sequence[SecretSetting] = (),
) -> SettingsError:
    """Return the error of invalid values; fail if they are valid."""
    try:
        parsed(values, secret_keys, stack=stack, declared=declared)
    except SettingsError as error:
        return error
    raise AssertionError("these settings are valid")


def error_of_text(text: str, *, stack: str = "production") -> SettingsError:
    """Return the error of a stack file's text."""
    values, secret_keys = as_pulumi(text)
    return settings_error(values, secret_keys, stack=stack)


def problems_by_path(error: SettingsError) -> dict[str, Problem]:
    """Return an error's problems by their paths; fail if a path occurs twice."""
    problems = {problem.path: problem for problem in error.problems}
    assert len(problems) == len(error.problems), f"a path is reported twice: {[p.path for p in error.problems]}"
    return problems


def full_text(problem: Problem) -> str:
    """Return a problem's value, allowed values and hint."""
    return f"{problem.value!r} {problem.allowed} {problem.hint}"
