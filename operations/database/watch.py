"""What is watched while psql runs: the hour, the token, and the tunnel, which is opened again if it drops."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from operations.database.access_task import AccessTasks
from operations.database.login import RENEW_AFTER, Login, psql
from operations.database.machine import Machine, Process
from operations.database.programs import RUNBOOK
from operations.database.tunnel import Tunnel
from operations.frame.aws import explained, is_transient
from operations.frame.context import Context
from operations.frame.errors import OperationError

TICK = 1.0
WARNED_BEFORE = timedelta(minutes=5)
# So long a tunnel that dropped is opened again, every few seconds.
PATIENCE, RETRY_AFTER = timedelta(minutes=5), timedelta(seconds=5)
# psql's exit code for a connection that failed or was lost (PostgreSQL, psql, Exit Status).
NO_CONNECTION = 2
AGAIN = "Run the same command again if the incident still needs it."


@dataclass(kw_only=True)
class Watch:
    """Runs psql for as long as the session lasts."""

    context: Context
    machine: Machine
    tasks: AccessTasks
    tunnel: Tunnel
    login: Login
    ends_at: datetime
    _renew_at: datetime = field(init=False)
    _dropped_at: datetime | None = field(default=None, init=False)
    _retry_at: datetime | None = field(default=None, init=False)
    _problem: str = field(default="SSM doesn't reach the access task", init=False)
    _is_warned: bool = field(default=False, init=False)

    def run_psql(self, arguments: Sequence[str]) -> None:
        """Run psql until it ends; OperationError if it fails, or if the session ends before."""
        self._renew()
        self.context.report.done(f"Tunnel to {self.login.database.identifier} open until {self.ends_at:%H:%M} UTC")
        self.context.report.line("  psql starts; \\q closes everything.")
        variables = self.login.variables(self.machine.variables)
        with self.machine.terminal_of_child():
            process = self.machine.in_foreground(psql(arguments), variables)
            try:
                code = self._watched(process)
            finally:
                process.stop()
        if code:
            reason = " (no connection)" if code == NO_CONNECTION else ""
            raise OperationError(f"psql ended with exit code {code}{reason}", advice=RUNBOOK)

    def _watched(self, process: Process) -> int:
        while (code := process.wait(TICK)) is None:
            now = self.context.clock.now()
            self._check_end(now)
            if now >= self._renew_at:
                self._renew()
            if not self.tunnel.is_open:
                self._open_again(now)
        return code

    def _renew(self) -> None:
        self.login.renew()
        self._renew_at = self.context.clock.now() + RENEW_AFTER

    def _check_end(self, now: datetime) -> None:
        if now >= self.ends_at:
            raise OperationError("The session has ended: it is limited to an hour", advice=AGAIN)
        if not self._is_warned and now >= self.ends_at - WARNED_BEFORE:
            self._is_warned = True
            self._say(f"The session ends at {self.ends_at:%H:%M} UTC, and psql with it.")

    def _open_again(self, now: datetime) -> None:
        """Open a tunnel that dropped, if the task still runs. One attempt each time: psql may end meanwhile."""
        if self._retry_at and now < self._retry_at:
            return
        if self._dropped_at is None:
            self._dropped_at = now
            self._say("The tunnel dropped. Opening it again …")
        if self._try_again():
            self._dropped_at = self._retry_at = None
            # A bare \c has no parameters after a lost connection; this form takes them from psql's environment.
            again = f"\\c dbname={self.login.name}"
            self._say(f"The tunnel is open again. Repeat the query; if psql isn't connected, enter {again} first.")
        elif now - self._dropped_at >= PATIENCE:
            raise OperationError(f"The tunnel dropped and can't be opened again: {self._problem}", advice=AGAIN)
        else:
            self._retry_at = now + RETRY_AFTER

    def _try_again(self) -> bool:
        """Return whether the tunnel is open again; OperationError if it can't be."""
        try:
            reason = self.tasks.stopped()
            is_open = reason is None and self.tunnel.open_once()
        except (BotoCoreError, ClientError) as error:
            if not is_transient(error):
                raise
            self._problem = explained(error, self.context.environment.region).message
            return False
        except OperationError as error:
            self._problem = error.message
            return False
        if reason is not None:
            raise OperationError(f"The access task has ended: {reason}", advice=AGAIN)
        return bool(is_open)

    def _say(self, text: str) -> None:
        # A terminal that is gone must not end the watch before its signal does.
        with contextlib.suppress(OSError):
            self.context.report.warning(text)
