"""Rules about who reads the files that a distribution serves: itself, and nobody else."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from policies.engine.facts import Absent, Known, Node, Resource, Unknown
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
READ, LIST, DECRYPT = "s3:getobject", "s3:listbucket", "kms:decrypt"


def _served(stack: Stack) -> Sequence[Resource]:
    """The buckets that distributions ask; what isn't one of this stack, or not yet, the rule about origins tells."""
    served: dict[str, Resource] = {}
    for distribution in stack.of(DISTRIBUTION) if is_planned(stack) else ():
        for _, reference in buckets(distribution, stack):
            if isinstance(reference, Found):
                served[reference.resource.urn] = reference.resource
    # The engine names what a property was made from in no order; what is said first is to be the same each time.
    return tuple(served[urn] for urn in sorted(served))


def _readers(stack: Stack) -> Iterator[Finding]:
    arns = [distribution.at("arn").text() for distribution in stack.of(DISTRIBUTION)]
    for bucket in _served(stack):
        policy = part_of(bucket, POLICY, stack)
        if isinstance(policy, Resource):
            yield from findings(policy, _policy(policy, bucket, arns))
        else:
            yield Finding(
                resource=bucket, verdict=policy or violation("it has no policy", "one that lets CloudFront read")
            )


def _policy(policy: Resource, bucket: Resource, arns: Sequence[Known[str] | Unknown | Absent]) -> Iterator[Verdict]:
    let: set[tuple[str, str]] = set()
    is_certain = True
    for statement in allow_statements(
        policy.at("policy"), absent=violation("policy isn't set", "one that lets CloudFront read")
    ):
        if not isinstance(statement, Node):
            is_certain = False
            yield statement
            continue
        yield from _statement(statement, arns)
        actions = {action.lower() for action in texts(statement.at("Action"))}
        let |= {(action, resource) for action in actions for resource in texts(statement.at("Resource"))}
    name = bucket.at("bucket").text()
    if isinstance(name, Unknown):
        yield name
    elif isinstance(name, Known) and is_certain:
        arn = f"arn:aws:s3:::{name.value}"
        if (READ, f"{arn}/*") not in let:
            yield violation("CloudFront can't read the files", f"s3:GetObject on {arn}/*")
        if (LIST, arn) not in let:
            yield violation("S3 answers 403 for a file that isn't there", f"s3:ListBucket on {arn}")


def _statement(statement: Node, arns: Sequence[Known[str] | Unknown | Absent]) -> Iterator[Verdict]:
    name = label(statement)
    for kind, principal in principals(statement):
        if (kind, principal) != ("Service", SERVICE):
            yield violation(f"{name} lets in {principal}", SERVICE)
    if statement.at("NotPrincipal").value is not None or not principals(statement):
        yield violation(f"{name} doesn't name whom it lets in", SERVICE)
    others = {action for action in texts(statement.at("Action")) if action.lower() not in (READ, LIST)}
    if others or not texts(statement.at("Action")):
        yield violation(
            f"{name} allows {', '.join(sorted(others)) or 'all but some'}", "s3:GetObject and s3:ListBucket"
        )
    if not has_condition(conditions(statement), "aws:sourcearn".__eq__, lambda value: _is_own(value, arns)):
        yield violation(f"{name} lets in distributions of others", "a condition on the aws:SourceArn of this stack's")


def _is_own(value: str, arns: Sequence[Known[str] | Unknown | Absent]) -> bool:
    """Whether a value is the ARN of a distribution of this stack; of this account, while ARNs aren't known yet."""
    if all(isinstance(arn, Known) for arn in arns):
        return Known(value=value) in arns
    service, account = (parts_of(value) or ("",) * 6)[2:5:2]
    identity = resource_of(value).removeprefix("distribution/")
    return (service, account) == ("cloudfront", ACCOUNT) and identity.isalnum()


def _decrypted(stack: Stack) -> Iterator[Finding]:
    """Without the key CloudFront is told 403, however well it signs."""
    keys: dict[str, Resource] = {}
    for bucket in _served(stack):
        part = part_of(bucket, ENCRYPTION, stack)
        # A bucket without encryption, or with S3's own, is another rule's.
        for reference in encryption_keys_of(part, stack) if isinstance(part, Resource) else [part]:
            if isinstance(reference, Found):
                keys[reference.resource.urn] = reference.resource
            yield from unknowns(bucket, reference)
    for key in keys.values():
        policy = key_policy_of(key, stack)
        yield from findings(key, [policy] if isinstance(policy, Unknown) else _opens(policy))


def _opens(policy: Resource) -> Iterator[Verdict]:
    allowed = f"a statement that lets {SERVICE} do it for distributions of this account"
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
    if not any(fnmatchcase(DECRYPT, action) for action in actions):
        yield violation(f"CloudFront can't {DECRYPT} what it has to serve", allowed)


def _website(_website: Resource) -> Iterator[Verdict]:
    yield violation("it serves a bucket as a website, in plain text", "CloudFront, which signs what it asks for")


RULES = (
    StackRule(
        id="edge-assets-readers",
        section="Data Handling",
        description="The buckets that a distribution serves let it read, and nobody else do anything",
        remedy=f"Allow {SERVICE} s3:GetObject and s3:ListBucket, for this stack's distribution alone.",
        judge=_readers,
    ),
    StackRule(
        id="edge-assets-decrypted",
        section="Data Handling",
        description="CloudFront may use the keys of the buckets that it serves",
        remedy=f"Allow {SERVICE} kms:Decrypt in the key's policy.",
        judge=_decrypted,
    ),
    ResourceRule(
        id="edge-no-websites",
        section="Data Handling",
        description="No bucket is a website, which speaks plain text and knows no signature",
        remedy="Leave the website out: CloudFront serves the bucket.",
        types=WEBSITES,
        judge=_website,
    ),
)
