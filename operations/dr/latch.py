"""The latch, by which Route 53 moves the origin's name to the recovery region (decision 0019)."""

from collections.abc import Callable
from datetime import timedelta

from operations.frame.context import Context, Progress
from operations.frame.errors import ExitCode, OperationError
from operations.frame.polling import poll

# As components/ingress/load_balancer.py has it; production's load balancer has no such rule.
LATCH_PATH = "/.well-known/origin-takes-traffic"
NOT_PRODUCTIONS = 403
# Three checks ten seconds apart, a TTL of a minute (decision 0019), and resolvers that keep an answer longer.
MOVED_WITHIN = timedelta(minutes=10)


def is_on(recovery: Context) -> bool:
    """Whether the recovery region's load balancer says that it takes the traffic."""
    return _status(recovery, "standby") == 200


def has_moved(recovery: Context) -> bool:
    """Whether the origin's name leads to the recovery region, from this machine."""
    return _status(recovery, "origin") == 200


def has_returned(recovery: Context) -> bool:
    """Whether the origin's name leads to production, from this machine."""
    return _status(recovery, "origin") == NOT_PRODUCTIONS


def await_origin(recovery: Context, leads: Callable[[Context], bool], where: str, state: str) -> None:
    """Return once the origin's name leads somewhere; OperationError, with the `state` otherwise, after a limit."""
    progress, origin = Progress(context=recovery), recovery.environment.host_name("origin")

    def leads_there() -> bool | None:
        progress.show(f"Waiting until {origin} leads to {where}")
        return True if leads(recovery) else None

    if not poll(recovery.clock, leads_there, limit=MOVED_WITHIN):
        raise OperationError(
            f"{origin} doesn't lead to {where} from here. {state}",
            code=ExitCode.CHECK_FAILED,
            advice=f"A resolver may keep its answer: `dig +short {origin}` elsewhere. Then run the command again.",
        )


def _status(recovery: Context, label: str) -> int:
    return recovery.https.get(recovery.environment.host_name(label), LATCH_PATH).status
