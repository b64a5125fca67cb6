"""Plan the compliant distributions with their origins, policies and function."""

from tests.policies.compliant.access import document
from tests.policies.compliant.data import ACCOUNT, COPY_REGION, REGIONS, policy_statements
from tests.policies.compliant.origin import HEADER, SECRETS
from tests.policies.compliant.storage import (
    BUCKET,
    bucket_arns,
    bucket_part,
    destination,
    encryption_rules,
    lifecycle_rules,
    replication_rules,
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

# Keys of the plan (the type's last part, and the name) that mutations use most.
WEB, API = "Distribution edge-web", "Distribution edge-api"
ASSETS, COPY = "Bucket edge-assets", "Bucket edge-assets-copy"
HOSTS = {"web": "taskflow.app", "api": "api.taskflow.app"}

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
READ_METHODS = ("GET", "HEAD")
ALL_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
CACHED_ERRORS = (400, 403, 404, 405, 414, 500, 501, 502, 503, 504)

CACHE_POLICY_ID = Ref(to="CachePolicy edge-assets")
HEADERS_POLICY_ID = Ref(to="ResponseHeadersPolicy edge-security-headers")
SINGLE_PAGE = Ref(to="Function edge-single-page", output="arn")
CONTROL = Ref(to="OriginAccessControl edge-assets")


def add_edge(plan: Plan) -> None:
    """Add production's two distributions, and the resources that they refer to."""
    if plan.stack == "dr":
        return
    _policies(plan)
    for purpose in ("assets", "assets-copy"):
        plan.set(f"Key keys-{purpose}", "policy", document(*policy_statements(purpose), decrypt_statement()))
    for name, where in (("edge-assets", {}), ("edge-assets-copy", {"region": COPY_REGION})):
        _bucket(plan, name, **where)
    role = f"arn:aws:iam::{ACCOUNT}:role/assets-replication"
    rules = replication_rules(destination=destination(bucket=Ref(to=COPY, output="arn")))
    plan.add(bucket_part("ReplicationConfig"), "edge-assets", None, bucket=Ref(to=ASSETS), role=role, rules=rules)
    _distribution(
        plan,
        "web",
        defaultRootObject="index.html",
        origins=[bucket_origin("assets-1", ASSETS), bucket_origin("assets-2", COPY), api_origin()],
        originGroups=[origin_group()],
        defaultCacheBehavior=assets_behavior(),
        orderedCacheBehaviors=[api_behavior(pathPattern=path) for path in ("/api/*", "/health")],
    )
    _distribution(plan, "api", origins=[api_origin()], defaultCacheBehavior=api_behavior())


def distribution_arn(purpose: str) -> str:
    """Return the ARN of a distribution."""
    return f"arn:aws:cloudfront::{ACCOUNT}:distribution/E{purpose.upper()}"


def bucket_origin(origin_id: str, bucket: str, **changed: object) -> dict[str, object]:
    """Return a bucket origin with changed properties; None removes one."""
    host = Ref(to=bucket, output="bucketRegionalDomainName")
    return _with({"originId": origin_id, "domainName": host, "originAccessControlId": CONTROL}, changed)


def api_origin(**changed: object) -> dict[str, object]:
    """Return the load balancer's origin with changed properties."""
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
    """Return the origin group of the bucket and its copy with changed properties."""
    whole: dict[str, object] = {
        "originId": "assets",
        "failoverCriteria": {"statusCodes": [500, 502, 503, 504]},
        "members": [{"originId": "assets-1"}, {"originId": "assets-2"}],
    }
    return _with(whole, changed)


def assets_behavior(**changed: object) -> dict[str, object]:
    """Return the assets' behavior with changed properties."""
    whole: dict[str, object] = {
        "targetOriginId": "assets",
        "viewerProtocolPolicy": "redirect-to-https",
        "allowedMethods": list(READ_METHODS),
        "cachedMethods": list(READ_METHODS),
        "compress": True,
        "cachePolicyId": CACHE_POLICY_ID,
        "responseHeadersPolicyId": HEADERS_POLICY_ID,
        "functionAssociations": [{"eventType": "viewer-request", "functionArn": SINGLE_PAGE}],
    }
    return _with(whole, changed)


def api_behavior(**changed: object) -> dict[str, object]:
    """Return the API's behavior with changed properties."""
    whole: dict[str, object] = {
        "targetOriginId": "api",
        "viewerProtocolPolicy": "redirect-to-https",
        "allowedMethods": list(ALL_METHODS),
        "cachedMethods": list(READ_METHODS),
        "compress": True,
        "cachePolicyId": CACHING_DISABLED,
        "originRequestPolicyId": ALL_VIEWER,
        "responseHeadersPolicyId": HEADERS_POLICY_ID,
    }
    return _with(whole, changed)


def read_statement(action: str, resource: str, **changed: object) -> dict[str, object]:
    """Return the statement that allows the web application's distribution an action, with changed elements."""
    whole: dict[str, object] = {
        "Sid": action.partition(":")[2],
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": action,
        "Resource": resource,
        # A preview of the program doesn't know this ARN, nor the whole policy.
        "Condition": {"StringEquals": {"aws:SourceArn": distribution_arn("web")}},
    }
    return _with(whole, changed)


def asset_bucket_statements(name: str) -> list[dict[str, object]]:
    """Return the statements of an asset bucket's policy."""
    bucket, objects = bucket_arns(bucket_name(name))
    return [
        tls_only("s3", bucket, objects),
        read_statement("s3:GetObject", objects),
        read_statement("s3:ListBucket", bucket),
    ]


def decrypt_statement(**changed: object) -> dict[str, object]:
    """Return the key policy statement that allows CloudFront to decrypt, with changed elements."""
    whole: dict[str, object] = {
        "Sid": "CloudFront",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/*"}},
    }
    return _with(whole, changed)


def bucket_name(name: str) -> str:
    """Return the name of an asset bucket in S3."""
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
    bucket = plan.add(BUCKET, name, None, bucket=bucket_name(name), forceDestroy=False, **where)
    bucket.protect = True
    host = f"{bucket_name(name)}.s3.{region}.amazonaws.com"
    bucket.computed = {"arn": bucket_arns(bucket_name(name))[0], "bucketRegionalDomainName": host}
    bucket_input: dict[str, object] = {"bucket": Ref(to=bucket.key), **where}
    blocks = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    plan.add(bucket_part("PublicAccessBlock"), name, None, **bucket_input, **dict.fromkeys(blocks, True))
    plan.add(
        bucket_part("OwnershipControls"), name, None, **bucket_input, rule={"objectOwnership": "BucketOwnerEnforced"}
    )
    plan_key = "assets-copy" if where else "assets"
    plan.add(
        bucket_part("ServerSideEncryptionConfiguration"), name, None, **bucket_input, rules=encryption_rules(plan_key)
    )
    plan.add(bucket_part("Versioning"), name, None, **bucket_input, versioningConfiguration={"status": "Enabled"})
    plan.add(bucket_part("LifecycleConfiguration"), name, None, **bucket_input, rules=lifecycle_rules(is_logs=False))
    plan.add(bucket_part("Policy"), name, None, **bucket_input, policy=document(*asset_bucket_statements(name)))


def _certificate(plan: Plan, purpose: str) -> Ref:
    """Add a validated certificate for a host, and return its ARN."""
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


def _distribution(plan: Plan, purpose: str, **inputs: object) -> None:
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
        customErrorResponses=[{"errorCode": code, "errorCachingMinTtl": 0} for code in CACHED_ERRORS],
        viewerCertificate={
            "acmCertificateArn": _certificate(plan, purpose),
            "minimumProtocolVersion": "TLSv1.3_2025",
            "sslSupportMethod": "sni-only",
        },
        restrictions={"geoRestriction": {"restrictionType": "none"}},
        **inputs,
    )
    distribution.protect = True
    distribution.computed = {
        "arn": distribution_arn(purpose),
        "domainName": f"d{purpose}.cloudfront.net",
        "hostedZoneId": "Z2FDTNDATAQYW2",
    }
