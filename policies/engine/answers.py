"""Answers that may have to wait: yes, no, or the unknown that decides it. No rule stands here."""

from typing import TypeAlias

from policies.engine.facts import Absent, Known, Node, Unknown

Answer: TypeAlias = bool | Unknown


def all_of(*answers: Answer) -> Answer:
    """Whether all of them hold."""
    if False in answers:
        return False
    return next((answer for answer in answers if isinstance(answer, Unknown)), True)


def any_of(*answers: Answer) -> Answer:
    """Whether one of them holds."""
    if True in answers:
        return True
    return next((answer for answer in answers if isinstance(answer, Unknown)), False)


def is_text(node: Node, wanted: str, *, in_any_case: bool = False) -> Answer:
    """Whether a text stands at the place."""
    match node.text():
        case Known(value=text):
            return text == wanted or (in_any_case and text.lower() == wanted.lower())
        case Unknown() as unknown:
            return unknown
        case Absent():
            return False
