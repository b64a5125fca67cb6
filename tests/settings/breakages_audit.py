"""Broken values of the audit trail, the masked data and the account's baseline."""

from collections.abc import Sequence

from tests.settings.breaking import Rows, rejected

AUDIT, LOGS, BASELINE = "taskflow:audit", "taskflow:logs", "taskflow:baseline"
ARCHIVE, MASKED, ACCOUNT = f"{AUDIT}.archive", f"{LOGS}.maskedData", f"{BASELINE}.account"
FOUR = ["Address", "CreditCardNumber", "EmailAddress", "Name"]

ROWS: Sequence[Rows] = (
    rejected(f"{ARCHIVE}.lockMode", "GOVERNANCE", "COMPLIANCE", "governance", ""),
    rejected(
        f"{ARCHIVE}.glacierAfter",
        f"90 days more than {ARCHIVE}.glacierAfter (276)",
        276,
        at=(f"{ARCHIVE}.deepArchiveAfter",),
    ),
    rejected(f"{ARCHIVE}.deepArchiveAfter", f"90 days more than {ARCHIVE}.glacierAfter (90)", 179),
    rejected(MASKED, "quote it", [*FOUR, 5], at=("[4]",)),
    rejected(MASKED, "including Address, CreditCardNumber, EmailAddress, Name", []),
    rejected(MASKED, "did you mean EmailAddress?", [*FOUR, "Emailaddress"], at=("[4]",)),
    rejected(MASKED, f"a value other than {MASKED}[3]", [*FOUR, "Name"], at=("[4]",)),
    rejected(MASKED, "a list that also has Name", ["IpAddress", *FOUR[:3]]),
    # Production configures the account.
    rejected(
        BASELINE,
        "",
        {},
        at=(".accessAnalyzer", ".account", ".config", ".ebsEncryption", ".guardDuty", ".securityHub"),
    ),
    rejected(ACCOUNT, "a block of s3PublicAccessBlock", None),
)
