"""The audit trail and its archive, masking of personal data in logs, and the account's security services."""
