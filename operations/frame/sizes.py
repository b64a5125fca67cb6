"""Sizes as a person reads them."""

KIBI = 1024


def size_of(size: float) -> str:
    """Return a size in bytes with its unit."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < KIBI:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= KIBI
    return f"{size:.1f} TiB"
