"""Parses the rule of a composite alarm.

Grammar: AWS, CloudWatch, PutCompositeAlarm, AlarmRule.
"""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r'\s*(?:(?P<word>AND|OR|NOT|TRUE|FALSE|[()])|(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?P<name>"[^"]*"|[^"()\s]+)\s*\))'
)


def is_triggered_by(rule: str, name: str) -> bool:
    """Whether the alarm of that name alone triggers the rule, which doesn't hold otherwise."""
    try:
        return _holds(rule, name) and not _holds(rule, None)
    except ValueError:
        return False


def _holds(rule: str, in_alarm: str | None) -> bool:
    """Whether the rule holds while the named alarm (None: no alarm) is in ALARM and all others are OK."""
    reader = _Reader(rule, in_alarm)
    holds = reader.either()
    if reader.word:
        raise ValueError(rule)
    return holds


class _Reader:
    """Reads a rule from the left: `word` is the next word, empty at the end."""

    def __init__(self, rule: str, in_alarm: str | None) -> None:
        self._in_alarm = in_alarm
        self._words = self._read(rule.strip())
        self.word = next(self._words)

    def _read(self, rule: str) -> Iterator[str]:
        place = 0
        while place < len(rule):
            found = _TOKEN.match(rule, place)
            if not found:
                raise ValueError(rule)
            place = found.end()
            # A name, or an ARN that ends in it.
            name = (found["name"] or "").strip('"').rpartition(":alarm:")[2]
            now = "ALARM" if name == self._in_alarm else "OK"
            yield found["word"] or ("TRUE" if found["state"] == now else "FALSE")
        while True:
            yield ""

    def _take(self) -> str:
        word, self.word = self.word, next(self._words)
        return word

    def either(self) -> bool:
        """Read terms with OR between them."""
        holds = self._both()
        while self.word == "OR":
            self._take()
            # Both sides are parsed, also if the first holds.
            holds = self._both() or holds
        return holds

    def _both(self) -> bool:
        holds = self._one()
        while self.word == "AND":
            self._take()
            holds = self._one() and holds
        return holds

    def _one(self) -> bool:
        word = self._take()
        if word == "NOT":
            return not self._one()
        if word == "(":
            holds = self.either()
            if self._take() != ")":
                raise ValueError(word)
            return holds
        if word in ("TRUE", "FALSE"):
            return word == "TRUE"
        raise ValueError(word)
