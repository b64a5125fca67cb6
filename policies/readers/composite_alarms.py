"""Reads the rule of an alarm of alarms. No rule of the pack stands here.

Grammar: AWS, CloudWatch, PutCompositeAlarm, AlarmRule.
"""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r'\s*(?:(?P<word>AND|OR|NOT|TRUE|FALSE|[()])|(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?P<name>"[^"]*"|[^"()\s]+)\s*\))'
)


def is_triggered_by(rule: str, name: str) -> bool:
    """Whether the alarm of that name, by itself, sets off the rule, which is at rest without it."""
    try:
        return _holds(rule, name) and not _holds(rule, None)
    except ValueError:
        return False


def _holds(rule: str, ringing: str | None) -> bool:
    """Whether the rule holds while one alarm is in ALARM, or none, and all others are OK."""
    reader = _Reader(rule, ringing)
    holds = reader.either()
    if reader.word:
        raise ValueError(rule)
    return holds


class _Reader:
    """Reads a rule from the left: `word` is what comes next, empty at the end."""

    def __init__(self, rule: str, ringing: str | None) -> None:
        self._ringing = ringing
        self._words = self._read(rule.strip())
        self.word = next(self._words)

    def _read(self, rule: str) -> Iterator[str]:
        place = 0
        while place < len(rule):
            found = _TOKEN.match(rule, place)
            if not found:
                raise ValueError(rule)
            place = found.end()
            # By name, or by an ARN that ends in it.
            name = (found["name"] or "").strip('"').rpartition(":alarm:")[2]
            now = "ALARM" if name == self._ringing else "OK"
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
            # Both sides are read, whatever the first one says.
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
