"""Rotation of the origin secret by settings, in ordered steps over both stacks: no request is rejected."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from sandbox.__main__ import STACKS
from sandbox.project import PLACEHOLDER
from tests.docs.rotation import rotation_steps
from tests.engine.live_stack import LiveStacks, live_stacks
from tests.engine.routing import Routing
from tests.engine.support import run

pytestmark = pytest.mark.xdist_group("rotation")

OLD, NEW = PLACEHOLDER, "New0" * 10

# Each row of the runbook's table is an `up` of one stack; if two stacks share a step, the order is arbitrary.
STEPS = rotation_steps({"old": OLD, "new": NEW})


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The state between two operations: secrets that distributions send, and that listeners and web ACLs accept.

    `text` is everything that others may read: the command output and the stored states.
    """

    sent: Mapping[str, str]
    listeners: Mapping[str, set[str]]
    web_acls: Mapping[str, set[str]]
    text: str


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[list[Snapshot]]:
    """Yield all snapshots, including those before the first and after the last step."""
    for live in live_stacks(tmp_path_factory.mktemp("rotation"), recording, "production", "dr"):
        found = [snapshot(live, "")]
        for stack, secrets in STEPS:
            up = run(live.stack(stack, secrets=secrets).up)
            assert up.ok, up.text
            found.append(snapshot(live, up.text))
        yield found


def snapshot(live: LiveStacks, output: str) -> Snapshot:
    routing = Routing(resources=live.resources())
    files_by_stack = [(live.sandbox.folder / "state").rglob(f"stacks/taskflow/{name}.json") for name in STACKS]
    return Snapshot(
        sent=routing.sent_secrets(),
        listeners=routing.accepted_secrets(),
        web_acls=routing.web_acl_secrets(),
        text="\n".join([output, *(file.read_text() for files in files_by_stack for file in files)]),
    )


def test_what_cloudfront_sends_is_accepted_in_every_state(snapshots: list[Snapshot]) -> None:
    """By both listeners: a fail-over is possible at any time."""
    assert len(snapshots) == len(STEPS) + 1
    for now in snapshots:
        assert set(now.sent) == {"taskflow.app", "api.taskflow.app"}
        assert set(now.listeners) == {"taskflow-production", "taskflow-dr"}
        for accepted in now.listeners.values():
            assert set(now.sent.values()) <= accepted


def test_what_cloudfront_sends_is_accepted_during_each_up(snapshots: list[Snapshot]) -> None:
    """In any order of updates: values sent before or after an `up` are accepted both before and after it."""
    for before, after in pairwise(snapshots):
        sent = {*before.sent.values(), *after.sent.values()}
        for name, accepted in before.listeners.items():
            assert sent <= accepted & after.listeners[name]


def test_web_acls_recognize_cloudfront_by_the_same_values(snapshots: list[Snapshot]) -> None:
    """Otherwise the rate rule would count CloudFront's requests by its few addresses and block them."""
    for now in snapshots:
        assert {name: known for name, known in now.web_acls.items() if known} == {
            f"{name}-origin": accepted for name, accepted in now.listeners.items()
        }


def test_the_old_value_is_dropped_at_the_end(snapshots: list[Snapshot]) -> None:
    first, last = snapshots[0], snapshots[-1]
    assert set(first.sent.values()) == {OLD}
    assert set(last.sent.values()) == {NEW}
    assert list(last.listeners.values()) == [{NEW}, {NEW}]


def test_skipping_the_first_step_would_be_an_outage(snapshots: list[Snapshot]) -> None:
    """The tests above detect it: listeners would reject the new value."""
    for accepted in snapshots[0].listeners.values():
        assert not set(snapshots[-1].sent.values()) <= accepted


def test_no_value_is_in_plain_text(snapshots: list[Snapshot]) -> None:
    """The values in distributions, listeners and web ACLs are secrets in every state."""
    for now in snapshots:
        assert now.text.count("edge-web") > 1
        assert now.text.count("origin-secret") > 1
        assert OLD not in now.text
        assert NEW not in now.text
