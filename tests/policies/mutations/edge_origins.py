"""Mutations of origins and of access to the asset buckets: one for each property that a rule judges. Data only."""

from tests.policies.compliant.access import document
from tests.policies.compliant.data import ACCOUNT, policy_statements
from tests.policies.compliant.edge import (
    API,
    ASSETS,
    COPY,
    WEB,
    api_origin,
    bucket_name,
    bucket_origin,
    decrypt_statement,
    origin_group,
    read_statement,
)
from tests.policies.compliant.origin import HEADER, SECRETS
from tests.policies.compliant.storage import bucket_arns, tls_only
from tests.policies.mutations.database import PRODUCTION, each
from tests.policies.mutations.mutation import Change, Mutation, adds, mutation, removes, sets
from tests.policies.plan import REMOVED

GROUP = "originGroups.0"
POLICY = "BucketPolicy edge-assets"
CONTROL = "OriginAccessControl edge-assets"
BUCKET, OBJECTS = bucket_arns(bucket_name("edge-assets"))
WEBSITE = f"{bucket_name('edge-assets')}.s3-website-us-east-1.amazonaws.com"


def _pair(**changed: object) -> list[dict[str, object]]:
    """Return the web application's origins, the first bucket with other properties."""
    return [bucket_origin("assets-1", ASSETS, **changed), bucket_origin("assets-2", COPY), api_origin()]


def _headers(*headers: tuple[str, str]) -> list[dict[str, object]]:
    return [{"name": name, "value": value} for name, value in headers]


LOAD_BALANCER = (
    *(
        case
        for name, key, place in (("edge-web", WEB, "origins.2"), ("edge-api", API, "origins.0"))
        for case in each(
            f"edge-origins@{name}",
            key,
            (
                f"match-viewer to the origin of {key}",
                f"{place}.customOriginConfig.originProtocolPolicy",
                "match-viewer",
            ),
            (
                f"originProtocolPolicy unset at the origin of {key}",
                f"{place}.customOriginConfig.originProtocolPolicy",
                REMOVED,
            ),
            (f"another port at the origin of {key}", f"{place}.customOriginConfig.httpsPort", 8443),
            (f"no port at the origin of {key}", f"{place}.customOriginConfig.httpsPort", REMOVED),
            (f"TLS 1.1 to the origin of {key}", f"{place}.customOriginConfig.originSslProtocols.0", "TLSv1.1"),
            (
                f"TLS 1.0 beside 1.2 to the origin of {key}",
                f"{place}.customOriginConfig.originSslProtocols",
                ["TLSv1", "TLSv1.2"],
            ),
            (
                f"originSslProtocols unset at the origin of {key}",
                f"{place}.customOriginConfig.originSslProtocols",
                REMOVED,
            ),
            (f"the load balancer's DNS name in {key}", f"{place}.domainName", "taskflow.elb.amazonaws.com"),
            (f"no name of the origin of {key}", f"{place}.domainName", REMOVED),
            (f"another path at the origin of {key}", f"{place}.originPath", "/v1"),
            (f"no secret header in {key}", f"{place}.customHeaders", REMOVED),
            (f"an empty secret in {key}", f"{place}.customHeaders.0.value", ""),
            (f"another header in {key}", f"{place}.customHeaders.0.name", "x-other"),
            (
                f"two secrets in {key}",
                f"{place}.customHeaders",
                _headers((HEADER, SECRETS[0]), (HEADER.title(), SECRETS[0])),
            ),
            stacks=PRODUCTION,
        )
    ),
    mutation(
        "a website as an origin",
        sets(WEB, "origins", _pair(domainName=WEBSITE, customOriginConfig={"originProtocolPolicy": "http-only"})),
        "edge-origins@edge-web",
        "edge-origins-in-stack@edge-web",
        stacks=PRODUCTION,
    ),
    mutation(
        "a secret that the load balancer rejects",
        sets(API, "origins.0.customHeaders.0.value", "aValueThatIsUnknown0000000000001"),
        "edge-secret@edge-api",
        stacks=PRODUCTION,
    ),
    mutation(
        "another secret that the load balancer accepts",
        sets(WEB, "origins.2.customHeaders.0.value", SECRETS[1]),
        "edge-secret@edge-web",
        stacks=PRODUCTION,
    ),
)

BUCKETS = (
    *each(
        "edge-origins@edge-web",
        WEB,
        ("a bucket origin without a name", "origins.0.domainName", REMOVED),
        ("a bucket origin without an access control", "origins", _pair(originAccessControlId=None)),
        ("an origin access identity", "origins", _pair(s3OriginConfig={"originAccessIdentity": "identity"})),
        ("a VPC origin", "origins", _pair(vpcOriginConfig={"vpcOriginId": "vo"})),
        ("a group that fails over on 500 only", f"{GROUP}.failoverCriteria.statusCodes", [500]),
        ("a group without failover criteria", f"{GROUP}.failoverCriteria", REMOVED),
        *(
            (f"a group without {code}", f"{GROUP}.failoverCriteria.statusCodes.{index}", 404)
            for index, code in enumerate((500, 502, 503, 504))
        ),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-origins-in-stack@edge-web",
        WEB,
        ("a website's name", "origins.0.domainName", WEBSITE),
        ("a bucket outside the stack", "origins.1.domainName", "others.s3.us-west-2.amazonaws.com"),
        ("an access control outside the stack", "origins.1.originAccessControlId", "E1234567890"),
        ("a group of one bucket", f"{GROUP}.members", [{"originId": "assets-1"}]),
        ("a group of one bucket twice", f"{GROUP}.members.1.originId", "assets-1"),
        ("a group of one bucket and an unknown origin", f"{GROUP}.members.1.originId", "unknown"),
        ("a group without members", f"{GROUP}.members", REMOVED),
        stacks=PRODUCTION,
    ),
    mutation(
        "no origins",
        sets(API, "origins", REMOVED),
        "edge-origins@edge-api",
        "edge-behaviors@edge-api",
        stacks=PRODUCTION,
    ),
    mutation(
        "the API in a group",
        sets(WEB, "originGroups", [origin_group(), origin_group(originId="both", members=[{"originId": "api"}])]),
        "edge-origins@edge-web",
        "edge-origins-in-stack@edge-web",
        stacks=PRODUCTION,
    ),
    *each(
        "edge-access-control@edge-assets",
        CONTROL,
        ("requests that aren't signed", "signingBehavior", "never"),
        ("requests with the viewer's signature", "signingBehavior", "no-override"),
        ("signingBehavior unset", "signingBehavior", REMOVED),
        ("another signing protocol", "signingProtocol", "sigv2"),
        ("signingProtocol unset", "signingProtocol", REMOVED),
        ("an access control for Lambda", "originAccessControlOriginType", "lambda"),
        ("originAccessControlOriginType unset", "originAccessControlOriginType", REMOVED),
        stacks=PRODUCTION,
    ),
)


def _policy(*statements: dict[str, object]) -> Change:
    """Replace the first bucket's policy by these statements and the one about TLS."""
    return sets(POLICY, "policy", document(tls_only("s3", BUCKET, OBJECTS), *statements))


FILES, LISTING = read_statement("s3:GetObject", OBJECTS), read_statement("s3:ListBucket", BUCKET)
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
SAME_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
ALL = {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/*"}}

READERS = (
    *(
        mutation(label, _policy(*statements), "edge-assets-readers@edge-assets", stacks=PRODUCTION)
        for label, statements in (
            ("no permission to read files", ()),
            ("permission to list only", (LISTING,)),
            ("no permission to list", (FILES,)),
            (
                "permission to read another bucket's files",
                (read_statement("s3:GetObject", f"{BUCKET}-other/*"), LISTING),
            ),
            ("permission to read the bucket's ARN", (read_statement("s3:GetObject", BUCKET), LISTING)),
            ("permission to write files", (FILES, LISTING, read_statement("s3:PutObject", OBJECTS))),
            (
                "all actions but one",
                (FILES, LISTING, read_statement("s3:x", OBJECTS, Action=None, NotAction="s3:PutObject")),
            ),
            (
                "files for the account's principals too",
                (FILES, LISTING, read_statement("s3:GetObject", OBJECTS, Principal=ROOT)),
            ),
            (
                "files for all distributions of the account",
                (read_statement("s3:GetObject", OBJECTS, Condition=ALL), LISTING),
            ),
        )
    ),
    mutation(
        "files for another service too",
        _policy(FILES, LISTING, read_statement("s3:GetObject", OBJECTS, Principal={"Service": "ec2.amazonaws.com"})),
        "edge-assets-readers@edge-assets",
        "access-services@edge-assets",
        stacks=PRODUCTION,
    ),
    mutation(
        "a list for any source of the account",
        _policy(FILES, read_statement("s3:ListBucket", BUCKET, Condition=SAME_ACCOUNT)),
        "edge-assets-readers@edge-assets",
        "access-services@edge-assets",
        "storage-bucket-closed@edge-assets",
        stacks=PRODUCTION,
    ),
    *(
        mutation(
            label,
            _policy(*statements),
            "edge-assets-readers@edge-assets",
            "storage-bucket-closed@edge-assets",
            stacks=PRODUCTION,
        )
        for label, statements in (
            ("all actions on files", (FILES, LISTING, read_statement("s3:*", OBJECTS))),
            (
                "files for distributions of any account",
                (read_statement("s3:GetObject", OBJECTS, Condition=None), LISTING),
            ),
            (
                "a statement without a principal",
                (FILES, LISTING, read_statement("s3:GetObject", OBJECTS, Principal=None)),
            ),
            (
                "a statement with NotPrincipal",
                (FILES, LISTING, read_statement("s3:GetObject", OBJECTS, Principal=None, NotPrincipal={"AWS": "*"})),
            ),
        )
    ),
    mutation(
        "a bucket without a policy",
        removes(POLICY),
        "edge-assets-readers@edge-assets",
        "storage-bucket-tls@edge-assets",
        stacks=PRODUCTION,
    ),
    mutation(
        "no permission to read the copy's files",
        sets(
            "BucketPolicy edge-assets-copy",
            "policy",
            document(tls_only("s3", *bucket_arns(bucket_name("edge-assets-copy")))),
        ),
        "edge-assets-readers@edge-assets-copy",
        stacks=PRODUCTION,
    ),
    *(
        mutation(
            f"{label} ({name})",
            sets(f"Key {name}", "policy", document(*policy_statements("assets"), *statements)),
            f"edge-assets-decrypted@{name}",
            *(f"{rule}@{name}" for rule in others),
            stacks=PRODUCTION,
        )
        for name in ("keys-assets", "keys-assets-copy")
        for label, statements, others in (
            ("a key that CloudFront may not use", (), ()),
            ("a key that CloudFront may only encrypt with", (decrypt_statement(Action="kms:Encrypt"),), ()),
            (
                "a key for another service",
                (decrypt_statement(Principal={"Service": "s3.amazonaws.com"}),),
                ("access-services",),
            ),
        )
    ),
    *(
        mutation(
            f"a website ({type_.rpartition(':')[2]})", adds(type_, "added", bucket="site"), "edge-no-websites@added"
        )
        for type_ in (
            "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration",
            "aws:s3/bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2",
        )
    ),
)

CHANGES: tuple[Mutation, ...] = (*LOAD_BALANCER, *BUCKETS, *READERS)
