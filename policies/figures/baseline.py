"""What the pack knows by itself of personal data in logs and of the account's baseline. No other module is read."""

# Environment Details: what an account has once is this stack's.
OWNER = "production"

# Data Handling: no PII in logs. Where what people typed may be written down, and what AWS knows of it in any country.
MASKED_GROUPS = ("/taskflow/audit", "/taskflow/*/api", "/aws/rds/instance/*/postgresql")
IDENTIFIERS = tuple(
    f"arn:aws:dataprotection::aws:data-identifier/{name}"
    for name in ("Address", "CreditCardNumber", "EmailAddress", "Name")
)

# AWS's Foundational Security Best Practices.
STANDARD = "standards/aws-foundational-security-best-practices/v/1.0.0"

# Nobody signs in by a password; one that was made all the same isn't a short one, or an old one.
PASSWORD_LENGTH = 14
PASSWORDS_REMEMBERED = 24
