"""One session with the database: what is opened for it, in this order, and closed in the other one.

Whatever ends it, everything is closed; a step that fails doesn't keep the others from running. A run that is killed
leaves a task, which the next run on this computer stops, and which ends itself after its hour. AWS's plugin ends with
this process.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from operations.database.access_task import AccessTasks
from operations.database.identity import Identity
from operations.database.login import Login
from operations.database.machine import Folder, Machine
from operations.database.tunnel import Tunnel
from operations.database.watch import Watch
from operations.frame.aws import explained

# Left to close everything with credentials that are valid.
CLOSES_WITHIN = timedelta(minutes=1)


@dataclass(kw_only=True)
class Session:
    """Everything that a session has opened so far."""

    identity: Identity
    machine: Machine
    folder: Folder
    tasks: AccessTasks
    ends_at: datetime | None = field(default=None, init=False)
    _tunnel: Tunnel | None = field(default=None, init=False)

    def open(self, login: Login) -> Watch:
        """Start the access task, and open the tunnel through it."""
        context = self.identity.context
        self.tasks.stop_leftovers()
        context.step(f"Starting the access task {context.environment.access_family}")
        self.tasks.start()
        task = self.tasks.wait()
        ends_at = task.started_at + timedelta(seconds=context.settings.tools.access_timeout)
        if self.identity.expires_at:
            ends_at = min(ends_at, self.identity.expires_at - CLOSES_WITHIN)
        self.ends_at = ends_at
        context.step(f"Opening the tunnel on port {login.port}")
        tunnel = self._tunnel = Tunnel(
            identity=self.identity,
            machine=self.machine,
            folder=self.folder,
            target=task.target,
            database=login.database,
            port=login.port,
            ticket=login.ticket,
        )
        tunnel.open()
        return Watch(
            context=context, machine=self.machine, tasks=self.tasks, tunnel=tunnel, login=login, ends_at=ends_at
        )

    def close(self) -> Sequence[str]:
        """Close everything; return what can't be closed, in words. Control-C skips a step that takes too long."""
        tunnel = self._tunnel
        steps: list[tuple[str, Callable[[], None]]] = []
        if tunnel:
            steps += [("The SSM session can't be ended", tunnel.end_session), ("The plugin runs", tunnel.end_plugin)]
        steps += [
            ("The access task can't be stopped", self.tasks.stop),
            (f"{self.folder.path} can't be removed", self.folder.remove),
        ]
        problems: list[str] = []
        for problem, step in steps:
            try:
                step()
            except KeyboardInterrupt:
                problems.append(f"{problem}: interrupted")
            except (BotoCoreError, ClientError) as error:
                problems.append(f"{problem}: {explained(error, self.identity.context.environment.region).message}")
            except OSError as error:
                problems.append(f"{problem}: {error}")
        return problems
