"""One run of a command: its options and neighbours, and the order that each change of production keeps.

Account and ticket are checked first. Then the command says what it will change, asks, writes an audit event, changes,
and writes how it ended.
"""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from components.shared.environment import Environment
from operations.frame.audit import AuditLog
from operations.frame.aws import Aws, clients_of, explained
from operations.frame.clock import Clock
from operations.frame.errors import DryRunEnd, ExitCode, OperationError
from operations.frame.http import Https
from operations.frame.pulumi import Pulumi
from operations.frame.report import Report
from settings.stack import Settings
from settings.stacks import PRIMARY

# A ticket is the session's name too: components/access/trust.py requires it of every role of people.
INCIDENT, CHANGE = "incident", "change"
_ARTICLES = {INCIDENT: "an incident", CHANGE: "a change"}
TICKET = re.compile(rf"({INCIDENT}|{CHANGE})-[A-Za-z0-9-]{{1,50}}")
# A wait without a change says so after so long.
REPEAT = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Options:
    """The global options."""

    stack: str
    profile: str | None = None
    dry_run: bool = False
    as_json: bool = False
    yes: bool = False
    ticket: str | None = None


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a command works with."""

    options: Options
    settings: Settings
    environment: Environment
    aws: Aws
    clock: Clock
    report: Report
    https: Https
    # Asks a question and returns whether the answer is yes; None without a terminal.
    ask: Callable[[str], bool | None]
    # Asks for a line of text; None without a terminal.
    ask_text: Callable[[str], str | None]
    # The project's folder, with the stack files, and Pulumi, which deploys what they say.
    folder: Path
    pulumi: Pulumi
    # Returns the context of another stack, with the same options otherwise.
    of_stack: Callable[[str], "Context"]
    # Returns the clients of another profile and region, such as those of the staging account.
    of_profile: Callable[[str, str], Aws] = clients_of

    def step(self, text: str) -> None:
        """Print a line of progress with its time."""
        self.report.step(self.clock.now(), text)

    def command(self, words: str, ticket: str | None = None) -> str:
        """Return a command to copy, for this stack and with a ticket."""
        stack = self.options.stack
        return " ".join(
            [
                f"taskflow {words}",
                *([f"--stack {stack}"] if stack != PRIMARY else []),
                *([f"--ticket {ticket}"] if ticket else []),
            ]
        )

    def caller(self) -> str:
        """Return the ARN of who calls AWS; OperationError if the credentials are another account's."""
        identity = self.aws.sts.get_caller_identity()
        if identity["Account"] != self.environment.account:
            raise OperationError(
                f"These credentials are for the account {identity['Account']}; {self.environment.name} is in "
                f"{self.environment.account}",
                code=ExitCode.REFUSED,
                advice="Name the right profile with --profile.",
            )
        return identity["Arn"]


@dataclass(kw_only=True)
class Progress:
    """Lines of a long wait: each one that is new, and the last one again every minute."""

    context: Context
    _last: str = ""
    _shown_at: datetime | None = None

    def show(self, line: str) -> None:
        """Print the line unless it was printed within the last minute."""
        now = self.context.clock.now()
        if line == self._last and self._shown_at and now - self._shown_at < REPEAT:
            return
        self._last, self._shown_at = line, now
        self.context.step(line)


@dataclass(kw_only=True)
class Operation:
    """A change of a stack: `begin` before the first write; `running` ends it."""

    context: Context
    action: str
    # The kinds of tickets that the document allows for it.
    tickets: Sequence[str] = (INCIDENT, CHANGE)
    # An emergency command goes on if the audit event can't be written: CloudTrail records its calls anyway.
    is_emergency: bool = False
    # A command that changes nothing but its record doesn't ask.
    needs_confirmation: bool = True
    principal: str = ""
    ticket: str | None = None
    details: dict[str, Any] = field(default_factory=dict[str, Any])
    _audit: AuditLog | None = None

    @contextmanager
    def running(self) -> Generator["Operation"]:
        """Check account and ticket, run the body, and write how it ended if it had begun."""
        self._identify()
        try:
            yield self
        except (BotoCoreError, ClientError) as error:
            problem = explained(error, self.context.environment.region)
            self._end(problem)
            raise problem from error
        except BaseException as error:
            self._end(error)
            raise
        self._end(None)

    def begin(self, target: str, changes: Sequence[str], *, role: Callable[[], Context] | None = None) -> None:
        """Show the changes, stop if it is a dry run, ask, and write the first audit event.

        `role` returns the context in which the change runs, if that is another role's: it is assumed once the change is
        confirmed, and writes the events.
        """
        context = self.context
        context.report.values |= {"target": target, "changes": list(changes)}
        context.report.line(f"{context.environment.name} ({context.environment.region}): {target}", "bold")
        for change in changes:
            context.report.bullet(change)
        if context.options.dry_run:
            raise DryRunEnd
        self._confirm()
        if role is not None:
            context = self.context = role()
            self.principal = context.caller()
        self.details |= {"stack": context.environment.stack, "target": target}
        audit = self._audit = AuditLog(
            aws=context.aws,
            clock=context.clock,
            log_group=context.environment.audit_log_group_name,
            action=self.action,
            principal=self.principal,
            ticket=self.ticket,
        )
        self._write(audit, "started")

    def _identify(self) -> None:
        self.principal = self.context.caller()
        self.ticket = self._ticket()

    def _ticket(self) -> str:
        """Return the ticket: the option, or the name of the session if that is a ticket."""
        session = self.principal.rpartition("/")[2]
        option = self.context.options.ticket
        if option is not None and not TICKET.fullmatch(option):
            raise OperationError(
                f"{option} is not a ticket",
                code=ExitCode.USAGE,
                advice="A ticket is incident-… or change-…, such as --ticket change-1042.",
            )
        of_session = session if TICKET.fullmatch(session) else None
        if option and of_session and option != of_session:
            raise OperationError(
                f"The session's ticket is {of_session}, not {option}",
                code=ExitCode.REFUSED,
                advice="Leave --ticket out, or assume the role with the other ticket as the session's name.",
            )
        ticket = option or of_session
        if ticket is None or ticket.partition("-")[0] not in self.tickets:
            kinds = " or ".join(f"--ticket {kind}-…" for kind in reversed(self.tickets))
            article = "a ticket" if len(self.tickets) > 1 else f"the ticket of {_ARTICLES[self.tickets[0]]}"
            advice = f"Add {kinds}, or use it as the session's name."
            if of_session:
                advice = f"This session is named {of_session}: assume the role with {self.tickets[0]}-… as its name."
            raise OperationError(
                f"{self.action} of {self.context.environment.name} requires {article}",
                code=ExitCode.REFUSED,
                advice=advice,
            )
        return ticket

    def _confirm(self) -> None:
        if self.context.options.yes or not self.needs_confirmation:
            return
        answer = self.context.ask(f"Change {self.context.environment.name} now?")
        if answer is None:
            raise OperationError(
                "The change can't be confirmed: the input is not a terminal",
                code=ExitCode.REFUSED,
                advice="Add --yes to run without a question, or --dry-run to see the changes only.",
            )
        if not answer:
            raise OperationError("Not confirmed. Nothing was changed", code=ExitCode.REFUSED)

    def _end(self, error: BaseException | None) -> None:
        if self._audit is None:
            return
        outcome = _outcome(error)
        reason = {"reason": str(error)} if isinstance(error, OperationError) else {}
        self._write(self._audit, outcome, reason, must_succeed=False)

    def _write(
        self, audit: AuditLog, outcome: str, more: Mapping[str, Any] | None = None, *, must_succeed: bool = True
    ) -> None:
        try:
            audit.write(outcome, {**self.details, **(more or {})})
        except (BotoCoreError, ClientError) as error:
            problem = explained(error, self.context.environment.region)
            if must_succeed and not self.is_emergency:
                raise OperationError(
                    f"The audit event can't be written; nothing was changed. {problem.message}",
                    code=problem.code,
                    advice=problem.advice,
                ) from error
            self.context.report.warning(f"The audit event `{outcome}` can't be written: {problem.message}")


def _outcome(error: BaseException | None) -> str:
    """Return the audit event's outcome: one word for each way to end."""
    if error is None:
        return "success"
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, OperationError):
        outcomes = {
            ExitCode.UNFINISHED: "unfinished",
            ExitCode.DENIED: "denied",
            ExitCode.ROLLED_BACK: "rolled_back",
            ExitCode.INTERRUPTED: "interrupted",
        }
        return outcomes.get(error.code, "failure")
    return "failure"
