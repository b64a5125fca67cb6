"""Unknown values of the distributions: the rule that reports each, and its path. Data only."""

from tests.policies.compliant.edge import (
    ACCESS_CONTROL,
    API,
    ASSETS,
    CACHE_POLICY,
    CERTIFICATE,
    COPY,
    FUNCTION,
    HEADERS_POLICY,
    VALIDATION,
    WEB,
)
from tests.policies.compliant.storage import BUCKET
from tests.policies.mutations.edge import (
    API_PATH,
    ASSET_CACHE_POLICY,
    CONTENT,
    DEFAULT,
    KEY,
    SECURITY,
    SECURITY_HEADERS,
)
from tests.policies.mutations.edge_origins import CONTROL, GROUP, POLICY
from tests.policies.plan import Plan, Ref
from tests.policies.unknowns.unknown_value import UnknownValue, unknown_value

TEXT = Ref(to="LogGroup flow-logs")
ON_SECRET = "ListenerRule origin-secret"
ENCRYPTION = "BucketServerSideEncryptionConfiguration edge-assets"
MEMBER = f"{GROUP}.members.1"
API_ORIGIN = "origins.2.customOriginConfig"
BY_DEFAULT = "rules.0.applyServerSideEncryptionByDefault.kmsMasterKeyId"


def _one_of_two(rule_id: str, type_: str, first: str, key: str, path: str, output: str = "id") -> UnknownValue:
    """Make a property depend on two resources of a type, so that a preview can't resolve it."""

    def change(plan: Plan) -> None:
        second = plan.add(type_, "second", None)
        plan.set(key, path, Ref(to=first, output=output, via=(first, second.key)))

    return UnknownValue(rule=rule_id, place=f"{key.rpartition(' ')[2]}.{path}", change=change)


def _either_bucket(plan: Plan) -> None:
    """Make two unknown names depend on three buckets, so that a preview can't resolve them."""
    plan.add(BUCKET, "second", None)
    host = Ref(to=ASSETS, output="bucketRegionalDomainName", via=(ASSETS, COPY, "Bucket second"))
    plan.set(WEB, "origins.0.domainName", host)


def _either_policy(plan: Plan) -> None:
    """Make the policy depend on the bucket and its copy."""
    plan.set(POLICY, "bucket", Ref(to=ASSETS, via=(ASSETS, COPY)))


def _either_encryption(plan: Plan) -> None:
    plan.set(ENCRYPTION, "bucket", Ref(to=ASSETS, via=(ASSETS, COPY)))


def _unknown_host(plan: Plan) -> None:
    """Make a distribution's host unknown."""
    plan.set(API, "aliases", TEXT)


UNKNOWNS: tuple[UnknownValue, ...] = (
    unknown_value("edge-certificates", "Certificate origin", "validationMethod", TEXT),
    *(
        unknown_value("edge-distributions", WEB, path, TEXT)
        for path in (
            "enabled",
            "isIpv6Enabled",
            "httpVersion",
            "priceClass",
            "staging",
            "continuousDeploymentPolicyId",
        )
    ),
    *(
        unknown_value("edge-tls", API, f"viewerCertificate.{path}", TEXT)
        for path in (
            "minimumProtocolVersion",
            "sslSupportMethod",
            "cloudfrontDefaultCertificate",
            "iamCertificateId",
        )
    ),
    unknown_value("edge-hosts", WEB, "aliases", TEXT),
    unknown_value("edge-hosts", WEB, "aliases", [TEXT], "edge-web.aliases.0"),
    UnknownValue(rule="edge-hosts", place="edge-api.aliases", change=_unknown_host),
    _one_of_two(
        "edge-hosts",
        VALIDATION,
        "CertificateValidation edge-web",
        WEB,
        "viewerCertificate.acmCertificateArn",
        "certificateArn",
    ),
    _one_of_two(
        "edge-hosts",
        CERTIFICATE,
        "Certificate edge-web",
        "CertificateValidation edge-web",
        "certificateArn",
        "arn",
    ),
    unknown_value("edge-hosts", "Certificate edge-web", "region", TEXT, "region"),
    unknown_value("edge-hosts", "Certificate edge-web", "domainName", TEXT, "domainName"),
    *(
        unknown_value("edge-behaviors", key, f"{place}.{path}", TEXT)
        for key, place in ((WEB, DEFAULT), (WEB, API_PATH), (API, DEFAULT))
        for path in (
            "viewerProtocolPolicy",
            "compress",
            "lambdaFunctionAssociations",
            "realtimeLogConfigArn",
            "targetOriginId",
            "originRequestPolicyId",
            "allowedMethods",
            "allowedMethods.1",
            "functionAssociations",
        )
    ),
    *(
        unknown_value("edge-behaviors", key, f"{place}.cachePolicyId", TEXT)
        for key, place in ((WEB, API_PATH), (API, DEFAULT))
    ),
    unknown_value("edge-behaviors", WEB, f"{DEFAULT}.functionAssociations.0.eventType", TEXT),
    unknown_value("edge-behaviors", WEB, DEFAULT, TEXT),
    unknown_value("edge-behaviors", WEB, API_PATH, TEXT),
    unknown_value("edge-behaviors", WEB, "orderedCacheBehaviors", TEXT),
    unknown_value("edge-behaviors", WEB, "originGroups", TEXT),
    unknown_value("edge-behaviors", API, "origins", TEXT),
    unknown_value("edge-behaviors", API, "origins.0.originId", TEXT),
    unknown_value("edge-behaviors", API, "origins.0.customOriginConfig", TEXT),
    unknown_value("edge-routing", WEB, "aliases", TEXT),
    unknown_value("edge-routing", WEB, "aliases.0", TEXT),
    unknown_value("edge-routing", WEB, f"{API_PATH}.pathPattern", TEXT),
    unknown_value("edge-routing", WEB, f"{API_PATH}.targetOriginId", TEXT),
    unknown_value("edge-routing", WEB, "orderedCacheBehaviors", TEXT),
    _one_of_two("edge-policies-in-stack", HEADERS_POLICY, SECURITY_HEADERS, WEB, f"{DEFAULT}.responseHeadersPolicyId"),
    _one_of_two("edge-policies-in-stack", HEADERS_POLICY, SECURITY_HEADERS, WEB, f"{API_PATH}.responseHeadersPolicyId"),
    _one_of_two("edge-policies-in-stack", CACHE_POLICY, ASSET_CACHE_POLICY, WEB, f"{DEFAULT}.cachePolicyId"),
    _one_of_two(
        "edge-policies-in-stack",
        FUNCTION,
        "Function edge-single-page",
        WEB,
        f"{DEFAULT}.functionAssociations.0.functionArn",
        "arn",
    ),
    unknown_value("edge-errors", WEB, "customErrorResponses", TEXT),
    *(
        unknown_value("edge-errors", WEB, f"customErrorResponses.3.{path}", TEXT)
        for path in ("errorCode", "responseCode", "responsePagePath", "errorCachingMinTtl")
    ),
    *(
        unknown_value("edge-cache-policy", ASSET_CACHE_POLICY, path, TEXT)
        for path in (
            "minTtl",
            "defaultTtl",
            "maxTtl",
            f"{KEY}.enableAcceptEncodingGzip",
            f"{KEY}.enableAcceptEncodingBrotli",
            *(f"{KEY}.{what}sConfig.{what}Behavior" for what in ("cookie", "header", "queryString")),
        )
    ),
    *(
        unknown_value("edge-headers", SECURITY_HEADERS, path, TEXT)
        for path in (
            f"{SECURITY}.strictTransportSecurity.accessControlMaxAgeSec",
            f"{SECURITY}.strictTransportSecurity.includeSubdomains",
            f"{SECURITY}.strictTransportSecurity.override",
            f"{SECURITY}.contentTypeOptions.override",
            f"{SECURITY}.frameOptions.frameOption",
            f"{SECURITY}.frameOptions.override",
            f"{SECURITY}.referrerPolicy.referrerPolicy",
            f"{SECURITY}.referrerPolicy.override",
            CONTENT,
            f"{SECURITY}.contentSecurityPolicy.override",
        )
    ),
    *(
        unknown_value("edge-origins", WEB, path, TEXT)
        for path in (
            API_ORIGIN,
            f"{API_ORIGIN}.originProtocolPolicy",
            f"{API_ORIGIN}.httpsPort",
            f"{API_ORIGIN}.originSslProtocols",
            f"{API_ORIGIN}.originSslProtocols.0",
            "origins.2.domainName",
            "origins.2.originPath",
            "origins.2.customHeaders.0.name",
            "origins.2.customHeaders.0.value",
            "origins.1.vpcOriginConfig",
            "originGroups",
            f"{GROUP}.failoverCriteria.statusCodes",
            f"{GROUP}.failoverCriteria.statusCodes.2",
            f"{MEMBER}.originId",
        )
    ),
    unknown_value("edge-origins", WEB, "origins.2.customHeaders", TEXT),
    unknown_value("edge-origins", WEB, GROUP, TEXT),
    unknown_value(
        "edge-origins",
        WEB,
        "origins.1.s3OriginConfig",
        {"originAccessIdentity": TEXT},
        "s3OriginConfig.originAccessIdentity",
    ),
    UnknownValue(rule="edge-origins-in-stack", place="edge-web.origins.0.domainName", change=_either_bucket),
    unknown_value("edge-origins-in-stack", WEB, "origins", TEXT),
    _one_of_two("edge-origins-in-stack", ACCESS_CONTROL, CONTROL, WEB, "origins.0.originAccessControlId"),
    unknown_value("edge-origins-in-stack", COPY, "region", TEXT, "edge-web.region"),
    unknown_value("edge-secret", API, "origins.0.customHeaders.0.value", TEXT),
    unknown_value("edge-secret", WEB, "origins.2.customHeaders.0.name", TEXT),
    unknown_value(
        "edge-secret", ON_SECRET, "conditions.0.httpHeader.values", TEXT, "edge-api.conditions.0.httpHeader.values"
    ),
    *(
        unknown_value("edge-access-control", CONTROL, path, TEXT)
        for path in ("originAccessControlOriginType", "signingBehavior", "signingProtocol")
    ),
    unknown_value("edge-assets-readers", POLICY, "policy", TEXT),
    unknown_value("edge-assets-readers", ASSETS, "bucket", TEXT, "bucket"),
    UnknownValue(rule="edge-assets-readers", place="edge-assets.bucket", change=_either_policy),
    unknown_value("edge-assets-decrypted", "Key keys-assets", "policy", TEXT),
    _one_of_two("edge-assets-decrypted", "aws:kms/key:Key", "Key keys-assets", ENCRYPTION, BY_DEFAULT, "arn"),
    UnknownValue(rule="edge-assets-decrypted", place="edge-assets.bucket", change=_either_encryption),
)

# They read the type, or the scope of a web ACL in the other stack.
NEVER_UNKNOWN: set[str] = {"edge-owner", "edge-no-websites"}
