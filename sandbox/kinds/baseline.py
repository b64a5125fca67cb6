"""What AWS answers for what watches over an account, and over data in logs. kind.py says what a row means."""

from collections.abc import Mapping

from sandbox.kinds.kind import Kind

BASELINE: Mapping[str, Kind] = {
    "aws:accessanalyzer/analyzer:Analyzer": Kind(
        id="{in[analyzerName]}",
        outputs={"arn": "arn:aws:access-analyzer:{region}:{account}:analyzer/{in[analyzerName]}"},
        defaults={"type": "ACCOUNT"},
        unique="analyzerName",
        collision="ConflictException: An analyzer already exists with provided name",
    ),
    "aws:cfg/deliveryChannel:DeliveryChannel": Kind(id="{name}", autoname="name", autoname_max=256, tags=False),
    "aws:cfg/recorder:Recorder": Kind(
        id="{name}",
        answers={
            "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": False},
            "recordingMode": {"recordingFrequency": "CONTINUOUS"},
        },
        autoname="name",
        autoname_max=256,
        tags=False,
    ),
    "aws:cfg/recorderStatus:RecorderStatus": Kind(id="{in[name]}", tags=False),
    "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy": Kind(id="{in[logGroupName]}", tags=False),
    "aws:ebs/encryptionByDefault:EncryptionByDefault": Kind(
        id="terraform-{number}", defaults={"enabled": True}, tags=False
    ),
    "aws:guardduty/detector:Detector": Kind(
        id="{hex32}",
        outputs={"accountId": "{account}", "arn": "arn:aws:guardduty:{region}:{account}:detector/{id}"},
        answers={"findingPublishingFrequency": "SIX_HOURS"},
        defaults={"enable": True},
    ),
    "aws:guardduty/detectorFeature:DetectorFeature": Kind(id="{in[detectorId]}/{in[name]}", tags=False),
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": Kind(
        # An account has one, under one name.
        id="iam-account-password-policy",
        outputs={"expirePasswords": True},
        defaults={"allowUsersToChangePassword": True, "minimumPasswordLength": 6},
        regional=False,
        tags=False,
    ),
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": Kind(
        id="{account}",
        answers={"accountId": "{account}"},
        defaults={
            "blockPublicAcls": False, "blockPublicPolicy": False, "ignorePublicAcls": False,
            "restrictPublicBuckets": False,
        },
        regional=False,
        tags=False,
    ),
    "aws:securityhub/account:Account": Kind(
        id="{account}",
        outputs={"arn": "arn:aws:securityhub:{region}:{account}:hub/default"},
        answers={"controlFindingGenerator": "SECURITY_CONTROL"},
        defaults={"autoEnableControls": True, "enableDefaultStandards": True},
        tags=False,
    ),
    "aws:securityhub/standardsSubscription:StandardsSubscription": Kind(
        id="arn:aws:securityhub:{region}:{account}:subscription/{hex}",
        outputs={"arn": "arn:aws:securityhub:{region}:{account}:subscription/{hex}"},
        tags=False,
    ),
}  # fmt: skip
