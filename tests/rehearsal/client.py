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
                _send(stream, {"answer": _ask(message["ask"])})
            elif "code" in message:
                return int(message["code"])
            else:
                sys.stdout.write(message["text"])
                sys.stdout.flush()
    sys.stderr.write("the rehearsal ended before the command did\n")
    return 2


def _ask(question: str) -> str | None:
    if not sys.stdin.isatty():
        return None
    sys.stderr.write(f"{question} ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _send(stream: TextIO, message: object) -> None:
    stream.write(f"{json.dumps(message)}\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
