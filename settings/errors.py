"""What is told about refused settings, and how it looks in a terminal."""

import difflib
import json
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

WIDTH = 100
LONGEST_VALUE = 120


class Unshown(Enum):
    """What is said in place of a value."""

    NOT_SET = "not set"
    HIDDEN = "not shown, since it may be a secret"
    UNKNOWN_NAME = "a name that no setting has"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One refused setting: where it stands, what it was (as Pulumi handed it on), what is allowed, and a way out."""

    file: str
    path: str
    value: object
    allowed: str
    hint: str = ""


class SettingsError(ValueError):
    """The stack's settings are refused; `problems` has all that is wrong with them, and the text tells it.

    Without problems the file as a whole is refused, for the `reason`.
    """

    def __init__(self, file: str, problems: Sequence[Problem] = (), *, reason: str = "") -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__(render(file, self.problems) if problems else f"{file}: {reason}")


def render(file: str, problems: Sequence[Problem]) -> str:
    """Give the text for the terminal: a header with the count, then each problem with its number."""
    count = "1 setting is refused" if len(problems) == 1 else f"{len(problems)} settings are refused"
    margin = len(str(len(problems))) + 4
    entries = (_entry(f"{number:>{margin - 2}}. ", problem) for number, problem in enumerate(problems, start=1))
    return "\n\n".join([f"{file}: {count}", *entries])


def _entry(number: str, problem: Problem) -> str:
    said = [("was:", shown(problem.value)), ("allowed:", problem.allowed), ("hint:", problem.hint)]
    lines = [f"{number}{printable(problem.path)}"]
    for label, text in said:
        if text:
            lines += _wrapped(f"{' ' * len(number)}{label:<9}", text)
    return "\n".join(lines)


def _wrapped(label: str, text: str) -> list[str]:
    """Give the lines of a text beside its label; a command keeps a line to itself, so that it can be copied."""
    lines: list[str] = []
    for line in text.splitlines():
        lead = " " * len(label) if lines else label
        if line.startswith("pulumi "):
            lines.append(f"{lead}{line}")
        else:
            lines += textwrap.wrap(
                line, WIDTH, initial_indent=lead, subsequent_indent=" " * len(label), break_on_hyphens=False,
                break_long_words=False,
            )  # fmt: skip
    return lines


def shown(value: object) -> str:
    """Give a value as it is told: text in quotes, so that it can be told from a number; long ones cut short."""
    if isinstance(value, Unshown):
        return value.value
    try:
        text = printable(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        return f"({type(value).__name__} that can't be shown)"
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}… ({len(text)} characters)"


def printable(text: str) -> str:
    """Escape what a terminal would act upon instead of showing it."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Give the known name that a misspelt one most likely means, whatever its case, underscores and hyphens."""
    known = {_plain(candidate): candidate for candidate in names}
    found = difflib.get_close_matches(_plain(name), list(known), n=1)
    return known[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Give the hint for a misspelt name, or nothing when no known name is near."""
    found = nearest(name, names)
    return f"did you mean {found}?" if found else ""


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
