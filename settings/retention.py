"""Kinds of retention, in days, that several blocks use."""

from typing import Annotated, TypeAlias

from settings.values import Whole

# What CloudWatch Logs accepts in PutRetentionPolicy.
LOG_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip

LogDays: TypeAlias = Annotated[
    int,
    Whole(
        name="days",
        allowed="at least 90 days, as CloudWatch counts them: "
        + ", ".join(str(days) for days in LOG_DAYS if days >= 90),
        minimum=90,
        maximum=LOG_DAYS[-1],
        choices=LOG_DAYS,
    ),
]

# RDS and ElastiCache alike; 0 would switch the backups off.
BackupDays: TypeAlias = Annotated[int, Whole(name="days", allowed="1 to 35 days", minimum=1, maximum=35)]

# AWS Backup's own bounds of a lifecycle without cold storage.
SnapshotDays: TypeAlias = Annotated[int, Whole(name="days", allowed="1 to 36500 days", minimum=1, maximum=36500)]
