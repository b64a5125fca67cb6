"""The processes that a command starts for a person: a shell, or one command."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Protocol

from operations.frame.errors import ExitCode, OperationError

# Variables that choose other credentials than those in the environment, or refresh them.
OTHER_CREDENTIALS = (
    "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION", "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)  # fmt: skip


class Processes(Protocol):
    """Starts processes."""

    def is_interactive(self) -> bool:
        """Whether a person can use a shell here."""
        ...

    def shell(self) -> Sequence[str]:
        """Return the command of the person's shell."""
        ...

    def require(self, command: Sequence[str]) -> None:
        """Check that a command exists; OperationError if it doesn't."""
        ...

    def run(self, command: Sequence[str], credentials: Mapping[str, str]) -> int:
        """Run a command with credentials in its environment, until it ends; return its exit code."""
        ...


class SystemProcesses:
    """The machine's processes, in the person's terminal."""

    def is_interactive(self) -> bool:
        """Whether input and output are a terminal."""
        return sys.stdin.isatty() and sys.stdout.isatty()

    def shell(self) -> Sequence[str]:
        """Return the command of the person's shell."""
        return [os.environ.get("SHELL") or "/bin/sh"]

    def require(self, command: Sequence[str]) -> None:
        """Check that a command exists; OperationError if it doesn't."""
        if shutil.which(command[0]) is None:
            raise OperationError(
                f"Command not found: {command[0]}", code=ExitCode.USAGE, advice="Name a program of PATH after `--`."
            )

    def run(self, command: Sequence[str], credentials: Mapping[str, str]) -> int:
        """Run a command; Control-C is for it, not for the command that records its end.

        A handler, not SIG_IGN: an ignored signal stays ignored in the child.
        """
        environment = {name: value for name, value in os.environ.items() if name not in OTHER_CREDENTIALS}
        sys.stdout.flush()
        before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
        try:
            return subprocess.run(list(command), env={**environment, **credentials}, check=False).returncode
        except OSError as error:
            raise OperationError(f"{command[0]} can't be started: {error.strerror}") from error
        finally:
            signal.signal(signal.SIGINT, before)
