"""Incident Response: how soon people respond to an incident. Read by the command `taskflow incident`."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, TypeAlias

from pydantic import Field

from settings.base import Block, Conflict
from settings.values import Unit

# A week at most: an incident isn't a project.
Minutes: TypeAlias = Annotated[int, Field(ge=1, le=10080), Unit("minutes")]


class ResponseTime(Block):
    """Minutes within which people respond, by severity."""

    sev1: Minutes = Field(description="For SEV1, the service is down. Source: Severity Levels.")
    sev2: Minutes = Field(description="For SEV2, a major degradation. Source: Severity Levels.")
    sev3: Minutes = Field(description="For SEV3, a minor degradation. Source: Severity Levels.")
    sev4: Minutes = Field(description="For SEV4, low impact. Source: Severity Levels.")

    def cross_checks(self) -> Sequence[Iterator[Conflict]]:
        """Require that a more severe incident isn't responded to later."""
        return tuple(self._ordered(*pair) for pair in pairwise(type(self).model_fields))

    def _ordered(self, severe: str, less_severe: str) -> Iterator[Conflict]:
        if getattr(self, severe) > getattr(self, less_severe):
            yield Conflict(at=(severe,), allowed="at most {against}", against=(less_severe,))


class Incidents(Block):
    """Incidents and their severities."""

    response_time: ResponseTime = Field(
        description="Minutes within which people respond. Source: Severity Levels, Response Time."
    )
