"""What of the baseline a preview may not know: the rule that has to say so, and the place. Data only."""

from tests.policies.plan import Ref
from tests.policies.unknowns.unknown_value import doubt

TEXT = Ref(to="LogGroup flow-logs")
BUCKETS = Ref(to="Bucket config", via=("Bucket config", "Bucket origin-logs"))
GROUPS = Ref(to="LogGroup service-tasks", output="arn", via=("LogGroup service-tasks", "LogGroup flow-logs"))
TASKS, MASKED = "LogGroup service-tasks", "LogDataProtectionPolicy service-tasks"

DOUBTS = (
    doubt("logs-protected", MASKED, "logGroupName", GROUPS),
    doubt("logs-protected", TASKS, "name", TEXT),
    doubt("logs-masked", MASKED, "policyDocument", TEXT),
    doubt("baseline-guard-duty", "Detector baseline", "enable", TEXT),
    doubt("baseline-guard-duty", "DetectorFeature baseline-S3_DATA_EVENTS", "status", TEXT),
    doubt("baseline-security-hub", "StandardsSubscription baseline", "standardsArn", TEXT),
    doubt("baseline-config", "Recorder baseline", "recordingGroup.allSupported", TEXT),
    doubt("baseline-config", "RecorderStatus baseline", "isEnabled", TEXT),
    doubt("baseline-config", "DeliveryChannel baseline", "s3BucketName", BUCKETS),
    doubt("baseline-access-analyzer", "Analyzer baseline", "type", TEXT),
    doubt("baseline-disks", "EncryptionByDefault baseline", "enabled", TEXT),
    doubt("baseline-public-access", "AccountPublicAccessBlock baseline", "blockPublicAcls", TEXT),
    doubt("baseline-passwords", "AccountPasswordPolicy baseline", "minimumPasswordLength", TEXT),
)

# They ask which resources there are, and that is always known; of an unknown document access-wildcards tells.
NEVER_IN_DOUBT = {"baseline-owner", "baseline-service-linked", "logs-unmask"}
