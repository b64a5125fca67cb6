"""The answers of people, in an SSM parameter for each version. Notes stay here: audit events have verdicts only."""

import re
from datetime import datetime
from typing import Literal

from pydantic import Field

from components.shared.environment import Environment
from operations.frame.aws import Aws
from operations.frame.store import Entry, RecordStore

MAX_NOTE = 100


class Answer(Entry):
    """One answer: when, by whom (role and session), with which ticket, and a note."""

    is_yes: bool
    at: datetime
    by: str
    ticket: str
    note: str = ""


class Answers(Entry):
    """The answers by item, for the version's image: those for another image are dropped."""

    format: Literal[1] = 1
    digest: str = ""
    answers: dict[str, Answer] = Field(default_factory=dict[str, Answer])

    def of(self, digest: str) -> dict[str, Answer]:
        """Return the answers for this image."""
        return self.answers if self.digest == digest else {}

    def with_answer(self, digest: str, key: str, answer: Answer) -> "Answers":
        """Return the record with one more answer for this image."""
        return self.model_copy(update={"digest": digest, "answers": {**self.of(digest), key: answer}})


def answer_store(aws: Aws, environment: Environment, version: str) -> RecordStore[Answers]:
    """Return the store of a version's answers. If they get too long, the oldest note goes; no answer does."""

    def shorten(record: Answers) -> Answers:
        noted = [key for key, answer in record.answers.items() if answer.note]
        if not noted:
            return record
        oldest = min(noted, key=lambda key: record.answers[key].at)
        answer = record.answers[oldest].model_copy(update={"note": ""})
        return record.model_copy(update={"answers": {**record.answers, oldest: answer}})

    return RecordStore(aws, environment, f"checklist/{version}", model=Answers, shorten=shorten)


def short_note(text: str) -> str:
    """Return a note as it is recorded: one line, cut, and without braces, which SSM takes for references."""
    printable = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(re.sub(r"[{}]", "", printable).split())[:MAX_NOTE].rstrip()


def person(principal: str) -> str:
    """Return who that is, from an ARN: role and session. CloudTrail has the person, as the source identity."""
    return principal.rpartition(":")[2].partition("/")[2] or principal
