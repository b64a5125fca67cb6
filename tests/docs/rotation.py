"""The runbook for the origin's secret as data: its table of steps, and its commands."""

import re
from collections.abc import Mapping

from sandbox.__main__ import PROJECT

RUNBOOK = PROJECT / "docs" / "runbooks" / "rotate-origin-secret.md"
KEYS = ("taskflow:originSecret", "taskflow:originSecretPrevious")
ROW = re.compile(r"^\| \d \| (production|dr) \| (\w+) \| (\w*) ?\|$", re.MULTILINE)
COMMANDS = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def rotation_steps(values: Mapping[str, str]) -> list[tuple[str, dict[str, str]]]:
    """Give each `up`: its stack, and the secret settings that it has then, with `values` for the table's words."""
    rows = [(match[1], match[2], match[3]) for match in ROW.finditer(RUNBOOK.read_text())]
    return [
        (stack, {key: values[word] for key, word in zip(KEYS, (current, other), strict=True) if word})
        for stack, current, other in rows
    ]


def commands() -> str:
    """Give all of the runbook's commands as one script."""
    return "\n".join(match[1] for match in COMMANDS.finditer(RUNBOOK.read_text()))
