"""`make rehearsal`: a shell in which `pulumi` and `taskflow` work, over a simulated AWS without an account.

The commands run in this process, one at a time, over what `make drill` runs over. The shell's programs pass their
command lines on (client.py), by a socket in a temporary folder.
"""

import contextlib
import json
import os
import socketserver
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from sandbox.__main__ import PROJECT, project
from sandbox.processes import clear_environment
from sandbox.workspace import Sandbox
from tests.drill.transcript import Transcript
from tests.rehearsal.channel import Channel
from tests.rehearsal.desk import HELP, Desk

# The last two are skipped, with a line that says so.
PROGRAMS = ("pulumi", "taskflow", "rehearsal", "aws", "docker")
WELCOME = f"""\
A shell for the pages of this project. Pulumi's engine, the program, the policies and `taskflow` are real. AWS is
simulated: its time passes only while a command waits. Work in this folder, a copy of the project; what you change in
the stack files counts, but keep their account and domain. Nothing is created, nothing is left; `exit` ends it.

{HELP}"""


def main(arguments: list[str]) -> int:
    """Open the shell, or run a command in it; return its exit code."""
    clear_environment()
    with opened() as (folder, environment):
        sys.stdout.write(WELCOME)
        sys.stdout.flush()
        shell = arguments or [os.environ.get("SHELL", "/bin/sh")]
        return subprocess.run(shell, cwd=folder, env={**os.environ, **environment}, check=False).returncode


@contextmanager
def opened() -> Generator[tuple[Path, dict[str, str]]]:
    """Serve the programs; yield the folder to work in, and the variables with which they are found."""
    with tempfile.TemporaryDirectory(prefix="taskflow-desk-") as name, contextlib.ExitStack() as resources:
        folder = Path(name)
        account = folder / "world.json"
        sandbox = resources.enter_context(Sandbox(project(), world=account))
        desk = Desk(sandbox=sandbox, account=account, transcript=Transcript())
        programs = folder / "bin"
        programs.mkdir()
        for program in PROGRAMS:
            script = programs / program
            script.write_text(f"#!{sys.executable} -IS\n{(Path(__file__).parent / 'client.py').read_text()}")
            script.chmod(0o755)
        path = folder / "socket"
        server = resources.enter_context(_Server(str(path), desk))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        resources.callback(server.shutdown)
        variables = {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "REHEARSAL": str(path),
            "REHEARSAL_PULUMI": str(sandbox.folder / "bin" / "pulumi"),
        }
        yield desk.folder, variables


class _Server(socketserver.UnixStreamServer):
    """Answers one program at a time: the commands share the process's output."""

    def __init__(self, path: str, desk: Desk) -> None:
        self.desk = desk
        super().__init__(path, _Handler)


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        stream = self.connection.makefile("rw", encoding="utf-8")
        request = cast("dict[str, object]", json.loads(stream.readline()))
        channel = Channel(stream, cast("int", request["columns"]))
        code = 1
        try:
            desk = cast("_Server", self.server).desk
            with contextlib.redirect_stdout(channel.screen), contextlib.redirect_stderr(channel.screen):
                code = desk.answer_line(cast("list[str]", request["arguments"]), channel)
        except BrokenPipeError:
            return
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        except Exception as error:  # noqa: BLE001  (the rehearsal goes on)
            channel.show(f"The rehearsal doesn't simulate this: {traceback.format_exception_only(error)[-1]}")
        channel.end(code)


if __name__ == "__main__":
    os.chdir(PROJECT)
    sys.exit(main(sys.argv[1:]))
