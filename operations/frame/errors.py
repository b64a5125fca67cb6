"""Exit codes and the errors that end a command with one line."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended. docs/runbooks/commands.md describes each code."""

    SUCCESS = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    ROLLED_BACK = 4
    UNREACHABLE = 5
    DENIED = 6
    UNFINISHED = 7
    CHECK_FAILED = 8
    INTERRUPTED = 130


class OperationError(Exception):
    """A command can't go on: what happened, what to do, and a command to copy for it."""

    def __init__(self, message: str, *, code: ExitCode = ExitCode.FAILED, advice: str = "", command: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.advice = advice
        self.command = command


class DryRunEnd(Exception):  # noqa: N818  (not an error)
    """A dry run has shown what the command would change."""
