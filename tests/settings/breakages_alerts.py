"""Broken values of the alerts."""

from collections.abc import Iterator, Mapping, Sequence

from tests.settings.breaking import Breakage, Rows, and_also, block, misspelled, not_allowed, number, text, wrong_type

ALERTS = "taskflow:alerts"
WORDS = "one of Critical, High, Warning"
PERCENT, MINUTES = "1 to 100 percent", "1 to 60 minutes"
FIELDS: Mapping[str, Sequence[str]] = {
    "errorRate": ("threshold", "minutes", "severity"),
    "p95Latency": ("threshold", "minutes", "severity"),
    "serviceDown": ("minutes", "severity"),
    "cpuHigh": ("threshold", "minutes", "severity"),
    "memoryHigh": ("threshold", "minutes", "severity"),
    "dbConnections": ("threshold", "minutes", "severity"),
    "diskSpace": ("threshold", "minutes", "severity"),
    "sslExpiry": ("days", "severity"),
    "routes": ("Critical", "High", "Warning"),
    "slack": ("workspace", "channel", "region"),
}
RUNBOOKS, SILENT = f"{ALERTS}.runbooks", f"{ALERTS}.silentUntil"
ROUTES, SLACK = f"{ALERTS}.routes", f"{ALERTS}.slack"


def _alerts() -> Iterator[Rows]:
    for name, fields in FIELDS.items():
        at = f"{ALERTS}.{name}"
        yield block(
            at, f"{name}s", f"a block of {fields[0]}", *(f"{at}.{field}" for field in sorted(fields)), message=""
        )
        if "threshold" in fields and name != "p95Latency":
            yield number(f"{at}.threshold", "thresholds", PERCENT, 0, 101)
        if "minutes" in fields:
            yield number(f"{at}.minutes", "minute", MINUTES, 0, 61)
        if "severity" in fields:
            yield text(f"{at}.severity", "severities", WORDS, "critical", "SEV1", "")


_ROWS: Sequence[Rows] = (
    block(
        ALERTS,
        "taskflow:alert",
        "a block of errorRate",
        *(f"{ALERTS}.{name}" for name in sorted((*FIELDS, "runbooks"))),
        message="an https URL",
    ),
    *_alerts(),
    number(f"{ALERTS}.p95Latency.threshold", "thresholds", "1 to 60000 milliseconds", 0, 60_001),
    number(f"{ALERTS}.sslExpiry.days", "day", "1 to 60 days", 0, 61),
    *(
        text(f"{ROUTES}.{severity}", f"{severity}s", "one of PagerDuty, Slack", "pagerduty", "E-mail", "")
        for severity in FIELDS["routes"]
    ),
    text(f"{SLACK}.workspace", "workspaces", "such as T0123456789", "C0123456789", "taskflow", ""),
    text(f"{SLACK}.channel", "channels", "such as C0123456789", "T0123456789", "#alerts", ""),
    text(f"{SLACK}.region", "regions", "one of us-west-2", "us-east-1", ""),
    and_also(
        text(RUNBOOKS, "runbook", "an https URL", "http://a.app/runbooks", "https://a.app/", ""),
        not_allowed("https://a.app/run books", RUNBOOKS, message="without a trailing slash"),
    ),
    (
        SILENT,
        (
            wrong_type(20261201, SILENT, "quote it"),
            wrong_type(["2026-12-01"], SILENT, "write one string"),
            not_allowed("2026-12-01 00:00:00 +0000 UTC", SILENT, message="YAML read a date here"),
            not_allowed("2026-02-30", SILENT, message="the calendar has no such day"),
            not_allowed("1.12.2026", SILENT, message="a date in quotes"),
            not_allowed(None, SILENT, message="the value is missing"),
            misspelled("silentuntil", f"{ALERTS}.silentuntil", "did you mean silentUntil?"),
        ),
    ),
)

ALERT_ROWS: Mapping[str, Sequence[Breakage]] = dict(_ROWS)
