"""Broken values of the alerts."""

from collections.abc import Sequence

from tests.settings.breaking import Rows, rejected

ALERTS = "taskflow:alerts"
RUNBOOKS, SILENT = f"{ALERTS}.runbooks", f"{ALERTS}.silentUntil"
SLACK = f"{ALERTS}.slack"


ROWS: Sequence[Rows] = (
    rejected(f"{SLACK}.workspace", "such as T0123456789", "C0123456789", "taskflow", ""),
    rejected(f"{SLACK}.channel", "such as C0123456789", "T0123456789", "#alerts", ""),
    rejected(f"{SLACK}.region", "one of us-west-2", "us-east-1", ""),
    rejected(RUNBOOKS, "an https URL", "http://a.app/runbooks", "https://a.app/", ""),
    rejected(RUNBOOKS, "without a trailing slash", "https://a.app/run books"),
    rejected(SILENT, "YAML read a date here", "2026-12-01 00:00:00 +0000 UTC"),
    rejected(SILENT, "the calendar has no such day", "2026-02-30"),
    rejected(SILENT, "a date in quotes", "1.12.2026"),
    rejected(SILENT, "the value is missing", None),
)
