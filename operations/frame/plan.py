"""The plan of an `up` that a command is about to run: its settings, and that nothing else would change with them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.frame.pulumi import Step
from operations.frame.stack_file import SettingChange, tried_settings

Expected = Callable[[Step], bool]
# Operations by the kind of resource.
Steps: TypeAlias = Mapping[str, frozenset[str]]
INSTANCE_KIND = "aws:rds/instance:Instance"
NAMED = 3
# Pulumi's steps of a replacement.
REPLACED = frozenset({"replace", "create-replacement", "delete-replaced"})


def is_in(table: Steps, step: Step) -> bool:
    """Whether a table has the step's kind with its operation."""
    return step.operation in table.get(step.kind, frozenset())


def previewed(
    context: Context, values: Mapping[str, object], expected: Expected, what: str
) -> tuple[Sequence[SettingChange], Sequence[Step]]:
    """Preview the context's stack with settings that its file has for the preview only.

    Return what differs in the file, and the steps. OperationError if one isn't expected of `what`.
    """
    stack = context.options.stack
    with tried_settings(context.folder, stack, values) as changes:
        context.step(f"Previewing {stack} with {'these settings' if changes else 'the settings of an earlier run'}")
        steps = context.pulumi.preview(stack)
    require_expected(steps, expected, what, stack)
    return changes, steps


def require_expected(steps: Sequence[Step], expected: Expected, what: str, stack: str) -> None:
    """Refuse a plan that changes more: the stack file or the program isn't what is deployed."""
    others = [str(step) for step in steps if not step.kind.startswith(("taskflow:", "pulumi:")) and not expected(step)]
    if others:
        more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
        raise OperationError(
            f"The plan would change more than {what} does: {'; '.join(others[:NAMED])}{more}",
            code=ExitCode.REFUSED,
            advice=f"Use the files that were deployed to {stack} last: check out that commit, or get them from who "
            "changed them. Then run the same command again.",
        )
