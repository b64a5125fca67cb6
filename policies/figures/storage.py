"""Figures of storage: buckets, queues and images."""

from policies.figures.access import BUCKETS
from policies.figures.common import ACCOUNT
from policies.figures.compute import REPOSITORY, TOOLS_REPOSITORY

# Environment Details: production creates the copies for recovery, in this region.
COPIED_BY, COPY_REGION = "production", "us-west-2"
# The rule of a replication: the alarms and the metrics name it.
REPLICATION_RULE = "everything"
# dr writes to the copy of the files, which is replicated back (decision 0047); releases write static assets to the
# originals only.
WRITTEN_BY, WRITTEN_COPY, WRITTEN_ORIGINAL = "dr", BUCKETS["dr"], BUCKETS["production"]
ASSETS_COPY_ENDING = f"-assets-copy-{ACCOUNT}"

# Data Handling, Right to deletion: deleted within 90 days. S3 deletes a version days later, then its
# delete marker (decision 0044).
OLD_VERSION_DAYS = 79

# Backup Schedule: logs are kept for 90 days. A load balancer can only use S3's managed key, CloudFront any.
LOG_DAYS = 90
LOG_BUCKET_ENDING = f"-load-balancer-logs-{ACCOUNT}"
EDGE_LOG_BUCKET_ENDING = f"-edge-logs-{ACCOUNT}"

# Data Handling, Data retention: seven years with leap days, of AWS Config's records.
RECORD_DAYS = 2557
RECORD_BUCKET_ENDING = f"-config-{ACCOUNT}"

# Data Handling, Right to deletion: lists of restored files name users' files, and exports are copies of them.
RESTORE_DAYS = 30
RESTORE_BUCKET_ENDING = f"-restores-{ACCOUNT}"

# SQS's longest retention, for dead letters, and the most receives before a message is one.
DEAD_LETTER_SECONDS = 14 * 24 * 60 * 60
MAX_RECEIVES = 10

# The images that the tasks of both stacks run.
REPOSITORIES = (REPOSITORY, TOOLS_REPOSITORY)

# Deployment Commands: a release has a tag v…, and never expires.
RELEASE_TAGS = "v*"
MIN_RELEASES_KEPT = 1000
