"""What the pack knows of the document's storage by itself: buckets, queues and images. No other module is read."""

from policies.figures.common import ACCOUNT

# Environment Details: copies for recovery are here, and production makes them.
COPIED_BY, COPY_REGION = "production", "us-west-2"

# Data Handling, Right to deletion: gone within 90 days. S3 deletes at the next midnight or some days after.
OLD_VERSION_DAYS = 85

# Backup Schedule: logs are kept for 90 days. A load balancer writes only under S3's own key, CloudFront under any.
LOG_DAYS = 90
LOG_BUCKET_ENDING = f"-load-balancer-logs-{ACCOUNT}"
EDGE_LOG_BUCKET_ENDING = f"-edge-logs-{ACCOUNT}"

# Data Handling, Data retention: seven years, leap days with them, of what AWS Config wrote down.
RECORD_DAYS = 2557
RECORD_BUCKET_ENDING = f"-config-{ACCOUNT}"

# SQS' own longest time, for what nobody could deal with; and how often it may have been tried.
DEAD_LETTER_SECONDS = 14 * 24 * 60 * 60
MOST_RECEIVES = 10

# Deployment Commands: what is released has a tag v…, and is never dropped.
RELEASES = "v*"
NEVER_DROPPED = 1000
