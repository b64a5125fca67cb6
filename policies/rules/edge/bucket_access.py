"""Rules about access to the buckets that a distribution serves: for that distribution alone."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from policies.engine.facts import Fact, Known, Node, Resource, Unknown
from policies.engine.graph import Found, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, aws_type, findings, unknowns, violation
from policies.figures.common import ACCOUNT
from policies.readers.buckets import part_of
from policies.readers.distributions import buckets, is_planned
from policies.readers.encryption_keys import encryption_keys_of, key_policy_of
from policies.readers.iam_documents import (
    allow_statements,
    conditions,
    has_condition,
    label,
    parts_of,
    principals,
    resource_of,
    texts,
)
from policies.readers.resource_types import DISTRIBUTION, of_bucket

POLICY, ENCRYPTION = of_bucket("BucketPolicy"), of_bucket("BucketServerSideEncryptionConfiguration")
WEBSITES = (
    of_bucket("BucketWebsiteConfiguration"),
    aws_type("s3", "BucketWebsiteConfigurationV2"),
)
SERVICE = "cloudfront.amazonaws.com"
READ, LIST, DECRYPT = "s3:GetObject", "s3:ListBucket", "kms:Decrypt"


def _served_buckets(stack: Stack) -> Sequence[Resource]:
    """Return the buckets that are origins; edge-origins-in-stack reports origins that aren't buckets of this stack."""
    served: dict[str, Resource] = {}
    for distribution in stack.of(DISTRIBUTION) if is_planned(stack) else ():
        for _, reference in buckets(distribution, stack):
            if isinstance(reference, Found):
                served[reference.resource.urn] = reference.resource
    # The engine lists dependencies in no order; findings have to come in the same order each time.
    return tuple(served[urn] for urn in sorted(served))


def _bucket_policies(stack: Stack) -> Iterator[Finding]:
    arns = [distribution.at("arn").text() for distribution in stack.of(DISTRIBUTION)]
    for bucket in _served_buckets(stack):
        policy = part_of(bucket, POLICY, stack)
        if isinstance(policy, Resource):
            yield from findings(policy, _bucket_policy(policy, bucket, arns))
        else:
            missing = violation("it has no policy", f"one that allows {SERVICE} to read")
            yield Finding(resource=bucket, verdict=policy or missing)


def _bucket_policy(policy: Resource, bucket: Resource, arns: Sequence[Fact[str]]) -> Iterator[Verdict]:
    allowed: set[tuple[str, str]] = set()
    is_complete = True
    absent = violation("policy isn't set", f"one that allows {SERVICE} to read")
    for statement in allow_statements(policy.at("policy"), absent=absent):
        if not isinstance(statement, Node):
            is_complete = False
            yield statement
            continue
        yield from _statement(statement, arns)
        actions = {action.lower() for action in texts(statement.at("Action"))}
        allowed |= {(action, resource) for action in actions for resource in texts(statement.at("Resource"))}
    name = bucket.at("bucket").text()
    if isinstance(name, Unknown):
        yield name
    elif isinstance(name, Known) and is_complete:
        arn = f"arn:aws:s3:::{name.value}"
        if (READ.lower(), f"{arn}/*") not in allowed:
            yield violation("CloudFront can't read the files", f"{READ} on {arn}/*")
        if (LIST.lower(), arn) not in allowed:
            yield violation("S3 answers 403 for a missing file", f"{LIST} on {arn}")


def _statement(statement: Node, arns: Sequence[Fact[str]]) -> Iterator[Verdict]:
    name = label(statement)
    for kind, principal in principals(statement):
        if (kind, principal) != ("Service", SERVICE):
            yield violation(f"{name} allows the principal {principal}", SERVICE)
    if statement.at("NotPrincipal").value is not None or not principals(statement):
        yield violation(f"{name} names no principal", SERVICE)
    actions = texts(statement.at("Action"))
    others = {action for action in actions if action.lower() not in (READ.lower(), LIST.lower())}
    if others or not actions:
        yield violation(f"{name} allows {', '.join(sorted(others)) or 'all but some actions'}", f"{READ} and {LIST}")
    if not has_condition(conditions(statement), "aws:sourcearn".__eq__, lambda value: _is_own(value, arns)):
        yield violation(f"{name} allows distributions outside this stack", "a condition on aws:SourceArn with its ARN")


def _is_own(value: str, arns: Sequence[Fact[str]]) -> bool:
    """Whether a value is the ARN of a distribution of this stack; of this account, while their ARNs are unknown."""
    if all(isinstance(arn, Known) for arn in arns):
        return Known(value=value) in arns
    service, account = (parts_of(value) or ("",) * 6)[2:5:2]
    identity = resource_of(value).removeprefix("distribution/")
    return (service, account) == ("cloudfront", ACCOUNT) and identity.isalnum()


def _bucket_keys(stack: Stack) -> Iterator[Finding]:
    """Require keys that CloudFront may use: S3 answers 403 to a signed request without the key."""
    keys: dict[str, Resource] = {}
    for bucket in _served_buckets(stack):
        part = part_of(bucket, ENCRYPTION, stack)
        # storage-bucket-encrypted reports a bucket without a customer managed key.
        for reference in encryption_keys_of(part, stack) if isinstance(part, Resource) else [part]:
            if isinstance(reference, Found):
                keys[reference.resource.urn] = reference.resource
            yield from unknowns(bucket, reference)
    for key in keys.values():
        policy = key_policy_of(key, stack)
        yield from findings(key, [policy] if isinstance(policy, Unknown) else _key_policy(policy))


def _key_policy(policy: Resource) -> Iterator[Verdict]:
    allowed = f"a statement that allows {SERVICE} {DECRYPT} for distributions of this account"
    found: list[Node] = []
    for statement in allow_statements(policy.at("policy"), absent=violation("policy isn't set", allowed)):
        if not isinstance(statement, Node):
            yield statement
            return
        found.append(statement)
    actions = [
        action.lower()
        for statement in found
        if ("Service", SERVICE) in principals(statement)
        for action in texts(statement.at("Action"))
    ]
    if not any(fnmatchcase(DECRYPT.lower(), action) for action in actions):
        yield violation(f"CloudFront may not {DECRYPT} the files", allowed)


def _website(_website: Resource) -> Iterator[Verdict]:
    yield violation("it serves a bucket as a website over plain HTTP", "CloudFront, with signed requests")


RULES = (
    StackRule(
        id="edge-assets-readers",
        section="Data Handling",
        description="The asset buckets allow this stack's distribution to read, and nothing else",
        remedy=f"Allow {SERVICE} {READ} and {LIST}, for this stack's distribution alone.",
        judge=_bucket_policies,
        severity="high",
    ),
    StackRule(
        id="edge-assets-decrypted",
        section="Data Handling",
        description="The keys of the asset buckets allow CloudFront to decrypt",
        remedy=f"Allow {SERVICE} {DECRYPT} in the key's policy.",
        judge=_bucket_keys,
        severity="high",
    ),
    ResourceRule(
        id="edge-no-websites",
        section="Data Handling",
        description="No bucket is a website: S3 serves those over plain HTTP, without signed requests",
        remedy="Remove the website: CloudFront serves the bucket.",
        types=WEBSITES,
        judge=_website,
        severity="high",
    ),
)
