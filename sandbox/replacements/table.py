"""Which changed properties make the provider replace a resource, with a source for each row.

A bridged provider replaces a resource when Terraform's provider marks a property ForceNew (or RequiresReplace). The
sources name files in `internal/service/` of terraform-provider-aws. A property includes everything below it. `region`
replaces every regional resource (version 6 of that provider marks it on all of them): see `diff.py`.
"""

from collections.abc import Mapping

from sandbox.replacements.alerting import ALERTING
from sandbox.replacements.audit import AUDIT
from sandbox.replacements.baseline import BASELINE
from sandbox.replacements.data import DATA
from sandbox.replacements.edge import EDGE
from sandbox.replacements.identity import IDENTITY
from sandbox.replacements.network import NETWORK
from sandbox.replacements.random_values import RANDOM_VALUES
from sandbox.replacements.replacement import Replacement
from sandbox.replacements.service import SERVICE
from sandbox.replacements.storage import STORAGE

REPLACEMENTS: Mapping[str, Replacement] = {
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
