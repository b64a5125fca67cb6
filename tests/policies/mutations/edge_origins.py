"""One change for each thing about what the edge asks, and who reads it, that a rule guards. Data only."""

from tests.policies.compliant.access import document
from tests.policies.compliant.data import ACCOUNT, policy_statements
from tests.policies.compliant.edge import (
    API,
    ASSETS,
    COPY,
    WEB,
    api_origin,
    bucket_origin,
    opening,
    origin_group,
    physical,
    reading,
)
from tests.policies.compliant.origin import HEADER, SECRETS
from tests.policies.compliant.storage import of_bucket, tls_only
from tests.policies.mutations.database import PRODUCTION, each
from tests.policies.mutations.mutation import Change, Mutation, adds, removes, sets, told
from tests.policies.plan import REMOVED

GROUP = "originGroups.0"
POLICY = "BucketPolicy edge-assets"
CONTROL = "OriginAccessControl edge-assets"
BUCKET, OBJECTS = of_bucket(physical("edge-assets"))
WEBSITE = f"{physical('edge-assets')}.s3-website-us-east-1.amazonaws.com"


def _pair(**changed: object) -> list[dict[str, object]]:
    """The web application's origins, with something else in the first bucket."""
    return [bucket_origin("assets-1", ASSETS, **changed), bucket_origin("assets-2", COPY), api_origin()]


def _saying(*headers: tuple[str, str]) -> list[dict[str, object]]:
    return [{"name": name, "value": value} for name, value in headers]


LOAD_BALANCER = (
    *(
        mutation
        for name, key, place in (("edge-web", WEB, "origins.2"), ("edge-api", API, "origins.0"))
        for mutation in each(
            f"edge-origins@{name}",
            key,
            (f"plain text to the origin of {key}", f"{place}.customOriginConfig.originProtocolPolicy", "match-viewer"),
            (f"no word of TLS to the origin of {key}", f"{place}.customOriginConfig.originProtocolPolicy", REMOVED),
            (f"another port of the origin of {key}", f"{place}.customOriginConfig.httpsPort", 8443),
            (f"no port of the origin of {key}", f"{place}.customOriginConfig.httpsPort", REMOVED),
            (f"TLS 1.1 to the origin of {key}", f"{place}.customOriginConfig.originSslProtocols.0", "TLSv1.1"),
            (
                f"TLS 1.0 beside 1.2 to the origin of {key}",
                f"{place}.customOriginConfig.originSslProtocols",
                ["TLSv1", "TLSv1.2"],
            ),
            (f"no word of the origin's TLS of {key}", f"{place}.customOriginConfig.originSslProtocols", REMOVED),
            (f"the load balancer's own name in {key}", f"{place}.domainName", "taskflow.elb.amazonaws.com"),
            (f"no name of the origin of {key}", f"{place}.domainName", REMOVED),
            (f"another path at the origin of {key}", f"{place}.originPath", "/v1"),
            (f"no secret of {key}", f"{place}.customHeaders", REMOVED),
            (f"an empty secret of {key}", f"{place}.customHeaders.0.value", ""),
            (f"another header of {key}", f"{place}.customHeaders.0.name", "x-other"),
            (
                f"two secrets of {key}",
                f"{place}.customHeaders",
                _saying((HEADER, SECRETS[0]), (HEADER.title(), SECRETS[0])),
            ),
            stacks=PRODUCTION,
        )
    ),
    told(
        "a website as an origin",
        sets(WEB, "origins", _pair(domainName=WEBSITE, customOriginConfig={"originProtocolPolicy": "http-only"})),
        "edge-origins@edge-web",
        "edge-origins-own@edge-web",
        stacks=PRODUCTION,
    ),
    told(
        "a secret that isn't let in",
        sets(API, "origins.0.customHeaders.0.value", "aValueThatNobodyKnows00000000001"),
        "edge-secret@edge-api",
        stacks=PRODUCTION,
    ),
    told(
        "another secret that is let in",
        sets(WEB, "origins.2.customHeaders.0.value", SECRETS[1]),
        "edge-secret@edge-web",
        stacks=PRODUCTION,
    ),
)

BUCKETS = (
    *each(
        "edge-origins@edge-web",
        WEB,
        ("a bucket without a name", "origins.0.domainName", REMOVED),
        ("a bucket without a signature", "origins", _pair(originAccessControlId=None)),
        ("the old kind of identity", "origins", _pair(s3OriginConfig={"originAccessIdentity": "identity"})),
        ("a server in the network", "origins", _pair(vpcOriginConfig={"vpcOriginId": "vo"})),
        ("a group that waits for 500 only", f"{GROUP}.failoverCriteria.statusCodes", [500]),
        ("a group that waits for nothing", f"{GROUP}.failoverCriteria", REMOVED),
        *(
            (f"a group without {code}", f"{GROUP}.failoverCriteria.statusCodes.{index}", 404)
            for index, code in enumerate((500, 502, 503, 504))
        ),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-origins-own@edge-web",
        WEB,
        ("a website's name", "origins.0.domainName", WEBSITE),
        ("somebody else's bucket", "origins.1.domainName", "others.s3.us-west-2.amazonaws.com"),
        ("somebody else's signature", "origins.1.originAccessControlId", "E1234567890"),
        ("a group of one bucket", f"{GROUP}.members", [{"originId": "assets-1"}]),
        ("a group of one bucket twice", f"{GROUP}.members.1.originId", "assets-1"),
        ("a group of one bucket and nobody", f"{GROUP}.members.1.originId", "nobody"),
        ("a group of nobody", f"{GROUP}.members", REMOVED),
        stacks=PRODUCTION,
    ),
    told(
        "no origins",
        sets(API, "origins", REMOVED),
        "edge-origins@edge-api",
        "edge-behaviors@edge-api",
        stacks=PRODUCTION,
    ),
    told(
        "the API in a group",
        sets(WEB, "originGroups", [origin_group(), origin_group(originId="both", members=[{"originId": "api"}])]),
        "edge-origins@edge-web",
        "edge-origins-own@edge-web",
        stacks=PRODUCTION,
    ),
    *each(
        "edge-access-control@edge-assets",
        CONTROL,
        ("requests that nobody signs", "signingBehavior", "never"),
        ("requests that viewers sign", "signingBehavior", "no-override"),
        ("no word of when to sign", "signingBehavior", REMOVED),
        ("another way to sign", "signingProtocol", "sigv2"),
        ("no way to sign", "signingProtocol", REMOVED),
        ("a signature for something else", "originAccessControlOriginType", "lambda"),
        ("a signature for nothing", "originAccessControlOriginType", REMOVED),
        stacks=PRODUCTION,
    ),
)


def _said(*statements: dict[str, object]) -> Change:
    """The first bucket's policy with these statements and the one about TLS."""
    return sets(POLICY, "policy", document(tls_only("s3", BUCKET, OBJECTS), *statements))


FILES, LISTING = reading("s3:GetObject", OBJECTS), reading("s3:ListBucket", BUCKET)
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
OWN = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
ALL = {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/*"}}

READERS = (
    *(
        told(label, _said(*statements), "edge-assets-readers@edge-assets", stacks=PRODUCTION)
        for label, statements in (
            ("files that nobody reads", ()),
            ("files that are listed only", (LISTING,)),
            ("missing files that are forbidden", (FILES,)),
            ("another bucket's files", (reading("s3:GetObject", f"{BUCKET}-other/*"), LISTING)),
            ("a bucket as its files", (reading("s3:GetObject", BUCKET), LISTING)),
            ("files that CloudFront writes", (FILES, LISTING, reading("s3:PutObject", OBJECTS))),
            ("files with which CloudFront does all", (FILES, LISTING, reading("s3:*", OBJECTS))),
            ("all but one thing", (FILES, LISTING, reading("s3:x", OBJECTS, Action=None, NotAction="s3:PutObject"))),
            ("files for the account too", (FILES, LISTING, reading("s3:GetObject", OBJECTS, Principal=ROOT))),
            ("files for all distributions of the account", (reading("s3:GetObject", OBJECTS, Condition=ALL), LISTING)),
        )
    ),
    told(
        "files for another service too",
        _said(FILES, LISTING, reading("s3:GetObject", OBJECTS, Principal={"Service": "ec2.amazonaws.com"})),
        "edge-assets-readers@edge-assets",
        "access-services@edge-assets",
        stacks=PRODUCTION,
    ),
    told(
        "a list for whatever is the account's",
        _said(FILES, reading("s3:ListBucket", BUCKET, Condition=OWN)),
        "edge-assets-readers@edge-assets",
        "access-services@edge-assets",
        "storage-bucket-closed@edge-assets",
        stacks=PRODUCTION,
    ),
    *(
        told(
            label,
            _said(*statements),
            "edge-assets-readers@edge-assets",
            "storage-bucket-closed@edge-assets",
            stacks=PRODUCTION,
        )
        for label, statements in (
            ("files for everybody's distributions", (reading("s3:GetObject", OBJECTS, Condition=None), LISTING)),
            ("files for nobody by name", (FILES, LISTING, reading("s3:GetObject", OBJECTS, Principal=None))),
            (
                "files for all but one",
                (FILES, LISTING, reading("s3:GetObject", OBJECTS, Principal=None, NotPrincipal={"AWS": "*"})),
            ),
        )
    ),
    told(
        "files without a policy",
        removes(POLICY),
        "edge-assets-readers@edge-assets",
        "storage-bucket-tls@edge-assets",
        stacks=PRODUCTION,
    ),
    told(
        "a copy that nobody reads",
        sets(
            "BucketPolicy edge-assets-copy",
            "policy",
            document(tls_only("s3", *of_bucket(physical("edge-assets-copy")))),
        ),
        "edge-assets-readers@edge-assets-copy",
        stacks=PRODUCTION,
    ),
    *(
        told(
            f"{label} ({name})",
            sets(f"Key {name}", "policy", document(*policy_statements("assets"), *statements)),
            f"edge-assets-decrypted@{name}",
            *(f"{rule}@{name}" for rule in others),
            stacks=PRODUCTION,
        )
        for name in ("keys-assets", "keys-assets-copy")
        for label, statements, others in (
            ("a key that CloudFront may not use", (), ()),
            ("a key by which CloudFront only encrypts", (opening(Action="kms:Encrypt"),), ()),
            (
                "a key that CloudFront's name is missing from",
                (opening(Principal={"Service": "s3.amazonaws.com"}),),
                ("access-services",),
            ),
        )
    ),
    *(
        told(f"a website ({type_.rpartition(':')[2]})", adds(type_, "added", bucket="site"), "edge-no-websites@added")
        for type_ in (
            "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration",
            "aws:s3/bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2",
        )
    ),
)

CHANGES: tuple[Mutation, ...] = (*LOAD_BALANCER, *BUCKETS, *READERS)
