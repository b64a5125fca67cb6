"""How a distribution is made here, and what it asks: the load balancer by its secret, the buckets by a signature."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.shared.environment import Environment
from settings.cloudfront import CloudFront

# Origins by their names within a distribution. ASSETS is the two buckets together, or the only one.
API, ASSETS = "api", "assets"

# The statuses of a bucket's region that is in trouble; 403 and 404 are an answer.
TROUBLE = (500, 502, 503, 504)

# The statuses of errors that CloudFront keeps: some always, 10 s if nothing else is said, some when the origin says so.
KEPT_ERRORS = (400, 403, 404, 405, 414, 500, 501, 502, 503, 504)

HTTP_VERSIONS = {
    (True, True): "http2and3",
    (True, False): "http2",
    (False, True): "http3",
    (False, False): "http1.1",
}


def distribution(
    logical: str,
    *,
    host: str,
    environment: Environment,
    settings: CloudFront,
    certificate_arn: pulumi.Output[str],
    acl_arn: pulumi.Output[str],
    origins: Sequence[aws.cloudfront.DistributionOriginArgs],
    groups: Sequence[aws.cloudfront.DistributionOriginGroupArgs],
    default: aws.cloudfront.DistributionDefaultCacheBehaviorArgs,
    ordered: Sequence[aws.cloudfront.DistributionOrderedCacheBehaviorArgs],
    root_object: str | None,
    opts: pulumi.ResourceOptions,
) -> aws.cloudfront.Distribution:
    """Make a distribution for one host."""
    return aws.cloudfront.Distribution(
        logical,
        comment=f"{environment.name}: {host}",
        aliases=[host],
        enabled=True,
        is_ipv6_enabled=True,
        http_version=HTTP_VERSIONS[settings.http2, settings.http3],
        price_class=settings.price_class,
        web_acl_id=acl_arn,
        default_root_object=root_object,
        origins=list(origins),
        origin_groups=list(groups) or None,
        default_cache_behavior=default,
        ordered_cache_behaviors=list(ordered) or None,
        # Nobody is to be given an error that somebody else was: none is kept, and none is rewritten.
        custom_error_responses=[
            aws.cloudfront.DistributionCustomErrorResponseArgs(error_code=code, error_caching_min_ttl=0)
            for code in KEPT_ERRORS
        ],
        viewer_certificate=aws.cloudfront.DistributionViewerCertificateArgs(
            acm_certificate_arn=certificate_arn,
            ssl_support_method="sni-only",
            minimum_protocol_version=settings.tls_policy,
        ),
        # By country the web ACL decides, which also writes it down.
        restrictions=aws.cloudfront.DistributionRestrictionsArgs(
            geo_restriction=aws.cloudfront.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
        ),
        tags={"Name": host},
        opts=opts,
    )


def load_balancer_origin(
    host: str, *, header: str, secret: pulumi.Output[str]
) -> aws.cloudfront.DistributionOriginArgs:
    """Give the load balancer as an origin: over TLS alone, and with the secret that it asks for."""
    return aws.cloudfront.DistributionOriginArgs(
        origin_id=API,
        domain_name=host,
        custom_headers=[aws.cloudfront.DistributionOriginCustomHeaderArgs(name=header, value=secret)],
        custom_origin_config=aws.cloudfront.DistributionOriginCustomOriginConfigArgs(
            origin_protocol_policy="https-only",
            http_port=80,
            https_port=443,
            # The newest that CloudFront speaks to an origin.
            origin_ssl_protocols=["TLSv1.2"],
        ),
    )


def of_assets(
    hosts: Sequence[pulumi.Output[str]], control_id: pulumi.Output[str]
) -> tuple[list[aws.cloudfront.DistributionOriginArgs], list[aws.cloudfront.DistributionOriginGroupArgs]]:
    """Give the buckets of the assets as origins, and as a group in which the second is tried after the first."""
    names = [ASSETS] if len(hosts) == 1 else [f"{ASSETS}-{number}" for number, _ in enumerate(hosts, start=1)]
    origins = [
        aws.cloudfront.DistributionOriginArgs(origin_id=name, domain_name=host, origin_access_control_id=control_id)
        for name, host in zip(names, hosts, strict=True)
    ]
    if len(hosts) == 1:
        return origins, []
    group = aws.cloudfront.DistributionOriginGroupArgs(
        origin_id=ASSETS,
        failover_criteria=aws.cloudfront.DistributionOriginGroupFailoverCriteriaArgs(status_codes=list(TROUBLE)),
        members=[aws.cloudfront.DistributionOriginGroupMemberArgs(origin_id=name) for name in names],
    )
    return origins, [group]
