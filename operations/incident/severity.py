"""Severity Levels: what each level means. The response times are settings.

It imports nothing heavy, because the options of commands name it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from settings.stack import Settings


class Severity(StrEnum):
    """A level, the most severe first."""

    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"

    @property
    def is_incident(self) -> bool:
        """Whether an incident is declared; of the other levels a ticket is enough (Incident Process)."""
        return self in {Severity.SEV1, Severity.SEV2}


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What a level means to users, and an example."""

    description: str
    example: str


MEANINGS: Mapping[Severity, Meaning] = MappingProxyType(
    {
        Severity.SEV1: Meaning(description="Service down", example="Complete outage"),
        Severity.SEV2: Meaning(description="Major degradation", example="Auth broken"),
        Severity.SEV3: Meaning(description="Minor degradation", example="Slow performance"),
        Severity.SEV4: Meaning(description="Low impact", example="UI bug"),
    }
)


def response_time(settings: "Settings", severity: Severity) -> timedelta:
    """Return the time within which people respond."""
    return timedelta(minutes=getattr(settings.incidents.response_time, severity.lower()))


def in_words(duration: timedelta) -> str:
    """Return a duration such as `15 min`, `2 h` or `2 h 5 min`; seconds only if it is shorter than a minute."""
    minutes = int(duration.total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    parts = [*([f"{hours} h"] if hours else []), *([f"{rest} min"] if rest else [])]
    return " ".join(parts) or f"{int(duration.total_seconds())} s"
