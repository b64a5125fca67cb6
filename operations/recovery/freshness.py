"""How old a backup may be. Section: Backup Schedule, from which each limit follows."""

from datetime import timedelta

# RDS uploads the transaction logs every five minutes (RDS User Guide, point-in-time recovery); three times that.
LOG_LIMIT = timedelta(minutes=15)
# RDS Automated and Redis Snapshot are daily: a day, the window of an hour, and an hour to finish.
DAILY_LIMIT = timedelta(hours=26)
# RDS Snapshot is weekly: a week, and a day for the start and completion windows.
WEEKLY_LIMIT = timedelta(days=8)
RUNBOOK = "docs/runbooks/backup-failed.md"
