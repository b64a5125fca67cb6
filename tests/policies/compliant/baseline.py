"""The compliant baseline as plain data: the services that guard the account, and the masking of logs."""

import json
from collections.abc import Sequence

from tests.policies.compliant.data import ACCOUNT, REGIONS, database_log_groups
from tests.policies.plan import Plan, Ref

PROTECTION = "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy"
IDENTIFIERS = ("Address", "CreditCardNumber", "EmailAddress", "Name")
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def add_baseline(plan: Plan) -> None:
    """Add the policies about personal data in logs, and the services that guard the account."""
    _log_masking(plan)
    _account(plan)


def data_protection_policy(audited: Sequence[str] = IDENTIFIERS, masked: Sequence[str] = IDENTIFIERS) -> str:
    """Return a policy that counts and masks personal data by these identifiers."""
    nothing: dict[str, object] = {}
    both = ((audited, {"Audit": {"FindingsDestination": nothing}}), (masked, {"Deidentify": {"MaskConfig": nothing}}))
    statements = [
        {
            "Sid": next(iter(operation)).lower(),
            "DataIdentifier": [f"arn:aws:dataprotection::aws:data-identifier/{name}" for name in names],
            "Operation": operation,
        }
        for names, operation in both
    ]
    return json.dumps({"Name": "personal-data", "Version": "2021-06-01", "Statement": statements})


def _log_masking(plan: Plan) -> None:
    for group in ("LogGroup service-tasks", "LogGroup audit-records", *database_log_groups(plan)):
        name, policy = group.partition(" ")[2], data_protection_policy()
        plan.add(PROTECTION, name, None, logGroupName=Ref(to=group), policyDocument=policy)


def _account(plan: Plan) -> None:
    region = REGIONS.get(plan.stack, "us-east-1")
    detector = plan.add("aws:guardduty/detector:Detector", "baseline", None, enable=True)
    for feature in ("S3_DATA_EVENTS", "RDS_LOGIN_EVENTS"):
        plan.add(
            "aws:guardduty/detectorFeature:DetectorFeature",
            f"baseline-{feature}",
            None,
            detectorId=Ref(to=detector.key),
            name=feature,
            status="ENABLED",
        )
    plan.add("aws:securityhub/account:Account", "baseline", None, enableDefaultStandards=False)
    standard = f"arn:aws:securityhub:{region}::standards/aws-foundational-security-best-practices/v/1.0.0"
    plan.add("aws:securityhub/standardsSubscription:StandardsSubscription", "baseline", None, standardsArn=standard)
    plan.add("aws:accessanalyzer/analyzer:Analyzer", "baseline", None, analyzerName="taskflow", type="ACCOUNT")
    plan.add("aws:ebs/encryptionByDefault:EncryptionByDefault", "baseline", None, enabled=True)
    recorder = plan.add(
        "aws:cfg/recorder:Recorder",
        "baseline",
        None,
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/config",
        recordingGroup={"allSupported": True, "includeGlobalResourceTypes": plan.stack != "dr"},
    )
    plan.add("aws:cfg/deliveryChannel:DeliveryChannel", "baseline", None, s3BucketName=Ref(to="Bucket config"))
    plan.add("aws:cfg/recorderStatus:RecorderStatus", "baseline", None, name=Ref(to=recorder.key), isEnabled=True)
    if plan.stack == "dr":
        return
    plan.add(
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", "baseline", None, **dict.fromkeys(BLOCKS, True)
    )
    plan.add(
        "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
        "baseline",
        None,
        minimumPasswordLength=14,
        passwordReusePrevention=24,
        requireLowercaseCharacters=True,
        requireUppercaseCharacters=True,
        requireNumbers=True,
        requireSymbols=True,
    )
