"""Runs `db connect` in a process, with real programs and a fake AWS: `python -m tests.operations.connect_process`.

Arguments: a folder, the local port, psql's arguments. The folder gets what is left in AWS at the end.
"""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from operations.database.connect import ConnectOptions, connect
from operations.database.system import SystemMachine
from tests.operations.connecting import APPROVER, person
from tests.operations.fake.clock import FakeClock


@dataclass(kw_only=True)
class HurriedClock(FakeClock):
    """The world's time, in which real programs get some time too."""

    def sleep(self, seconds: float) -> None:
        time.sleep(min(seconds, 0.2))
        super().sleep(seconds)


def main() -> None:
    """Run the command, and write what is left."""
    folder, port, *arguments = sys.argv[1:]
    someone = person(Path(folder) / "cache", HurriedClock())
    # The authority of the test's database.
    file = Path(folder) / "authority.pem"
    bundle = file if file.exists() else None
    options = ConnectOptions(arguments=arguments, approved_by=APPROVER, port=int(port), ca_bundle=bundle)
    machine = SystemMachine(temporary=Path(folder) / "runs")
    code = 1
    try:
        code = someone.terminal.run(lambda context: connect(context, options, machine))
    finally:
        # Also after an error that the command can't print: its terminal may be gone.
        left = {
            "tasks": [task.id for task in someone.world.ecs.tasks if task.stops_at > someone.world.clock.now()],
            "sessions": [session.id for session in someone.world.sessions.open],
            "outcomes": [event["outcome"] for event in someone.world.events()],
        }
        (Path(folder) / "left.json").write_text(json.dumps(left))
    sys.exit(code)


if __name__ == "__main__":
    main()
