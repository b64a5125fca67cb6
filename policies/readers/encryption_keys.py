"""Reads which KMS key a property names, and what holds a key's policy."""

from collections.abc import Iterator

from policies.engine.facts import Absent, Known, Node, Resource, Unknown, elements_of
from policies.engine.graph import Reference, Stack
from policies.engine.rule import Verdict, violation
from policies.readers.buckets import part_of
from policies.readers.resource_types import KMS_KEY, KMS_KEY_POLICY


def expect_customer_managed_key(node: Node) -> Iterator[Verdict]:
    """A property that has to name a key of one's own: AWS's keys can't be withdrawn, nor their policies be written.

    A key that is unknown in a preview was given, and that is all that is asked.
    """
    name = ".".join(node.path)
    allowed = "a customer's key"
    match node.text():
        case Absent():
            yield violation(f"{name} isn't set: AWS uses a key of its own", allowed)
        case Known(value=value) if "alias/aws/" in value:
            yield violation(f"{name} is AWS's own key {value}", allowed)
        case _:
            pass


def encryption_keys_of(encryption: Resource, stack: Stack) -> Iterator[Reference]:
    """The key that each rule of a bucket's encryption names."""
    for rule in elements_of(encryption.at("rules")):
        yield stack.refer(encryption, rule.at("applyServerSideEncryptionByDefault", "kmsMasterKeyId"), KMS_KEY)


def key_policy_of(key: Resource, stack: Stack) -> Resource | Unknown:
    """What holds a key's policy: a KeyPolicy beside it, or the key itself."""
    return part_of(key, KMS_KEY_POLICY, stack, key="keyId", by=("id", "arn", "keyId")) or key
