"""The rotation runbook as data: its table of steps, and its commands."""

import re
from collections.abc import Mapping

from sandbox.__main__ import PROJECT

RUNBOOK = PROJECT / "docs" / "runbooks" / "rotate-origin-secret.md"
KEYS = ("taskflow:originSecret", "taskflow:originSecretPrevious")
ROW = re.compile(r"^\| \d \| (production|dr) \| (\w+) \| (\w*) ?\|$", re.MULTILINE)
COMMANDS = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def rotation_steps(values: Mapping[str, str]) -> list[tuple[str, dict[str, str]]]:
    """Return each `up` of the table: its stack and its secret settings, with `values` for the words old and new."""
    rows = [(match[1], match[2], match[3]) for match in ROW.finditer(RUNBOOK.read_text())]
    return [
        (stack, {key: values[word] for key, word in zip(KEYS, (current, other), strict=True) if word})
        for stack, current, other in rows
    ]


def rotation_commands() -> str:
    """Return all commands of the runbook as one script."""
    return "\n".join(match[1] for match in COMMANDS.finditer(RUNBOOK.read_text()))
