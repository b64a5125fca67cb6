"""The two `up`s of a cutover: the settings that change, and what follows from them (decision 0045)."""

from collections.abc import Mapping

from operations.frame.plan import is_in
from operations.frame.pulumi import Step
from operations.recovery.instances import ADDRESS, next_name
from settings.rds import Rds

PROMOTED_SETTING = "rds.successor.promoted"
AN_ADOPTION, A_SWITCH = "an adoption", "the switch to the adopted instance"


def adoption_values(name: str) -> Mapping[str, object]:
    """Return the settings by which the stack adopts a restored instance."""
    return {"rds.successor": {"identifier": name, "restored": True}}


def is_of_switch(step: Step) -> bool:
    """Whether it is a step of the `up` after which the adopted instance serves."""
    return is_in(ADDRESS, step)


def follower_values(recovery: Rds, source: str, connections: int) -> Mapping[str, object]:
    """Return the settings by which dr gets a second replica, of the adopted instance."""
    return {
        "rds.successor": {
            "identifier": next_name(recovery.identifier),
            "source": {"instance": source, "maxConnections": connections},
        }
    }
