"""Runs commands in the fake world: their exit code, their output, their questions."""

import contextlib
import copy
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from operations.frame.clock import Clock
from operations.frame.context import Context, Options
from operations.frame.errors import ExitCode
from operations.frame.http import Answer, Https
from operations.frame.pulumi import Pulumi, Step
from operations.frame.report import Report
from operations.frame.run import environment_of, execute
from operations.release.release import ReleaseOptions, release
from operations.release.rollback import rollback
from sandbox.__main__ import PROJECT
from settings.load import load_file
from settings.stack import Settings
from tests.operations.fake.pulumi import NoPlans
from tests.operations.fake.wire import Fault, Handler, Killed, ServiceError, clients
from tests.operations.fake.world import World

T = TypeVar("T")
# What a log-in lacks that may assume roles and nothing else.
RECORD_CALLS = ("ssm GetParameter", "ssm PutParameter", "ssm GetParametersByPath", "logs CreateLogStream")


@functools.cache
def settings(stack: str = "production") -> Settings:
    return load_file(PROJECT, stack)


@dataclass(frozen=True, kw_only=True)
class Healthy(Https):
    """Answers each request with a status."""

    status: int = 200

    def get(self, host: str, path: str, **_: object) -> Answer:  # noqa: ARG002
        return Answer(status=self.status, headers={}, body="ok")


class NoPulumi(NoPlans):
    """For commands that must not run Pulumi."""

    def preview(self, stack: str) -> Sequence[Step]:
        raise AssertionError(stack)

    def up(self, stack: str, targets: Sequence[str] = ()) -> None:
        raise AssertionError(stack, targets)

    def refresh(self, stack: str, urn: str) -> None:
        raise AssertionError(stack, urn)


@dataclass(kw_only=True)
class Terminal:
    """Runs commands one after another, as one person does."""

    world: World
    stack: str = "production"
    options: dict[str, object] = field(default_factory=lambda: {"yes": True})
    answer: bool | None = None
    questions: list[str] = field(default_factory=list[str])
    # Answers to questions for a text, by how the question begins.
    texts: dict[str, str] = field(default_factory=dict[str, str])
    https: Https = field(default_factory=Healthy)
    # The clock of the person's computer; by default the world's.
    clock: Clock | None = None
    # A folder with stack files that a command may change, and Pulumi, which deploys them.
    folder: Path = PROJECT
    pulumi: Pulumi = field(default_factory=NoPulumi)
    # What happens elsewhere while a question is open.
    meanwhile: Callable[[], object] = lambda: None

    def run(self, command: Callable[[Context], None], fault: Fault | None = None) -> ExitCode:
        """Run a command in a new process."""
        self.world.wire.restart(fault)
        return execute(lambda: self._context(self.stack), command)

    def run_with(self, read: Callable[[Context], T]) -> T:
        """Return what a function reads in the context of a command."""
        return read(self._context(self.stack))

    def release(self, version: str | None = None, fault: Fault | None = None, **options: object) -> ExitCode:
        wanted = ReleaseOptions(version=version, **options)  # pyright: ignore[reportArgumentType]
        return self.run(lambda context: release(context, wanted), fault)

    def rollback(self, to: str | None = None, fault: Fault | None = None) -> ExitCode:
        return self.run(lambda context: rollback(context, to), fault)

    def _context(self, stack: str) -> Context:
        loaded = settings(stack)
        return Context(
            options=Options(stack=stack, **self.options),  # pyright: ignore[reportArgumentType]
            settings=loaded,
            environment=environment_of(loaded, stack),
            aws=clients(loaded.aws.region),
            clock=self.clock or self.world.clock,
            report=Report(as_json=bool(self.options.get("as_json"))),
            https=self.https,
            ask=self._ask,
            ask_text=self._ask_text,
            folder=self.folder,
            pulumi=self.pulumi,
            of_stack=self._context,
        )

    def _ask(self, question: str) -> bool | None:
        self.questions.append(question)
        self.meanwhile()
        return self.answer

    def _ask_text(self, question: str) -> str | None:
        self.questions.append(question)
        return next((answer for start, answer in self.texts.items() if question.startswith(start)), None)


def killed_at(terminal: Terminal, version: str, call: str) -> None:
    """Run a release that dies at the first such call; the calls are those of an undisturbed run elsewhere."""
    other = copy.deepcopy(terminal)
    other.release(version)
    at = other.world.wire.calls.index(call) + 1
    with contextlib.suppress(Killed):
        terminal.release(version, Fault(at=at, error=Killed))
        raise AssertionError(call)


def own_calls_denied(world: World, *operations: str) -> None:
    """Deny operations to the person, not to the role."""
    handlers = dict(world.wire.handlers)
    for name in operations:
        handlers[name] = _denied_to_person(world, name, handlers[name])
    world.wire.handlers = handlers


def _denied_to_person(world: World, name: str, handler: Handler) -> Handler:
    def answer(request: Mapping[str, object]) -> Mapping[str, object]:
        if world.wire.keys_used[-1].startswith("AKIA"):
            raise ServiceError("AccessDeniedException", f"not authorized to perform: {name}")
        return handler(request)

    return answer
