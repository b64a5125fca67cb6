"""The edge said in other words that are as good, what only an `up` can tell, and the secret, which no message shows."""

import pytest

from policies.pack import policies
from tests.policies.compliant.access import document
from tests.policies.compliant.data import ACCOUNT, policy_statements
from tests.policies.compliant.edge import API, WEB, opening, reading
from tests.policies.compliant.origin import HEADER, SECRETS, WEB_ACL
from tests.policies.compliant.stack import compliant
from tests.policies.compliant.storage import tls_only
from tests.policies.judged import judged
from tests.policies.mutations import edge_origins as edge_origins_mutations
from tests.policies.mutations.edge import BELOW, CONTENT, DEFAULT, KEPT, SECURITY, STRICT
from tests.policies.mutations.edge_origins import BUCKET, FILES, LISTING, OBJECTS, POLICY
from tests.policies.mutations.mutation import Change, all_of, sets
from tests.policies.plan import FORMS, REMOVED, UNKNOWN, Ref
from tests.policies.shared import exported

PACK = policies()
EDGE = [policy for policy in PACK if policy.name.startswith("edge-")]

# Says of a key, or beside it, that CloudFront may do all with it.
BESIDE = document(*policy_statements("assets"), opening(Action="kms:*"))

AS_GOOD: tuple[tuple[str, Change], ...] = (
    ("https alone", sets(WEB, f"{DEFAULT}.viewerProtocolPolicy", "https-only")),
    ("AWS's own price class", sets(WEB, "priceClass", REMOVED)),
    ("AWS's own times", all_of(*(sets(KEPT, f"{time}Ttl", REMOVED) for time in ("min", "default", "max")))),
    ("OPTIONS for files", sets(WEB, f"{DEFAULT}.allowedMethods", ["HEAD", "GET", "OPTIONS"])),
    ("no functions for the API, as AWS shows it", sets(WEB, f"{BELOW}.functionAssociations", [])),
    ("no code at the edge, as AWS shows it", sets(API, f"{DEFAULT}.lambdaFunctionAssociations", [])),
    ("frames of one's own", sets(STRICT, f"{SECURITY}.frameOptions.frameOption", "SAMEORIGIN")),
    (
        "scripts by a hash",
        sets(STRICT, CONTENT, "img-src *; script-src 'self' 'sha256-AbC='; style-src 'unsafe-inline'"),
    ),
    ("styles inline", sets(STRICT, CONTENT, "default-src 'self'; style-src 'unsafe-inline'")),
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
    ("no old identity, as AWS shows it", sets(WEB, "origins.0.s3OriginConfig", {"originAccessIdentity": ""})),
    (
        "a certificate with the host as its other name",
        all_of(
            sets("Certificate edge-api", "domainName", "taskflow.app"),
            sets("Certificate edge-api", "subjectAlternativeNames", ["taskflow.app", "api.taskflow.app"]),
        ),
    ),
    ("a certificate whose region is said", sets("Certificate edge-web", "region", "us-east-1")),
    ("a key that lets CloudFront do more", sets("Key keys-assets", "policy", BESIDE)),
)


@pytest.mark.parametrize("change", [change for _, change in AS_GOOD], ids=[label for label, _ in AS_GOOD])
def test_what_is_as_good_is_passed(change: Change) -> None:
    plan = compliant()
    change(plan)
    for form in FORMS:
        assert str(judged(PACK, plan.shown(form))) == ""


def test_no_message_shows_the_secret() -> None:
    """Whatever is wrong, and wherever the value stands: rules see it opened, and a message goes to logs."""
    for mutation in (*edge_origins_mutations.LOAD_BALANCER, *edge_origins_mutations.BUCKETS):
        plan = compliant(mutation.stacks[0])
        mutation.change(plan)
        assert "aValueThat" not in str(judged(EDGE, exported(plan, "preview"))), mutation.label


def test_another_distribution_of_the_account_is_no_reader() -> None:
    """Whose ARN it is can be told once the stack's own are known."""
    plan = compliant()
    other = {"StringEquals": {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/EOTHER"}}
    statements = (tls_only("s3", BUCKET, OBJECTS), FILES, LISTING, reading("s3:GetObject", OBJECTS, Condition=other))
    plan.set(POLICY, "policy", document(*statements))
    assert judged(PACK, plan.shown("up")).blamed == {("edge-assets-readers", "edge-assets")}


def test_bucket_is_asked_by_its_regional_name() -> None:
    """The name without a region is redirected from, which CloudFront hands on; it is told once it is known."""
    plan = compliant()
    plan.resources["Bucket edge-assets"].computed["bucketDomainName"] = "taskflow-production-assets.s3.amazonaws.com"
    plan.set(WEB, "origins.0.domainName", Ref(to="Bucket edge-assets", output="bucketDomainName"))
    assert judged(PACK, plan.shown("up")).blamed == {("edge-origins-own", "edge-web")}


def test_web_acl_of_an_unknown_scope_is_no_fault_of_dr() -> None:
    plan = compliant("dr")
    plan.add(WEB_ACL, "added", None, scope=UNKNOWN)
    owner = [policy for policy in EDGE if policy.name == "edge-owner"]
    report = judged(owner, plan.shown("preview"))
    assert (report.violations, report.advisories) == ([], [("edge-owner", "added.scope")])


def test_policy_beside_the_key_counts() -> None:
    """It replaces the key's own."""
    plan = compliant()
    plan.add("aws:kms/keyPolicy:KeyPolicy", "beside", None, keyId=Ref(to="Key keys-assets"), policy=BESIDE)
    for form in FORMS:
        assert str(judged(PACK, plan.shown(form))) == ""
    plan.set("KeyPolicy beside", "policy", document(*policy_statements("assets")))
    assert judged(PACK, plan.shown("preview")).blamed == {("edge-assets-decrypted", "keys-assets")}
