"""Where the sandbox keeps what is dear to make: the built CLI and the SDK's type tables."""

import json
import os
import tempfile
from pathlib import Path


def cache_folder() -> Path:
    """Give the sandbox's folder in the user's cache (XDG_CACHE_HOME, or ~/.cache)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "taskflow-sandbox"


def write_json(file: Path, value: object) -> None:
    """Write a file that others may be reading or writing at the same time: it is whole or as it was."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False) as part:
        json.dump(value, part)
    Path(part.name).replace(file)
