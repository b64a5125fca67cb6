"""Changes that violate the rules about the baseline and personal data in logs. Data only."""

from tests.policies.compliant.access import allow, document
from tests.policies.compliant.baseline import IDENTIFIERS, data_protection_policy
from tests.policies.compliant.data import ACCOUNT
from tests.policies.mutations.database import DR, PRODUCTION, each
from tests.policies.mutations.mutation import adds, mutation, removes, sets
from tests.policies.plan import REMOVED, Ref

PERSONAL = (
    *(
        mutation(
            f"no data protection policy of {group}",
            removes(f"LogDataProtectionPolicy {group}"),
            f"logs-protected@{group}",
        )
        for group in ("service-tasks", "audit-records", "database-postgresql")
    ),
    *(
        mutation(
            f"{name} that isn't {operation}",
            sets("LogDataProtectionPolicy service-tasks", "policyDocument", data_protection_policy(*identifiers)),
            "logs-masked@service-tasks",
        )
        for name in IDENTIFIERS
        for operation, identifiers in (
            ("audited", ([other for other in IDENTIFIERS if other != name], IDENTIFIERS)),
            ("masked", (IDENTIFIERS, [other for other in IDENTIFIERS if other != name])),
        )
    ),
    *each(
        "logs-masked@service-tasks",
        "LogDataProtectionPolicy service-tasks",
        ("policyDocument isn't set", "policyDocument", REMOVED),
        ("a data protection policy without statements", "policyDocument", "{}"),
    ),
    mutation(
        "a data protection policy of another log group",
        sets("LogDataProtectionPolicy service-tasks", "logGroupName", "elsewhere"),
        "logs-protected@service-tasks",
    ),
    mutation(
        "a role that can unmask",
        sets(
            "RolePolicy people-dba",
            "policy",
            document(allow(["logs:Unmask"], f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:x")),
        ),
        "logs-unmask@people-dba",
        stacks=PRODUCTION,
    ),
)

GUARDS = (
    *(
        mutation(
            f"no {kind} in production", removes(f"{kind} baseline"), f"{rule}@taskflow-production", stacks=PRODUCTION
        )
        for kind, rule in (
            ("Detector", "baseline-guard-duty"),
            ("StandardsSubscription", "baseline-security-hub"),
            ("Recorder", "baseline-config"),
            ("RecorderStatus", "baseline-config"),
            ("Analyzer", "baseline-access-analyzer"),
            ("EncryptionByDefault", "baseline-disks"),
            ("AccountPublicAccessBlock", "baseline-public-access"),
            ("AccountPasswordPolicy", "baseline-passwords"),
        )
    ),
    mutation("no Security Hub in dr", removes("Account baseline"), "baseline-security-hub@taskflow-dr", stacks=DR),
    mutation(
        "no delivery channel in dr", removes("DeliveryChannel baseline"), "baseline-config@taskflow-dr", stacks=DR
    ),
    *each("baseline-guard-duty@baseline", "Detector baseline", ("a detector that is off", "enable", False)),
    *each(
        "baseline-guard-duty@baseline-S3_DATA_EVENTS",
        "DetectorFeature baseline-S3_DATA_EVENTS",
        ("a detector feature that is off", "status", "DISABLED"),
    ),
    *(
        mutation(f"no {name}", removes(f"DetectorFeature baseline-{name}"), "baseline-guard-duty@baseline")
        for name in ("S3_DATA_EVENTS", "RDS_LOGIN_EVENTS")
    ),
    *each(
        "baseline-security-hub@baseline",
        "StandardsSubscription baseline",
        ("another standard", "standardsArn", "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0"),
        ("standardsArn isn't set", "standardsArn", REMOVED),
    ),
    *each(
        "baseline-security-hub@baseline",
        "Account baseline",
        ("Security Hub with AWS's default standards", "enableDefaultStandards", True),
        ("enableDefaultStandards unset", "enableDefaultStandards", REMOVED),
        ("Security Hub without new controls", "autoEnableControls", False),
    ),
    *each(
        "baseline-config@baseline",
        "Recorder baseline",
        ("a recorder of some types only", "recordingGroup.allSupported", False),
    ),
    *each(
        "baseline-config@baseline",
        "Recorder baseline",
        ("global resources that aren't recorded", "recordingGroup.includeGlobalResourceTypes", False),
        ("includeGlobalResourceTypes isn't set", "recordingGroup.includeGlobalResourceTypes", REMOVED),
        stacks=PRODUCTION,
    ),
    *each(
        "baseline-config@baseline",
        "Recorder baseline",
        ("global resources recorded in dr", "recordingGroup.includeGlobalResourceTypes", True),
        stacks=DR,
    ),
    *each(
        "baseline-config@baseline",
        "RecorderStatus baseline",
        ("a recorder that is off", "isEnabled", False),
        ("isEnabled isn't set", "isEnabled", REMOVED),
    ),
    *each(
        "baseline-config@baseline",
        "DeliveryChannel baseline",
        ("Config with a log bucket", "s3BucketName", Ref(to="Bucket origin-logs")),
        ("Config with a bucket outside the stack", "s3BucketName", "elsewhere"),
        stacks=DR,
    ),
    *each(
        "baseline-access-analyzer@baseline",
        "Analyzer baseline",
        ("an analyzer of unused access", "type", "ACCOUNT_UNUSED_ACCESS"),
    ),
    *each("baseline-disks@baseline", "EncryptionByDefault baseline", ("unencrypted disks", "enabled", False)),
    *each(
        "baseline-public-access@baseline",
        "AccountPublicAccessBlock baseline",
        *(
            (f"an account without {key}", key, value)
            for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
            for value in (False, REMOVED)
        ),
        ("a block of another account", "accountId", "111111111111"),
        stacks=PRODUCTION,
    ),
    *each(
        "baseline-passwords@baseline",
        "AccountPasswordPolicy baseline",
        ("a password of 8 characters", "minimumPasswordLength", 8),
        ("minimumPasswordLength isn't set", "minimumPasswordLength", REMOVED),
        ("reuse of the sixth last password", "passwordReusePrevention", 5),
        ("passwordReusePrevention isn't set", "passwordReusePrevention", REMOVED),
        *(
            (f"a password without {kind}", f"require{kind}", value)
            for kind in ("LowercaseCharacters", "UppercaseCharacters", "Numbers", "Symbols")
            for value in (False, REMOVED)
        ),
        stacks=PRODUCTION,
    ),
    mutation(
        "a service-linked role",
        adds("aws:iam/serviceLinkedRole:ServiceLinkedRole", "added", awsServiceName="config.amazonaws.com"),
        "baseline-service-linked@added",
    ),
    *(
        mutation(f"dr's {type_.rpartition(':')[2]}", adds(type_, "added"), "baseline-owner@added", stacks=DR)
        for type_ in (
            "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
            "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
        )
    ),
)

CHANGES = (*PERSONAL, *GUARDS)
