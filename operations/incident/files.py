"""Documents that a command writes for people to complete: never over an existing file, and never half."""

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError


def write_document(context: Context, path: Path, text: str) -> Path:
    """Write a document and return its path; one that exists already, with another text, is kept and gets a successor.

    `incident-7.md` may have been completed by a person meanwhile: then `incident-7-2.md` is written.
    """
    number = 1
    while True:
        name = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        try:
            if create_file(name, lambda file: file.write(text.encode())) or name.read_text(encoding="utf-8") == text:
                return name
        except OSError as error:
            raise OperationError(
                f"{name} can't be written: {error.strerror}",
                code=ExitCode.FAILED,
                advice="Run the same command again with --output and a folder that you may write to.",
            ) from error
        context.report.warning(f"{name} exists and has another text: it is kept")
        number += 1


def create_file(path: Path, write: Callable[[IO[bytes]], object]) -> bool:
    """Create a file as a whole; return whether it didn't exist. A link to a complete file can't be half."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(temporary).unlink()
    return True
