"""The tunnel: a port-forwarding session of SSM, and AWS's plugin that holds its local end."""

import contextlib
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from operations.database.identity import Identity
from operations.database.login import Database
from operations.database.machine import Folder, Machine, Process
from operations.database.programs import PLUGIN, RUNBOOK
from operations.frame.aws import error_code
from operations.frame.clock import Clock
from operations.frame.errors import OperationError
from operations.frame.polling import poll

if TYPE_CHECKING:
    from types_boto3_ssm.type_defs import StartSessionRequestTypeDef, StartSessionResponseTypeDef

DOCUMENT = "AWS-StartPortForwardingSessionToRemoteHost"
# The plugin reads the session's token from this variable, where the process list doesn't show it (AWS CLI,
# customizations/sessionmanager.py).
RESPONSE = "AWS_SSM_START_SESSION_RESPONSE"
NOT_CONNECTED = "TargetNotConnected"
# The agent is RUNNING a little before SSM knows it.
CONNECTS_WITHIN, INTERVAL = timedelta(minutes=2), 3.0
LISTENS_WITHIN, LOOK = timedelta(seconds=30), 0.5
LOG, LOG_LINES = "plugin.log", 3


@dataclass(kw_only=True)
class Tunnel:
    """A tunnel from a local port to the database. It may be opened again after it dropped."""

    identity: Identity
    machine: Machine
    folder: Folder
    target: str
    database: Database
    port: int
    ticket: str
    _plugin: Process | None = field(default=None, init=False)
    _session: str = field(default="", init=False)

    @property
    def is_open(self) -> bool:
        """Whether the plugin holds it."""
        return self._plugin is not None and self._plugin.wait(0) is None

    def open(self) -> None:
        """Open a session, and wait until the port accepts connections; OperationError if it doesn't."""
        if not poll(self._clock, self.open_once, limit=CONNECTS_WITHIN, interval=INTERVAL):
            raise OperationError(
                "SSM doesn't reach the access task's agent (TargetNotConnected)",
                advice=f"Run the same command again. {RUNBOOK}",
            )

    def open_once(self) -> bool | None:
        """Try to open a session; return None if SSM doesn't reach the task, which may change."""
        self._end_previous()
        request: StartSessionRequestTypeDef = {
            "Target": self.target,
            "DocumentName": DOCUMENT,
            "Parameters": {
                "host": [self.database.host],
                "portNumber": [str(self.database.port)],
                "localPortNumber": [str(self.port)],
            },
            "Reason": self.ticket,
        }
        try:
            response = self.identity.context.aws.ssm.start_session(**request)
        except ClientError as error:
            if error_code(error) != NOT_CONNECTED:
                raise
            return None
        self._session = response["SessionId"]
        self._plugin = self._start_plugin(request, response)
        if not poll(self._clock, self._listens, limit=LISTENS_WITHIN, interval=LOOK):
            raise OperationError(f"The tunnel doesn't open: {self._last_words()}", advice=RUNBOOK)
        return True

    def end_session(self) -> None:
        """End the session in AWS."""
        if self._session:
            self.identity.context.aws.ssm.terminate_session(SessionId=self._session)
            self._session = ""

    def end_plugin(self) -> None:
        """End the plugin, and with it the local end."""
        if self._plugin is not None:
            self._plugin.stop()
            self._plugin = None

    def _end_previous(self) -> None:
        """End what is left of a tunnel that dropped. AWS has often ended its session already."""
        self.end_plugin()
        with contextlib.suppress(BotoCoreError, ClientError):
            self.end_session()

    @property
    def _clock(self) -> Clock:
        return self.identity.context.clock

    def _start_plugin(self, request: "StartSessionRequestTypeDef", response: "StartSessionResponseTypeDef") -> Process:
        """Start the plugin as AWS's CLI does: response, region, operation, profile, request, endpoint."""
        context = self.identity.context
        session = {name: response[name] for name in ("SessionId", "TokenValue", "StreamUrl")}
        command = (
            PLUGIN, RESPONSE, context.environment.region, "StartSession", "", json.dumps(request),
            context.aws.ssm.meta.endpoint_url,
        )  # fmt: skip
        variables = {
            **self.identity.variables(self.machine.variables),
            RESPONSE: json.dumps(session),
            # The plugin leaves a socket there when it is ended.
            "TMPDIR": str(self.folder.path),
        }
        return self.machine.in_background(command, variables, self.folder.path / LOG)

    def _listens(self) -> bool | None:
        if not self.is_open:
            raise OperationError(f"The tunnel doesn't open: {self._last_words()}", advice=RUNBOOK)
        return self.machine.accepts(self.port) or None

    def _last_words(self) -> str:
        """Return the end of the plugin's output."""
        lines = [line.strip() for line in self.folder.read(LOG).splitlines() if line.strip()]
        return "; ".join(lines[-LOG_LINES:]) or "the plugin prints no reason"
