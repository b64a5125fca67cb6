"""Answers to a question about a plan: true, false, or the unknown value that leaves it undecided."""

from typing import TypeAlias

from policies.engine.facts import Absent, Known, Node, Unknown

Answer: TypeAlias = bool | Unknown


def all_of(*answers: Answer) -> Answer:
    """Whether all answers are true."""
    if False in answers:
        return False
    return next((answer for answer in answers if isinstance(answer, Unknown)), True)


def any_of(*answers: Answer) -> Answer:
    """Whether one of the answers is true."""
    if True in answers:
        return True
    return next((answer for answer in answers if isinstance(answer, Unknown)), False)


def is_text(node: Node, expected: str, *, ignore_case: bool = False) -> Answer:
    """Whether the text of a node is the expected one."""
    match node.text():
        case Known(value=text):
            return text == expected or (ignore_case and text.lower() == expected.lower())
        case Unknown() as unknown:
            return unknown
        case Absent():
            return False
