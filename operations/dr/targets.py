"""The targets of a promotion. docs/decisions/0046-recovery-targets.md derives them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Mode(StrEnum):
    """How a promotion begins: production stops writing first, or it can't be reached."""

    GRACEFUL = "graceful"
    ACCEPT_LOSS = "accept-loss"


@dataclass(frozen=True, kw_only=True)
class Target:
    """The longest outage (RTO), and the longest time before it whose writes may be lost (RPO)."""

    outage: timedelta
    loss: timedelta


TARGETS: Mapping[Mode, Target] = {
    Mode.GRACEFUL: Target(outage=timedelta(minutes=30), loss=timedelta(0)),
    Mode.ACCEPT_LOSS: Target(outage=timedelta(minutes=60), loss=timedelta(seconds=400)),
}
