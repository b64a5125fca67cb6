"""The rule about the properties of KMS keys."""

from collections.abc import Iterator

from policies.engine.expectations import equals, is_false, is_true, of_type, property_rule, when
from policies.engine.facts import Resource
from policies.engine.rule import Verdict, violation
from policies.readers.resource_types import KMS_KEY, KMS_KEY_POLICY

# The longest waiting period that KMS offers.
DELETION_DAYS = 30

# AWS doesn't rotate imported key material, and a replica shares its material with a key in another region.
FORBIDDEN_KEYS = (
    "aws:kms/externalKey:ExternalKey",
    "aws:kms/replicaKey:ReplicaKey",
    "aws:kms/replicaExternalKey:ReplicaExternalKey",
)


def _forbidden(key: Resource) -> Iterator[Verdict]:
    if key.type in FORBIDDEN_KEYS:
        kind = key.type.rpartition(":")[2]
        yield violation(f"AWS doesn't rotate a key of the type {kind} in its own region", f"only {KMS_KEY}")


RULES = (
    property_rule(
        "encryption-keys-rotate",
        section="Data Handling",
        description=(
            "Every KMS key is symmetric, enabled, rotated every year, used in one region, and deleted after "
            f"{DELETION_DAYS} days at the earliest"
        ),
        types=(KMS_KEY, KMS_KEY_POLICY, *FORBIDDEN_KEYS),
        rows=(
            *when(
                of_type(KMS_KEY),
                is_true("enableKeyRotation", default=False),
                equals("deletionWindowInDays", DELETION_DAYS, default=DELETION_DAYS),
                is_true("isEnabled", default=True),
                # AWS rotates symmetric keys only.
                equals("keyUsage", "ENCRYPT_DECRYPT", default="ENCRYPT_DECRYPT"),
                equals("customerMasterKeySpec", "SYMMETRIC_DEFAULT", default="SYMMETRIC_DEFAULT"),
                is_false("multiRegion", default=False),
            ),
            *when(of_type(KMS_KEY, KMS_KEY_POLICY), is_false("bypassPolicyLockoutSafetyCheck", default=False)),
        ),
        also=_forbidden,
        remedy=f"Replace a key of another type with the type {KMS_KEY}.",
        severity="high",
        controls=("CIS 3.6",),
    ),
)
