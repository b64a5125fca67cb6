"""Distributions and their origins: the load balancer, with the origin secret; the buckets, with signed requests."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.shared.environment import Environment
from settings.cloudfront import CloudFront

# Ids of the origins in a distribution. The assets origin is the group of both buckets, or the only bucket.
API_ORIGIN, ASSETS_ORIGIN = "api", "assets"

# Errors of the region. 403 and 404 are valid answers of a bucket.
FAILOVER_STATUS_CODES = (500, 502, 503, 504)

# CloudFront caches some of these errors always, 10 s by default, and the others if the origin's headers allow it.
UNCACHED_ERRORS = (400, 403, 404, 405, 414, 500, 501, 502, 503, 504)

HTTP_VERSIONS = {
    (True, True): "http2and3",
    (True, False): "http2",
    (False, True): "http3",
    (False, False): "http1.1",
}


def create_distribution(
    logical: str,
    *,
    host: str,
    environment: Environment,
    settings: CloudFront,
    certificate_arn: pulumi.Output[str],
    web_acl_arn: pulumi.Output[str],
    origins: Sequence[aws.cloudfront.DistributionOriginArgs],
    groups: Sequence[aws.cloudfront.DistributionOriginGroupArgs],
    default: aws.cloudfront.DistributionDefaultCacheBehaviorArgs,
    ordered: Sequence[aws.cloudfront.DistributionOrderedCacheBehaviorArgs],
    root_object: str | None,
    opts: pulumi.ResourceOptions,
) -> aws.cloudfront.Distribution:
    """Create a distribution for one host."""
    return aws.cloudfront.Distribution(
        logical,
        comment=f"{environment.name}: {host}",
        aliases=[host],
        enabled=True,
        is_ipv6_enabled=True,
        http_version=HTTP_VERSIONS[settings.http2, settings.http3],
        price_class=settings.price_class,
        web_acl_id=web_acl_arn,
        default_root_object=root_object,
        origins=list(origins),
        origin_groups=list(groups) or None,
        default_cache_behavior=default,
        ordered_cache_behaviors=list(ordered) or None,
        # One viewer's error must not be served to another: errors are neither cached nor rewritten.
        custom_error_responses=[
            aws.cloudfront.DistributionCustomErrorResponseArgs(error_code=code, error_caching_min_ttl=0)
            for code in UNCACHED_ERRORS
        ],
        viewer_certificate=aws.cloudfront.DistributionViewerCertificateArgs(
            acm_certificate_arn=certificate_arn,
            ssl_support_method="sni-only",
            minimum_protocol_version=settings.tls_policy,
        ),
        # The web ACL blocks by country and logs it.
        restrictions=aws.cloudfront.DistributionRestrictionsArgs(
            geo_restriction=aws.cloudfront.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
        ),
        tags={"Name": host},
        opts=opts,
    )


def load_balancer_origin(
    host: str, *, header: str, secret: pulumi.Output[str]
) -> aws.cloudfront.DistributionOriginArgs:
    """Return the load balancer as an origin, over TLS only and with the secret that it requires."""
    return aws.cloudfront.DistributionOriginArgs(
        origin_id=API_ORIGIN,
        domain_name=host,
        custom_headers=[aws.cloudfront.DistributionOriginCustomHeaderArgs(name=header, value=secret)],
        custom_origin_config=aws.cloudfront.DistributionOriginCustomOriginConfigArgs(
            origin_protocol_policy="https-only",
            http_port=80,
            https_port=443,
            # The newest version that CloudFront supports for origins.
            origin_ssl_protocols=["TLSv1.2"],
        ),
    )


def asset_origins(
    domain_names: Sequence[pulumi.Output[str]], access_control_id: pulumi.Output[str]
) -> tuple[list[aws.cloudfront.DistributionOriginArgs], list[aws.cloudfront.DistributionOriginGroupArgs]]:
    """Return the buckets of the assets as origins, and the group that falls back from the first to the second."""
    has_replica = len(domain_names) > 1
    ids = [f"{ASSETS_ORIGIN}-{n}" for n, _ in enumerate(domain_names, start=1)] if has_replica else [ASSETS_ORIGIN]
    origins = [
        aws.cloudfront.DistributionOriginArgs(
            origin_id=id_, domain_name=domain_name, origin_access_control_id=access_control_id
        )
        for id_, domain_name in zip(ids, domain_names, strict=True)
    ]
    if not has_replica:
        return origins, []
    group = aws.cloudfront.DistributionOriginGroupArgs(
        origin_id=ASSETS_ORIGIN,
        failover_criteria=aws.cloudfront.DistributionOriginGroupFailoverCriteriaArgs(
            status_codes=list(FAILOVER_STATUS_CODES)
        ),
        members=[aws.cloudfront.DistributionOriginGroupMemberArgs(origin_id=id_) for id_ in ids],
    )
    return origins, [group]
