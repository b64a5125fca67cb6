"""Broken values of the audit trail, the masked data and the account's baseline."""

from collections.abc import Mapping, Sequence

from tests.settings.breaking import (
    Breakage,
    Rows,
    and_also,
    block,
    misspelled,
    not_allowed,
    number,
    switch,
    text,
    wrong_type,
)

AUDIT, LOGS, BASELINE = "taskflow:audit", "taskflow:logs", "taskflow:baseline"
ARCHIVE, MASKED, ACCOUNT = f"{AUDIT}.archive", f"{LOGS}.maskedData", f"{BASELINE}.account"
FOUR = ["Address", "CreditCardNumber", "EmailAddress", "Name"]

_ROWS: Sequence[Rows] = (
    block(
        AUDIT,
        "taskflow:audits",
        "a block of trail",
        *(f"{AUDIT}.{name}" for name in ("archive", "logRetention", "trail")),
        message="a block of retention",
    ),
    switch(f"{AUDIT}.trail", "trial"),
    number(f"{AUDIT}.logRetention", "logretention", "at least 90 days", 30, 91),
    block(
        ARCHIVE,
        "archives",
        "a block of retention",
        *(f"{ARCHIVE}.{name}" for name in ("deepArchiveAfter", "glacierAfter", "lockMode", "retention")),
        message="GOVERNANCE",
    ),
    number(f"{ARCHIVE}.retention", "retentions", "at least seven years", 0, 2556, 36_501),
    text(f"{ARCHIVE}.lockMode", "lockmode", "GOVERNANCE", "COMPLIANCE", "governance", ""),
    and_also(
        number(f"{ARCHIVE}.glacierAfter", "glacierafter", "1 to 365 days", 0, 366),
        not_allowed(276, f"{ARCHIVE}.deepArchiveAfter", message=f"90 days more than {ARCHIVE}.glacierAfter (276)"),
    ),
    and_also(
        number(f"{ARCHIVE}.deepArchiveAfter", "deepArchive", "91 to 2376 days", 90, 2377),
        not_allowed(179, f"{ARCHIVE}.deepArchiveAfter", message=f"90 days more than {ARCHIVE}.glacierAfter (90)"),
    ),
    block(LOGS, "taskflow:log", "a block of maskedData", MASKED, message="a list of CloudWatch's data identifiers"),
    (
        MASKED,
        (
            wrong_type("EmailAddress", MASKED, "write a list"),
            wrong_type([*FOUR, 5], f"{MASKED}[4]", "quote it"),
            not_allowed([], MASKED, message="including Address, CreditCardNumber, EmailAddress, Name"),
            not_allowed([*FOUR, "Emailaddress"], f"{MASKED}[4]", message="did you mean EmailAddress?"),
            not_allowed([*FOUR, "Name"], f"{MASKED}[4]", message=f"a value other than {MASKED}[3]"),
            not_allowed(["IpAddress", *FOUR[:3]], MASKED, message="a list that also has Name"),
            misspelled("maskeddata", f"{LOGS}.maskeddata", "did you mean maskedData?"),
        ),
    ),
    and_also(
        block(
            BASELINE,
            "taskflow:baselines",
            "a block of guardDuty",
            *(
                f"{BASELINE}.{name}"
                for name in ("accessAnalyzer", "account", "config", "ebsEncryption", "guardDuty", "securityHub")
            ),
            message="true or false",
        ),
    ),
    switch(f"{BASELINE}.guardDuty", "guardduty"),
    switch(f"{BASELINE}.securityHub", "securityhub"),
    switch(f"{BASELINE}.config", "confg"),
    switch(f"{BASELINE}.accessAnalyzer", "accessAnalyser"),
    switch(f"{BASELINE}.ebsEncryption", "ebsencryption"),
    and_also(
        block(
            ACCOUNT,
            "acount",
            "a block of s3PublicAccessBlock",
            *(f"{ACCOUNT}.{name}" for name in ("passwordPolicy", "s3PublicAccessBlock")),
            message="true or false",
        ),
        not_allowed(None, ACCOUNT, message="a block of s3PublicAccessBlock"),
    ),
    switch(f"{ACCOUNT}.s3PublicAccessBlock", "publicAccessBlock"),
    switch(f"{ACCOUNT}.passwordPolicy", "passwordpolicy"),
)

AUDIT_ROWS: Mapping[str, Sequence[Breakage]] = dict(_ROWS)
