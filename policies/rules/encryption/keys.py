"""Rules about KMS keys themselves, and what other rules ask of a property that names one."""

from collections.abc import Iterator

from policies.engine.expectations import expect, expect_false
from policies.engine.facts import Resource, Scalar
from policies.engine.rule import ResourceRule, Verdict, violation
from policies.readers.resource_types import KMS_KEY, KMS_KEY_POLICY

# AWS doesn't rotate imported material, and a replica is half of a key that exists in two regions.
OTHER_KEYS = (
    "aws:kms/externalKey:ExternalKey",
    "aws:kms/replicaKey:ReplicaKey",
    "aws:kms/replicaExternalKey:ReplicaExternalKey",
)

# Property, the value allowed, and what AWS takes where nothing is said. Only symmetric keys are rotated.
_LASTING: tuple[tuple[str, Scalar, Scalar], ...] = (
    ("enableKeyRotation", True, False),
    ("deletionWindowInDays", 30, 30),
    ("isEnabled", True, True),
    ("bypassPolicyLockoutSafetyCheck", False, False),
    ("keyUsage", "ENCRYPT_DECRYPT", "ENCRYPT_DECRYPT"),
    ("customerMasterKeySpec", "SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT"),
    ("multiRegion", False, False),
)


def _lasting(key: Resource) -> Iterator[Verdict]:
    if key.type in OTHER_KEYS:
        kind = key.type.rpartition(":")[2]
        yield violation(f"a key of the kind {kind} isn't rotated by itself in its own region", f"only {KMS_KEY}")
    elif key.type == KMS_KEY_POLICY:
        yield from expect_false(key.at("bypassPolicyLockoutSafetyCheck"), default=False)
    else:
        for name, value, default in _LASTING:
            yield from expect(key.at(name), value, default=default)


RULES = (
    ResourceRule(
        id="encryption-keys-rotate",
        section="Data Handling",
        description="Keys are symmetric, rotate every year, stay in one region, and can't be lost in a hurry",
        remedy="Set enableKeyRotation to true and leave the other properties at AWS's defaults.",
        types=(KMS_KEY, KMS_KEY_POLICY, *OTHER_KEYS),
        judge=_lasting,
    ),
)
