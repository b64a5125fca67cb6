"""The programs that must be installed: psql, and AWS's plugin for sessions."""

import re
from dataclasses import dataclass

from operations.database.machine import Machine
from operations.frame.errors import ExitCode, OperationError
from operations.frame.report import Report

PSQL, PLUGIN = "psql", "session-manager-plugin"
RUNBOOK = "docs/runbooks/db-connect.md describes the causes."
INSTALL = "docs/runbooks/db-connect.md shows how to install it."


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program, the oldest version that works, and the oldest one without a known defect."""

    name: str
    required: tuple[int, ...]
    reason: str
    recommended: tuple[int, ...] = ()
    defect: str = ""


PROGRAMS = (
    # libpq before 14 cuts long passwords off; an IAM token has about 1,500 characters.
    Program(name=PSQL, required=(14,), reason="older ones cut off the password of an IAM log-in"),
    Program(
        name=PLUGIN,
        # Systems Manager User Guide, plugin version history: the minimum supported version. It signs OpenDataChannel.
        required=(1, 2, 764, 0),
        reason="AWS doesn't support older ones",
        # The plugin's release notes: "Fix port forwarding sessions silently dying after WebSocket reconnection".
        recommended=(1, 2, 835, 0),
        defect="after a short loss of the network the tunnel may hang",
    ),
)


def require_programs(machine: Machine, report: Report) -> None:
    """Raise OperationError for a program that is missing or too old."""
    for program in PROGRAMS:
        output = machine.version(program.name)
        if output is None:
            raise OperationError(
                f"{program.name} is not installed, or not in PATH. Nothing was started",
                code=ExitCode.REFUSED,
                advice=INSTALL,
            )
        version = _version(output)
        if version < program.required:
            raise OperationError(
                f"{program.name} {_text(version)} is too old: {program.reason}. Nothing was started",
                code=ExitCode.REFUSED,
                advice=f"Install {_text(program.required)} or newer. {INSTALL}",
            )
        if version < program.recommended:
            report.warning(
                f"{program.name} {_text(version)}: {program.defect}. {_text(program.recommended)} corrects it."
            )


def _version(output: str) -> tuple[int, ...]:
    """Return the first number in the output: `psql (PostgreSQL) 15.18 (Debian …)`, `1.2.835.0`; (0,) without one."""
    found = re.search(r"\d+(?:\.\d+)*", output)
    return tuple(int(part) for part in found[0].split(".")) if found else (0,)


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version)) if version != (0,) else "of an unknown version"
