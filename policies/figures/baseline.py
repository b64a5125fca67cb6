"""Figures of personal data in logs and of the account's baseline."""

# Environment Details: the stack that owns the settings of the account.
OWNER = "production"

# Data Handling: no PII in logs. The log groups that may contain user input, and AWS's identifiers for any country.
MASKED_GROUPS = ("/taskflow/audit", "/taskflow/*/api", "/aws/rds/instance/*/postgresql")
IDENTIFIERS = tuple(
    f"arn:aws:dataprotection::aws:data-identifier/{name}"
    for name in ("Address", "CreditCardNumber", "EmailAddress", "Name")
)

# What GuardDuty watches besides its defaults: files, and logins to the database.
DETECTOR_FEATURES = ("S3_DATA_EVENTS", "RDS_LOGIN_EVENTS")

# AWS's Foundational Security Best Practices.
STANDARD = "standards/aws-foundational-security-best-practices/v/1.0.0"

# No user has a password; the policy is for one that is created outside Pulumi.
PASSWORD_LENGTH = 14
PASSWORDS_REMEMBERED = 24
