"""A person on call who declares, notes and ends an incident in the fake world."""

from pathlib import Path

from operations.frame.errors import ExitCode
from operations.incident.incident import Declaration, end, note, start
from operations.incident.record import Incident, incident_store
from operations.incident.severity import Severity
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.fake.wire import Fault
from tests.operations.fake.world import World
from tests.operations.support import Terminal

TICKET = "incident-7"
ON_CALL = f"arn:aws:sts::{ACCOUNT}:assumed-role/taskflow-on-call/{TICKET}"
RECORD = f"/taskflow/production/incident/{TICKET}"
ERRORS = "taskflow-production-error-rate"
RUNBOOK = "https://github.com/taskflow/infrastructure/blob/main/docs/runbooks/error-rate.md"


def on_call() -> Terminal:
    """Return a terminal of on-call; v1.0.0 runs, and the alarm on errors began two minutes ago."""
    world = World()
    world.push("v1.0.0")
    terminal = Terminal(world=world)
    assert terminal.release("v1.0.0") is ExitCode.SUCCESS
    world.clock.sleep(600)
    switch(world, "OK", "ALARM")
    world.clock.sleep(120)
    world.principal = ON_CALL
    terminal.options = {}
    return terminal


def switch(world: World, before: str, after: str) -> None:
    """Change the state of the alarm on errors."""
    now = world.clock.now()
    world.cloudwatch.change(ERRORS, now, before, after)
    world.alarms[ERRORS] |= {
        "StateValue": after,
        "StateTransitionedTimestamp": now,
        "StateUpdatedTimestamp": now,
        "AlarmDescription": f"Error rate above 1 %\nCritical: SEV1\nRunbook: {RUNBOOK}\nFirst command: aws x",
    }


def declare(terminal: Terminal, severity: Severity | None = Severity.SEV1, title: str = "API is down") -> ExitCode:
    return terminal.run(lambda context: start(context, Declaration(severity=severity, title=title)))


def write(terminal: Terminal, text: str = "I have it", fault: Fault | None = None) -> ExitCode:
    return terminal.run(lambda context: note(context, text), fault)


def finish(terminal: Terminal, output: Path | None = None) -> ExitCode:
    return terminal.run(lambda context: end(context, output))


def incident(terminal: Terminal, ticket: str = TICKET) -> Incident:
    found = terminal.run_with(lambda context: incident_store(context).find(ticket))
    assert found
    return found
