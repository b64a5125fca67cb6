"""A person who exports a user's data, in the fake world."""

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from operations.data.export import ExportOptions, export
from operations.frame.errors import ExitCode
from tests.operations.fake.exports import Exports
from tests.operations.fake.wire import Fault
from tests.operations.fake.world import World
from tests.operations.support import Terminal

SUBJECT = "u-7f3a"
RECIPIENT, OTHER = "age1kfljf9vuv3c79rapmq9ul8ypc0dcg5yj55g57dv9cw58wnndcd0s4t2y28", f"age1{'q' * 58}"
QUERIES = "SELECT to_jsonb(u) FROM users AS u WHERE u.id = current_setting('export.subject');\n"


@dataclass(kw_only=True)
class Exporter:
    """A terminal in a world with three files of the user, and a folder with the application's queries."""

    folder: Path
    stack: str = "production"
    world: World = field(init=False)
    exports: Exports = field(init=False)
    terminal: Terminal = field(init=False)

    def __post_init__(self) -> None:
        self.world = World(stack=self.stack)
        self.exports = Exports(clock=self.world.clock, stack=self.stack)
        self.exports.files = {f"users/{SUBJECT}/{name}": 1000 for name in ("a.jpg", "b/holiday.jpg", "c.pdf")}
        self.exports.files |= {f"users/{SUBJECT}1/other.jpg": 1, "shared/x": 1}
        family = f"taskflow-{self.stack}-data-export"
        options = {"awslogs-group": f"/taskflow/{self.stack}/sessions", "awslogs-stream-prefix": "data-export"}
        log = {"logDriver": "awslogs", "options": options}
        container = {"name": "data-export", "image": "tools", "logConfiguration": log}
        self.world.ecs.register({"family": family, "containerDefinitions": [container]})
        self._join()
        self.terminal = Terminal(world=self.world, stack=self.stack)
        (self.folder / "queries.sql").write_text(QUERIES)

    def _join(self) -> None:
        """Answer for the bucket of exports too."""
        family = f"taskflow-{self.stack}-data-export"
        self.world.ecs.programs[family] = self.exports.run
        archive = self.world.archive.list_objects
        handlers = self.exports.handlers()
        listed = handlers["s3 ListObjectsV2"]
        self.world.wire.raw = {
            **self.world.wire.raw,
            **handlers,
            "s3 ListObjectsV2": lambda request: listed(request) or archive(request),
        }

    def copy(self, folder: Path) -> "Exporter":
        """Return a copy with another folder."""
        other = Exporter(folder=folder, stack=self.stack)
        memo: dict[int, Any] = {}
        other.world = copy.deepcopy(self.world, memo)
        other.exports = copy.deepcopy(self.exports, memo)
        other._join()
        other.terminal = Terminal(world=other.world, stack=self.stack)
        return other

    @property
    def output(self) -> Path:
        return self.folder / "export.tar.age"

    def run(self, fault: Fault | None = None, **options: Any) -> ExitCode:
        wanted: dict[str, Any] = {
            "subject": SUBJECT,
            "recipient": RECIPIENT,
            "queries": self.folder / "queries.sql",
            "output": self.output,
            **options,
        }
        return self.terminal.run(lambda context: export(context, ExportOptions(**wanted)), fault)

    @property
    def left(self) -> set[str]:
        """The names in the folder besides the queries."""
        return {each.name for each in self.folder.iterdir()} - {"queries.sql"}
