"""Serves the ledger's policy pack until the engine ends the process."""

import sys
from pathlib import Path

# The engine starts this file with its folder first on the path; the packages are in the repository's folder.
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from examples.ledger.policies.rules import RULES
from policies.engine.analyzer import serve
from policies.engine.clock import today
from policies.engine.policy import policies_of

serve("ledger", policies_of(RULES, exemptions=(), clock=today))
