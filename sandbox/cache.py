"""Where the sandbox keeps what is dear to make: the built CLI and the SDK's type tables."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Give the sandbox's folder in the user's cache (XDG_CACHE_HOME, or ~/.cache)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "taskflow-sandbox"
