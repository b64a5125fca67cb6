"""Makes the policy pack, and nothing else: creating it starts a server that runs until the engine ends it."""

import sys
from pathlib import Path

# The engine starts this file with this folder first on the path: the package is found from the folder above.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pulumi_policy import EnforcementLevel, PolicyPack

from policies.pack import NAME, policies

PolicyPack(name=NAME, policies=policies(), enforcement_level=EnforcementLevel.MANDATORY)
