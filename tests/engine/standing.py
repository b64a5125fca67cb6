"""A stack that stands in a sandbox of its own, to be changed from inside and outside."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

from sandbox.__main__ import PROJECT, project
from sandbox.values import Value
from sandbox.workspace import Sandbox, SandboxStack
from tests.engine.support import Run, edited, run, sandboxed


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
        policies: Path | None = PROJECT / "policies",
        secrets: Mapping[str, str] | None = None,
    ) -> SandboxStack:
        """Give the stack with its file as committed, or edited."""
        of_file = edited(self.folder / "edited", name, edits) if edits else project()
        self.sandbox.project = replace(of_file, policies=policies)
        return self.sandbox.stack(name, secrets=secrets)

    def things(self, *types: str) -> list[Thing]:
        return [t for t in json.loads(self.world.read_text())["things"] if not types or t["type"] in types]


def stand(
    folder: Path,
    *names: str,
    secrets: Mapping[str, str] | None = None,
    policies: Path | None = PROJECT / "policies",
) -> Iterator[Standing]:
    """Bring stacks up in one account, and keep them for a fixture's life."""
    world = folder / "world.json"
    with sandboxed(world=world) as sandbox:
        standing = Standing(sandbox=sandbox, world=world, folder=folder)
        for name in names:
            up = run(standing.stack(name, secrets=secrets, policies=policies).up)
            assert up.ok, up.text
        yield standing


def steps(run_: Run, *types: str) -> dict[str, str]:
    """Give the steps of those types that weren't `same`, by name."""
    return {p.name: p.operation for p in run_.changed if not types or p.type in types}
