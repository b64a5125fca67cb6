"""The ledger's project, and one stack of it that the tests share: its preview, its `up` and its state."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sandbox.__main__ import PROJECT
from sandbox.project import read_project
from sandbox.values import Value
from tests.engine.support import Run, run, sandboxed

LEDGER = read_project(PROJECT / "examples" / "ledger")
Resource: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One stack of the ledger after its first `up`; `resources` are those of its state."""

    preview: Run
    up: Run
    resources: Sequence[Resource]


def record() -> Recorded:
    """Preview the ledger and bring it up, under its own policy pack."""
    with sandboxed(LEDGER) as sandbox:
        stack = sandbox.stack("demo")
        preview, up = run(stack.preview), run(stack.up)
        resources = json.loads(stack.state())["deployment"].get("resources", [])
        return Recorded(preview=preview, up=up, resources=resources)
