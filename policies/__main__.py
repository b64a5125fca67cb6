"""Serves the policy pack, and does nothing else, until the engine ends it."""

import sys
from pathlib import Path

# The engine starts this file with this folder first on the path: the package is found from the folder above.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from policies.analyzer import serve
from policies.pack import NAME, policies

serve(NAME, policies())
