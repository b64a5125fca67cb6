"""Compliant variants of the audit, and a violation that only an `up` finds."""

import pytest

from policies.pack import policies
from tests.policies.compliant.access import document
from tests.policies.compliant.audit import (
    ARCHIVE,
    AUDIT_TRAIL,
    DELIVERY,
    EVENT_TYPES,
    QUERY,
    archive_name,
    archive_statements,
    default_retention,
    event_selector,
    event_selectors,
    lifecycle_rules,
    object_denial,
    trail_key_statement,
)
from tests.policies.compliant.data import ACCOUNT, policy_statements
from tests.policies.compliant.stack import compliant
from tests.policies.judged import evaluate
from tests.policies.mutations.mutation import Change, adds, all_of, removes, sets
from tests.policies.plan import FORMS, STACKS, Ref

PACK = policies()
LOCK, LIFECYCLE = "BucketObjectLockConfiguration audit-archive", "BucketLifecycleConfiguration audit-archive"
POLICY, SELECTORS = "BucketPolicy audit-archive", "advancedEventSelectors"
MANAGEMENT, _, _ = event_selectors()
FILES = {"category": ["Data"], "type": ["AWS::S3::Object"]}
ARCHIVES = [f"arn:aws:s3:::{archive_name(stack)}/" for stack in STACKS]
UNSET: list[str] = []
BREAK_GLASS = {"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/break-glass"}}


def _object_denial(**changed: object) -> Change:
    tls, _, *others = archive_statements("production")
    return sets(POLICY, "policy", document(tls, object_denial("production", **changed), *others))


COMPLIANT_VARIANTS: tuple[tuple[str, Change], ...] = (
    ("a compliance lock", sets(LOCK, "rule.defaultRetention", default_retention(mode="COMPLIANCE"))),
    ("a longer lock", sets(LOCK, "rule.defaultRetention", default_retention(days=3650))),
    ("a later expiration", sets(LIFECYCLE, "rules", lifecycle_rules(expiration={"days": 3650}))),
    (
        "one transition",
        sets(LIFECYCLE, "rules", lifecycle_rules(transitions=[{"days": 30, "storageClass": "DEEP_ARCHIVE"}])),
    ),
    ("a denial except for a named role", _object_denial(Condition=BREAK_GLASS)),
    ("a denial by wildcards", _object_denial(Action=["s3:Delete*", "s3:Bypass*", "s3:PutObjectRet*"])),
    (
        "object events except of the archive",
        sets(
            AUDIT_TRAIL,
            SELECTORS,
            [
                MANAGEMENT,
                event_selector(**FILES, arn={"notStartsWiths": ARCHIVES}),
                event_selector(**FILES, arn={"startsWiths": ARCHIVES}, readonly=["true"]),
            ],
        ),
    ),
    (
        "reads in one selector",
        sets(
            AUDIT_TRAIL,
            SELECTORS,
            [
                MANAGEMENT,
                event_selector(**FILES, readonly=["true"]),
                event_selector(**FILES, readonly=["false"], arn={"notStartsWiths": ARCHIVES}),
            ],
        ),
    ),
    (
        "unset comparisons, as AWS shows them",
        sets(
            AUDIT_TRAIL,
            f"{SELECTORS}.0",
            event_selector(category={"equals": ["Management"], "notEquals": UNSET, "startsWiths": UNSET}),
        ),
    ),
    (
        "the archive by its ARN",
        sets(DELIVERY, "extendedS3Configuration.bucketArn", Ref(to=ARCHIVE, output="arn")),
    ),
    ("the archive by its name", sets(AUDIT_TRAIL, "s3BucketName", archive_name("production"))),
    (
        "one query for all kinds",
        all_of(
            removes(*(f"QueryDefinition audit-{kind}" for kind in EVENT_TYPES)),
            adds(
                QUERY,
                "all",
                logGroupNames=[Ref(to="LogGroup audit-records")],
                queryString=f"filter event_type in [{', '.join(EVENT_TYPES)}]",
            ),
        ),
    ),
    (
        "the least permission for CloudTrail",
        sets(
            "Key keys-audit",
            "policy",
            document(
                *policy_statements("audit"), trail_key_statement(Action=["kms:GenerateDataKey", "kms:DescribeKey"])
            ),
        ),
    ),
)


@pytest.mark.parametrize(
    "change", [change for _, change in COMPLIANT_VARIANTS], ids=[label for label, _ in COMPLIANT_VARIANTS]
)
def test_compliant_variant_passes(change: Change) -> None:
    plan = compliant()
    change(plan)
    for form in FORMS:
        assert str(evaluate(PACK, plan.states(form))) == ""


def test_log_group_of_the_trail_needs_its_ending() -> None:
    """CloudTrail rejects a log group's ARN without :*; the ARN is unknown in a preview."""
    plan = compliant()
    plan.set(AUDIT_TRAIL, "cloudWatchLogsGroupArn", Ref(to="LogGroup audit-trail", output="arn"))
    assert evaluate(PACK, plan.states("up")).reported == {("audit-trail-destinations", "audit-trail")}
