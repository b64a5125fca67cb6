"""One change for each thing about the baseline, and about personal data in logs, that a rule guards. Data only."""

from tests.policies.compliant.access import allow, document
from tests.policies.compliant.baseline import IDENTIFIERS, masking
from tests.policies.compliant.data import ACCOUNT
from tests.policies.mutations.database import DR, PRODUCTION, each
from tests.policies.mutations.mutation import adds, removes, sets, told
from tests.policies.plan import REMOVED, Ref

PERSONAL = (
    *(
        told(f"personal data in {group}", removes(f"LogDataProtectionPolicy {group}"), f"logs-protected@{group}")
        for group in ("service-tasks", "audit-records", "database-postgresql")
    ),
    *(
        told(
            f"{name} that nobody {done}",
            sets("LogDataProtectionPolicy service-tasks", "policyDocument", masking(*others)),
            "logs-masked@service-tasks",
        )
        for name in IDENTIFIERS
        for done, others in (
            ("counts", ([other for other in IDENTIFIERS if other != name], IDENTIFIERS)),
            ("masks", (IDENTIFIERS, [other for other in IDENTIFIERS if other != name])),
        )
    ),
    *each(
        "logs-masked@service-tasks",
        "LogDataProtectionPolicy service-tasks",
        ("no policy about personal data", "policyDocument", REMOVED),
        ("a policy that says nothing", "policyDocument", "{}"),
    ),
    told(
        "a policy of somebody's group",
        sets("LogDataProtectionPolicy service-tasks", "logGroupName", "somebodys"),
        "logs-protected@service-tasks",
    ),
    told(
        "a role that takes the mask off",
        sets(
            "RolePolicy roles-access-sessions",
            "policy",
            document(allow(["logs:Unmask"], f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:x")),
        ),
        "logs-unmask@roles-access-sessions",
    ),
)

GUARDS = (
    *(
        told(f"no {kind} in production", removes(f"{kind} baseline"), f"{rule}@taskflow-production", stacks=PRODUCTION)
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
    told("no Security Hub in dr", removes("Account baseline"), "baseline-security-hub@taskflow-dr", stacks=DR),
    told("no word to Config where to", removes("DeliveryChannel baseline"), "baseline-config@taskflow-dr", stacks=DR),
    *each("baseline-guard-duty@baseline", "Detector baseline", ("a watch that is off", "enable", False)),
    *each(
        "baseline-guard-duty@baseline-S3_DATA_EVENTS",
        "DetectorFeature baseline-S3_DATA_EVENTS",
        ("a watch without files", "status", "DISABLED"),
    ),
    *each(
        "baseline-security-hub@baseline",
        "StandardsSubscription baseline",
        ("another standard", "standardsArn", "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0"),
        ("no standard", "standardsArn", REMOVED),
    ),
    *each(
        "baseline-config@baseline",
        "Recorder baseline",
        ("some of what exists", "recordingGroup.allSupported", False),
    ),
    *each(
        "baseline-config@baseline",
        "Recorder baseline",
        ("global things that nobody records", "recordingGroup.includeGlobalResourceTypes", False),
        ("no word of global things", "recordingGroup.includeGlobalResourceTypes", REMOVED),
        stacks=PRODUCTION,
    ),
    *each(
        "baseline-config@baseline",
        "Recorder baseline",
        ("global things twice", "recordingGroup.includeGlobalResourceTypes", True),
        stacks=DR,
    ),
    *each(
        "baseline-config@baseline",
        "RecorderStatus baseline",
        ("a recorder that is off", "isEnabled", False),
        ("no word of recording", "isEnabled", REMOVED),
    ),
    *each(
        "baseline-config@baseline",
        "DeliveryChannel baseline",
        ("Config into a bucket of logs", "s3BucketName", Ref(to="Bucket origin-logs")),
        ("Config into somebody's bucket", "s3BucketName", "somebodys"),
        stacks=DR,
    ),
    *each(
        "baseline-access-analyzer@baseline",
        "Analyzer baseline",
        ("an analyzer of what is unused", "type", "ACCOUNT_UNUSED_ACCESS"),
    ),
    *each("baseline-disks@baseline", "EncryptionByDefault baseline", ("disks in plain text", "enabled", False)),
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
        ("a short password", "minimumPasswordLength", 8),
        ("no least length", "minimumPasswordLength", REMOVED),
        ("an old password", "passwordReusePrevention", 5),
        ("any old password", "passwordReusePrevention", REMOVED),
        *(
            (f"a password without {kind}", f"require{kind}", value)
            for kind in ("LowercaseCharacters", "UppercaseCharacters", "Numbers", "Symbols")
            for value in (False, REMOVED)
        ),
        stacks=PRODUCTION,
    ),
    told(
        "a service's own role",
        adds("aws:iam/serviceLinkedRole:ServiceLinkedRole", "added", awsServiceName="config.amazonaws.com"),
        "baseline-service-linked@added",
    ),
    *(
        told(f"dr's {type_.rpartition(':')[2]}", adds(type_, "added"), "baseline-owner@added", stacks=DR)
        for type_ in (
            "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
            "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
        )
    ),
)

CHANGES = (*PERSONAL, *GUARDS)
