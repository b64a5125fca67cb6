"""A command's terminal at the other end of a socket: text to it, and questions."""

import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Channel(io.RawIOBase):
    """What a command prints to (`screen`), and asks. `columns` is the terminal's width, 0 without one."""

    def __init__(self, stream: TextIO, columns: int) -> None:
        super().__init__()
        self._stream = stream
        self.columns = columns
        self.screen = io.TextIOWrapper(io.BufferedWriter(self), encoding="utf-8", write_through=True)

    def isatty(self) -> bool:
        """Whether a person watches."""
        return self.columns > 0

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: "ReadableBuffer", /) -> int:
        """Show bytes of UTF-8."""
        shown = bytes(text)
        self._send({"text": shown.decode(errors="replace")})
        return len(shown)

    def show(self, text: str) -> None:
        """Show text."""
        self.screen.write(text)
        self.screen.flush()

    def ask(self, question: str, *, reads_files: bool = False) -> str | None:
        """Return the answer to a question; None without a terminal, or else what a file or pipe has."""
        self.screen.flush()
        self._send({"ask": question, "reads_files": reads_files})
        line = self._stream.readline()
        return json.loads(line)["answer"] if line else None

    def end(self, code: int) -> None:
        """Tell how the command ended."""
        self.screen.flush()
        self._send({"code": code})

    def _send(self, message: Mapping[str, object]) -> None:
        self._stream.write(f"{json.dumps(message)}\n")
        self._stream.flush()
