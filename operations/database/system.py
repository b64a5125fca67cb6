"""The real computer, with Linux or macOS."""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

LOCALHOST = "127.0.0.1"
# Seconds.
VERSION_LIMIT, STOP_LIMIT, CONNECT_LIMIT = 20, 5.0, 1.0
# Not TMPDIR: on macOS its path leaves too little of a Unix socket's 104 characters for the plugin's socket.
TEMPORARY = Path("/tmp")  # noqa: S108  (the folders in it are created with a random name and mode 0700)
ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
# Runs a program until it ends, or until standard input does, which this process holds open: the kernel closes it also
# when this process is killed. Linux alone could do without (PR_SET_PDEATHSIG).
GUARD = """\
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
{ read -r _; kill "$program"; } <&3 2>/dev/null &
watcher=$!
exec 3<&-
wait "$program"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
"""


@dataclass(frozen=True, kw_only=True)
class SystemProcess:
    """A process of the operating system. One in the background has a session, which is ended as a whole."""

    process: subprocess.Popen[bytes]
    is_session: bool

    def wait(self, seconds: float) -> int | None:
        """Return the exit code; None if it still runs after so many seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(seconds)
        return None

    def stop(self) -> None:
        """End it, by force if it doesn't end by itself; nothing if it has ended."""
        if self.process.stdin:
            self.process.stdin.close()
        elif self.process.poll() is None:
            self.process.terminate()
        if self.wait(STOP_LIMIT) is not None:
            return
        if self.is_session:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        self.process.wait()


@dataclass(frozen=True, kw_only=True)
class SystemFolder:
    """A folder whose lock is held by the process that created it; the kernel releases it when the process ends."""

    path: Path
    lock: int

    def write(self, name: str, text: str) -> Path:
        """Write a file that only its owner can read, whole or not at all; return its path."""
        file, new = self.path / name, self.path / f"{name}.new"
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(text)
        new.replace(file)
        return file

    def read(self, name: str) -> str:
        """Return a file's text; empty if there is none."""
        with contextlib.suppress(FileNotFoundError):
            return (self.path / name).read_text(errors="replace")
        return ""

    def remove(self) -> None:
        """Remove the folder with its files."""
        shutil.rmtree(self.path, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.close(self.lock)


@dataclass(kw_only=True)
class SystemMachine:
    """The machine that the command runs on."""

    temporary: Path = TEMPORARY
    _ended: bool = field(default=False, init=False)

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment of this process."""
        return dict(os.environ)

    @property
    def cache(self) -> Path:
        """The folder for files that are kept from run to run."""
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "taskflow"

    def version(self, program: str) -> str | None:
        """Return what a program prints for `--version`; None if it isn't installed, or doesn't start."""
        try:
            result = subprocess.run(
                [program, "--version"], capture_output=True, text=True, errors="replace", check=False,
                timeout=VERSION_LIMIT, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return None
        return result.stdout.strip()

    def is_free(self, port: int) -> bool:
        """Whether a program could listen on a local port. The option is that of the plugin's listener (Go's net)."""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((LOCALHOST, port))
                listener.listen()
            except OSError:
                return False
        return True

    def accepts(self, port: int) -> bool:
        """Whether a program accepts connections on a local port."""
        try:
            socket.create_connection((LOCALHOST, port), timeout=CONNECT_LIMIT).close()
        except OSError:
            return False
        return True

    def folder(self, run: str) -> SystemFolder:
        """Create the folder of a run. It gets its name once it is locked: no other run finds it without the lock."""
        path = Path(tempfile.mkdtemp(prefix=".taskflow-", dir=self.temporary))
        lock = os.open(path, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        return SystemFolder(path=path.rename(self._path(run)), lock=lock)

    def is_alive(self, run: str) -> bool:
        """Whether another process is in the middle of this run."""
        return self._is_locked(self._path(run))

    def sweep(self) -> None:
        """Remove the folders of this user's runs that were killed."""
        for path in self.temporary.glob(self._path("*").name):
            if path.lstat().st_uid == os.geteuid() and not self._is_locked(path):
                shutil.rmtree(path, ignore_errors=True)

    def in_background(self, command: Sequence[str], variables: Mapping[str, str], log: Path) -> SystemProcess:
        """Start a program that the terminal's keys don't reach, and that ends when this process dies."""
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["/bin/sh", "-c", GUARD, "guard", *command], env=dict(variables), start_new_session=True,
                stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        return SystemProcess(process=process, is_session=True)

    def in_foreground(self, command: Sequence[str], variables: Mapping[str, str]) -> SystemProcess:
        """Start a program in the terminal."""
        return SystemProcess(process=subprocess.Popen(list(command), env=dict(variables)), is_session=False)

    @contextmanager
    def signals(self) -> Generator[None]:
        """Turn the first signal that ends a process into KeyboardInterrupt; later ones don't disturb the closing."""

        def handle(_signal: int, _frame: FrameType | None) -> None:
            if not self._ended:
                self._ended = True
                raise KeyboardInterrupt

        before = {each: signal.signal(each, handle) for each in ENDING}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    @contextmanager
    def terminal_of_child(self) -> Generator[None]:
        """Leave Control-C to the program in the foreground; afterwards restore the terminal."""
        settings = termios.tcgetattr(sys.stdin) if sys.stdin.isatty() else None
        # A function, not SIG_IGN: a child would inherit that.
        before = signal.signal(signal.SIGINT, lambda _signal, _frame: None)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
            if settings:
                # A psql that was killed leaves the terminal without echo.
                with contextlib.suppress(termios.error):
                    termios.tcsetattr(sys.stdin, termios.TCSADRAIN, settings)

    def _path(self, run: str) -> Path:
        return self.temporary / f"taskflow-{os.geteuid()}-{run}"

    @staticmethod
    def _is_locked(path: Path) -> bool:
        try:
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False
