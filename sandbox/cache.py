"""The sandbox's cache folder, for files that are expensive to create: the CLI, SDK types, AWS's service models."""

import json
import os
import tempfile
from pathlib import Path


def cache_folder() -> Path:
    """Return the sandbox's folder in the user's cache (XDG_CACHE_HOME, or ~/.cache)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "taskflow-sandbox"


def write_json(file: Path, value: object) -> None:
    """Write a file atomically: other processes may read or write it at the same time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False) as part:
        json.dump(value, part)
    Path(part.name).replace(file)
