"""The ledger's figures as its policies know them.

The stack file has the same figures, and neither reads the other: a slip in one is a violation.
"""

ACCOUNT, REGION = "123456789012", "us-east-1"
# Few regions have the API of chat channels.
CHAT_REGION = "us-west-2"
TAGS = {"Application": "ledger", "Environment": "demo", "Owner": "finance", "ManagedBy": "pulumi"}

# Network.
ADDRESSES = "10.40.0.0/20"
ZONES = ("us-east-1a", "us-east-1b")
HTTPS_PORT, SERVICE_PORT, DATABASE_PORT, CACHE_PORT = 443, 8080, 5432, 6379

# Database and cache: small, and without a standby of the database.
DATABASE_ENGINE, DATABASE_MAJOR = "postgres", "15"
DATABASE_CLASS = "db.t4g.medium"
DATABASE_GIB, DATABASE_MAX_GIB = 20, 50
DATABASE_LOGS = ("postgresql", "upgrade")
CACHE_NODE = "cache.t4g.small"
CACHE_GROUPS, CACHE_REPLICAS = 1, 1

# Days that backups, logs and audit records are kept: by law, a ledger's records seven years with two leap days.
DATABASE_BACKUP_DAYS, CACHE_BACKUP_DAYS = 7, 1
SNAPSHOT_DAYS = 30
LOG_DAYS = 90
RECORD_DAYS = 2557

# Jobs: attempts before a message is a dead letter, and the seconds that a queue keeps a message.
MAX_ATTEMPTS = 5
JOB_SECONDS, DEAD_LETTER_SECONDS = 4 * 86_400, 14 * 86_400

# Service.
TASK_CPU, TASK_MEMORY = "256", "512"
MIN_TASKS, MAX_TASKS = 2, 4

# Edge. TLS 1.3 for viewers; 1.3 and 1.2, which CloudFront speaks, for the load balancer.
PRICE_CLASS = "PriceClass_100"
VIEWER_TLS = "TLSv1.3_2025"
ORIGIN_TLS = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
HEALTH_PATH = "/health"
