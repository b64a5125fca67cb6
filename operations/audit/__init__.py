"""The audit records: recent ones in CloudWatch Logs, all of them in the archive."""
