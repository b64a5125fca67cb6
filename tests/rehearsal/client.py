"""What the rehearsal's `pulumi`, `taskflow` and the others run: passes a command line on, and prints the answer.

It needs the standard library only, so that it starts at once. A line of JSON is a message in both directions.
"""

import json
import os
import socket
import sys
from pathlib import Path
from typing import TextIO


def main() -> int:
    """Run the command whose name this file was called by; return its exit code."""
    if _is_of_a_sandbox():
        os.execv(os.environ["REHEARSAL_PULUMI"], ["pulumi", *sys.argv[1:]])  # noqa: S606  (its arguments are a person's)
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(os.environ["REHEARSAL"])
        except (KeyError, OSError):
            sys.stderr.write("the rehearsal has ended: `make rehearsal` starts another\n")
            return 2
        stream = connection.makefile("rw", encoding="utf-8")
        columns = os.get_terminal_size().columns if sys.stdout.isatty() else 0
        _send(stream, {"arguments": [Path(sys.argv[0]).name, *sys.argv[1:]], "columns": columns})
        for line in stream:
            message = json.loads(line)
            if "ask" in message:
                _send(stream, {"answer": _ask(message["ask"], reads_files=message["reads_files"])})
            elif "code" in message:
                return int(message["code"])
            else:
                sys.stdout.write(message["text"])
                sys.stdout.flush()
    sys.stderr.write("the rehearsal ended before the command did\n")
    return 2


def _is_of_a_sandbox() -> bool:
    """Whether `make preview` or one of its neighbours looks for Pulumi, or runs it over stand-ins of its own."""
    return Path(sys.argv[0]).name == "pulumi" and (
        sys.argv[1:] == ["version"] or "PULUMI_DEBUG_PROVIDERS" in os.environ
    )


def _ask(question: str, *, reads_files: bool) -> str | None:
    """Return a line; None if there is no terminal, or no line in what was piped."""
    is_terminal = sys.stdin.isatty()
    if not is_terminal and not reads_files:
        return None
    if is_terminal:
        sys.stderr.write(f"{question} ")
        sys.stderr.flush()
    return sys.stdin.readline().strip() or None


def _send(stream: TextIO, message: object) -> None:
    stream.write(f"{json.dumps(message)}\n")
    stream.flush()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        # What it printed to has ended, such as `head`.
        os._exit(0)
