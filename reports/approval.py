"""Prints a plan for those who approve it: `python -m reports.approval STACK FILE`, a file of `deploy plan --json`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from reports.markdown import table

# Pulumi's words; a replacement deletes too.
_DELETING = ("delete", "replace", "unprotect")
LISTED = 200


class Step(BaseModel):
    """A step of a plan."""

    model_config = ConfigDict(frozen=True)

    operation: str
    type: str
    name: str
    properties: Sequence[str]

    @property
    def deletes(self) -> bool:
        """Return whether it deletes something, or makes that possible."""
        return self.operation in _DELETING


class Plan(BaseModel):
    """The document of `taskflow deploy plan --json`."""

    model_config = ConfigDict(frozen=True)

    outcome: Literal["success"]
    commit: str
    plan: str
    changes: int
    steps: Sequence[Step]
    # How many change roles that only break-glass may change.
    guarded: int = 0


def summary(stack: str, plan: Plan) -> str:
    """Return the plan as Markdown; what deletes something comes first."""
    identity = f"Commit `{plan.commit[:12]}`, plan `{plan.plan[:12]}`."
    if not plan.steps:
        return f"### Plan of {stack}: nothing to deploy\n\n{identity}\n"
    steps = sorted(plan.steps, key=lambda step: not step.deletes)
    deleting = sum(step.deletes for step in steps)
    lines = [f"### Plan of {stack}: {plan.changes} change{'s' if plan.changes > 1 else ''}", ""]
    if deleting:
        lines += [f"⚠️ **Deletes, replaces or unprotects: {deleting} of {plan.changes}.**", ""]
    if plan.guarded:
        counted = f"Changes roles of people or workflows: {plan.guarded} of {plan.changes}"
        lines += [f"⚠️ **{counted}.** The workflow may not: reject it, and deploy this plan with break-glass.", ""]
    lines += [f"{identity} An approval is for this plan alone, and for a day.", ""]
    rows = [
        (
            f"**{step.operation}**" if step.deletes else step.operation,
            step.type,
            step.name,
            ", ".join(step.properties),
        )
        for step in steps[:LISTED]
    ]
    lines += table(("", "type", "name", "properties"), rows)
    if len(steps) > LISTED:
        lines += ["", f"… and {len(steps) - LISTED} more."]
    return "\n".join([*lines, ""])


def main(arguments: Sequence[str]) -> int:
    """Print the summary; 2 for anything else than such a document."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m reports.approval STACK FILE\n")
        return 2
    stack, file = arguments
    try:
        plan = Plan.model_validate_json(Path(file).read_bytes())
    except OSError as error:
        sys.stderr.write(f"{file}: {error.strerror}\n")
        return 2
    except ValidationError:
        sys.stderr.write(f"{file}: not a plan, as `taskflow deploy plan --json` prints it\n")
        return 2
    sys.stdout.write(summary(stack, plan) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
