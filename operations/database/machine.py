"""This computer as `db connect` uses it: programs, processes, ports, signals and private files.

A protocol, so that tests need neither psql nor AWS's plugin. `operations.database.system` has the real one.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol


class Process(Protocol):
    """A program that was started."""

    def wait(self, seconds: float) -> int | None:
        """Return the exit code; None if it still runs after so many seconds."""
        ...

    def stop(self) -> None:
        """End it, by force if it doesn't end by itself; nothing if it has ended."""
        ...


class Folder(Protocol):
    """A private folder of one run, which is removed at its end, or by the next run."""

    @property
    def path(self) -> Path:
        """Where it is. The path of a Unix socket in it must stay under 104 characters."""
        ...

    def write(self, name: str, text: str) -> Path:
        """Write a file that only its owner can read, whole or not at all; return its path."""
        ...

    def read(self, name: str) -> str:
        """Return a file's text; empty if there is none."""
        ...

    def remove(self) -> None:
        """Remove the folder with its files."""
        ...


class Machine(Protocol):
    """Starts programs and looks at ports."""

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment of this process."""
        ...

    @property
    def cache(self) -> Path:
        """The folder for files that are kept from run to run."""
        ...

    def version(self, program: str) -> str | None:
        """Return what a program prints for `--version`; None if it isn't installed."""
        ...

    def is_free(self, port: int) -> bool:
        """Whether a program could listen on a local port."""
        ...

    def accepts(self, port: int) -> bool:
        """Whether a program accepts connections on a local port."""
        ...

    def folder(self, run: str) -> Folder:
        """Create the folder of a run, which counts as alive for as long as this process lives."""
        ...

    def is_alive(self, run: str) -> bool:
        """Whether another process is in the middle of this run."""
        ...

    def sweep(self) -> None:
        """Remove the folders of runs that were killed."""
        ...

    def in_background(self, command: Sequence[str], variables: Mapping[str, str], log: Path) -> Process:
        """Start a program that the terminal's keys don't reach, and that ends when this process dies."""
        ...

    def in_foreground(self, command: Sequence[str], variables: Mapping[str, str]) -> Process:
        """Start a program in the terminal."""
        ...

    def signals(self) -> AbstractContextManager[None]:
        """Turn the signals that end a process into KeyboardInterrupt, so that what was opened is closed."""
        ...

    def terminal_of_child(self) -> AbstractContextManager[None]:
        """Leave Control-C to the program in the foreground; afterwards restore the terminal."""
        ...
