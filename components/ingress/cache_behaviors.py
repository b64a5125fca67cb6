"""The cache behaviors of the distributions, with the policies and the function that they use."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import pulumi
import pulumi_aws as aws

from components.ingress.distribution import API_ORIGIN
from components.shared.environment import Environment
from settings.cloudfront import CloudFront

# AWS's managed policies CachingDisabled and AllViewer; the ids are the same in every account.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"

READ_METHODS = ("GET", "HEAD")
ALL_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
REDIRECT_TO_HTTPS = "redirect-to-https"

# Two years in seconds.
HSTS_MAX_AGE = 63_072_000


class _ApiBehavior(TypedDict):
    """The arguments of a behavior for the API: the SDK has one class for a default behavior, another for a path's."""

    target_origin_id: str
    viewer_protocol_policy: str
    allowed_methods: Sequence[str]
    cached_methods: Sequence[str]
    compress: bool
    cache_policy_id: str
    origin_request_policy_id: str
    response_headers_policy_id: pulumi.Output[str]


class CacheBehaviors:
    """The behaviors of an application's distributions. The constructor creates the policies and the function."""

    def __init__(
        self, logical: str, *, environment: Environment, settings: CloudFront, parent: pulumi.Resource
    ) -> None:
        self._compress = settings.compression
        child_opts = pulumi.ResourceOptions(parent=parent)
        self._headers_policy = _headers_policy(f"{logical}-security-headers", environment, settings, child_opts).id
        self._assets_cache_policy = _assets_cache_policy(f"{logical}-assets", environment, settings, child_opts).id
        self._single_page = aws.cloudfront.Function(
            f"{logical}-single-page",
            name=f"{environment.name}-single-page",
            comment="Serves the web application for its client-side paths",
            runtime="cloudfront-js-2.0",
            code=Path(__file__).with_name("single_page.js").read_text(encoding="utf-8"),
            publish=True,
            opts=child_opts,
        ).arn
        self._api: _ApiBehavior = {
            "target_origin_id": API_ORIGIN,
            "viewer_protocol_policy": REDIRECT_TO_HTTPS,
            "allowed_methods": ALL_METHODS,
            "cached_methods": READ_METHODS,
            "compress": settings.compression,
            "cache_policy_id": CACHING_DISABLED,
            "origin_request_policy_id": ALL_VIEWER,
            "response_headers_policy_id": self._headers_policy,
        }

    def assets(self, origin: str) -> aws.cloudfront.DistributionDefaultCacheBehaviorArgs:
        """Cache files; serve the web application for a path that isn't a file."""
        return aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
            target_origin_id=origin,
            viewer_protocol_policy=REDIRECT_TO_HTTPS,
            allowed_methods=READ_METHODS,
            cached_methods=READ_METHODS,
            compress=self._compress,
            cache_policy_id=self._assets_cache_policy,
            response_headers_policy_id=self._headers_policy,
            function_associations=[
                aws.cloudfront.DistributionDefaultCacheBehaviorFunctionAssociationArgs(
                    event_type="viewer-request", function_arn=self._single_page
                )
            ],
        )

    def api(self) -> aws.cloudfront.DistributionDefaultCacheBehaviorArgs:
        """Forward the whole request; cache nothing."""
        return aws.cloudfront.DistributionDefaultCacheBehaviorArgs(**self._api)

    def api_path(self, pattern: str) -> aws.cloudfront.DistributionOrderedCacheBehaviorArgs:
        """Forward the whole request for paths that match the pattern, such as `/api/*`; cache nothing."""
        return aws.cloudfront.DistributionOrderedCacheBehaviorArgs(path_pattern=pattern, **self._api)


def _assets_cache_policy(
    logical: str, environment: Environment, settings: CloudFront, opts: pulumi.ResourceOptions
) -> aws.cloudfront.CachePolicy:
    """Cache by path only: the assets depend on nothing else in the request."""
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
        comment="Static assets, cached by path",
        min_ttl=settings.caching.min_ttl,
        default_ttl=settings.caching.default_ttl,
        max_ttl=settings.caching.max_ttl,
        parameters_in_cache_key_and_forwarded_to_origin=forwarded,
        opts=opts,
    )


def _headers_policy(
    logical: str, environment: Environment, settings: CloudFront, opts: pulumi.ResourceOptions
) -> aws.cloudfront.ResponseHeadersPolicy:
    """Add security headers to every response; they override the origin's."""
    security = aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs(
        strict_transport_security=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurityArgs(
            access_control_max_age_sec=HSTS_MAX_AGE, include_subdomains=True, override=True
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
        comment="Security headers for browsers",
        security_headers_config=security,
        opts=opts,
    )
