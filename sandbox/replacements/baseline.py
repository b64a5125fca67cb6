"""Replacements for the account baseline: Config, GuardDuty, Security Hub, data masking. See table.py."""

from collections.abc import Mapping

from sandbox.replacements.replacement import Replacement, row

BASELINE: Mapping[str, Replacement] = {
    "aws:accessanalyzer/analyzer:Analyzer": row(
        "accessanalyzer/analyzer.go: ForceNew on all but tags", "analyzerName", "configuration", "type"
    ),
    "aws:cfg/deliveryChannel:DeliveryChannel": row(
        "configservice/delivery_channel.go: ForceNew; all else is PutDeliveryChannel again", "name"
    ),
    "aws:cfg/recorder:Recorder": row(
        "configservice/configuration_recorder.go: ForceNew; all else is PutConfigurationRecorder again", "name"
    ),
    "aws:cfg/recorderStatus:RecorderStatus": row(
        "configservice/configuration_recorder_status.go: no ForceNew; another name starts that recorder, and stops none"
    ),
    "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy": row(
        "logs/data_protection_policy.go: ForceNew; the document is PutDataProtectionPolicy again", "logGroupName"
    ),
    "aws:ebs/encryptionByDefault:EncryptionByDefault": row("ec2/ebs_encryption_by_default.go: no ForceNew"),
    "aws:guardduty/detector:Detector": row("guardduty/detector.go: no ForceNew; all is UpdateDetector"),
    "aws:guardduty/detectorFeature:DetectorFeature": row(
        "guardduty/detector_feature.go: ForceNew; status is UpdateDetector",
        "additionalConfigurations.name", "detectorId", "name",
    ),
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": row("iam/account_password_policy.go: no ForceNew"),
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": row(
        "s3control/account_public_access_block.go: ForceNew", unless_removed=frozenset({"accountId"})
    ),
    "aws:securityhub/account:Account": row(
        "securityhub/account.go: ForceNew; all else is UpdateSecurityHubConfiguration", "enableDefaultStandards"
    ),
    "aws:securityhub/standardsSubscription:StandardsSubscription": row(
        "securityhub/standards_subscription.go: ForceNew", "standardsArn"
    ),
}  # fmt: skip
