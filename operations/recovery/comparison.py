"""Shows how a restored instance compares, and ends the command with an error if it differs."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from rich.text import Text

from operations.frame.errors import ExitCode, OperationError
from operations.frame.report import Report
from operations.recovery.properties import Compared


def show(report: Report, compared: Sequence[Compared], name: str, like: str) -> None:
    """Print a table of every property; collect the values of the JSON document."""
    report.line()
    report.table(("", f"{name} beside {like}", "value"), [_cells(each) for each in compared])
    report.values["comparison"] = [
        {
            "property": each.of.title,
            "expected": each.wanted,
            "found": each.found,
            "isEqual": each.is_equal,
        }
        for each in compared
    ]


def require_equal(compared: Sequence[Compared], name: str, like: str, discard: str) -> None:
    """Raise OperationError with a line for each difference."""
    differences = [each for each in compared if not each.is_equal]
    if not differences:
        return
    count = f"{len(differences)} propert{'y' if len(differences) == 1 else 'ies'}"
    lines = [f"{each.of.title}: {words(each)}" for each in differences]
    raise OperationError(
        "\n".join((f"{name} differs from {like} in {count}", *lines)),
        code=ExitCode.CHECK_FAILED,
        advice="Don't use it as it is. Run the same command again to correct what can be corrected, or throw it away:",
        command=discard,
    )


def words(compared: Compared) -> str:
    """Return the value; of a difference, what it should be."""
    if compared.is_equal:
        return _value(compared.found)
    found, wanted = compared.found, compared.wanted
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        # Only the tags that are missing or other ones.
        tags, own = cast("Mapping[str, str]", found), cast("Mapping[str, str]", wanted)
        return ", ".join(f"{key} is {tags.get(key, 'missing')}" for key in own if tags.get(key) != own[key])
    return f"{_value(found)}, not {_value(wanted)}"


def _cells(compared: Compared) -> Sequence[str | Text]:
    sign = Text("✓", style="green") if compared.is_equal else Text("✗", style="bold red")
    return sign, compared.of.title, words(compared)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None or value == []:
        return "none"
    if isinstance(value, Mapping):
        return f"{len(cast('Mapping[str, str]', value))} tags"
    if isinstance(value, list):
        return ", ".join(cast("list[str]", value))
    text = str(value)
    return text.rpartition("/")[2] if text.startswith("arn:") else text
