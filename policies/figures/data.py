"""Figures of the data tier: PostgreSQL, Redis and their backups, with AWS's limits that they depend on."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class DataFigures:
    """Figures that differ between the stacks: the replicas of each primary, and the region of its backups' copies."""

    read_replicas: int
    copy_region: str | None


# Database (RDS PostgreSQL): readReplicas; Environment Details: us-west-2 is the recovery region.
DATA: Mapping[str, DataFigures] = MappingProxyType(
    {
        "production": DataFigures(read_replicas=1, copy_region="us-west-2"),
        "dr": DataFigures(read_replicas=0, copy_region=None),
    }
)

# Database (RDS PostgreSQL). AWS withdrew 15.4: RDS offers this major version from the minor version on.
DB_ENGINE = "postgres"
DB_MAJOR = 15
DB_MIN_MINOR = 15
DB_NAME = "taskflow"
DB_PORT = 5432
DB_CLASS = "db.r6g.large"
DB_STORAGE_TYPE = "gp3"
DB_STORAGE_GIB = 200
DB_MAINTENANCE_WINDOW = "sun:04:00-sun:05:00"

# The document's IOPS are the baseline of a gp3 volume below this size: AWS accepts no other figure there. From this
# size on it stripes the volume, with a baseline of 12,000.
DB_IOPS = 3000
DB_STRIPED_FROM_GIB = 400

# Key Metrics, DB Connections: those of production's primary. A replica with fewer than its source doesn't start.
DB_CONNECTIONS = 800

# The logs that RDS exports to CloudWatch Logs.
DB_LOGS = ("postgresql", "upgrade")

# Cache (ElastiCache Redis).
CACHE_ENGINE = "redis"
# The document's version, and the one to which AWS upgrades it.
CACHE_VERSIONS = ("7.0", "7.1")
CACHE_PORT = 6379
CACHE_FAMILY = "redis7"
CACHE_NODE_TYPE = "cache.r6g.large"
CACHE_NODE_GROUPS = 2
CACHE_REPLICAS = 1
CACHE_LOGS = ("slow-log", "engine-log")

# Backup Schedule: RDS Automated, RDS Snapshot, Redis Snapshot.
WEEK_DAYS = 7
DAILY_DAYS = 30
WEEKLY_DAYS = 90
# Hours for which AWS Backup keeps a restored database: its creation, and a query.
VALIDATION_HOURS = 4
CACHE_DAYS = 7
