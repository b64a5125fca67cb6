"""The program's stacks. Imports nothing, so that commands start fast."""

# The stack whose database is a replica of the primary's.
PRIMARY, RECOVERY = "production", "dr"
STACKS = (PRIMARY, RECOVERY)


def unknown_stack(name: str) -> str:
    """Return the message for a stack that the program doesn't have."""
    return (
        f"unknown stack {name!a}: the stacks are {' and '.join(STACKS)}.\n"
        "A stack takes more than a stack file: see CONTRIBUTING.md, Add a stack."
    )
