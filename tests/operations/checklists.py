"""Runs checklists in the fake world: a person who answers, hosts that pass the smoke tests, a staging account."""

import contextlib
import io
import json
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from operations.checklist.checklist import postflight, preflight
from operations.frame.aws import Aws
from operations.frame.context import Context
from operations.frame.errors import ExitCode
from operations.frame.http import Answer, Https
from settings.releases import Staging
from tests.operations.fake.wire import Fault, clients_of
from tests.operations.fake.world import World
from tests.operations.https_server import HEADERS, PAGE
from tests.operations.support import Terminal

STAGING_ACCOUNT = "111122223333"
STAGING = Staging(
    account=STAGING_ACCOUNT, region="us-east-1", cluster="taskflow-staging", service="taskflow-api-staging"
)
VIEWERS = ("taskflow.app", "api.taskflow.app")


@dataclass(frozen=True, kw_only=True)
class Hosts(Https):
    """Answers as the four hosts do when all is well, without a server; `broken` answers 503."""

    broken: frozenset[str] = frozenset()

    def get(self, host: str, path: str, *, tls: ssl.TLSVersion | None = None, **_: object) -> Answer:
        smallest = ssl.TLSVersion.TLSv1_3 if host in VIEWERS else ssl.TLSVersion.TLSv1_2
        if tls is not None and tls < smallest:
            return Answer(status=0, headers={}, body="", problem="TLS: refused")
        lower = {name.lower(): value for name, value in HEADERS.items()}
        extra = {"content-type": "text/html"} if path == "/" else {}
        if path.startswith("/assets/"):
            extra = {"x-cache": "Hit from cloudfront", "cache-control": "public, immutable"}
        status = 403 if "?" in path or (path == "/api/" and host not in VIEWERS) else 200
        return Answer(status=503 if host in self.broken else status, headers={**lower, **extra}, body=PAGE)


def staging_world(version: str = "v1.1.0", hours: float = 25) -> World:
    """Return a staging account in which a version has run for so long."""
    world = World(stack="staging", account=STAGING_ACCOUNT)
    world.push(version)
    world.ecs.deploy(world.register(version))
    world.clock.sleep(hours * 3600)
    return world


@dataclass(kw_only=True)
class Person(Terminal):
    """A person at a terminal, who answers y unless `replies` has another reply by the item's title.

    Without a terminal every question is unanswered. `asked` are the titles of all questions so far.
    """

    has_terminal: bool = True
    replies: dict[str, str] = field(default_factory=dict[str, str])
    asked: list[str] = field(default_factory=list[str])
    staging: World | None = None
    # Replies in place of all that, or raises.
    reply: Callable[[str], str | None] | None = None
    https: Https = field(default_factory=Hosts)

    def preflight(self, version: str = "v1.1.0", fault: Fault | None = None, **options: Any) -> ExitCode:
        return self.run(lambda context: preflight(context, version, **options), fault)

    def postflight(
        self, version: str = "v1.1.0", fault: Fault | None = None, *, confirmed: Sequence[str] = ()
    ) -> ExitCode:
        return self.run(lambda context: postflight(context, version, confirmed=confirmed), fault)

    def _context(self, stack: str) -> Context:
        context = replace(super()._context(stack), of_profile=self._of_profile)
        if self.staging is None:
            return context
        releases = context.settings.releases.model_copy(update={"staging": STAGING})
        return replace(context, settings=context.settings.model_copy(update={"releases": releases}))

    def _of_profile(self, profile: str, region: str) -> Aws:
        assert (profile, region) == ("staging", STAGING.region)
        world = self.staging
        assert world
        return clients_of(lambda: world.wire, region)

    def _ask_text(self, question: str) -> str | None:
        title = question.partition("?")[0].partition(" (change")[0].partition(" (taskflow")[0]
        if not self.has_terminal:
            return None
        reply = self.reply(title) if self.reply else self.replies.get(title, "y")
        self.asked.append(title)
        return reply

    def verdicts(self, run: Callable[[], ExitCode]) -> Mapping[str, tuple[str, str]]:
        """Run a checklist with --json; return verdict and detail by item."""
        before, self.options = self.options, {**self.options, "as_json": True}
        with contextlib.redirect_stdout(io.StringIO()) as output:
            code = run()
        self.options = before
        result = json.loads(output.getvalue())
        assert result["exitCode"] == code
        return {each["item"]: (each["verdict"], each["detail"]) for each in result["items"]}


def started(prepare: Callable[[World], None] = lambda _: None) -> Person:
    """Return a person in a world in which v1.0.0 runs and v1.1.0 is pushed."""
    world = World()
    for version in ("v1.0.0", "v1.1.0"):
        world.push(version)
    person = Person(world=world)
    assert person.release("v1.0.0") is ExitCode.SUCCESS
    prepare(world)
    return person
