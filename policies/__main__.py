"""Serves the policy pack until the engine ends the process."""

import sys
from pathlib import Path

# The engine starts this file with its folder first on the path; the package is importable from the folder above.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from policies.engine.analyzer import serve
from policies.pack import NAME, policies

serve(NAME, policies())
