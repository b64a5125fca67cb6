"""Reads which KMS key a property names, and which resource holds a key's policy."""

from collections.abc import Iterator

from policies.engine.expectations import Expectation, row
from policies.engine.facts import Absent, Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Reference, Stack
from policies.engine.rule import Verdict, violation
from policies.readers.buckets import part_of
from policies.readers.resource_types import KMS_KEY, KMS_KEY_POLICY


def customer_managed_key(path: str) -> Expectation:
    """Require a customer managed key, as a row of a rule."""
    return row(path, f"set {path} to a customer managed key", expect_customer_managed_key)


def expect_customer_managed_key(node: Node) -> Iterator[Verdict]:
    """Require a customer managed key: an AWS managed key can't be disabled, and its policy can't be changed.

    A key that is unknown in a preview is a key of the program, which is enough.
    """
    name, allowed = ".".join(node.path), "a customer managed key"
    match node.text():
        case Absent():
            yield violation(f"{name} isn't set: AWS uses its managed key", allowed)
        case Known(value=value) if "alias/aws/" in value:
            yield violation(f"{name} is the AWS managed key {value}", allowed)
        case _:
            pass


def encryption_keys_of(encryption: Resource, stack: Stack) -> Iterator[Reference]:
    """Return the key in each rule of a bucket's encryption."""
    for rule in elements_of(encryption.at("rules")):
        yield stack.refer(encryption, rule.at("applyServerSideEncryptionByDefault", "kmsMasterKeyId"), KMS_KEY)


def key_policy_of(key: Resource, stack: Stack) -> Resource | Unknown:
    """Return the holder of a key's policy: its KeyPolicy, or else the key itself."""
    return part_of(key, KMS_KEY_POLICY, stack, key="keyId", by=("id", "arn", "keyId")) or key
