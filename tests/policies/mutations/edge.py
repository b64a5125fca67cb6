"""One change for each thing about the edge's distributions that a rule guards. Data only."""

from dataclasses import replace

from tests.policies.compliant.data import ACCOUNT
from tests.policies.compliant.edge import ALL_VIEWER, API, KEPT_ERRORS, READING, SINGLE_PAGE, WEB, for_api, for_assets
from tests.policies.compliant.origin import WEB_ACL
from tests.policies.mutations import edge_origins as edge_origins_mutations
from tests.policies.mutations.database import DR, PRODUCTION, each
from tests.policies.mutations.mutation import Change, Mutation, adds, all_of, removes, sets, told
from tests.policies.plan import REMOVED, Plan, Ref

DEFAULT, BELOW = "defaultCacheBehavior", "orderedCacheBehaviors.0"
OTHERS = "658327ea-f89d-4fab-a63d-7e88639e58f6"
OF_OTHERS = f"arn:aws:cloudfront::{ACCOUNT}:function/of-others"
KEPT, STRICT = "CachePolicy edge-assets", "ResponseHeadersPolicy edge-security-headers"
KEY = "parametersInCacheKeyAndForwardedToOrigin"
SECURITY = "securityHeadersConfig"
CONTENT = f"{SECURITY}.contentSecurityPolicy.contentSecurityPolicy"


def _unprotected(plan: Plan) -> None:
    plan.resources[WEB].protect = False


WHOLE = (
    *each(
        "edge-distributions@edge-web",
        WEB,
        *(
            (f"{key} {'left out' if value is REMOVED else 'off'} at CloudFront", key, value)
            for key in ("enabled", "isIpv6Enabled")
            for value in (False, REMOVED)
        ),
        ("no HTTP/3", "httpVersion", "http2"),
        ("no HTTP/2", "httpVersion", "http3"),
        ("no word of HTTP", "httpVersion", REMOVED),
        ("fewer of CloudFront's locations", "priceClass", "PriceClass_100"),
        ("a distribution for trials", "staging", True),
        ("a trial of another distribution", "continuousDeploymentPolicyId", "policy"),
        stacks=PRODUCTION,
    ),
    told("a distribution that may be deleted", _unprotected, "edge-distributions@edge-web", stacks=PRODUCTION),
    *each(
        "edge-tls@edge-api",
        API,
        ("TLS 1.2 for viewers", "viewerCertificate.minimumProtocolVersion", "TLSv1.2_2021"),
        ("no word of viewers' TLS", "viewerCertificate.minimumProtocolVersion", REMOVED),
        ("an address for each viewer", "viewerCertificate.sslSupportMethod", "vip"),
        ("no word of SNI", "viewerCertificate.sslSupportMethod", REMOVED),
        ("no certificate", "viewerCertificate.acmCertificateArn", REMOVED),
        ("CloudFront's own certificate", "viewerCertificate.cloudfrontDefaultCertificate", True),
        ("a certificate that nobody renews", "viewerCertificate.iamCertificateId", "certificate"),
        stacks=PRODUCTION,
    ),
)

OWNER = (
    *(
        told(f"dr's {type_.rpartition(':')[2]}", adds(type_, "added", name="added"), *blamed, stacks=DR)
        for type_, blamed in (
            ("aws:cloudfront/function:Function", ("edge-owner@added",)),
            # Neither stack has such a thing.
            ("aws:cloudfront/originRequestPolicy:OriginRequestPolicy", ("edge-owner@added", "residency-types@added")),
            ("aws:cloudfront/keyValueStore:KeyValueStore", ("edge-owner@added", "residency-types@added")),
        )
    ),
    told(
        "dr's web ACL of CloudFront",
        adds(WEB_ACL, "added", scope="CLOUDFRONT"),
        "edge-owner@added",
        "edge-guard-rules@added",
        "origin-web-acl-logs@added",
        "alerting-edge@added",
        stacks=DR,
    ),
    *(
        told(f"a {name}", adds(f"aws:cloudfront/{name[0].lower()}{name[1:]}:{name}", "added"), "edge-owner@added")
        for name in ("MultitenantDistribution", "DistributionTenant", "ConnectionGroup", "ContinuousDeploymentPolicy")
    ),
)


def _reissued(**changed: object) -> Change:
    """The web application's certificate with something else in it."""
    return all_of(*(sets("Certificate edge-web", path, value) for path, value in changed.items()))


def _second(plan: Plan) -> None:
    """Another distribution for the API's host."""
    plan.resources["Distribution second"] = replace(plan.resources[API], name="second")


SERVED = (
    told(
        "somebody else's host",
        sets(WEB, "aliases", ["www.taskflow.app"]),
        "edge-hosts@edge-web",
        "edge-hosts@",
        stacks=PRODUCTION,
    ),
    told("no host", sets(WEB, "aliases", REMOVED), "edge-hosts@edge-web", "edge-hosts@", stacks=PRODUCTION),
    told("an empty list of hosts", sets(WEB, "aliases", []), "edge-hosts@edge-web", "edge-hosts@", stacks=PRODUCTION),
    told(
        "a host that is another's",
        sets(WEB, "aliases", ["taskflow.app", "api.taskflow.app"]),
        "edge-hosts@edge-web",
        "edge-routing@edge-web",
        stacks=PRODUCTION,
    ),
    told(
        "a host beside the document's",
        sets(WEB, "aliases", ["taskflow.app", "www.taskflow.app"]),
        "edge-hosts@edge-web",
        stacks=PRODUCTION,
    ),
    told(
        "one host served twice",
        _second,
        "edge-hosts@second",
        "edge-access-logs@second",
        "edge-metrics@second",
        "alerting-edge@second",
        stacks=PRODUCTION,
    ),
    told("no distribution at all", removes(WEB, API), "edge-hosts@", stacks=PRODUCTION),
    *each(
        "edge-hosts@edge-web",
        WEB,
        ("a certificate of somebody else's", "viewerCertificate.acmCertificateArn", f"arn:aws:acm:::{ACCOUNT}:other"),
        (
            "a certificate for another host",
            "viewerCertificate.acmCertificateArn",
            Ref(to="CertificateValidation edge-api", output="certificateArn"),
        ),
        stacks=PRODUCTION,
    ),
    told(
        "a certificate that nobody waits for",
        all_of(
            removes("CertificateValidation edge-web"),
            sets(WEB, "viewerCertificate.acmCertificateArn", Ref(to="Certificate edge-web", output="arn")),
        ),
        "edge-hosts@edge-web",
        stacks=PRODUCTION,
    ),
    told(
        "a wait for somebody else's certificate",
        sets("CertificateValidation edge-web", "certificateArn", f"arn:aws:acm:::{ACCOUNT}:other"),
        "edge-hosts@edge-web",
        stacks=PRODUCTION,
    ),
    told(
        "a certificate in another region",
        _reissued(region="us-west-2"),
        "edge-hosts@edge-web",
        "alerting-certificates@edge-web",
        stacks=PRODUCTION,
    ),
    told(
        "a certificate for a wildcard", _reissued(domainName="*.taskflow.app"), "edge-hosts@edge-web", stacks=PRODUCTION
    ),
    told("a certificate for nothing", _reissued(domainName=REMOVED), "edge-hosts@edge-web", stacks=PRODUCTION),
)

BEHAVIORS = (
    *(
        mutation
        for name, key, place in (("edge-web", WEB, DEFAULT), ("edge-web", WEB, BELOW), ("edge-api", API, DEFAULT))
        for mutation in each(
            f"edge-behaviors@{name}",
            key,
            (f"plain text in {key} {place}", f"{place}.viewerProtocolPolicy", "allow-all"),
            (f"no word of HTTPS in {key} {place}", f"{place}.viewerProtocolPolicy", REMOVED),
            (f"nothing compressed in {key} {place}", f"{place}.compress", False),
            (f"no word of compression in {key} {place}", f"{place}.compress", REMOVED),
            (f"no headers for browsers in {key} {place}", f"{place}.responseHeadersPolicyId", REMOVED),
            (f"code at the edge in {key} {place}", f"{place}.lambdaFunctionAssociations", [{"lambdaArn": "arn"}]),
            (f"other logs in {key} {place}", f"{place}.realtimeLogConfigArn", "arn:aws:cloudfront:::realtime"),
            stacks=PRODUCTION,
        )
    ),
    *(
        mutation
        for name, key, place in (("edge-web", WEB, BELOW), ("edge-api", API, DEFAULT))
        for mutation in each(
            f"edge-behaviors@{name}",
            key,
            (f"answers that are kept in {key}", f"{place}.cachePolicyId", OTHERS),
            (f"no word of keeping in {key}", f"{place}.cachePolicyId", REMOVED),
            (f"requests without the host in {key}", f"{place}.originRequestPolicyId", OTHERS),
            (f"requests without anything in {key}", f"{place}.originRequestPolicyId", REMOVED),
            (f"an API that is only read in {key}", f"{place}.allowedMethods", list(READING)),
            (f"an API without PATCH in {key}", f"{place}.allowedMethods.4", "GET"),
            (f"no word of methods in {key}", f"{place}.allowedMethods", REMOVED),
            (
                f"the single page for the API in {key}",
                f"{place}.functionAssociations",
                [{"eventType": "viewer-request", "functionArn": SINGLE_PAGE}],
            ),
            stacks=PRODUCTION,
        )
    ),
    *each(
        "edge-behaviors@edge-web",
        WEB,
        ("no word of keeping for files", f"{DEFAULT}.cachePolicyId", REMOVED),
        ("all of a request for a bucket", f"{DEFAULT}.originRequestPolicyId", ALL_VIEWER),
        ("files that are written", f"{DEFAULT}.allowedMethods", ["GET", "HEAD", "PUT"]),
        ("files without HEAD", f"{DEFAULT}.allowedMethods", ["GET"]),
        ("no word of methods for files", f"{DEFAULT}.allowedMethods", REMOVED),
        ("no single page", f"{DEFAULT}.functionAssociations", REMOVED),
        ("an empty list of functions", f"{DEFAULT}.functionAssociations", []),
        ("the single page behind the cache", f"{DEFAULT}.functionAssociations.0.eventType", "viewer-response"),
        ("no word of when the function runs", f"{DEFAULT}.functionAssociations.0.eventType", REMOVED),
        ("no word of the function", f"{DEFAULT}.functionAssociations.0.functionArn", REMOVED),
        (
            "a second function",
            f"{DEFAULT}.functionAssociations",
            [{"eventType": f"viewer-{when}", "functionArn": SINGLE_PAGE} for when in ("request", "response")],
        ),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-policies-own@edge-web",
        WEB,
        ("AWS's own caching for files", f"{DEFAULT}.cachePolicyId", OTHERS),
        ("AWS's own headers for files", f"{DEFAULT}.responseHeadersPolicyId", OTHERS),
        ("AWS's own headers below a path", f"{BELOW}.responseHeadersPolicyId", OTHERS),
        ("somebody else's function", f"{DEFAULT}.functionAssociations.0.functionArn", OF_OTHERS),
        stacks=PRODUCTION,
    ),
    told(
        "AWS's own headers for the API",
        sets(API, f"{DEFAULT}.responseHeadersPolicyId", OTHERS),
        "edge-policies-own@edge-api",
        stacks=PRODUCTION,
    ),
)

ROUTES = (
    *each(
        "edge-routing@edge-web",
        WEB,
        ("a list of the files for /", "defaultRootObject", REMOVED),
        ("nothing for the API", "orderedCacheBehaviors", REMOVED),
        ("an empty list of paths", "orderedCacheBehaviors", []),
        ("another path for the API", f"{BELOW}.pathPattern", "/v1/*"),
        ("no path for the API", f"{BELOW}.pathPattern", REMOVED),
        ("a second path", "orderedCacheBehaviors", [for_api(pathPattern=path) for path in ("/api/*", "/admin/*")]),
        ("one path twice", "orderedCacheBehaviors", [for_api(pathPattern="/api/*"), for_api(pathPattern="/api/*")]),
        ("files below the API's path", BELOW, for_assets(pathPattern="/api/*")),
        ("files of one bucket only", f"{DEFAULT}.targetOriginId", "assets-1"),
        ("the API for all paths", DEFAULT, for_api()),
        stacks=PRODUCTION,
    ),
    told(
        "a path of the API's own host",
        sets(API, "orderedCacheBehaviors", [for_api(pathPattern="/v1/*")]),
        "edge-routing@edge-api",
        stacks=PRODUCTION,
    ),
    *each(
        "edge-behaviors@edge-api",
        API,
        ("a behaviour that goes nowhere", f"{DEFAULT}.targetOriginId", "nobody"),
        ("no word of where a behaviour goes", f"{DEFAULT}.targetOriginId", REMOVED),
        stacks=PRODUCTION,
    ),
)

ERRORS = each(
    "edge-errors@edge-api",
    API,
    ("an error that becomes a page", "customErrorResponses.2.responsePagePath", "/index.html"),
    ("an error that becomes none", "customErrorResponses.2.responseCode", 200),
    ("an error that is kept", "customErrorResponses.9.errorCachingMinTtl", 10),
    ("an error that is kept as CloudFront likes", "customErrorResponses.9.errorCachingMinTtl", REMOVED),
    *(
        (f"no word of the error {code}", f"customErrorResponses.{index}.errorCode", 416)
        for index, code in enumerate(KEPT_ERRORS)
    ),
    ("no word of errors", "customErrorResponses", REMOVED),
    stacks=PRODUCTION,
)

POLICIES = (
    *each(
        "edge-cache-policy@edge-assets",
        KEPT,
        ("files that are kept in spite of no-cache", "minTtl", 1),
        ("files that are kept an hour", "defaultTtl", 3600),
        ("files that are kept two years", "maxTtl", 63072000),
        *(
            (f"{path} {'left out' if value is REMOVED else 'is off'}", f"{KEY}.{path}", value)
            for path in ("enableAcceptEncodingGzip", "enableAcceptEncodingBrotli")
            for value in (False, REMOVED)
        ),
        *(
            (f"{what} by {how}", f"{KEY}.{what}sConfig.{what}Behavior", how)
            for what, how in (("cookie", "all"), ("header", "whitelist"), ("queryString", "all"))
        ),
        *(
            (f"no word of a {what}", f"{KEY}.{what}sConfig.{what}Behavior", REMOVED)
            for what in ("cookie", "header", "queryString")
        ),
        stacks=PRODUCTION,
    ),
    *each(
        "edge-headers@edge-security-headers",
        STRICT,
        ("TLS only for an hour", f"{SECURITY}.strictTransportSecurity.accessControlMaxAgeSec", 3600),
        ("no word of how long TLS only", f"{SECURITY}.strictTransportSecurity.accessControlMaxAgeSec", REMOVED),
        ("subdomains in plain text", f"{SECURITY}.strictTransportSecurity.includeSubdomains", False),
        ("no word of subdomains", f"{SECURITY}.strictTransportSecurity.includeSubdomains", REMOVED),
        ("no word of frames", f"{SECURITY}.frameOptions.frameOption", REMOVED),
        ("frames of others", f"{SECURITY}.frameOptions.frameOption", "ALLOW-FROM"),
        ("paths told to others", f"{SECURITY}.referrerPolicy.referrerPolicy", "unsafe-url"),
        ("no word of referrers", f"{SECURITY}.referrerPolicy.referrerPolicy", REMOVED),
        ("no word of content", CONTENT, REMOVED),
        ("no word of scripts", CONTENT, "img-src 'self'"),
        ("inline scripts", CONTENT, "default-src 'self' 'unsafe-inline'"),
        ("scripts from texts", CONTENT, "default-src 'self'; script-src 'self' 'unsafe-eval'"),
        ("scripts of everybody", CONTENT, "script-src *"),
        ("scripts of everybody over TLS", CONTENT, "default-src https:"),
        ("scripts in data", CONTENT, "default-src 'self'; Script-Src 'self' data:"),
        ("inline scripts in elements", CONTENT, "script-src 'self'; script-src-elem 'unsafe-inline'"),
        ("inline scripts in attributes", CONTENT, "default-src 'self'; script-src-attr 'unsafe-inline'"),
        ("the first of two counts", CONTENT, "default-src *; default-src 'self'"),
        *(
            (
                f"the origin's {header} {'before' if value is False else 'or'} ours",
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
            (f"no {header} at all", f"{SECURITY}.{header}", REMOVED)
            for header in (
                "strictTransportSecurity",
                "contentTypeOptions",
                "frameOptions",
                "referrerPolicy",
                "contentSecurityPolicy",
            )
        ),
        ("no headers at all", SECURITY, REMOVED),
        stacks=PRODUCTION,
    ),
)

CHANGES: tuple[Mutation, ...] = (
    *WHOLE,
    *OWNER,
    *SERVED,
    *BEHAVIORS,
    *ROUTES,
    *ERRORS,
    *POLICIES,
    *edge_origins_mutations.CHANGES,
)
