"""EdgeStack: CloudFront's distributions with their web ACL, assets, DNS records and access logs.

Sections: CDN (CloudFront), WAF Rules, Environment Details. There is a distribution for each host, because a
distribution chooses its origin by path only: the web application's serves the assets and forwards /api/* and the
health path to the load balancer, the API's forwards everything. One web ACL protects both.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.access_logs import AccessLogs
from components.ingress.assets import AssetsBucket
from components.ingress.cache_behaviors import CacheBehaviors
from components.ingress.certificates import create_validated_certificate
from components.ingress.distribution import ASSETS_ORIGIN, asset_origins, create_distribution, load_balancer_origin
from components.ingress.dns_records import DnsRecords, Site
from components.ingress.load_balancer import LoadBalancerOutputs
from components.ingress.origin_failover import OriginFailoverOutputs
from components.ingress.web_acl import CloudFrontWebAcl
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.storage.replication import Replication
from settings.cloudfront import CloudFront
from settings.waf import Waf


@dataclass(frozen=True, kw_only=True)
class EdgeOutputs:
    """The edge's names and ids, for releases and alarms.

    `certificate_arns` are by distribution (`web`, `api`); `replication` is the assets', if they have a replica.
    """

    assets_bucket: str
    replication: Replication | None
    web_acl_metric_name: str
    web_distribution_id: pulumi.Output[str]
    api_distribution_id: pulumi.Output[str]
    certificate_arns: Mapping[str, pulumi.Output[str]]


class EdgeStack(pulumi.ComponentResource):
    """The edge of one application: its web application and its API."""

    outputs: EdgeOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: CloudFront,
        waf: Waf,
        load_balancer: LoadBalancerOutputs,
        origin: OriginFailoverOutputs,
        origin_secret: pulumi.Output[str],
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:ingress:EdgeStack", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._settings = settings
        self._child_opts = pulumi.ResourceOptions(parent=self)
        web_acl = CloudFrontWebAcl(
            f"{name}-web-acl",
            environment=environment,
            settings=waf,
            log_retention=settings.log_retention,
            logs_key_arn=keys.logs,
            opts=self._child_opts,
        )
        self._web_acl_arn = web_acl.arn
        self._api_origin = load_balancer_origin(origin.host, header=load_balancer.secret_header, secret=origin_secret)
        # The origin must resolve and answer before viewers arrive.
        self._health_path = load_balancer.health_path
        self._origin_dependencies = [origin.record, *load_balancer.forwarding_rules]
        assets = AssetsBucket(
            f"{name}-assets",
            environment=environment,
            old_versions=settings.old_versions,
            keys=keys,
            opts=self._child_opts,
        )

        behaviors = CacheBehaviors(name, environment=environment, settings=settings, parent=self)
        self._certificate_arns: dict[str, pulumi.Output[str]] = {}
        sites = [self._web(assets, behaviors), self._api(behaviors)]
        web, api = (site.distribution for site in sites)
        assets.allow_distribution(web.arn)
        for site in sites:
            self._enable_metrics(site)
        DnsRecords(f"{name}-dns", environment=environment, sites=sites, opts=self._child_opts)
        AccessLogs(
            f"{name}-logs",
            environment=environment,
            retention=settings.log_retention,
            keys=keys,
            sites=sites,
            opts=self._child_opts,
        )
        self.outputs = EdgeOutputs(
            assets_bucket=assets.outputs.name,
            replication=assets.outputs.replication,
            web_acl_metric_name=web_acl.metric_name,
            web_distribution_id=web.id,
            api_distribution_id=api.id,
            certificate_arns=self._certificate_arns,
        )
        self.register_outputs({"webDistribution": web.id, "apiDistribution": api.id})

    def _web(self, assets: AssetsBucket, behaviors: CacheBehaviors) -> Site:
        """Serve the assets; forward /api/* and the health path, which the smoke test requests, to the load balancer."""
        access_control = aws.cloudfront.OriginAccessControl(
            f"{self._name_prefix}-assets",
            name=f"{self._environment.name}-assets",
            description="CloudFront signs its requests to the assets buckets",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=self._child_opts,
        )
        origins, groups = asset_origins(assets.outputs.domain_names, access_control.id)
        return self._site(
            "web",
            self._environment.domain,
            origins=[*origins, self._api_origin],
            groups=groups,
            default=behaviors.assets(ASSETS_ORIGIN),
            ordered=[behaviors.api_path(path) for path in ("/api/*", self._health_path)],
            root_object="index.html",
        )

    def _api(self, behaviors: CacheBehaviors) -> Site:
        """Forward everything to the load balancer."""
        return self._site(
            "api", self._environment.host_name("api"), origins=[self._api_origin], default=behaviors.api()
        )

    def _site(
        self,
        purpose: str,
        host: str,
        *,
        origins: list[aws.cloudfront.DistributionOriginArgs],
        default: aws.cloudfront.DistributionDefaultCacheBehaviorArgs,
        groups: list[aws.cloudfront.DistributionOriginGroupArgs] | None = None,
        ordered: list[aws.cloudfront.DistributionOrderedCacheBehaviorArgs] | None = None,
        root_object: str | None = None,
    ) -> Site:
        logical = f"{self._name_prefix}-{purpose}"
        certificate_arn = create_validated_certificate(logical, host=host, environment=self._environment, parent=self)
        self._certificate_arns[purpose] = certificate_arn
        distribution = create_distribution(
            logical,
            host=host,
            environment=self._environment,
            settings=self._settings,
            certificate_arn=certificate_arn,
            web_acl_arn=self._web_acl_arn,
            origins=origins,
            groups=groups or [],
            default=default,
            ordered=ordered or [],
            root_object=root_object,
            # Protected: a replacement has another domain name, and the domain's records point to this one.
            opts=pulumi.ResourceOptions(parent=self, protect=True, depends_on=self._origin_dependencies),
        )
        return Site(purpose=purpose, host=host, distribution=distribution)

    def _enable_metrics(self, site: Site) -> None:
        """Enable CloudFront's additional metrics: error rate by status, origin latency, cache hit rate."""
        aws.cloudfront.MonitoringSubscription(
            f"{self._name_prefix}-{site.purpose}",
            distribution_id=site.distribution.id,
            monitoring_subscription=aws.cloudfront.MonitoringSubscriptionMonitoringSubscriptionArgs(
                realtime_metrics_subscription_config=(
                    aws.cloudfront.MonitoringSubscriptionMonitoringSubscriptionRealtimeMetricsSubscriptionConfigArgs(
                        realtime_metrics_subscription_status="Enabled"
                    )
                )
            ),
            opts=self._child_opts,
        )
