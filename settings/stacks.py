"""The stacks that the program has. Imports nothing, so that the commands can name them at once."""

STACKS = ("production", "dr")

# The stack whose database is a replica of the other's.
RECOVERY = "dr"


def unknown_stack(name: str) -> str:
    """Return the message for a stack that the program doesn't have."""
    return (
        f"this program has the stacks {' and '.join(STACKS)}, and no stack {name!a}.\n"
        "A stack takes more than a stack file: see CONTRIBUTING.md, Adding a stack."
    )
