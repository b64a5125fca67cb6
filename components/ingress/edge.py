"""EdgeStack: what users reach, and all that stands there: distributions, web ACL, assets, names, logs.

Sections: CDN (CloudFront), WAF Rules, Environment Details. Two hosts are two distributions, since one distribution
chooses an origin by path only: the web application's has the assets, and hands /api/* to the API; the API's own hands
everything to it. Both stand behind one web ACL.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.access_logs import AccessLogs
from components.ingress.assets import AssetsBucket
from components.ingress.cache_behaviors import Behaviors
from components.ingress.certificates import validated
from components.ingress.distribution import ASSETS, distribution, load_balancer_origin, of_assets
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
    """What a release needs: where the assets go, and whose copies of them to drop then; ids are alarms' dimensions.

    `certificate_arns` are the distributions' certificates, by what each is for; `web_acl` is what its measures are
    called by; `replication` is the assets', where they have a copy.
    """

    assets_bucket: str
    replication: Replication | None
    web_acl: str
    web_distribution_id: pulumi.Output[str]
    api_distribution_id: pulumi.Output[str]
    certificate_arns: Mapping[str, pulumi.Output[str]]


class EdgeStack(pulumi.ComponentResource):
    """The edge of one application: its web application and its API, as the world sees them."""

    outputs: EdgeOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: CloudFront,
        firewall: Waf,
        load_balancer: LoadBalancerOutputs,
        origin: OriginFailoverOutputs,
        secret: pulumi.Output[str],
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:ingress:EdgeStack", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._settings = settings
        self._own = pulumi.ResourceOptions(parent=self)
        guard = CloudFrontWebAcl(
            f"{name}-web-acl",
            environment=environment,
            settings=firewall,
            log_retention=settings.log_retention,
            logs_key_arn=keys.logs,
            opts=self._own,
        )
        self._acl_arn = guard.arn
        self._api_origin = load_balancer_origin(origin.host, header=load_balancer.secret_header, secret=secret)
        # CloudFront isn't to ask before somebody answers.
        self._after = [origin.record, *load_balancer.forwarding]
        assets = AssetsBucket(
            f"{name}-assets",
            environment=environment,
            old_versions=settings.old_versions,
            keys=keys,
            opts=self._own,
        )

        behaviors = Behaviors(name, environment=environment, settings=settings, parent=self)
        self._certificate_arns: dict[str, pulumi.Output[str]] = {}
        sites = [self._web(assets, behaviors), self._api(behaviors)]
        web, api = (site.distribution for site in sites)
        assets.let_in(web.arn)
        for site in sites:
            self._measured(site)
        DnsRecords(f"{name}-dns", environment=environment, sites=sites, opts=self._own)
        AccessLogs(
            f"{name}-logs",
            environment=environment,
            retention=settings.log_retention,
            keys=keys,
            sites=sites,
            opts=self._own,
        )
        self.outputs = EdgeOutputs(
            assets_bucket=assets.outputs.name,
            replication=assets.outputs.replication,
            web_acl=guard.measured_as,
            web_distribution_id=web.id,
            api_distribution_id=api.id,
            certificate_arns=self._certificate_arns,
        )
        self.register_outputs({"webDistribution": web.id, "apiDistribution": api.id})

    def _web(self, assets: AssetsBucket, behaviors: Behaviors) -> Site:
        """Serve the assets, and hand /api/* on."""
        control = aws.cloudfront.OriginAccessControl(
            f"{self._name_prefix}-assets",
            name=f"{self._environment.name}-assets",
            description="CloudFront signs what it asks the buckets of the assets for",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=self._own,
        )
        origins, groups = of_assets(assets.outputs.hosts, control.id)
        return self._site(
            "web",
            self._environment.domain,
            origins=[*origins, self._api_origin],
            groups=groups,
            default=behaviors.assets(ASSETS),
            ordered=[behaviors.api_below("/api/*")],
            root_object="index.html",
        )

    def _api(self, behaviors: Behaviors) -> Site:
        """Hand everything on."""
        return self._site("api", self._environment.host("api"), origins=[self._api_origin], default=behaviors.api())

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
        certificate_arn = validated(logical, host=host, environment=self._environment, parent=self)
        self._certificate_arns[purpose] = certificate_arn
        made = distribution(
            logical,
            host=host,
            environment=self._environment,
            settings=self._settings,
            certificate_arn=certificate_arn,
            acl_arn=self._acl_arn,
            origins=origins,
            groups=groups or [],
            default=default,
            ordered=ordered or [],
            root_object=root_object,
            # The front door: its name is where the domain points.
            opts=pulumi.ResourceOptions(parent=self, protect=True, depends_on=self._after),
        )
        return Site(purpose=purpose, host=host, distribution=made)

    def _measured(self, site: Site) -> None:
        """Have CloudFront measure error rates by status, latency and cache hits as well, every minute."""
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
            opts=self._own,
        )
