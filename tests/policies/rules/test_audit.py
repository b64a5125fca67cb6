"""The audit said in other words that are as good, and what only an `up` can tell."""

import pytest

from policies.pack import policies
from tests.policies.compliant.access import document
from tests.policies.compliant.audit import (
    ARCHIVE,
    AUDIT_TRAIL,
    DELIVERY,
    EVENTS,
    QUERY,
    archive,
    encrypting,
    guarding,
    lock,
    locked,
    selecting,
    selectors,
    undeletable,
)
from tests.policies.compliant.data import ACCOUNT, policy_statements
from tests.policies.compliant.stack import compliant
from tests.policies.judged import judged
from tests.policies.mutations.mutation import Change, adds, all_of, removes, sets
from tests.policies.plan import FORMS, STACKS, Ref

PACK = policies()
LOCK, LIFE = "BucketObjectLockConfiguration audit-archive", "BucketLifecycleConfiguration audit-archive"
POLICY, SELECTORS = "BucketPolicy audit-archive", "advancedEventSelectors"
MANAGEMENT, _, _ = selectors()
FILES = {"category": ["Data"], "type": ["AWS::S3::Object"]}
OWN = [f"arn:aws:s3:::{archive(stack)}/" for stack in STACKS]
UNSET: list[str] = []
BREAK_GLASS = {"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/break-glass"}}


def _guarded(**changed: object) -> Change:
    tls, _, *others = guarding("production")
    return sets(POLICY, "policy", document(tls, undeletable("production", **changed), *others))


AS_GOOD: tuple[tuple[str, Change], ...] = (
    ("a lock that nobody lifts", sets(LOCK, "rule.defaultRetention", lock(mode="COMPLIANCE"))),
    ("a longer lock", sets(LOCK, "rule.defaultRetention", lock(days=3650))),
    ("a longer life", sets(LIFE, "rules", locked(expiration={"days": 3650}))),
    ("one transition", sets(LIFE, "rules", locked(transitions=[{"days": 30, "storageClass": "DEEP_ARCHIVE"}]))),
    ("deletion but by a certain role", _guarded(Condition=BREAK_GLASS)),
    ("deletions by a pattern", _guarded(Action=["s3:Delete*", "s3:Bypass*", "s3:PutObjectRet*"])),
    (
        "all files but the archive's",
        sets(
            AUDIT_TRAIL,
            SELECTORS,
            [
                MANAGEMENT,
                selecting(**FILES, arn={"notStartsWiths": OWN}),
                selecting(**FILES, arn={"startsWiths": OWN}, readonly=["true"]),
            ],
        ),
    ),
    (
        "all reads in one selector",
        sets(
            AUDIT_TRAIL,
            SELECTORS,
            [
                MANAGEMENT,
                selecting(**FILES, readonly=["true"]),
                selecting(**FILES, readonly=["false"], arn={"notStartsWiths": OWN}),
            ],
        ),
    ),
    (
        "unset comparisons, as AWS shows them",
        sets(
            AUDIT_TRAIL,
            f"{SELECTORS}.0",
            selecting(category={"equals": ["Management"], "notEquals": UNSET, "startsWiths": UNSET}),
        ),
    ),
    (
        "an ARN for the archive's name",
        sets(DELIVERY, "extendedS3Configuration.bucketArn", Ref(to=ARCHIVE, output="arn")),
    ),
    ("a name for the archive", sets(AUDIT_TRAIL, "s3BucketName", archive("production"))),
    (
        "one question about all",
        all_of(
            removes(*(f"QueryDefinition audit-{kind}" for kind in EVENTS)),
            adds(
                QUERY,
                "all",
                logGroupNames=[Ref(to="LogGroup audit-records")],
                queryString=f"filter event_type in [{', '.join(EVENTS)}]",
            ),
        ),
    ),
    (
        "the least that CloudTrail needs",
        sets(
            "Key keys-audit",
            "policy",
            document(*policy_statements("audit"), encrypting(Action=["kms:GenerateDataKey", "kms:DescribeKey"])),
        ),
    ),
)


@pytest.mark.parametrize("change", [change for _, change in AS_GOOD], ids=[label for label, _ in AS_GOOD])
def test_what_is_as_good_is_passed(change: Change) -> None:
    plan = compliant()
    change(plan)
    for form in FORMS:
        assert str(judged(PACK, plan.shown(form))) == ""


def test_trails_group_is_named_with_its_ending() -> None:
    """CloudTrail refuses a group's ARN without :*, which can be told once it is known."""
    plan = compliant()
    plan.set(AUDIT_TRAIL, "cloudWatchLogsGroupArn", Ref(to="LogGroup audit-trail", output="arn"))
    assert judged(PACK, plan.shown("up")).blamed == {("audit-trail-leads", "audit-trail")}
