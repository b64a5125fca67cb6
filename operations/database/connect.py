"""`taskflow db connect`: psql on the production database, read-only. Sections: Database Access, Access Controls.

The document's four steps as one command: temporary credentials of prod-db-access with an incident's ticket, the access
task in the bastion's place, a tunnel, and psql as a log-in that only reads.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from operations.database.access_task import AccessTasks
from operations.database.approval import require_approval
from operations.database.certificates import certificate_bundle
from operations.database.identity import Identity, assumed_identity, has_role, own_identity, role_of
from operations.database.login import Login, find_database, require_own_instance
from operations.database.machine import Machine
from operations.database.programs import require_programs
from operations.database.session import Session
from operations.frame.context import INCIDENT, Context, Operation
from operations.frame.errors import ExitCode, OperationError

COMPUTER = "computer"
STOPS = "the next `taskflow db connect` on this computer stops it"


@dataclass(frozen=True, kw_only=True)
class ConnectOptions:
    """What a person chooses: psql's arguments, who approved, the local port, the instance, certificates, the device."""

    arguments: Sequence[str] = ()
    approved_by: str = ""
    port: int = 5433
    is_replica: bool = False
    # Another one than the stack's.
    instance: str | None = None
    ca_bundle: Path | None = None
    mfa_device: str | None = None


def connect(context: Context, options: ConnectOptions, machine: Machine) -> None:
    """Run psql on the database through the access task; close everything in the end."""
    # Standard output is psql's.
    context.report.leave_stdout()
    if context.options.as_json and not context.options.dry_run:
        raise OperationError(
            "db connect has no JSON: standard output is psql's", code=ExitCode.USAGE, advice="Leave --json out."
        )
    require_programs(machine, context.report)
    if not machine.is_free(options.port):
        raise OperationError(
            f"Port {options.port} of this computer is in use. Nothing was started",
            code=ExitCode.REFUSED,
            advice=f"End the program that uses it, or choose another one: --port {options.port + 1}.",
        )
    require_own_instance(context, options.instance, is_replica=options.is_replica)
    operation = Operation(context=context, action="db connect", tickets=(INCIDENT,))
    with machine.signals(), operation.running():
        certificates = Path()
        if not context.options.dry_run:
            certificates = certificate_bundle(context, machine.cache, options.ca_bundle)
        approval = require_approval(operation, options.approved_by)
        identity = _begin(operation, options)
        incident = approval.record(identity, role_of(operation.principal) or "")
        try:
            _run(operation, identity, options, machine, certificates)
        finally:
            approval.close(identity.context, incident)


def _begin(operation: Operation, options: ConnectOptions) -> Identity:
    """Show what will happen, ask, and return the role in which it does."""
    context = operation.context
    found: list[Identity] = []

    def role() -> Context:
        is_there = has_role(context, operation.principal)
        ticket = operation.ticket or ""
        found.append(
            own_identity(context)
            if is_there
            else assumed_identity(context, ticket=ticket, mfa_device=options.mfa_device)
        )
        return found[0].context

    settings = context.settings
    name = options.instance or settings.rds.serving_identifier()
    minutes = settings.tools.access_timeout // 60
    assumed = f"assume {settings.roles.database_access_role}: the alarm emergency-access reports it"
    operation.begin(
        f"read {f'the replica of {name}' if options.is_replica else name}",
        [
            *([] if has_role(context, operation.principal) else [assumed]),
            f"record in {operation.ticket} who approved it",
            f"start the access task {context.environment.access_family}, for {minutes} minutes at most",
            f"open a tunnel from port {options.port} of this computer to the database",
            f"run psql as {_user(context)}, which only reads; PostgreSQL records each query",
        ],
        role=role,
    )
    return found[0]


def _run(
    operation: Operation, identity: Identity, options: ConnectOptions, machine: Machine, certificates: Path
) -> None:
    """Open the session, run psql, and close the session whatever happens."""
    context, ticket, run = identity.context, operation.ticket or "", uuid.uuid4().hex[:16]
    machine.sweep()
    folder = machine.folder(run)
    tasks = AccessTasks(context=context, machine=machine, computer=_computer(machine), run=run, ticket=ticket)
    session = Session(identity=identity, machine=machine, folder=folder, tasks=tasks)
    interruption: KeyboardInterrupt | None = None
    problems: Sequence[str] = ()
    try:
        database = find_database(context, is_replica=options.is_replica, instance=options.instance)
        login = Login(
            aws=context.aws,
            database=database,
            user=_user(context),
            name=context.settings.rds.database_name,
            port=options.port,
            certificates=certificates,
            ticket=ticket,
            folder=folder,
        )
        session.open(login).run_psql(options.arguments)
    except KeyboardInterrupt as error:
        interruption = error
    finally:
        problems = session.close()
        _report(context, session, problems)
    if interruption:
        closed = "everything else was closed" if problems else "the tunnel is closed and the access task stopped"
        raise OperationError(f"Interrupted; {closed}", code=ExitCode.INTERRUPTED) from interruption


def _report(context: Context, session: Session, problems: Sequence[str]) -> None:
    """Print what was closed, and what wasn't. A terminal that is gone must not hide the reason of the end."""
    try:
        for problem in problems:
            context.report.warning(f"{problem}.")
        if problems:
            end = f", and it ends itself at {session.ends_at:%H:%M} UTC" if session.ends_at else ""
            context.report.warning(f"If the access task still runs: {STOPS}{end}.")
        else:
            context.report.done("Closed: the tunnel and the access task")
    except OSError:
        return


def _user(context: Context) -> str:
    return f"{context.environment.application}_readonly"


def _computer(machine: Machine) -> str:
    """Return a random name of this user's computer, which is kept: leftovers are found by it."""
    file = machine.cache / COMPUTER
    if file.exists() and (kept := file.read_text().strip()).isalnum():
        return kept
    name = uuid.uuid4().hex[:8]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(name)
    return name
