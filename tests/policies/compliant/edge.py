"""The compliant distributions as plain data, with their origins, policies and function. No rule is used here."""

from tests.policies.compliant.access import document
from tests.policies.compliant.data import ACCOUNT, COPY_REGION, REGIONS, policy_statements
from tests.policies.compliant.origin import HEADER, SECRETS
from tests.policies.compliant.storage import (
    BUCKET,
    destination,
    encryption,
    ending,
    of_bucket,
    part,
    replicating,
    tls_only,
)
from tests.policies.plan import Plan, Ref

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
CACHE_POLICY = "aws:cloudfront/cachePolicy:CachePolicy"
HEADERS_POLICY = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
FUNCTION = "aws:cloudfront/function:Function"
ACCESS_CONTROL = "aws:cloudfront/originAccessControl:OriginAccessControl"
CERTIFICATE = "aws:acm/certificate:Certificate"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"

# The keys of the plan (type's last part and name) that changes name most.
WEB, API = "Distribution edge-web", "Distribution edge-api"
ASSETS, COPY = "Bucket edge-assets", "Bucket edge-assets-copy"
HOSTS = {"web": "taskflow.app", "api": "api.taskflow.app"}

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
READING = ("GET", "HEAD")
EVERYTHING = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
KEPT_ERRORS = (400, 403, 404, 405, 414, 500, 501, 502, 503, 504)

KEEPING = Ref(to="CachePolicy edge-assets")
SECURITY = Ref(to="ResponseHeadersPolicy edge-security-headers")
SINGLE_PAGE = Ref(to="Function edge-single-page", output="arn")
CONTROL = Ref(to="OriginAccessControl edge-assets")


def add_edge(plan: Plan) -> None:
    """Add production's two distributions with what they name."""
    if plan.stack == "dr":
        return
    _policies(plan)
    for purpose in ("assets", "assets-copy"):
        plan.set(f"Key keys-{purpose}", "policy", document(*policy_statements(purpose), opening()))
    for name, where in (("edge-assets", {}), ("edge-assets-copy", {"region": COPY_REGION})):
        _bucket(plan, name, **where)
    role = f"arn:aws:iam::{ACCOUNT}:role/assets-replication"
    rules = replicating(destination=destination(bucket=Ref(to=COPY, output="arn")))
    plan.add(part("ReplicationConfig"), "edge-assets", None, bucket=Ref(to=ASSETS), role=role, rules=rules)
    _distribution(
        plan,
        "web",
        defaultRootObject="index.html",
        origins=[bucket_origin("assets-1", ASSETS), bucket_origin("assets-2", COPY), api_origin()],
        originGroups=[origin_group()],
        defaultCacheBehavior=for_assets(),
        orderedCacheBehaviors=[for_api(pathPattern="/api/*")],
    )
    _distribution(plan, "api", origins=[api_origin()], defaultCacheBehavior=for_api())


def distribution_arn(purpose: str) -> str:
    """The ARN of one of the two."""
    return f"arn:aws:cloudfront::{ACCOUNT}:distribution/E{purpose.upper()}"


def bucket_origin(origin_id: str, bucket: str, **changed: object) -> dict[str, object]:
    """A bucket as an origin, with something else in it; None takes it out."""
    host = Ref(to=bucket, output="bucketRegionalDomainName")
    return _with({"originId": origin_id, "domainName": host, "originAccessControlId": CONTROL}, changed)


def api_origin(**changed: object) -> dict[str, object]:
    """The load balancer as an origin, with something else in it."""
    reached = {
        "originProtocolPolicy": "https-only",
        "httpPort": 80,
        "httpsPort": 443,
        "originSslProtocols": ["TLSv1.2"],
    }
    whole: dict[str, object] = {
        "originId": "api",
        "domainName": "origin.taskflow.app",
        "customHeaders": [{"name": HEADER, "value": SECRETS[0]}],
        "customOriginConfig": reached,
    }
    return _with(whole, changed)


def origin_group(**changed: object) -> dict[str, object]:
    """The bucket and its copy as one origin, with something else in it."""
    whole: dict[str, object] = {
        "originId": "assets",
        "failoverCriteria": {"statusCodes": [500, 502, 503, 504]},
        "members": [{"originId": "assets-1"}, {"originId": "assets-2"}],
    }
    return _with(whole, changed)


def for_assets(**changed: object) -> dict[str, object]:
    """What is done with a request for a file, with something else in it."""
    whole: dict[str, object] = {
        "targetOriginId": "assets",
        "viewerProtocolPolicy": "redirect-to-https",
        "allowedMethods": list(READING),
        "cachedMethods": list(READING),
        "compress": True,
        "cachePolicyId": KEEPING,
        "responseHeadersPolicyId": SECURITY,
        "functionAssociations": [{"eventType": "viewer-request", "functionArn": SINGLE_PAGE}],
    }
    return _with(whole, changed)


def for_api(**changed: object) -> dict[str, object]:
    """What is done with a request for the API, with something else in it."""
    whole: dict[str, object] = {
        "targetOriginId": "api",
        "viewerProtocolPolicy": "redirect-to-https",
        "allowedMethods": list(EVERYTHING),
        "cachedMethods": list(READING),
        "compress": True,
        "cachePolicyId": CACHING_DISABLED,
        "originRequestPolicyId": ALL_VIEWER,
        "responseHeadersPolicyId": SECURITY,
    }
    return _with(whole, changed)


def reading(action: str, resource: str, **changed: object) -> dict[str, object]:
    """The statement that lets the web application's distribution do something, with something else in it."""
    whole: dict[str, object] = {
        "Sid": action.partition(":")[2],
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": action,
        "Resource": resource,
        # Known beforehand here; in a preview it isn't, and so the whole text.
        "Condition": {"StringEquals": {"aws:SourceArn": distribution_arn("web")}},
    }
    return _with(whole, changed)


def readers(name: str) -> list[dict[str, object]]:
    """What the policy of one of the buckets of the assets says."""
    bucket, objects = of_bucket(physical(name))
    return [
        tls_only("s3", bucket, objects),
        reading("s3:GetObject", objects),
        reading("s3:ListBucket", bucket),
    ]


def opening(**changed: object) -> dict[str, object]:
    """The statement of a key that lets CloudFront open what it serves, with something else in it."""
    whole: dict[str, object] = {
        "Sid": "CloudFront",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/*"}},
    }
    return _with(whole, changed)


def physical(name: str) -> str:
    """The name in S3 of a bucket of the edge."""
    return f"taskflow-production-{name.removeprefix('edge-')}-{ACCOUNT}"


def _with(whole: dict[str, object], changed: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in {**whole, **changed}.items() if value is not None}


def _policies(plan: Plan) -> None:
    none = "none"
    plan.add(
        CACHE_POLICY,
        "edge-assets",
        None,
        name="taskflow-production-assets",
        minTtl=0,
        defaultTtl=86400,
        maxTtl=31536000,
        parametersInCacheKeyAndForwardedToOrigin={
            "cookiesConfig": {"cookieBehavior": none},
            "headersConfig": {"headerBehavior": none},
            "queryStringsConfig": {"queryStringBehavior": none},
            "enableAcceptEncodingBrotli": True,
            "enableAcceptEncodingGzip": True,
        },
    )
    plan.add(
        HEADERS_POLICY,
        "edge-security-headers",
        None,
        name="taskflow-production-security",
        securityHeadersConfig={
            "strictTransportSecurity": {
                "accessControlMaxAgeSec": 63072000,
                "includeSubdomains": True,
                "override": True,
            },
            "contentTypeOptions": {"override": True},
            "frameOptions": {"frameOption": "DENY", "override": True},
            "referrerPolicy": {"referrerPolicy": "strict-origin-when-cross-origin", "override": True},
            "contentSecurityPolicy": {
                "contentSecurityPolicy": "default-src 'self'; img-src 'self' data:; object-src 'none'",
                "override": True,
            },
        },
    )
    function = plan.add(
        FUNCTION,
        "edge-single-page",
        None,
        name="taskflow-production-single-page",
        runtime="cloudfront-js-2.0",
        code="function handler(event) { return event.request; }",
        publish=True,
    )
    function.computed = {"arn": f"arn:aws:cloudfront::{ACCOUNT}:function/taskflow-production-single-page"}
    plan.add(
        ACCESS_CONTROL,
        "edge-assets",
        None,
        name="taskflow-production-assets",
        originAccessControlOriginType="s3",
        signingBehavior="always",
        signingProtocol="sigv4",
    )


def _bucket(plan: Plan, name: str, **where: object) -> None:
    region = where.get("region", REGIONS["production"])
    bucket = plan.add(BUCKET, name, None, bucket=physical(name), forceDestroy=False, **where)
    bucket.protect = True
    host = f"{physical(name)}.s3.{region}.amazonaws.com"
    bucket.computed = {"arn": of_bucket(physical(name))[0], "bucketRegionalDomainName": host}
    own: dict[str, object] = {"bucket": Ref(to=bucket.key), **where}
    blocks = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    plan.add(part("PublicAccessBlock"), name, None, **own, **dict.fromkeys(blocks, True))
    plan.add(part("OwnershipControls"), name, None, **own, rule={"objectOwnership": "BucketOwnerEnforced"})
    plan_key = "assets-copy" if where else "assets"
    plan.add(part("ServerSideEncryptionConfiguration"), name, None, **own, rules=encryption(plan_key))
    plan.add(part("Versioning"), name, None, **own, versioningConfiguration={"status": "Enabled"})
    plan.add(part("LifecycleConfiguration"), name, None, **own, rules=ending(is_logs=False))
    plan.add(part("Policy"), name, None, **own, policy=document(*readers(name)))


def _certificate(plan: Plan, purpose: str) -> Ref:
    """A certificate for a host with its validation, and what a distribution names of it."""
    name, host = f"edge-{purpose}", HOSTS[purpose]
    certificate = plan.add(CERTIFICATE, name, None, domainName=host, validationMethod="DNS")
    certificate.computed = {"arn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/{name}"}
    record = plan.add(
        "aws:route53/record:Record",
        f"{name}-validation",
        None,
        name=f"_a.{host}",
        type="CNAME",
        ttl=300,
        zoneId="Z0123456789",
        records=["_b.acm-validations.aws"],
        allowOverwrite=True,
    )
    record.computed = {"fqdn": f"_a.{host}"}
    validation = plan.add(
        VALIDATION,
        name,
        None,
        certificateArn=Ref(to=certificate.key, output="arn"),
        validationRecordFqdns=[Ref(to=record.key, output="fqdn")],
    )
    validation.computed = {"certificateArn": certificate.computed["arn"]}
    return Ref(to=validation.key, output="certificateArn")


def _distribution(plan: Plan, purpose: str, **own: object) -> None:
    distribution = plan.add(
        DISTRIBUTION,
        f"edge-{purpose}",
        None,
        aliases=[HOSTS[purpose]],
        enabled=True,
        isIpv6Enabled=True,
        httpVersion="http2and3",
        priceClass="PriceClass_All",
        webAclId=Ref(to="WebAcl edge-web-acl", output="arn"),
        customErrorResponses=[{"errorCode": code, "errorCachingMinTtl": 0} for code in KEPT_ERRORS],
        viewerCertificate={
            "acmCertificateArn": _certificate(plan, purpose),
            "minimumProtocolVersion": "TLSv1.3_2025",
            "sslSupportMethod": "sni-only",
        },
        restrictions={"geoRestriction": {"restrictionType": "none"}},
        **own,
    )
    distribution.protect = True
    distribution.computed = {
        "arn": distribution_arn(purpose),
        "domainName": f"d{purpose}.cloudfront.net",
        "hostedZoneId": "Z2FDTNDATAQYW2",
    }
