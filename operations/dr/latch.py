"""The latch, by which Route 53 moves the origin's name to the recovery region (decision 0019)."""

from operations.frame.context import Context

# As components/ingress/load_balancer.py has it. Production's load balancer answers 403 to it.
LATCH_PATH = "/.well-known/origin-takes-traffic"


def is_on(recovery: Context) -> bool:
    """Whether the recovery region's load balancer says that it takes the traffic."""
    return _answers(recovery, "standby")


def has_moved(recovery: Context) -> bool:
    """Whether the origin's name leads to the recovery region, from this machine."""
    return _answers(recovery, "origin")


def _answers(recovery: Context, label: str) -> bool:
    return recovery.https.get(recovery.environment.host_name(label), LATCH_PATH).status == 200
