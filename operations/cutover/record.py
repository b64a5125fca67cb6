"""The record of a cutover: since when the old instance is closed, so that a run after a crash knows it."""

from datetime import datetime

from operations.frame.context import Context
from operations.frame.store import Entry, RecordStore


class CutoverRecord(Entry):
    """The last cutover that has closed the old instance; `name` is the restored one."""

    name: str = ""
    closed_at: datetime | None = None


def cutover_store(context: Context) -> RecordStore[CutoverRecord]:
    """Return the store of the record."""
    return RecordStore(context.aws, context.environment, "cutover", model=CutoverRecord)
