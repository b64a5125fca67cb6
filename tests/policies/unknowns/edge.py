"""What of the edge's distributions a preview may not know: the rule that has to say so, and the place. Data only."""

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
from tests.policies.mutations.edge import BELOW, CONTENT, DEFAULT, KEPT, KEY, SECURITY, STRICT
from tests.policies.mutations.edge_origins import CONTROL, GROUP, POLICY
from tests.policies.plan import Plan, Ref
from tests.policies.unknowns.unknown_value import Doubt, doubt

TEXT = Ref(to="LogGroup flow-logs")
ON_SECRET = "ListenerRule origin-secret"
ENCRYPTION = "BucketServerSideEncryptionConfiguration edge-assets"
MEMBER = f"{GROUP}.members.1"
SERVER = "origins.2.customOriginConfig"
BY_DEFAULT = "rules.0.applyServerSideEncryptionByDefault.kmsMasterKeyId"


def _one_of_two(rule_id: str, type_: str, first: str, key: str, path: str, output: str = "id") -> Doubt:
    """A property made from two resources of a type, so that nothing tells which one it is."""

    def change(plan: Plan) -> None:
        second = plan.add(type_, "second", None)
        plan.set(key, path, Ref(to=first, output=output, via=(first, second.key)))

    return Doubt(rule=rule_id, place=f"{key.rpartition(' ')[2]}.{path}", change=change)


def _either_bucket(plan: Plan) -> None:
    """Two unknown names made from three buckets, so that nothing tells which ones they are."""
    plan.add(BUCKET, "second", None)
    host = Ref(to=ASSETS, output="bucketRegionalDomainName", via=(ASSETS, COPY, "Bucket second"))
    plan.set(WEB, "origins.0.domainName", host)


def _either_policy(plan: Plan) -> None:
    """The bucket's policy, if it is not the copy's."""
    plan.set(POLICY, "bucket", Ref(to=ASSETS, via=(ASSETS, COPY)))


def _either_encryption(plan: Plan) -> None:
    plan.set(ENCRYPTION, "bucket", Ref(to=ASSETS, via=(ASSETS, COPY)))


def _elsewhere(plan: Plan) -> None:
    """A distribution whose host isn't known yet."""
    plan.set(API, "aliases", TEXT)


DOUBTS: tuple[Doubt, ...] = (
    *(
        doubt("edge-distributions", WEB, path, TEXT)
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
        doubt("edge-tls", API, f"viewerCertificate.{path}", TEXT)
        for path in (
            "minimumProtocolVersion",
            "sslSupportMethod",
            "cloudfrontDefaultCertificate",
            "iamCertificateId",
        )
    ),
    doubt("edge-hosts", WEB, "aliases", TEXT),
    doubt("edge-hosts", WEB, "aliases", [TEXT], "edge-web.aliases.0"),
    Doubt(rule="edge-hosts", place="edge-api.aliases", change=_elsewhere),
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
    doubt("edge-hosts", "Certificate edge-web", "region", TEXT, "region"),
    doubt("edge-hosts", "Certificate edge-web", "domainName", TEXT, "domainName"),
    *(
        doubt("edge-behaviors", key, f"{place}.{path}", TEXT)
        for key, place in ((WEB, DEFAULT), (WEB, BELOW), (API, DEFAULT))
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
    *(doubt("edge-behaviors", key, f"{place}.cachePolicyId", TEXT) for key, place in ((WEB, BELOW), (API, DEFAULT))),
    doubt("edge-behaviors", WEB, f"{DEFAULT}.functionAssociations.0.eventType", TEXT),
    doubt("edge-behaviors", WEB, DEFAULT, TEXT),
    doubt("edge-behaviors", WEB, BELOW, TEXT),
    doubt("edge-behaviors", WEB, "orderedCacheBehaviors", TEXT),
    doubt("edge-behaviors", WEB, "originGroups", TEXT),
    doubt("edge-behaviors", API, "origins", TEXT),
    doubt("edge-behaviors", API, "origins.0.originId", TEXT),
    doubt("edge-behaviors", API, "origins.0.customOriginConfig", TEXT),
    doubt("edge-routing", WEB, "aliases", TEXT),
    doubt("edge-routing", WEB, "aliases.0", TEXT),
    doubt("edge-routing", WEB, f"{BELOW}.pathPattern", TEXT),
    doubt("edge-routing", WEB, f"{BELOW}.targetOriginId", TEXT),
    doubt("edge-routing", WEB, "orderedCacheBehaviors", TEXT),
    _one_of_two("edge-policies-own", HEADERS_POLICY, STRICT, WEB, f"{DEFAULT}.responseHeadersPolicyId"),
    _one_of_two("edge-policies-own", HEADERS_POLICY, STRICT, WEB, f"{BELOW}.responseHeadersPolicyId"),
    _one_of_two("edge-policies-own", CACHE_POLICY, KEPT, WEB, f"{DEFAULT}.cachePolicyId"),
    _one_of_two(
        "edge-policies-own",
        FUNCTION,
        "Function edge-single-page",
        WEB,
        f"{DEFAULT}.functionAssociations.0.functionArn",
        "arn",
    ),
    doubt("edge-errors", WEB, "customErrorResponses", TEXT),
    *(
        doubt("edge-errors", WEB, f"customErrorResponses.3.{path}", TEXT)
        for path in ("errorCode", "responseCode", "responsePagePath", "errorCachingMinTtl")
    ),
    *(
        doubt("edge-cache-policy", KEPT, path, TEXT)
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
        doubt("edge-headers", STRICT, path, TEXT)
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
        doubt("edge-origins", WEB, path, TEXT)
        for path in (
            SERVER,
            f"{SERVER}.originProtocolPolicy",
            f"{SERVER}.httpsPort",
            f"{SERVER}.originSslProtocols",
            f"{SERVER}.originSslProtocols.0",
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
    doubt("edge-origins", WEB, "origins.2.customHeaders", TEXT),
    doubt("edge-origins", WEB, GROUP, TEXT),
    doubt(
        "edge-origins",
        WEB,
        "origins.1.s3OriginConfig",
        {"originAccessIdentity": TEXT},
        "s3OriginConfig.originAccessIdentity",
    ),
    Doubt(rule="edge-origins-own", place="edge-web.origins.0.domainName", change=_either_bucket),
    doubt("edge-origins-own", WEB, "origins", TEXT),
    _one_of_two("edge-origins-own", ACCESS_CONTROL, CONTROL, WEB, "origins.0.originAccessControlId"),
    doubt("edge-origins-own", COPY, "region", TEXT, "edge-web.region"),
    doubt("edge-secret", API, "origins.0.customHeaders.0.value", TEXT),
    doubt("edge-secret", WEB, "origins.2.customHeaders.0.name", TEXT),
    doubt("edge-secret", ON_SECRET, "conditions.0.httpHeader.values", TEXT, "edge-api.conditions.0.httpHeader.values"),
    *(
        doubt("edge-access-control", CONTROL, path, TEXT)
        for path in ("originAccessControlOriginType", "signingBehavior", "signingProtocol")
    ),
    doubt("edge-assets-readers", POLICY, "policy", TEXT),
    doubt("edge-assets-readers", ASSETS, "bucket", TEXT, "bucket"),
    Doubt(rule="edge-assets-readers", place="edge-assets.bucket", change=_either_policy),
    doubt("edge-assets-decrypted", "Key keys-assets", "policy", TEXT),
    _one_of_two("edge-assets-decrypted", "aws:kms/key:Key", "Key keys-assets", ENCRYPTION, BY_DEFAULT, "arn"),
    Doubt(rule="edge-assets-decrypted", place="edge-assets.bucket", change=_either_encryption),
)

# It asks for a type, and for the scope of a web ACL of the other stack.
NEVER_IN_DOUBT: set[str] = {"edge-owner", "edge-no-websites"}
