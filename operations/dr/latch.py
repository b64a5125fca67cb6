"""The latch, by which Route 53 moves the origin's name to the recovery region (decision 0019)."""

from operations.frame.context import Context

# As components/ingress/load_balancer.py has it; production's load balancer has no such rule.
LATCH_PATH = "/.well-known/origin-takes-traffic"
NOT_PRODUCTIONS = 403


def is_on(recovery: Context) -> bool:
    """Whether the recovery region's load balancer says that it takes the traffic."""
    return _answers(recovery, "standby")


def has_moved(recovery: Context) -> bool:
    """Whether the origin's name leads to the recovery region, from this machine."""
    return _answers(recovery, "origin")


def has_returned(recovery: Context) -> bool:
    """Whether the origin's name leads to production, from this machine."""
    return recovery.https.get(recovery.environment.host_name("origin"), LATCH_PATH).status == NOT_PRODUCTIONS


def _answers(recovery: Context, label: str) -> bool:
    return recovery.https.get(recovery.environment.host_name(label), LATCH_PATH).status == 200
