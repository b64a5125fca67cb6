"""Compliant variants of the edge, violations that only an `up` finds, and the hidden secret."""

import pytest

from policies.pack import policies
from tests.policies.compliant.access import document
from tests.policies.compliant.data import ACCOUNT, policy_statements
from tests.policies.compliant.edge import API, WEB, decrypt_statement, read_statement
from tests.policies.compliant.origin import HEADER, SECRETS, WEB_ACL
from tests.policies.compliant.stack import compliant
from tests.policies.compliant.storage import tls_only
from tests.policies.judged import evaluate
from tests.policies.mutations import edge_origins as edge_origins_mutations
from tests.policies.mutations.edge import API_PATH, ASSET_CACHE_POLICY, CONTENT, DEFAULT, SECURITY, SECURITY_HEADERS
from tests.policies.mutations.edge_origins import BUCKET, FILES, LISTING, OBJECTS, POLICY
from tests.policies.mutations.mutation import Change, all_of, sets
from tests.policies.plan import FORMS, REMOVED, UNKNOWN, Ref
from tests.policies.shared import exported

PACK = policies()
EDGE = [policy for policy in PACK if policy.name.startswith("edge-")]

# A key policy that allows CloudFront every action.
PERMISSIVE_KEY_POLICY = document(
    *policy_statements("assets"), decrypt_statement(Action=["kms:Decrypt", "kms:Encrypt", "kms:DescribeKey"])
)

COMPLIANT_VARIANTS: tuple[tuple[str, Change], ...] = (
    ("HTTPS without a redirect", sets(WEB, f"{DEFAULT}.viewerProtocolPolicy", "https-only")),
    ("the default price class", sets(WEB, "priceClass", REMOVED)),
    (
        "the default TTLs",
        all_of(*(sets(ASSET_CACHE_POLICY, f"{time}Ttl", REMOVED) for time in ("min", "default", "max"))),
    ),
    ("OPTIONS for assets", sets(WEB, f"{DEFAULT}.allowedMethods", ["HEAD", "GET", "OPTIONS"])),
    ("an empty list of functions for the API", sets(WEB, f"{API_PATH}.functionAssociations", [])),
    ("an empty list of Lambda@Edge functions", sets(API, f"{DEFAULT}.lambdaFunctionAssociations", [])),
    ("frames of the same origin", sets(SECURITY_HEADERS, f"{SECURITY}.frameOptions.frameOption", "SAMEORIGIN")),
    (
        "scripts by a hash",
        sets(SECURITY_HEADERS, CONTENT, "img-src *; script-src 'self' 'sha256-AbC='; style-src 'unsafe-inline'"),
    ),
    ("inline styles", sets(SECURITY_HEADERS, CONTENT, "default-src 'self'; style-src 'unsafe-inline'")),
    ("a newer TLS to the origin", sets(API, "origins.0.customOriginConfig.originSslProtocols", ["TLSv1.2", "TLSv1.3"])),
    ("the header in another case", sets(API, "origins.0.customHeaders.0.name", HEADER.title())),
    (
        "the secret's next value in both",
        all_of(*(sets(key, f"origins.{n}.customHeaders.0.value", SECRETS[1]) for key, n in ((WEB, 2), (API, 0)))),
    ),
    (
        "more statuses to fail over on",
        sets(WEB, "originGroups.0.failoverCriteria.statusCodes", [404, 500, 502, 503, 504]),
    ),
    ("an empty origin access identity", sets(WEB, "origins.0.s3OriginConfig", {"originAccessIdentity": ""})),
    (
        "a certificate with the host as an alternative name",
        all_of(
            sets("Certificate edge-api", "domainName", "taskflow.app"),
            sets("Certificate edge-api", "subjectAlternativeNames", ["taskflow.app", "api.taskflow.app"]),
        ),
    ),
    ("a certificate with an explicit region", sets("Certificate edge-web", "region", "us-east-1")),
    ("a key policy that allows CloudFront more", sets("Key keys-assets", "policy", PERMISSIVE_KEY_POLICY)),
)


@pytest.mark.parametrize(
    "change", [change for _, change in COMPLIANT_VARIANTS], ids=[label for label, _ in COMPLIANT_VARIANTS]
)
def test_compliant_variant_passes(change: Change) -> None:
    plan = compliant()
    change(plan)
    for form in FORMS:
        assert str(evaluate(PACK, plan.states(form))) == ""


def test_no_message_shows_the_secret() -> None:
    """Rules read the secret in plain text, but messages are logged."""
    for mutation in (*edge_origins_mutations.LOAD_BALANCER, *edge_origins_mutations.BUCKETS):
        plan = compliant(mutation.stacks[0])
        mutation.change(plan)
        assert "aValueThat" not in str(evaluate(EDGE, exported(plan, "preview"))), mutation.label


def test_other_distribution_of_the_account_may_not_read() -> None:
    """An `up` knows the ARNs of the stack's distributions."""
    plan = compliant()
    other = {"StringEquals": {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/EOTHER"}}
    statements = (
        tls_only("s3", BUCKET, OBJECTS),
        FILES,
        LISTING,
        read_statement("s3:GetObject", OBJECTS, Condition=other),
    )
    plan.set(POLICY, "policy", document(*statements))
    assert evaluate(PACK, plan.states("up")).reported == {("edge-assets-readers", "edge-assets")}


def test_bucket_origin_has_its_regional_name() -> None:
    """S3 redirects requests by the name without a region, and CloudFront passes the redirect on to the viewer."""
    plan = compliant()
    plan.resources["Bucket edge-assets"].computed["bucketDomainName"] = "taskflow-production-assets.s3.amazonaws.com"
    plan.set(WEB, "origins.0.domainName", Ref(to="Bucket edge-assets", output="bucketDomainName"))
    assert evaluate(PACK, plan.states("up")).reported == {("edge-origins-in-stack", "edge-web")}


def test_web_acl_with_an_unknown_scope_is_no_violation_in_dr() -> None:
    plan = compliant("dr")
    plan.add(WEB_ACL, "added", None, scope=UNKNOWN)
    owner = [policy for policy in EDGE if policy.name == "edge-owner"]
    report = evaluate(owner, plan.states("preview"))
    assert (report.violations, report.advisories) == ([], [("edge-owner", "added.scope")])


def test_key_policy_resource_replaces_the_keys_policy() -> None:
    plan = compliant()
    plan.add(
        "aws:kms/keyPolicy:KeyPolicy", "beside", None, keyId=Ref(to="Key keys-assets"), policy=PERMISSIVE_KEY_POLICY
    )
    for form in FORMS:
        assert str(evaluate(PACK, plan.states(form))) == ""
    plan.set("KeyPolicy beside", "policy", document(*policy_statements("assets")))
    assert evaluate(PACK, plan.states("preview")).reported == {("edge-assets-decrypted", "keys-assets")}
