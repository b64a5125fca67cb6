"""What a row of the tables of broken values is, and short ways to write one. The tables are the modules breakages*."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from tests.settings.as_pulumi import Json

How: TypeAlias = Literal["type", "value", "neighbour"]


@dataclass(frozen=True, kw_only=True)
class Broken:
    """One way to break a setting: the new value (for a neighbour: the misspelt name), the paths told of, and a word."""

    how: How
    value: Json
    told: tuple[str, ...]
    says: str


def wrong_type(value: Json, told: str, says: str) -> Broken:
    """Give a value of another type than the setting's."""
    return Broken(how="type", value=value, told=(told,), says=says)


def not_allowed(value: Json, *told: str, says: str) -> Broken:
    """Give a value of the right type that isn't allowed."""
    return Broken(how="value", value=value, told=told, says=says)


def misspelt(name: str, told: str, says: str) -> Broken:
    """Give a name that stands where the setting's own name belongs."""
    return Broken(how="neighbour", value=name, told=(told,), says=says)


NUMBER = "quote it"
