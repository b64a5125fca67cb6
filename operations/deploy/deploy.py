"""`taskflow deploy plan`, `up` and `drift`: what is approved is what is deployed."""

import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from operations.deploy.saved_plan import VALID, PlanStore, SavedPlan, write_document
from operations.frame.context import Context, Operation
from operations.frame.errors import ExitCode, OperationError
from operations.frame.pulumi import Step

# How many steps a summary names.
SHOWN = 30
# What the boundary of a deployment's role denies, by the components' types: the roles of people and workflows.
GUARDED = ("taskflow:access:PeopleRoles$", "taskflow:access:DeliveryRoles$")
FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def plan(context: Context) -> None:
    """Preview the commit, with the policies, and save the plan for an approval."""
    commit, store = commit_of(context.folder), PlanStore(context=context)
    context.caller()
    # Read before the preview: an `up` that ends meanwhile makes the plan stale.
    state = store.state_version()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plan.json"
        steps = context.pulumi.plan(context.options.stack, file)
        saved = SavedPlan(
            stack=context.options.stack,
            commit=commit,
            state=state,
            saved_at=context.clock.now(),
            document=file.read_text(encoding="utf-8"),
        )
    _show(context, steps)
    if not context.options.dry_run:
        store.save(saved)
    context.report.values |= {"commit": commit, "plan": saved.fingerprint, "changes": len(steps)}
    if not steps:
        context.report.done(f"Nothing to deploy to {context.environment.name}")
        return
    context.report.done(f"Plan {saved.fingerprint[:12]} of {context.environment.name}: {_counts(steps)}")
    if guarded := [step for step in steps if any(component in step.urn for component in GUARDED)]:
        context.report.values["guarded"] = len(guarded)
        context.report.warning(
            f"{len(guarded)} of them change roles of people or workflows, which only break-glass may: let a person "
            "with that role deploy this plan"
        )
    context.report.line("Once it is approved:")
    context.report.command(f"    {context.command(f'deploy up --approved {saved.fingerprint}', 'change-…')}")


def deploy(context: Context, approved: str) -> None:
    """Deploy the plan of this commit whose fingerprint was approved; refuse any other, and a stale one."""
    if not FINGERPRINT.fullmatch(approved):
        raise OperationError(
            f"{approved} isn't the fingerprint of a plan",
            code=ExitCode.USAGE,
            advice="It has 64 hexadecimal digits, as `deploy plan` printed it.",
        )
    operation = Operation(context=context, action="deploy up")
    with operation.running():
        store = PlanStore(context=context)
        saved = store.load(commit_of(context.folder))
        _require_approved(context, saved, approved)
        _require_fresh(context, store, saved)
        operation.details |= {"commit": saved.commit, "plan": saved.fingerprint}
        operation.begin(f"deploy the plan {saved.fingerprint[:12]} of {saved.commit[:12]}", [_described(saved)])
        # The question may have been open for hours.
        _require_fresh(context, store, saved)
        with tempfile.TemporaryDirectory() as folder:
            context.pulumi.up_by_plan(context.options.stack, write_document(saved, Path(folder)))
        context.report.done(f"{context.environment.name} is deployed from {saved.commit[:12]}")


def drift(context: Context) -> None:
    """Compare what exists with the program; OperationError if something differs. Nothing is written."""
    context.caller()
    steps = context.pulumi.drift(context.options.stack)
    _show(context, steps)
    context.report.values["changes"] = len(steps)
    if steps:
        raise OperationError(
            f"{context.environment.name} differs from its program: {_counts(steps)}",
            code=ExitCode.CHECK_FAILED,
            advice="It was changed by hand, or a merge wasn't deployed. Bring the change into the program, or let the "
            "next deployment change it back.",
        )
    context.report.done(f"{context.environment.name} is what its program describes")


def commit_of(folder: Path) -> str:
    """Return the commit of the working tree; OperationError if it has changes, which no one could approve."""
    changed = _git(folder, "status", "--porcelain")
    if changed:
        raise OperationError(
            f"The working tree has changes: {changed.splitlines()[0].strip()}",
            code=ExitCode.REFUSED,
            advice="Commit them, or deploy from a clean checkout.",
        )
    return _git(folder, "rev-parse", "HEAD").strip()


def _git(folder: Path, *arguments: str) -> str:
    try:
        return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise OperationError(
            f"The commit can't be read: {folder} isn't a checkout, or there is no git", code=ExitCode.REFUSED
        ) from error


def _require_approved(context: Context, saved: SavedPlan, approved: str) -> None:
    if saved.fingerprint != approved:
        raise OperationError(
            f"The plan of {saved.commit[:12]} is {saved.fingerprint[:12]}; {approved[:12]} was approved",
            code=ExitCode.REFUSED,
            advice="It was planned again since. Have the new plan approved:",
            command=context.command("deploy plan"),
        )


def _require_fresh(context: Context, store: PlanStore, saved: SavedPlan) -> None:
    age = context.clock.now() - saved.saved_at
    if store.state_version() != saved.state:
        problem = (
            f"The state of {context.environment.name} has changed since the plan was made, by another deployment or "
            "by this one before it was interrupted"
        )
    elif age > VALID:
        problem = f"The plan is {age.total_seconds() / 3600:.0f} hours old, and valid for a day"
    else:
        return
    raise OperationError(
        problem,
        code=ExitCode.REFUSED,
        advice="Plan again, and have the new plan approved:",
        command=context.command("deploy plan"),
    )


def _described(saved: SavedPlan) -> str:
    return f"what was planned at {saved.saved_at:%Y-%m-%d %H:%M} UTC, and nothing else"


def _show(context: Context, steps: Sequence[Step]) -> None:
    for step in steps[:SHOWN]:
        context.report.bullet(f"{step}: {', '.join(step.properties)}" if step.properties else str(step))
    if len(steps) > SHOWN:
        context.report.line(f"    and {len(steps) - SHOWN} more")
    context.report.values["steps"] = [
        {"operation": step.operation, "type": step.kind, "name": step.name, "properties": step.properties}
        for step in steps
    ]


def _counts(steps: Sequence[Step]) -> str:
    """Return how many steps of each kind: `2 create, 1 update`."""
    counts = Counter(step.operation for step in steps)
    return ", ".join(f"{count} {operation}" for operation, count in sorted(counts.items()))
