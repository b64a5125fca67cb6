"""What the pack knows of the document's audit logging by itself: trail, archive, records, masking, the account.

As in `figures`, no other module's words are read.
"""

from policies.figures import ACCOUNT

# Audit Logging: CloudTrail logs all AWS API calls. A trail of all regions is one for the account, and one stack's.
OWNER = "production"
TRAIL_SERVICE = "cloudtrail.amazonaws.com"
TRAIL_ARNS = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/"

# Data Handling: data retention, 7 years of which two may be leap years.
ARCHIVE_DAYS = 2557
ARCHIVE_BUCKET_ENDING = f"-audit-archive-{ACCOUNT}"
LOCK_MODES = ("GOVERNANCE", "COMPLIANCE")

# Each costs less than the one before; an archive that nobody reads belongs in one of them.
CHEAPER = ("STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
# Of these, one that a zone's loss takes with it.
FRAGILE = "ONEZONE_IA"

# By each of them something in an archive is lost, or hidden, before its time.
DELETIONS = ("s3:deleteobject", "s3:deleteobjectversion", "s3:bypassgovernanceretention")

# Audit Logging: the group that the document asks, and the kinds of events that the application writes there.
RECORDS = "/taskflow/audit"
EVENT_FIELD = "event_type"
EVENTS = ("authentication", "data_access", "configuration_change", "error")

# Audit Logging: "all queries are logged and audited" (Database Access): where pgaudit's lines stand.
DATABASE_LOGS = "/aws/rds/instance/*/postgresql"

# Data Handling: no PII in logs. Where what people typed may be written down, and what AWS knows of it in any country.
MASKED_GROUPS = (RECORDS, "/taskflow/*/api", DATABASE_LOGS)
IDENTIFIERS = tuple(
    f"arn:aws:dataprotection::aws:data-identifier/{name}"
    for name in ("Address", "CreditCardNumber", "EmailAddress", "Name")
)

# AWS's Foundational Security Best Practices.
STANDARD = "standards/aws-foundational-security-best-practices/v/1.0.0"

# Nobody signs in by a password; one that was made all the same isn't a short one, or an old one.
PASSWORD_LENGTH = 14
PASSWORDS_REMEMBERED = 24
