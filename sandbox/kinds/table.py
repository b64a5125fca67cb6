"""All kinds, by resource type."""

from collections.abc import Mapping

from sandbox.kinds.alerting import ALERTING
from sandbox.kinds.audit import AUDIT
from sandbox.kinds.baseline import BASELINE
from sandbox.kinds.data import DATA
from sandbox.kinds.edge import EDGE
from sandbox.kinds.identity import IDENTITY
from sandbox.kinds.kind import Kind
from sandbox.kinds.network import NETWORK
from sandbox.kinds.random_values import RANDOM_VALUES
from sandbox.kinds.service import SERVICE
from sandbox.kinds.storage import STORAGE

KINDS: Mapping[str, Kind] = {
    **ALERTING,
    **AUDIT,
    **BASELINE,
    **DATA,
    **EDGE,
    **IDENTITY,
    **NETWORK,
    **RANDOM_VALUES,
    **SERVICE,
    **STORAGE,
}
