"""Errors about invalid settings, and their text in a terminal."""

import difflib
import json
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

WIDTH = 100
MAX_VALUE_LENGTH = 120


class NoValue(Enum):
    """What an error shows instead of a value."""

    NOT_SET = "not set"
    HIDDEN = "(hidden: may be a secret)"
    UNKNOWN = "unknown setting"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One invalid setting: its file and path, its value (as Pulumi handed it over), what is allowed, and a hint."""

    file: str
    path: str
    value: object
    allowed: str
    hint: str = ""


class SettingsError(ValueError):
    """The stack's settings are invalid; `problems` has every invalid setting.

    Without problems the file as a whole is invalid, for the `reason`.
    """

    def __init__(self, file: str, problems: Sequence[Problem] = (), *, reason: str = "") -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__(render(file, self.problems) if problems else f"{file}: {reason}")


def render(file: str, problems: Sequence[Problem]) -> str:
    """Return the text for the terminal: a header with the count, then each problem with its number."""
    count = "1 invalid setting" if len(problems) == 1 else f"{len(problems)} invalid settings"
    margin = len(str(len(problems))) + 4
    entries = (_entry(f"{number:>{margin - 2}}. ", problem) for number, problem in enumerate(problems, start=1))
    return "\n\n".join([f"{file}: {count}", *entries])


def _entry(number: str, problem: Problem) -> str:
    rows = [("value:", format_value(problem.value)), ("allowed:", problem.allowed), ("hint:", problem.hint)]
    lines = [f"{number}{printable(problem.path)}"]
    for label, text in rows:
        if text:
            lines += _wrapped(f"{' ' * len(number)}{label:<9}", text)
    return "\n".join(lines)


def _wrapped(label: str, text: str) -> list[str]:
    """Return the lines of a text beside its label; a command keeps a line to itself, so that it can be copied."""
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


def format_value(value: object) -> str:
    """Return a value's text, strings in quotes; long values are cut short."""
    if isinstance(value, NoValue):
        return value.value
    try:
        text = printable(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        return f"({type(value).__name__} that can't be shown)"
    return text if len(text) <= MAX_VALUE_LENGTH else f"{text[:MAX_VALUE_LENGTH]}… ({len(text)} characters)"


def printable(text: str) -> str:
    """Escape the characters that a terminal interprets instead of showing them."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the known name that a misspelled one most likely means, ignoring case, underscores and hyphens."""
    known = {_normalized(candidate): candidate for candidate in names}
    found = difflib.get_close_matches(_normalized(name), list(known), n=1)
    return known[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return the hint for a misspelled name; empty if no known name is near."""
    found = nearest(name, names)
    return f"did you mean {found}?" if found else ""


def _normalized(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
