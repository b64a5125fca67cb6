"""Rules about what guards the account as a whole: each part in the stack that owns it.

A central account may have a part instead. A rule can't know that: it takes an exemption of the stack from the part's
rule, with a reason and an expiry date (policies/engine/exemptions.py).
"""

from collections.abc import Callable, Iterator, Sequence

from policies.engine.expectations import (
    Expectation,
    at_least,
    equals,
    expect,
    is_false,
    is_true,
    of_type,
    relation_rule,
    when,
)
from policies.engine.facts import Known, Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import (
    Finding,
    ResourceRule,
    Severity,
    StackRule,
    Verdict,
    aws_type,
    findings,
    report,
    violation,
)
from policies.figures import baseline as baseline_figures
from policies.figures import storage as storage_figures
from policies.figures.common import ACCOUNT, STACKS
from policies.readers.bucket_purposes import is_for_records
from policies.readers.resource_types import BUCKET
from policies.readers.stacks import is_owner, is_planned, stack_resource

DETECTOR, FEATURE = aws_type("guardduty", "Detector"), aws_type("guardduty", "DetectorFeature")
HUB, STANDARD = aws_type("securityhub", "Account"), aws_type("securityhub", "StandardsSubscription")
CHANNEL = aws_type("cfg", "DeliveryChannel")
RECORDER, RECORDING = aws_type("cfg", "Recorder"), aws_type("cfg", "RecorderStatus")
ANALYZER = aws_type("accessanalyzer", "Analyzer")
EBS = aws_type("ebs", "EncryptionByDefault")
SERVICE_LINKED = aws_type("iam", "ServiceLinkedRole")
PUBLIC_BLOCK, PASSWORDS = aws_type("s3", "AccountPublicAccessBlock"), aws_type("iam", "AccountPasswordPolicy")
SECTION = "Security Configuration"


def _account_rule(
    rule_id: str,
    *,
    description: str,
    required: Sequence[str],
    rows: Sequence[Expectation] = (),
    types: Sequence[str] = (),
    also: Callable[[Stack], Iterator[Finding]] | None = None,
    remedy: str = "",
    owner_only: bool = False,
    severity: Severity = "medium",
    controls: Sequence[str] = (),
) -> StackRule:
    """Return a rule that requires a resource of each type, and judges them, and those of other `types`, by the rows."""
    kinds = " and ".join(map(_kind, required))

    def judge(stack: Stack) -> Iterator[Finding]:
        if is_owner(stack.name) or not owner_only:
            yield from _expect_each(stack, required)
        yield from also(stack) if also else ()

    return relation_rule(
        rule_id,
        section=SECTION,
        description=description,
        types=(*required, *types),
        rows=when(lambda resource: is_owner(resource.stack), *rows) if owner_only else rows,
        also=judge,
        remedy=f"{remedy} Create the {kinds}, or exempt the stack from this rule if a central account has it.".strip(),
        severity=severity,
        controls=controls,
    )


def _expect_each(stack: Stack, types: Sequence[str]) -> Iterator[Finding]:
    for type_ in types if is_planned(stack) else ():
        if not stack.of(type_):
            yield report(stack_resource(stack), f"there is no {_kind(type_)}", type_)


def _kind(type_: str) -> str:
    return type_.rpartition(":")[2]


def _features(stack: Stack) -> Iterator[Finding]:
    for detector in stack.of(DETECTOR):
        names = [feature.at("name").text() for feature in stack.of(FEATURE)]
        unknown = next((name for name in names if isinstance(name, Unknown)), None)
        for name in baseline_figures.DETECTOR_FEATURES:
            if Known(value=name) not in names:
                yield Finding(
                    resource=detector, verdict=unknown or violation(f"it has no {name}", "its DetectorFeature")
                )


def _foundational_standard(stack: Stack) -> Iterator[Finding]:
    """Require that one subscription is to AWS's standard; others are allowed beside it."""
    judged = [(part, list(_expect_standard(part))) for part in stack.of(STANDARD) if is_planned(stack)]
    if judged and all(verdicts for _, verdicts in judged):
        part, verdicts = next((pair for pair in judged if isinstance(pair[1][0], Unknown)), judged[0])
        yield from findings(part, verdicts)


def _expect_standard(subscription: Resource) -> Iterator[Verdict]:
    region = STACKS[subscription.stack].region if subscription.stack in STACKS else ""
    yield from expect(subscription.at("standardsArn"), f"arn:aws:securityhub:{region}::{baseline_figures.STANDARD}")


def _config(stack: Stack) -> Iterator[Finding]:
    for recorder in stack.of(RECORDER) if stack.name in STACKS else ():
        # Global resources would be recorded, and paid for, in each region.
        is_global = recorder.at("recordingGroup", "includeGlobalResourceTypes")
        yield from findings(recorder, expect(is_global, is_owner(stack.name), default=False))
    for channel in stack.of(CHANNEL):
        match stack.refer(channel, channel.at("s3BucketName"), BUCKET, by=("id", "bucket")):
            case Found(resource=bucket) if not is_for_records(bucket):
                # Config can't write to a bucket with a default retention.
                allowed = f"a bucket …{storage_figures.RECORD_BUCKET_ENDING}"
                yield report(channel, f"it writes to the bucket {bucket.name}", allowed)
            case Unknown() as unknown:
                yield Finding(resource=channel, verdict=unknown)
            case Outside(text=text):
                yield report(channel, f"it writes to {text}", "a bucket of this stack")
            case _:
                pass


def _account_wide(resource: Resource) -> Iterator[Verdict]:
    if resource.stack in STACKS and not is_owner(resource.stack):
        allowed = f"nothing: the stack {baseline_figures.OWNER} has it"
        yield violation(f"{_kind(resource.type)} is for the account as a whole", allowed)


def _service_linked(_role: Resource) -> Iterator[Verdict]:
    yield violation("AWS creates this role on first use of its service", "nothing, or a role for the service to assume")


RULES = (
    _account_rule(
        "baseline-guard-duty",
        description="GuardDuty is on in each region, with all of its planned features",
        required=(DETECTOR,),
        types=(FEATURE,),
        rows=(
            *when(of_type(DETECTOR), is_true("enable", default=True), of="the detector"),
            *when(of_type(FEATURE), equals("status", "ENABLED"), of="its features"),
        ),
        also=_features,
        remedy=f"Add a DetectorFeature for {' and '.join(baseline_figures.DETECTOR_FEATURES)}.",
        severity="high",
        controls=("GuardDuty.1",),
    ),
    _account_rule(
        "baseline-security-hub",
        description="Security Hub is on in each region, with AWS Foundational Security Best Practices",
        required=(HUB, STANDARD),
        rows=when(
            of_type(HUB),
            # AWS's default subscribes to CIS 1.2 too, whose checks are outdated.
            is_false("enableDefaultStandards", default=True),
            is_true("autoEnableControls", default=True),
            of="Security Hub",
        ),
        also=_foundational_standard,
        remedy=f"Subscribe to {baseline_figures.STANDARD}.",
        severity="medium",
        controls=("CIS 4.16",),
    ),
    _account_rule(
        "baseline-config",
        description=f"Config records each region, and global resources in the stack {baseline_figures.OWNER} only",
        required=(RECORDER, RECORDING, CHANNEL),
        rows=(
            *when(of_type(RECORDER), is_true("recordingGroup.allSupported", default=True), of="the recorder"),
            *when(of_type(RECORDING), is_true("isEnabled"), of="its status"),
        ),
        also=_config,
        remedy=f"Set recordingGroup.includeGlobalResourceTypes to true in {baseline_figures.OWNER} only, and "
        f"s3BucketName to a bucket …{storage_figures.RECORD_BUCKET_ENDING}.",
        severity="medium",
        controls=("CIS 3.3",),
    ),
    _account_rule(
        "baseline-access-analyzer",
        description="Access Analyzer reports what each region shares outside the account",
        required=(ANALYZER,),
        rows=(equals("type", "ACCOUNT", default="ACCOUNT"),),
        severity="medium",
        controls=("CIS 1.19",),
    ),
    _account_rule(
        "baseline-disks",
        description="New EBS volumes are encrypted by default in each region",
        required=(EBS,),
        rows=(is_true("enabled", default=True),),
        severity="medium",
        controls=("EC2.7", "CIS 5.1.1"),
    ),
    _account_rule(
        "baseline-public-access",
        description="S3 blocks public access for the account as a whole",
        required=(PUBLIC_BLOCK,),
        rows=(
            equals("accountId", ACCOUNT, default=ACCOUNT),
            is_true("blockPublicAcls", default=False),
            is_true("blockPublicPolicy", default=False),
            is_true("ignorePublicAcls", default=False),
            is_true("restrictPublicBuckets", default=False),
        ),
        owner_only=True,
        severity="critical",
        controls=("S3.1", "CIS 2.1.4"),
    ),
    _account_rule(
        "baseline-passwords",
        description=f"A password has at least {baseline_figures.PASSWORD_LENGTH} characters of four kinds, and differs "
        f"from the last {baseline_figures.PASSWORDS_REMEMBERED}",
        required=(PASSWORDS,),
        rows=(
            at_least("minimumPasswordLength", baseline_figures.PASSWORD_LENGTH),
            at_least("passwordReusePrevention", baseline_figures.PASSWORDS_REMEMBERED),
            is_true("requireLowercaseCharacters"),
            is_true("requireUppercaseCharacters"),
            is_true("requireNumbers"),
            is_true("requireSymbols"),
        ),
        owner_only=True,
        # There are no users (access-no-users).
        severity="low",
        controls=("IAM.7", "CIS 1.7", "CIS 1.8"),
    ),
    ResourceRule(
        id="baseline-owner",
        section="Environment Details",
        description=f"Settings of the account as a whole are in the stack {baseline_figures.OWNER} only",
        remedy="Remove it from this stack.",
        severity="medium",
        types=(PUBLIC_BLOCK, PASSWORDS),
        judge=_account_wide,
    ),
    ResourceRule(
        id="baseline-service-linked",
        section="IAM Roles",
        description="No stack creates a service-linked role: that fails if the account has it, and the role is deleted "
        "with the stack",
        remedy="Remove it: AWS creates it. Or create a role for the service to assume.",
        severity="medium",
        types=(SERVICE_LINKED,),
        judge=_service_linked,
    ),
)
