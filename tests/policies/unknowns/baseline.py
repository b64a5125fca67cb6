"""Unknown values of the baseline: the rule that reports each, and its path. Data only."""

from tests.policies.plan import Ref
from tests.policies.unknowns.unknown_value import unknown_value

TEXT = Ref(to="LogGroup flow-logs")
BUCKETS = Ref(to="Bucket config", via=("Bucket config", "Bucket origin-logs"))
GROUPS = Ref(to="LogGroup service-tasks", output="arn", via=("LogGroup service-tasks", "LogGroup flow-logs"))
TASKS, MASKED = "LogGroup service-tasks", "LogDataProtectionPolicy service-tasks"

UNKNOWNS = (
    unknown_value("logs-protected", MASKED, "logGroupName", GROUPS),
    unknown_value("logs-protected", TASKS, "name", TEXT),
    unknown_value("logs-masked", MASKED, "policyDocument", TEXT),
    unknown_value("baseline-guard-duty", "Detector baseline", "enable", TEXT),
    unknown_value("baseline-guard-duty", "DetectorFeature baseline-S3_DATA_EVENTS", "status", TEXT),
    unknown_value("baseline-security-hub", "StandardsSubscription baseline", "standardsArn", TEXT),
    unknown_value("baseline-config", "Recorder baseline", "recordingGroup.allSupported", TEXT),
    unknown_value("baseline-config", "RecorderStatus baseline", "isEnabled", TEXT),
    unknown_value("baseline-config", "DeliveryChannel baseline", "s3BucketName", BUCKETS),
    unknown_value("baseline-access-analyzer", "Analyzer baseline", "type", TEXT),
    unknown_value("baseline-disks", "EncryptionByDefault baseline", "enabled", TEXT),
    unknown_value("baseline-public-access", "AccountPublicAccessBlock baseline", "blockPublicAcls", TEXT),
    unknown_value("baseline-passwords", "AccountPasswordPolicy baseline", "minimumPasswordLength", TEXT),
)

# They judge which resources exist, and that is always known; access-wildcards reports an unknown document.
NEVER_UNKNOWN = {"baseline-owner", "baseline-service-linked", "logs-unmask"}
