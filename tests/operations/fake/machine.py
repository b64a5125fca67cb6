"""A person's computer: psql, AWS's plugin, ports and folders, in the world's time.

psql and the plugin do what the real ones do with the command's input: the plugin opens the port of a session that is
open, psql logs in with the token of its password file. When the command's process dies, the plugin does too.
"""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.operations.fake.sessions import SsmSession
from tests.operations.fake.wire import Killed
from tests.operations.fake.world import World

RUNS = Path("/runs")
LISTENS_AFTER = timedelta(seconds=2)
TOKEN_VALIDITY = timedelta(minutes=15)
INHERITED = {
    "PATH": "/usr/bin",
    "HOME": "/home/alice",
    "AWS_PROFILE": "alice",
    "PGHOST": "localhost",
    "PGPASSWORD": "x",
}


@dataclass(kw_only=True)
class FakeFolder:
    """A folder in memory; the time of each writing is kept."""

    machine: "FakeMachine"
    path: Path
    files: dict[str, tuple[datetime, str]] = field(default_factory=dict[str, tuple[datetime, str]])
    is_locked: bool = True

    def write(self, name: str, text: str) -> Path:
        self.machine.require_alive()
        self.files[name] = (self.machine.world.clock.now(), text)
        return self.path / name

    def read(self, name: str) -> str:
        return self.files.get(name, (None, ""))[1]

    def remove(self) -> None:
        self.machine.require_alive()
        self.machine.folders.pop(self.path, None)


@dataclass(kw_only=True)
class FakePlugin:
    """AWS's plugin with a session. It ends with the session, or when the tunnel is cut."""

    machine: "FakeMachine"
    command: Sequence[str]
    variables: Mapping[str, str]
    session: SsmSession | None
    started_at: datetime
    code: int | None = None

    @property
    def is_running(self) -> bool:
        if self.code is None and (not self.session or not self.machine.world.sessions.is_open(self.session)):
            self.code = 0
        return self.code is None

    @property
    def is_listening(self) -> bool:
        return self.is_running and self.machine.world.clock.now() - self.started_at >= LISTENS_AFTER

    def wait(self, seconds: float) -> int | None:
        self.machine.require_alive()
        if self.is_running and seconds:
            self.machine.world.clock.sleep(seconds)
        return None if self.is_running else self.code

    def stop(self) -> None:
        self.machine.require_alive()
        if self.is_running:
            self.code = -15


@dataclass(kw_only=True)
class FakePsql:
    """psql, which a person uses for some seconds; `moments` are what happens meanwhile, by second."""

    machine: "FakeMachine"
    arguments: Sequence[str]
    variables: Mapping[str, str]
    started_at: datetime
    moments: list[tuple[float, Callable[[], object]]]
    has_logged_in: bool = False
    code: int | None = None

    def wait(self, seconds: float) -> int | None:
        self.machine.require_alive()
        if not self.has_logged_in:
            self.has_logged_in = True
            self.code = None if self.machine.can_log_in(self.variables) else 2
        if self.code is None:
            self.machine.world.clock.sleep(seconds)
            passed = (self.machine.world.clock.now() - self.started_at).total_seconds()
            while self.moments and self.moments[0][0] <= passed:
                self.moments.pop(0)[1]()
            if passed >= self.machine.psql_seconds:
                self.code = self.machine.psql_code
        return self.code

    def stop(self) -> None:
        self.machine.require_alive()
        self.code = -15 if self.code is None else self.code


@dataclass(kw_only=True)
class FakeMachine:
    """The computer of one person."""

    world: World
    cache: Path
    variables: Mapping[str, str] = field(default_factory=lambda: dict(INHERITED))
    versions: dict[str, str | None] = field(
        default_factory=lambda: {"psql": "psql (PostgreSQL) 15.18 (Debian)", "session-manager-plugin": "1.2.896.0"}
    )
    used_ports: set[int] = field(default_factory=set[int])
    # The plugin ends at once with this output.
    plugin_failure: str = ""
    psql_seconds: float = 30
    psql_code: int = 0
    moments: list[tuple[float, Callable[[], object]]] = field(default_factory=list[tuple[float, Callable[[], object]]])
    plugins: list[FakePlugin] = field(default_factory=list[FakePlugin])
    psqls: list[FakePsql] = field(default_factory=list[FakePsql])
    folders: dict[Path, FakeFolder] = field(default_factory=dict[Path, FakeFolder])
    log: list[str] = field(default_factory=list[str])

    # What a test asks and does.

    def require_alive(self) -> None:
        """A process that is dead does nothing more."""
        if self.world.wire.is_dead:
            raise Killed

    def restart(self) -> None:
        """The process of the last command is gone: its guard ends the plugin, the kernel releases its locks."""
        for plugin in self.plugins:
            if plugin.is_running:
                plugin.code = -15
        for psql in self.psqls:
            psql.code = 2 if psql.code is None else psql.code
        for folder in self.folders.values():
            folder.is_locked = False

    def drop_tunnel(self) -> None:
        """The network fails: the plugin ends, its session with it."""
        self.plugins[-1].code = 1

    @property
    def left_behind(self) -> Sequence[str]:
        """What a run should have closed: tasks, sessions, plugins, psql, folders."""
        now = self.world.clock.now()
        return [
            *(f"task {each.started_by}" for each in self.world.ecs.tasks if each.has_exec and each.stops_at > now),
            *(f"session {each.id}" for each in self.world.sessions.open),
            *("plugin" for each in self.plugins if each.is_running),
            *("psql" for each in self.psqls if each.code is None),
            *(f"folder {path}" for path in self.folders),
        ]

    def can_log_in(self, variables: Mapping[str, str]) -> bool:
        """Whether the database accepts a log-in: what libpq, RDS and IAM require."""
        port = int(variables["PGPORT"])
        plugin = next((each for each in self.plugins if each.is_listening and each.session), None)
        folder = self.folders[Path(variables["PGPASSFILE"]).parent]
        written_at, line = folder.files["pgpass"]
        host, at_port, _, user, token = line.strip().replace("\\:", "\0").split(":")
        signed = urlsplit(f"https://{token.replace(chr(0), ':')}")
        assert plugin, "no tunnel"
        assert plugin.session
        return all(
            (
                variables["PGSSLMODE"] == "verify-full",
                variables["PGHOSTADDR"] == "127.0.0.1",
                plugin.session.local_port == port,
                # libpq looks for the line by the host's name.
                (host, int(at_port), user) == (variables["PGHOST"], port, variables["PGUSER"]),
                # The certificate is for the name, and the token for name and port of the instance.
                plugin.session.host == variables["PGHOST"],
                signed.netloc == f"{plugin.session.host}:{plugin.session.remote_port}",
                parse_qs(signed.query)["DBUser"] == [variables["PGUSER"]],
                self.world.clock.now() - written_at <= TOKEN_VALIDITY,
                "PGPASSWORD" not in variables,
            )
        )

    # The protocol.

    def version(self, program: str) -> str | None:
        return self.versions[program]

    def is_free(self, port: int) -> bool:
        return port not in self.used_ports and not self.accepts(port)

    def accepts(self, port: int) -> bool:
        return any(each.is_listening and each.session and each.session.local_port == port for each in self.plugins)

    def folder(self, run: str) -> FakeFolder:
        self.require_alive()
        path = RUNS / run
        self.folders[path] = FakeFolder(machine=self, path=path)
        return self.folders[path]

    def is_alive(self, run: str) -> bool:
        folder = self.folders.get(RUNS / run)
        return folder is not None and folder.is_locked

    def sweep(self) -> None:
        self.require_alive()
        self.folders = {path: each for path, each in self.folders.items() if each.is_locked}

    def in_background(self, command: Sequence[str], variables: Mapping[str, str], log: Path) -> FakePlugin:
        self.require_alive()
        response = json.loads(variables[command[1]])
        session = next((each for each in self.world.sessions.open if each.token == response["TokenValue"]), None)
        if self.plugin_failure:
            session = None
            self.folders[log.parent].write(log.name, f"\nStarting session …\n{self.plugin_failure}\n")
        plugin = FakePlugin(
            machine=self, command=command, variables=variables, session=session, started_at=self.world.clock.now()
        )
        self.plugins.append(plugin)
        return plugin

    def in_foreground(self, command: Sequence[str], variables: Mapping[str, str]) -> FakePsql:
        self.require_alive()
        psql = FakePsql(
            machine=self,
            arguments=command[1:],
            variables=variables,
            started_at=self.world.clock.now(),
            moments=list(self.moments),
        )
        self.psqls.append(psql)
        return psql

    @contextmanager
    def signals(self) -> Generator[None]:
        yield

    @contextmanager
    def terminal_of_child(self) -> Generator[None]:
        self.log.append("Control-C is psql's")
        try:
            yield
        finally:
            self.log.append("Control-C ends the command")
