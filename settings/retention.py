"""Retention periods in days that several blocks use."""

from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import Field

from settings.values import Allowed, Unit, exactly

# The periods that CloudWatch Logs accepts in PutRetentionPolicy, from 90 days.
LogRetention: TypeAlias = Literal[
    90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]  # fmt: skip
LogDays: TypeAlias = Annotated[
    LogRetention,
    exactly(int),
    Allowed(f"at least 90 days, one of CloudWatch's periods: {', '.join(map(str, get_args(LogRetention)))}"),
]

# RDS and ElastiCache; 0 would disable the backups.
BackupDays: TypeAlias = Annotated[int, Field(ge=1, le=35), Unit("days")]

# AWS Backup's bounds of a lifecycle without cold storage.
SnapshotDays: TypeAlias = Annotated[int, Field(ge=1, le=36_500), Unit("days")]
