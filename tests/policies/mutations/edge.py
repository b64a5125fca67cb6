"""Mutations of the distributions: one for each property that a rule judges. Data only."""

from dataclasses import replace

from tests.policies.compliant.data import ACCOUNT
from tests.policies.compliant.edge import (
    ALL_VIEWER,
    API,
    CACHED_ERRORS,
    READ_METHODS,
    SINGLE_PAGE,
    WEB,
    api_behavior,
    assets_behavior,
)
from tests.policies.compliant.origin import WEB_ACL
from tests.policies.mutations import edge_origins as edge_origins_mutations
from tests.policies.mutations.database import DR, PRODUCTION, each
from tests.policies.mutations.mutation import Change, Mutation, adds, all_of, mutation, removes, sets, unprotects
from tests.policies.plan import REMOVED, Plan, Ref

DEFAULT, API_PATH = "defaultCacheBehavior", "orderedCacheBehaviors.0"
MANAGED_POLICY = "658327ea-f89d-4fab-a63d-7e88639e58f6"
FOREIGN_FUNCTION = f"arn:aws:cloudfront::{ACCOUNT}:function/foreign"
ASSET_CACHE_POLICY, SECURITY_HEADERS = "CachePolicy edge-assets", "ResponseHeadersPolicy edge-security-headers"
KEY = "parametersInCacheKeyAndForwardedToOrigin"
SECURITY = "securityHeadersConfig"
CONTENT = f"{SECURITY}.contentSecurityPolicy.contentSecurityPolicy"


DISTRIBUTIONS = (
    *each(
        "edge-distributions@edge-web",
        WEB,
        *(
            (f"a distribution with {key} {'unset' if value is REMOVED else 'off'}", key, value)
            for key in ("enabled", "isIpv6Enabled")
            for value in (False, REMOVED)
        ),
        ("a distribution without HTTP/3", "httpVersion", "http2"),
        ("a distribution without HTTP/2", "httpVersion", "http3"),
        ("httpVersion unset", "httpVersion", REMOVED),
        ("a price class with fewer edge locations", "priceClass", "PriceClass_100"),
        ("a staging distribution", "staging", True),
        ("a continuous deployment policy", "continuousDeploymentPolicyId", "policy"),
        stacks=PRODUCTION,
    ),
    mutation("an unprotected distribution", unprotects(WEB), "edge-distributions@edge-web", stacks=PRODUCTION),
    *each(
        "edge-tls@edge-api",
        API,
        ("TLS 1.2 for viewers", "viewerCertificate.minimumProtocolVersion", "TLSv1.2_2021"),
        ("minimumProtocolVersion unset", "viewerCertificate.minimumProtocolVersion", REMOVED),
        ("dedicated IP addresses instead of SNI", "viewerCertificate.sslSupportMethod", "vip"),
        ("sslSupportMethod unset", "viewerCertificate.sslSupportMethod", REMOVED),
        ("a distribution without a certificate", "viewerCertificate.acmCertificateArn", REMOVED),
        ("CloudFront's default certificate", "viewerCertificate.cloudfrontDefaultCertificate", True),
        ("an IAM certificate, which AWS doesn't renew", "viewerCertificate.iamCertificateId", "certificate"),
        stacks=PRODUCTION,
    ),
)

OWNER = (
    *(
        mutation(f"a {type_.rpartition(':')[2]} in dr", adds(type_, "added", name="added"), *reported, stacks=DR)
        for type_, reported in (
            ("aws:cloudfront/function:Function", ("edge-owner@added",)),
            # Neither stack has this type.
            ("aws:cloudfront/originRequestPolicy:OriginRequestPolicy", ("edge-owner@added", "residency-types@added")),
            ("aws:cloudfront/keyValueStore:KeyValueStore", ("edge-owner@added", "residency-types@added")),
        )
    ),
    mutation(
        "a CloudFront web ACL in dr",
        adds(WEB_ACL, "added", scope="CLOUDFRONT"),
        "edge-owner@added",
        "edge-web-acl-rules@added",
        "origin-web-acl-logs@added",
        "alerting-edge@added",
        stacks=DR,
    ),
    *(
        mutation(f"a {name}", adds(f"aws:cloudfront/{name[0].lower()}{name[1:]}:{name}", "added"), "edge-owner@added")
        for name in ("MultitenantDistribution", "DistributionTenant", "ConnectionGroup", "ContinuousDeploymentPolicy")
    ),
)


def _changes_certificate(**changed: object) -> Change:
    """Change properties of the web application's certificate."""
    return all_of(*(sets("Certificate edge-web", path, value) for path, value in changed.items()))


def _adds_distribution(plan: Plan) -> None:
    """Add another distribution for the API's host."""
    plan.resources["Distribution second"] = replace(plan.resources[API], name="second")


ALIASES = (
    mutation(
        "an unknown host",
        sets(WEB, "aliases", ["www.taskflow.app"]),
        "edge-hosts@edge-web",
        "edge-hosts@",
        stacks=PRODUCTION,
    ),
    mutation("no aliases", sets(WEB, "aliases", REMOVED), "edge-hosts@edge-web", "edge-hosts@", stacks=PRODUCTION),
    mutation(
        "an empty list of aliases", sets(WEB, "aliases", []), "edge-hosts@edge-web", "edge-hosts@", stacks=PRODUCTION
    ),
    mutation(
        "a host of the other distribution",
        sets(WEB, "aliases", ["taskflow.app", "api.taskflow.app"]),
        "edge-hosts@edge-web",
        "edge-routing@edge-web",
        stacks=PRODUCTION,
    ),
    mutation(
        "an unknown host beside the document's",
        sets(WEB, "aliases", ["taskflow.app", "www.taskflow.app"]),
        "edge-hosts@edge-web",
        stacks=PRODUCTION,
    ),
    mutation(
        "two distributions for one host",
        _adds_distribution,
        "edge-hosts@second",
        "edge-access-logs@second",
        "edge-metrics@second",
        "alerting-edge@second",
        stacks=PRODUCTION,
    ),
    mutation("no distribution", removes(WEB, API), "edge-hosts@", stacks=PRODUCTION),
    *each(
        "edge-hosts@edge-web",
        WEB,
        ("a certificate outside the stack", "viewerCertificate.acmCertificateArn", f"arn:aws:acm:::{ACCOUNT}:other"),
        (
            "a certificate for another host",
            "viewerCertificate.acmCertificateArn",
            Ref(to="CertificateValidation edge-api", output="certificateArn"),
        ),
        stacks=PRODUCTION,
    ),
    mutation(
        "a certificate without validation",
        all_of(
            removes("CertificateValidation edge-web"),
            sets(WEB, "viewerCertificate.acmCertificateArn", Ref(to="Certificate edge-web", output="arn")),
        ),
        "edge-hosts@edge-web",
        stacks=PRODUCTION,
    ),
    mutation(
        "a validation of a certificate outside the stack",
        sets("CertificateValidation edge-web", "certificateArn", f"arn:aws:acm:::{ACCOUNT}:other"),
        "edge-hosts@edge-web",
        stacks=PRODUCTION,
    ),
    mutation(
        "a certificate in another region",
        _changes_certificate(region="us-west-2"),
        "edge-hosts@edge-web",
        "alerting-certificates@edge-web",
        stacks=PRODUCTION,
    ),
    mutation(
        "a wildcard certificate",
        _changes_certificate(domainName="*.taskflow.app"),
        "edge-hosts@edge-web",
        stacks=PRODUCTION,
    ),
    mutation(
        "a certificate without domainName",
        _changes_certificate(domainName=REMOVED),
        "edge-hosts@edge-web",
        stacks=PRODUCTION,
    ),
)

BEHAVIORS = (
    *(
        case
        for name, key, place in (("edge-web", WEB, DEFAULT), ("edge-web", WEB, API_PATH), ("edge-api", API, DEFAULT))
        for case in each(
            f"edge-behaviors@{name}",
            key,
            (f"plain HTTP in {key} {place}", f"{place}.viewerProtocolPolicy", "allow-all"),
            (f"viewerProtocolPolicy unset in {key} {place}", f"{place}.viewerProtocolPolicy", REMOVED),
            (f"compress off in {key} {place}", f"{place}.compress", False),
            (f"compress unset in {key} {place}", f"{place}.compress", REMOVED),
            (f"no response headers policy in {key} {place}", f"{place}.responseHeadersPolicyId", REMOVED),
            (f"Lambda@Edge in {key} {place}", f"{place}.lambdaFunctionAssociations", [{"lambdaArn": "arn"}]),
            (f"real-time logs in {key} {place}", f"{place}.realtimeLogConfigArn", "arn:aws:cloudfront:::realtime"),
            stacks=PRODUCTION,
        )
    ),
    *(
        case
        for name, key, place in (("edge-web", WEB, API_PATH), ("edge-api", API, DEFAULT))
        for case in each(
            f"edge-behaviors@{name}",
            key,
            (f"cached API responses in {key}", f"{place}.cachePolicyId", MANAGED_POLICY),
            (f"no cache policy for the API in {key}", f"{place}.cachePolicyId", REMOVED),
            (f"API requests without the host in {key}", f"{place}.originRequestPolicyId", MANAGED_POLICY),
            (f"no origin request policy for the API in {key}", f"{place}.originRequestPolicyId", REMOVED),
            (f"read methods alone for the API in {key}", f"{place}.allowedMethods", list(READ_METHODS)),
            (f"no PATCH for the API in {key}", f"{place}.allowedMethods.4", "GET"),
            (f"allowedMethods unset for the API in {key}", f"{place}.allowedMethods", REMOVED),
            (
                f"the single-page function for the API in {key}",
                f"{place}.functionAssociations",
                [{"eventType": "viewer-request", "functionArn": SINGLE_PAGE}],
            ),
            stacks=PRODUCTION,
        )
    ),
    *each(
        "edge-behaviors@edge-web",
        WEB,
        ("no cache policy for assets", f"{DEFAULT}.cachePolicyId", REMOVED),
        ("an origin request policy for assets", f"{DEFAULT}.originRequestPolicyId", ALL_VIEWER),
        ("PUT for assets", f"{DEFAULT}.allowedMethods", ["GET", "HEAD", "PUT"]),
        ("assets without HEAD", f"{DEFAULT}.allowedMethods", ["GET"]),
        ("allowedMethods unset for assets", f"{DEFAULT}.allowedMethods", REMOVED),
        ("no single-page function", f"{DEFAULT}.functionAssociations", REMOVED),
        ("an empty list of functions", f"{DEFAULT}.functionAssociations", []),
        (
            "the single-page function on viewer-response",
            f"{DEFAULT}.functionAssociations.0.eventType",
            "viewer-response",
        ),
        ("eventType unset", f"{DEFAULT}.functionAssociations.0.eventType", REMOVED),
        ("functionArn unset", f"{DEFAULT}.functionAssociations.0.functionArn", REMOVED),
        (
            "a second function",
            f"{DEFAULT}.functionAssociations",
            [{"eventType": f"viewer-{when}", "functionArn": SINGLE_PAGE} for when in ("request", "response")],
        ),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-policies-in-stack@edge-web",
        WEB,
        ("an AWS managed cache policy for assets", f"{DEFAULT}.cachePolicyId", MANAGED_POLICY),
        ("an AWS managed response headers policy for assets", f"{DEFAULT}.responseHeadersPolicyId", MANAGED_POLICY),
        ("an AWS managed response headers policy for a path", f"{API_PATH}.responseHeadersPolicyId", MANAGED_POLICY),
        ("a function outside the stack", f"{DEFAULT}.functionAssociations.0.functionArn", FOREIGN_FUNCTION),
        stacks=PRODUCTION,
    ),
    mutation(
        "an AWS managed response headers policy for the API",
        sets(API, f"{DEFAULT}.responseHeadersPolicyId", MANAGED_POLICY),
        "edge-policies-in-stack@edge-api",
        stacks=PRODUCTION,
    ),
)

ROUTING = (
    *each(
        "edge-routing@edge-web",
        WEB,
        ("no default root object", "defaultRootObject", REMOVED),
        ("no behavior for the API", "orderedCacheBehaviors", REMOVED),
        ("an empty list of behaviors", "orderedCacheBehaviors", []),
        ("another path for the API", f"{API_PATH}.pathPattern", "/v1/*"),
        ("a behavior without a path pattern", f"{API_PATH}.pathPattern", REMOVED),
        (
            "another path pattern",
            "orderedCacheBehaviors",
            [api_behavior(pathPattern=path) for path in ("/api/*", "/health", "/admin/*")],
        ),
        ("no behavior for the health path", "orderedCacheBehaviors", [api_behavior(pathPattern="/api/*")]),
        ("another path for the health check", "orderedCacheBehaviors.1.pathPattern", "/ping"),
        ("the health check from the assets", "orderedCacheBehaviors.1", assets_behavior(pathPattern="/health")),
        (
            "one path pattern twice",
            "orderedCacheBehaviors",
            [api_behavior(pathPattern=path) for path in ("/api/*", "/api/*", "/health")],
        ),
        ("assets on the API's path", API_PATH, assets_behavior(pathPattern="/api/*")),
        ("assets from one bucket only", f"{DEFAULT}.targetOriginId", "assets-1"),
        ("the API for all paths", DEFAULT, api_behavior()),
        stacks=PRODUCTION,
    ),
    mutation(
        "a path pattern on the API's host",
        sets(API, "orderedCacheBehaviors", [api_behavior(pathPattern="/v1/*")]),
        "edge-routing@edge-api",
        stacks=PRODUCTION,
    ),
    *each(
        "edge-behaviors@edge-api",
        API,
        ("a behavior with an unknown target", f"{DEFAULT}.targetOriginId", "unknown"),
        ("targetOriginId unset", f"{DEFAULT}.targetOriginId", REMOVED),
        stacks=PRODUCTION,
    ),
)

ERRORS = each(
    "edge-errors@edge-api",
    API,
    ("an error replaced by a page", "customErrorResponses.2.responsePagePath", "/index.html"),
    ("an error replaced by a success", "customErrorResponses.2.responseCode", 200),
    ("a cached error", "customErrorResponses.9.errorCachingMinTtl", 10),
    ("errorCachingMinTtl unset", "customErrorResponses.9.errorCachingMinTtl", REMOVED),
    *(
        (f"no custom error response for {code}", f"customErrorResponses.{index}.errorCode", 416)
        for index, code in enumerate(CACHED_ERRORS)
    ),
    ("no custom error responses", "customErrorResponses", REMOVED),
    stacks=PRODUCTION,
)

POLICIES = (
    *each(
        "edge-cache-policy@edge-assets",
        ASSET_CACHE_POLICY,
        ("a minimum TTL above 0", "minTtl", 1),
        ("a default TTL of an hour", "defaultTtl", 3600),
        ("a maximum TTL of two years", "maxTtl", 63072000),
        *(
            (f"{path} {'unset' if value is REMOVED else 'off'}", f"{KEY}.{path}", value)
            for path in ("enableAcceptEncodingGzip", "enableAcceptEncodingBrotli")
            for value in (False, REMOVED)
        ),
        *(
            (f"{what}Behavior {how}", f"{KEY}.{what}sConfig.{what}Behavior", how)
            for what, how in (("cookie", "all"), ("header", "whitelist"), ("queryString", "all"))
        ),
        *(
            (f"{what}Behavior unset", f"{KEY}.{what}sConfig.{what}Behavior", REMOVED)
            for what in ("cookie", "header", "queryString")
        ),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-headers@edge-security-headers",
        SECURITY_HEADERS,
        ("HSTS for an hour", f"{SECURITY}.strictTransportSecurity.accessControlMaxAgeSec", 3600),
        ("HSTS without a duration", f"{SECURITY}.strictTransportSecurity.accessControlMaxAgeSec", REMOVED),
        ("HSTS without subdomains", f"{SECURITY}.strictTransportSecurity.includeSubdomains", False),
        ("includeSubdomains unset", f"{SECURITY}.strictTransportSecurity.includeSubdomains", REMOVED),
        ("frameOption unset", f"{SECURITY}.frameOptions.frameOption", REMOVED),
        ("frames of other sites", f"{SECURITY}.frameOptions.frameOption", "ALLOW-FROM"),
        ("paths sent to other sites", f"{SECURITY}.referrerPolicy.referrerPolicy", "unsafe-url"),
        ("referrer policy unset", f"{SECURITY}.referrerPolicy.referrerPolicy", REMOVED),
        ("content security policy unset", CONTENT, REMOVED),
        ("no directive for scripts", CONTENT, "img-src 'self'"),
        ("inline scripts", CONTENT, "default-src 'self' 'unsafe-inline'"),
        ("scripts from eval", CONTENT, "default-src 'self'; script-src 'self' 'unsafe-eval'"),
        ("scripts from any host", CONTENT, "script-src *"),
        ("scripts from any HTTPS host", CONTENT, "default-src https:"),
        ("scripts from data URLs", CONTENT, "default-src 'self'; Script-Src 'self' data:"),
        ("inline scripts in elements", CONTENT, "script-src 'self'; script-src-elem 'unsafe-inline'"),
        ("inline scripts in attributes", CONTENT, "default-src 'self'; script-src-attr 'unsafe-inline'"),
        ("an unsafe first directive of two", CONTENT, "default-src *; default-src 'self'"),
        *(
            (
                f"override of {header} {'off' if value is False else 'unset'}",
                f"{SECURITY}.{header}.override",
                value,
            )
            for header in (
                "strictTransportSecurity",
                "contentTypeOptions",
                "frameOptions",
                "referrerPolicy",
                "contentSecurityPolicy",
            )
            for value in (False, REMOVED)
        ),
        *(
            (f"no {header}", f"{SECURITY}.{header}", REMOVED)
            for header in (
                "strictTransportSecurity",
                "contentTypeOptions",
                "frameOptions",
                "referrerPolicy",
                "contentSecurityPolicy",
            )
        ),
        ("no security headers", SECURITY, REMOVED),
        stacks=PRODUCTION,
    ),
)

CERTIFICATES = each(
    "edge-certificates@origin",
    "Certificate origin",
    ("a certificate that is renewed by mail", "validationMethod", "EMAIL"),
    ("validationMethod unset", "validationMethod", REMOVED),
)

CHANGES: tuple[Mutation, ...] = (
    *CERTIFICATES,
    *DISTRIBUTIONS,
    *OWNER,
    *ALIASES,
    *BEHAVIORS,
    *ROUTING,
    *ERRORS,
    *POLICIES,
    *edge_origins_mutations.CHANGES,
)
