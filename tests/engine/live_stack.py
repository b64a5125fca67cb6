"""A stack that stands in a sandbox of its own, to be changed from inside and outside."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

from sandbox.__main__ import PROJECT, STACKS, project
from sandbox.values import Value
from sandbox.workspace import Sandbox, SandboxStack
from tests.engine.both import both_in
from tests.engine.support import Run, edited, sandboxed, without_policies

POLICIES = PROJECT / "policies"


class Thing(TypedDict):
    """A thing as the world's file has it."""

    type: str
    urn: str
    id: str
    inputs: dict[str, Value]
    outputs: dict[str, Value]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A stack that is up in a sandbox of its own, and the world's file."""

    sandbox: Sandbox
    world: Path
    folder: Path

    def stack(
        self,
        name: str,
        edits: Mapping[str, Value] | None = None,
        *,
        policies: Path | None = None,
        secrets: Mapping[str, str] | None = None,
    ) -> SandboxStack:
        """Give the stack with its file as committed, or edited."""
        of_file = edited(self.folder / "edited", name, edits) if edits else project()
        self.sandbox.project = replace(of_file, policies=policies)
        return self.sandbox.stack(name, secrets=secrets)

    def things(self, *types: str) -> list[Thing]:
        return [t for t in json.loads(self.world.read_text())["things"] if not types or t["type"] in types]


def interrupt(sandbox: Sandbox, world: Path, recording: Path, name: str, made: int) -> None:
    """Have a recorded stack stand, in an empty account, as if its first `up` had stopped after `made` resources.

    What `up` writes when it is stopped is the same file: the resources so far, in the order of their making.
    """
    sandbox.reset()
    _copy(recording, sandbox, world, [name])
    (file,) = (sandbox.folder / "state").rglob(f"stacks/taskflow/{name}.json")
    state = json.loads(file.read_text())
    latest = state["checkpoint"]["latest"]
    latest["resources"], missing = latest["resources"][:made], latest["resources"][made:]
    file.write_text(json.dumps(state))
    whole = json.loads(world.read_text())
    gone = {resource["urn"] for resource in missing}
    # What both stacks have in common may have the other's URN.
    gone_ids = {(resource["type"], resource.get("id")) for resource in missing}
    own = f"urn:pulumi:{name}::"
    things = [
        thing
        for thing in whole["things"]
        if thing["urn"] not in gone and (thing["urn"].startswith(own) or (thing["type"], thing["id"]) not in gone_ids)
    ]
    counts = {urn: count for urn, count in whole["made"].items() if urn not in gone}
    world.write_text(json.dumps({**whole, "things": things, "made": counts}))


def stand(folder: Path, recording: Path, *names: str) -> Iterator[Standing]:
    """Give some of the recorded stacks a sandbox and an account of their own, for a fixture's life.

    Their secret settings are the sandbox's placeholders. They came up under the policies, and stand without them.
    """
    world = folder / "world.json"
    with sandboxed(without_policies(), world=world) as sandbox:
        _copy(recording, sandbox, world, names)
        yield Standing(sandbox=sandbox, world=world, folder=folder)


def _copy(recording: Path, sandbox: Sandbox, world: Path, names: Sequence[str]) -> None:
    sandbox.start_from(recording)
    for stack in set(STACKS) - set(names):
        for file in (sandbox.folder / "state").rglob(f"stacks/taskflow/{stack}.json*"):
            file.unlink()
    whole = json.loads((recording / "world.json").read_text())
    mine = tuple(f"urn:pulumi:{name}::" for name in names)
    things = [thing for thing in whole["things"] if thing["urn"].startswith(mine)]
    # A certificate's validation record is both stacks', and has the URN of the one that came last.
    mine_by_id = {(r["type"], r.get("id")) for name in names for r in both_in(recording)[name].resources}
    known = {(thing["type"], thing["id"]) for thing in things}
    shared = (thing for thing in whole["things"] if (thing["type"], thing["id"]) in mine_by_id - known)
    made = {urn: count for urn, count in whole["made"].items() if urn.startswith(mine)}
    world.write_text(json.dumps({**whole, "things": [*things, *shared], "made": made}))


def steps(run_: Run, *types: str) -> dict[str, str]:
    """Give the steps of those types that weren't `same`, by name."""
    return {p.name: p.operation for p in run_.changed if not types or p.type in types}
