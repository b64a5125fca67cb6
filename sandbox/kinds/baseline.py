"""What AWS answers for the account baseline: Config, GuardDuty, Security Hub, data masking. See kind.py."""

from collections.abc import Mapping

from sandbox.kinds.kind import Kind

BASELINE: Mapping[str, Kind] = {
    "aws:accessanalyzer/analyzer:Analyzer": Kind(
        id="{in[analyzerName]}",
        outputs={"arn": "arn:aws:access-analyzer:{region}:{account}:analyzer/{in[analyzerName]}"},
        provider_defaults={"type": "ACCOUNT"},
        unique="analyzerName",
        collision_error="ConflictException: An analyzer already exists with provided name",
    ),
    "aws:cfg/deliveryChannel:DeliveryChannel": Kind(id="{name}", autoname="name", autoname_max=256, has_tags=False),
    "aws:cfg/recorder:Recorder": Kind(
        id="{name}",
        aws_defaults={
            "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": False},
            "recordingMode": {"recordingFrequency": "CONTINUOUS"},
        },
        autoname="name",
        autoname_max=256,
        has_tags=False,
    ),
    "aws:cfg/recorderStatus:RecorderStatus": Kind(id="{in[name]}", has_tags=False),
    "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy": Kind(id="{in[logGroupName]}", has_tags=False),
    "aws:ebs/encryptionByDefault:EncryptionByDefault": Kind(
        id="terraform-{number}", provider_defaults={"enabled": True}, has_tags=False
    ),
    "aws:guardduty/detector:Detector": Kind(
        id="{hex32}",
        outputs={"accountId": "{account}", "arn": "arn:aws:guardduty:{region}:{account}:detector/{id}"},
        aws_defaults={"findingPublishingFrequency": "SIX_HOURS"},
        provider_defaults={"enable": True},
    ),
    "aws:guardduty/detectorFeature:DetectorFeature": Kind(id="{in[detectorId]}/{in[name]}", has_tags=False),
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy": Kind(
        # An account has one policy, with a fixed id.
        id="iam-account-password-policy",
        outputs={"expirePasswords": True},
        provider_defaults={"allowUsersToChangePassword": True, "minimumPasswordLength": 6},
        is_regional=False,
        has_tags=False,
    ),
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": Kind(
        id="{account}",
        aws_defaults={"accountId": "{account}"},
        provider_defaults={
            "blockPublicAcls": False, "blockPublicPolicy": False, "ignorePublicAcls": False,
            "restrictPublicBuckets": False,
        },
        is_regional=False,
        has_tags=False,
    ),
    "aws:securityhub/account:Account": Kind(
        id="{account}",
        outputs={"arn": "arn:aws:securityhub:{region}:{account}:hub/default"},
        aws_defaults={"controlFindingGenerator": "SECURITY_CONTROL"},
        provider_defaults={"autoEnableControls": True, "enableDefaultStandards": True},
        has_tags=False,
    ),
    "aws:securityhub/standardsSubscription:StandardsSubscription": Kind(
        id="arn:aws:securityhub:{region}:{account}:subscription/{hex}",
        outputs={"arn": "arn:aws:securityhub:{region}:{account}:subscription/{hex}"},
        has_tags=False,
    ),
}  # fmt: skip
