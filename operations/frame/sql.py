"""SQL that commands send."""


def literal(text: str) -> str:
    """Return a text as a literal of standard SQL, which PostgreSQL and Athena read."""
    return f"'{text.replace(chr(39), chr(39) * 2)}'"
