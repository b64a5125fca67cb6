"""What a distribution does with a request: for the assets and for the API, with the policies that say it."""

from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.ingress.distribution import API
from components.shared.environment import Environment
from settings.cloudfront import CloudFront

# AWS's own policies CachingDisabled and AllViewer, which have these ids in every account.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"

READING = ("GET", "HEAD")
EVERYTHING = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
TO_HTTPS = "redirect-to-https"

# Two years in seconds, for which a browser asks over TLS only.
TLS_ONLY = 63_072_000


class Behaviors:
    """The behaviours of an application's distributions; making it makes the policies and the function they name."""

    def __init__(
        self, logical: str, *, environment: Environment, settings: CloudFront, parent: pulumi.Resource
    ) -> None:
        self._compress = settings.compression
        own = pulumi.ResourceOptions(parent=parent)
        self._headers = _headers(f"{logical}-security-headers", environment, settings, own).id
        self._keeping = _keeping(f"{logical}-assets", environment, settings, own).id
        self._single_page = aws.cloudfront.Function(
            f"{logical}-single-page",
            name=f"{environment.name}-single-page",
            comment="Gives the web application for each of its own paths",
            runtime="cloudfront-js-2.0",
            code=Path(__file__).with_name("single_page.js").read_text(encoding="utf-8"),
            publish=True,
            opts=own,
        ).arn

    def assets(self, origin: str) -> aws.cloudfront.DistributionDefaultCacheBehaviorArgs:
        """Give files that are kept, and for a path that is no file the web application."""
        return aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
            target_origin_id=origin,
            viewer_protocol_policy=TO_HTTPS,
            allowed_methods=READING,
            cached_methods=READING,
            compress=self._compress,
            cache_policy_id=self._keeping,
            response_headers_policy_id=self._headers,
            function_associations=[
                aws.cloudfront.DistributionDefaultCacheBehaviorFunctionAssociationArgs(
                    event_type="viewer-request", function_arn=self._single_page
                )
            ],
        )

    def api(self) -> aws.cloudfront.DistributionDefaultCacheBehaviorArgs:
        """Hand all of a request on, and keep nothing of the answer."""
        return aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
            target_origin_id=API,
            viewer_protocol_policy=TO_HTTPS,
            allowed_methods=EVERYTHING,
            cached_methods=READING,
            compress=self._compress,
            cache_policy_id=CACHING_DISABLED,
            origin_request_policy_id=ALL_VIEWER,
            response_headers_policy_id=self._headers,
        )

    def api_below(self, path: str) -> aws.cloudfront.DistributionOrderedCacheBehaviorArgs:
        """Do the same below a path (`/api/*`)."""
        return aws.cloudfront.DistributionOrderedCacheBehaviorArgs(
            path_pattern=path,
            target_origin_id=API,
            viewer_protocol_policy=TO_HTTPS,
            allowed_methods=EVERYTHING,
            cached_methods=READING,
            compress=self._compress,
            cache_policy_id=CACHING_DISABLED,
            origin_request_policy_id=ALL_VIEWER,
            response_headers_policy_id=self._headers,
        )


def _keeping(
    logical: str, environment: Environment, settings: CloudFront, opts: pulumi.ResourceOptions
) -> aws.cloudfront.CachePolicy:
    """Keep a file by its path alone: the assets differ by nothing else that a viewer sends."""
    none = "none"
    forwarded = aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginArgs(
        enable_accept_encoding_brotli=settings.compression,
        enable_accept_encoding_gzip=settings.compression,
        cookies_config=aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfigArgs(
            cookie_behavior=none
        ),
        headers_config=aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigArgs(
            header_behavior=none
        ),
        query_strings_config=aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigArgs(
            query_string_behavior=none
        ),
    )
    return aws.cloudfront.CachePolicy(
        logical,
        name=f"{environment.name}-assets",
        comment="Static assets, kept by their paths",
        min_ttl=settings.caching.min_ttl,
        default_ttl=settings.caching.default_ttl,
        max_ttl=settings.caching.max_ttl,
        parameters_in_cache_key_and_forwarded_to_origin=forwarded,
        opts=opts,
    )


def _headers(
    logical: str, environment: Environment, settings: CloudFront, opts: pulumi.ResourceOptions
) -> aws.cloudfront.ResponseHeadersPolicy:
    """Tell browsers what to be strict about, whatever the origin says."""
    security = aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs(
        strict_transport_security=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurityArgs(
            access_control_max_age_sec=TLS_ONLY, include_subdomains=True, override=True
        ),
        content_type_options=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs(
            override=True
        ),
        frame_options=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigFrameOptionsArgs(
            frame_option="DENY", override=True
        ),
        referrer_policy=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigReferrerPolicyArgs(
            referrer_policy="strict-origin-when-cross-origin", override=True
        ),
        content_security_policy=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentSecurityPolicyArgs(
            content_security_policy=settings.content_security_policy, override=True
        ),
    )
    return aws.cloudfront.ResponseHeadersPolicy(
        logical,
        name=f"{environment.name}-security-headers",
        comment="What browsers are to be strict about",
        security_headers_config=security,
        opts=opts,
    )
