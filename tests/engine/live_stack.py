"""Deployed stacks in a separate sandbox, which a test can change through the program or from outside."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

from sandbox.__main__ import PROJECT, STACKS, project
from sandbox.values import Value
from sandbox.workspace import Sandbox, SandboxStack
from tests.engine.both import load_both_stacks
from tests.engine.support import Run, edited_project, project_without_policies, sandboxed

POLICIES = PROJECT / "policies"


class AwsResource(TypedDict):
    """A resource in the world's file."""

    type: str
    urn: str
    id: str
    inputs: dict[str, Value]
    outputs: dict[str, Value]


@dataclass(frozen=True, kw_only=True)
class LiveStacks:
    """A sandbox with deployed stacks, and the world's file."""

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
        """Return a stack with its committed file, or with edits."""
        source = edited_project(self.folder / "edited", name, edits) if edits else project()
        self.sandbox.project = replace(source, policies=policies)
        return self.sandbox.stack(name, secrets=secrets)

    def resources(self, *types: str) -> list[AwsResource]:
        """Return the account's resources, all or of some types."""
        world = json.loads(self.world.read_text())
        return [resource for resource in world["resources"] if not types or resource["type"] in types]


def restore_interrupted(sandbox: Sandbox, world: Path, recording: Path, name: str, created: int) -> None:
    """Restore a recorded stack, in an empty account, as if its first `up` had stopped after `created` resources.

    An interrupted `up` writes the same file: the resources so far, in the order of their creation.
    """
    sandbox.reset()
    _copy(recording, sandbox, world, [name])
    (file,) = (sandbox.folder / "state").rglob(f"stacks/taskflow/{name}.json")
    state = json.loads(file.read_text())
    latest = state["checkpoint"]["latest"]
    latest["resources"], missing = latest["resources"][:created], latest["resources"][created:]
    file.write_text(json.dumps(state))
    content = json.loads(world.read_text())
    missing_urns = {resource["urn"] for resource in missing}
    # A resource of both stacks may have the other stack's URN.
    missing_ids = {(resource["type"], resource.get("id")) for resource in missing}
    prefix = f"urn:pulumi:{name}::"
    resources = [
        r
        for r in content["resources"]
        if r["urn"] not in missing_urns and (r["urn"].startswith(prefix) or (r["type"], r["id"]) not in missing_ids)
    ]
    counts = {urn: count for urn, count in content["create_counts"].items() if urn not in missing_urns}
    world.write_text(json.dumps({**content, "resources": resources, "create_counts": counts}))


def live_stacks(folder: Path, recording: Path, *names: str) -> Iterator[LiveStacks]:
    """Yield a separate sandbox and account with some of the recorded stacks, for a fixture.

    Secret settings are the sandbox's placeholders. The recording ran with policies; this sandbox has none.
    """
    world = folder / "world.json"
    with sandboxed(project_without_policies(), world=world) as sandbox:
        _copy(recording, sandbox, world, names)
        yield LiveStacks(sandbox=sandbox, world=world, folder=folder)


def _copy(recording: Path, sandbox: Sandbox, world: Path, names: Sequence[str]) -> None:
    sandbox.restore_from(recording)
    for stack in set(STACKS) - set(names):
        for file in (sandbox.folder / "state").rglob(f"stacks/taskflow/{stack}.json*"):
            file.unlink()
    content = json.loads((recording / "world.json").read_text())
    prefixes = tuple(f"urn:pulumi:{name}::" for name in names)
    resources = [resource for resource in content["resources"] if resource["urn"].startswith(prefixes)]
    # Both stacks have the certificate's validation record, which has the URN of the last one.
    ids = {(r["type"], r.get("id")) for name in names for r in load_both_stacks(recording)[name].resources}
    known_ids = {(resource["type"], resource["id"]) for resource in resources}
    shared = (r for r in content["resources"] if (r["type"], r["id"]) in ids - known_ids)
    counts = {urn: count for urn, count in content["create_counts"].items() if urn.startswith(prefixes)}
    world.write_text(json.dumps({**content, "resources": [*resources, *shared], "create_counts": counts}))


def steps(run_: Run, *types: str) -> dict[str, str]:
    """Return the steps other than `same`, by name, of all or some types."""
    return {p.name: p.operation for p in run_.changed if not types or p.type in types}
