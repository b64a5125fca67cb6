"""Rules about what guards the account as a whole: each part in the stack that owns it.

A part that a central account has instead is missing here: that takes an exemption of the stack from the part's rule,
with a reason and a day (policies/engine/exemptions.py), because only a person can know that somebody else has it.
"""

from collections.abc import Callable, Iterator

from policies.engine.expectations import expect, expect_true, within
from policies.engine.facts import Resource, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, aws_type, findings, report, violation
from policies.figures import baseline as baseline_figures
from policies.figures.common import ACCOUNT, STACKS
from policies.readers.buckets import is_for_records
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
REMEDY = "Make it, or, where a central account has it, say so by an exemption of the stack from this rule."


def _each(type_: str, judge: Callable[[Resource], Iterator[Verdict]]) -> Callable[[Stack], Iterator[Finding]]:
    """A rule's judge: the stack has to have something of the type, and each is judged."""

    def judge_all(stack: Stack) -> Iterator[Finding]:
        yield from _there(stack, type_)
        for resource in stack.of(type_):
            yield from findings(resource, judge(resource))

    return judge_all


def _owned(judge: Callable[[Stack], Iterator[Finding]]) -> Callable[[Stack], Iterator[Finding]]:
    """The same for what an account has once: dr mustn't have it."""

    def judge_owner(stack: Stack) -> Iterator[Finding]:
        if is_owner(stack.name):
            yield from judge(stack)

    return judge_owner


def _there(stack: Stack, *types: str) -> Iterator[Finding]:
    for type_ in types if is_planned(stack) else ():
        if not stack.of(type_):
            kind = type_.rpartition(":")[2]
            lacking = violation(f"there is no {kind}", f"{type_}")
            yield Finding(resource=stack_resource(stack), verdict=lacking)


def _said(resource: Resource, saids: Iterator[Verdict]) -> Iterator[Finding]:
    yield from findings(resource, saids)


def _detects(stack: Stack) -> Iterator[Finding]:
    yield from _there(stack, DETECTOR)
    for detector in stack.of(DETECTOR):
        yield from _said(detector, expect_true(detector.at("enable"), default=True))
    for feature in stack.of(FEATURE):
        yield from _said(feature, expect(feature.at("status"), "ENABLED"))


def _standard(subscription: Resource) -> Iterator[Verdict]:
    region = STACKS[subscription.stack].region if subscription.stack in STACKS else ""
    yield from expect(subscription.at("standardsArn"), f"arn:aws:securityhub:{region}::{baseline_figures.STANDARD}")


def _hub(stack: Stack) -> Iterator[Finding]:
    yield from _there(stack, HUB, STANDARD)
    if is_planned(stack):
        # Others may be subscribed beside it: what is asked for is that one is this.
        told = [(part, list(_standard(part))) for part in stack.of(STANDARD)]
        if told and all(saids for _, saids in told):
            part, saids = next(((part, saids) for part, saids in told if isinstance(saids[0], Unknown)), told[0])
            yield from _said(part, iter(saids))


def _configuration(stack: Stack) -> Iterator[Finding]:
    yield from _there(stack, RECORDER, RECORDING, CHANNEL)
    for recorder in stack.of(RECORDER):
        yield from _said(recorder, _recorder(recorder))
    for status in stack.of(RECORDING):
        yield from _said(status, expect_true(status.at("isEnabled")))
    for channel in stack.of(CHANNEL):
        match stack.refer(channel, channel.at("s3BucketName"), BUCKET, by=("id", "bucket")):
            case Found(resource=bucket) if not is_for_records(bucket):
                # Into one that is locked by default it couldn't.
                found = violation(f"it writes to the bucket {bucket.name}", "a bucket of its own, …-config-<account>")
                yield Finding(resource=channel, verdict=found)
            case Unknown() as unknown:
                yield Finding(resource=channel, verdict=unknown)
            case Outside(text=text):
                yield report(channel, f"it writes to {text}", "a bucket of this stack")
            case _:
                pass


def _recorder(recorder: Resource) -> Iterator[Verdict]:
    group = recorder.at("recordingGroup")
    yield from expect_true(group.at("allSupported"), default=True)
    # What has no region would be recorded, and paid for, in each.
    owner = is_owner(recorder.stack)
    if recorder.stack in STACKS:
        yield from expect(group.at("includeGlobalResourceTypes"), owner, default=False)


def _passwords(policy: Resource) -> Iterator[Verdict]:
    yield from within(policy.at("minimumPasswordLength"), baseline_figures.PASSWORD_LENGTH)
    yield from within(policy.at("passwordReusePrevention"), baseline_figures.PASSWORDS_REMEMBERED)
    for kind in ("LowercaseCharacters", "UppercaseCharacters", "Numbers", "Symbols"):
        yield from expect_true(policy.at(f"require{kind}"))


def _blocked(block: Resource) -> Iterator[Verdict]:
    yield from expect(block.at("accountId"), ACCOUNT, default=ACCOUNT)
    for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"):
        yield from expect_true(block.at(key), default=False)


def _analyzes(analyzer: Resource) -> Iterator[Verdict]:
    yield from expect(analyzer.at("type"), "ACCOUNT", default="ACCOUNT")


def _once(resource: Resource) -> Iterator[Verdict]:
    if resource.stack in STACKS and not is_owner(resource.stack):
        kind = resource.type.rpartition(":")[2]
        yield violation(f"{kind} is for the account as a whole", f"nothing: it is {baseline_figures.OWNER}'s")


def _linked(_role: Resource) -> Iterator[Verdict]:
    """An account has one for each service, and whoever asks a service for something first has made it."""
    yield violation("it exists in the account already, or its service makes it", "nothing, or a role of one's own")


def _rule(id_: str, description: str, judge: Callable[[Stack], Iterator[Finding]]) -> StackRule:
    return StackRule(id=id_, section=SECTION, description=description, remedy=REMEDY, judge=judge)


RULES = (
    _rule("baseline-guard-duty", "GuardDuty watches each region, with all that is asked of it", _detects),
    _rule("baseline-security-hub", "Security Hub holds each region to AWS's foundational practices", _hub),
    _rule("baseline-config", "Config writes down what exists in each region, and global things once", _configuration),
    _rule("baseline-access-analyzer", "Access Analyzer watches what each region shares", _each(ANALYZER, _analyzes)),
    _rule(
        "baseline-disks",
        "Every new disk is encrypted",
        _each(EBS, lambda each: expect_true(each.at("enabled"), default=True)),
    ),
    _rule("baseline-public-access", "No bucket of the account can be public", _owned(_each(PUBLIC_BLOCK, _blocked))),
    _rule("baseline-passwords", "A password would be long and new", _owned(_each(PASSWORDS, _passwords))),
    ResourceRule(
        id="baseline-owner",
        section="Environment Details",
        description="What is set for the account as a whole is set by production's stack",
        remedy="Leave it out of this stack.",
        types=(PUBLIC_BLOCK, PASSWORDS),
        judge=_once,
    ),
    ResourceRule(
        id="baseline-service-linked",
        section="IAM Roles",
        description="No stack makes a service's own role: it fails where the account has it, and goes with the stack",
        remedy="Leave it to the service, or make a role that the service may take.",
        types=(SERVICE_LINKED,),
        judge=_linked,
    ),
)
