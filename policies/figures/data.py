"""What the pack knows of the document's data tier by itself: PostgreSQL, Redis and their backups.

As in `figures`, no other module's words are read. AWS's own bounds stand here too, where a figure depends on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class DataFigures:
    """What differs between the stacks: the replicas of each primary, and the region that its backups are copied to."""

    read_replicas: int
    copy_region: str | None


# Database (RDS PostgreSQL): readReplicas; Environment Details: us-west-2 is for recovery. dr is the copy itself.
DATA: Mapping[str, DataFigures] = MappingProxyType(
    {
        "production": DataFigures(read_replicas=1, copy_region="us-west-2"),
        "dr": DataFigures(read_replicas=0, copy_region=None),
    }
)

# Database (RDS PostgreSQL). 15.4 can't be created any more: RDS offers this major from the minor on.
DB_ENGINE = "postgres"
DB_MAJOR = 15
DB_LEAST_MINOR = 15
DB_CLASS = "db.r6g.large"
DB_STORAGE_TYPE = "gp3"
DB_STORAGE_GIB = 200
DB_MAINTENANCE_WINDOW = "sun:04:00-sun:05:00"

# The document's 3000 IOPS are the baseline of a gp3 volume up to here: AWS takes no other figure, and beyond it the
# volume is striped and has 12,000.
DB_STRIPED_FROM_GIB = 400

# Key Metrics, DB Connections: what production's primary takes. A replica with fewer than its source doesn't start.
DB_CONNECTIONS = 800

# What PostgreSQL writes, and RDS hands on to CloudWatch Logs.
DB_LOGS = ("postgresql", "upgrade")

# Cache (ElastiCache Redis).
CACHE_ENGINE = "redis"
# The document's, and the minor to which AWS upgrades it by itself.
CACHE_VERSIONS = ("7.0", "7.1")
CACHE_FAMILY = "redis7"
CACHE_NODE_TYPE = "cache.r6g.large"
CACHE_NODE_GROUPS = 2
CACHE_REPLICAS = 1
CACHE_LOGS = ("slow-log", "engine-log")

# Backup Schedule: RDS Automated, RDS Snapshot, Redis Snapshot.
DAILY_DAYS = 30
WEEKLY_DAYS = 90
CACHE_DAYS = 7
