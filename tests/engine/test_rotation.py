"""The origin's secret is rotated by settings, in ordered steps over both stacks: no request is refused on the way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from sandbox.__main__ import STACKS
from sandbox.project import PLACEHOLDER
from tests.docs.rotation import rotation_steps
from tests.engine.live_stack import Standing, stand
from tests.engine.routing import Routing
from tests.engine.support import run

pytestmark = pytest.mark.xdist_group("rotation")

OLD, NEW = PLACEHOLDER, "New0" * 10

# Each row of the runbook's table is an `up` of one stack; where two stacks share a step, either may be the first.
STEPS = rotation_steps({"old": OLD, "new": NEW})


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What stands between two operations: what each distribution sends, what each stack lets through.

    `text` is what a stranger may have seen of it: what was shown, and the states as they are kept.
    """

    sent: Mapping[str, str]
    listeners: Mapping[str, set[str]]
    firewalls: Mapping[str, set[str]]
    text: str


@pytest.fixture(scope="module")
def moments(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[list[Moment]]:
    """Every state on the way, the first and the last included."""
    for standing in stand(tmp_path_factory.mktemp("rotation"), recording, "production", "dr"):
        found = [moment(standing, "")]
        for stack, secrets in STEPS:
            up = run(standing.stack(stack, secrets=secrets).up)
            assert up.ok, up.text
            found.append(moment(standing, up.text))
        yield found


def moment(standing: Standing, shown: str) -> Moment:
    routing = Routing(things=standing.things())
    kept = [(standing.sandbox.folder / "state").rglob(f"stacks/taskflow/{name}.json") for name in STACKS]
    return Moment(
        sent=routing.sent(),
        listeners=routing.accepted(),
        firewalls=routing.known_to_firewalls(),
        text="\n".join([shown, *(file.read_text() for files in kept for file in files)]),
    )


def test_what_cloudfront_sends_is_accepted_in_every_state(moments: list[Moment]) -> None:
    """By both listeners, since the origin's name may move at any moment."""
    assert len(moments) == len(STEPS) + 1
    for now in moments:
        assert set(now.sent) == {"taskflow.app", "api.taskflow.app"}
        assert set(now.listeners) == {"taskflow-production", "taskflow-dr"}
        for accepted in now.listeners.values():
            assert set(now.sent.values()) <= accepted


def test_and_while_an_up_is_under_way(moments: list[Moment]) -> None:
    """In whatever order an `up` changes things: what is sent before or after it is accepted before and after it."""
    for before, after in pairwise(moments):
        sent = {*before.sent.values(), *after.sent.values()}
        for name, accepted in before.listeners.items():
            assert sent <= accepted & after.listeners[name]


def test_web_acls_know_cloudfront_by_the_same_values(moments: list[Moment]) -> None:
    """One that didn't would count all of CloudFront's requests as few addresses', and block them."""
    for now in moments:
        assert {name: known for name, known in now.firewalls.items() if known} == {
            f"{name}-origin": accepted for name, accepted in now.listeners.items()
        }


def test_the_old_value_is_dropped_at_the_end(moments: list[Moment]) -> None:
    first, last = moments[0], moments[-1]
    assert set(first.sent.values()) == {OLD}
    assert set(last.sent.values()) == {NEW}
    assert list(last.listeners.values()) == [{NEW}, {NEW}]


def test_skipping_the_first_step_would_be_an_outage(moments: list[Moment]) -> None:
    """The tests above notice it: the new value would meet listeners that have never heard of it."""
    for accepted in moments[0].listeners.values():
        assert not set(moments[-1].sent.values()) <= accepted


def test_no_value_is_shown_or_kept_in_plain_text(moments: list[Moment]) -> None:
    """The distributions' header, the listeners' values and the web ACLs' are all secrets, in every state."""
    for now in moments:
        assert now.text.count("edge-web") > 1
        assert now.text.count("origin-secret") > 1
        assert OLD not in now.text
        assert NEW not in now.text
