"""LoadBalancer: what CloudFront forwards to, and whom it lets through to the tasks.

Sections: Production Architecture, Security Groups (443 from 0.0.0.0/0). Anybody may knock, but only who has
CloudFront's secret is forwarded; everybody else is told 403, but for the health path, which people and probes ask for
directly.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.certificates import validated
from components.ingress.web_acl import KnownBy, RegionalWebAcl
from components.network.vpc import NetworkOutputs
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.service_principals import let_in
from components.storage.buckets import Ending, PrivateBucket, private_bucket
from settings.load_balancer import LoadBalancer as LoadBalancerSettings
from settings.waf import Waf

HTTPS = 443
SECRET_HEADER = "x-origin-secret"  # noqa: S105  (the header's name)
LATCH_PATH = "/.well-known/origin-takes-traffic"

# The rules' order; before and between them is room.
HEALTH, SECRET = 20, 30


@dataclass(frozen=True, kw_only=True)
class LoadBalancerOutputs:
    """What the neighbours need: names for DNS and metrics, and where tasks register.

    The recovery stack's answers on `latch_path` (components/latch); CloudFront sends the secret in `secret_header`.
    `forwarding` is for what must not begin before requests are forwarded; the suffixes are CloudWatch's dimensions.
    """

    urn: pulumi.Output[str]
    listener_arn: pulumi.Output[str]
    dns_name: pulumi.Output[str]
    hosted_zone_id: pulumi.Output[str]
    suffix: pulumi.Output[str]
    target_group_arn: pulumi.Output[str]
    target_group_suffix: pulumi.Output[str]
    certificate_arn: pulumi.Output[str]
    health_path: str
    latch_path: str
    secret_header: str
    forwarding: Sequence[pulumi.Resource]


class LoadBalancer(pulumi.ComponentResource):
    """The load balancer with its certificate, listener, target group, web ACL and logs."""

    outputs: LoadBalancerOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: LoadBalancerSettings,
        firewall: Waf,
        port: int,
        network: NetworkOutputs,
        keys: KeysOutputs,
        secrets: Sequence[pulumi.Output[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:ingress:LoadBalancer", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._settings = settings
        self._network = network
        self._own = pulumi.ResourceOptions(parent=self)

        balancer = self._balancer(self._logs())
        group = self._target_group(port)
        certificate_arn = validated(name, host=environment.host("origin"), environment=environment, parent=self)
        listener = self._listener(balancer, certificate_arn)
        forwarding = [
            listener_rule(
                f"{name}-{purpose}",
                purpose=purpose,
                listener_arn=listener.arn,
                priority=priority,
                condition=condition,
                action=aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=group.arn),
                opts=self._own,
            )
            for purpose, priority, condition in (
                ("health", HEALTH, on_path(settings.health.path)),
                ("secret", SECRET, _header(SECRET_HEADER, secrets)),
            )
        ]
        RegionalWebAcl(
            f"{name}-web-acl",
            environment=environment,
            settings=firewall,
            log_retention=settings.log_retention,
            logs_key_arn=keys.logs,
            load_balancer_arn=balancer.arn,
            known=KnownBy(header=SECRET_HEADER, values=secrets),
            opts=self._own,
        )
        self.outputs = LoadBalancerOutputs(
            urn=self.urn,
            listener_arn=listener.arn,
            dns_name=balancer.dns_name,
            hosted_zone_id=balancer.zone_id,
            suffix=balancer.arn_suffix,
            target_group_arn=group.arn,
            target_group_suffix=group.arn_suffix,
            certificate_arn=certificate_arn,
            health_path=settings.health.path,
            latch_path=LATCH_PATH,
            secret_header=SECRET_HEADER,
            forwarding=forwarding,
        )
        self.register_outputs({"dnsName": balancer.dns_name})

    def _logs(self) -> PrivateBucket:
        """Make the bucket of its logs. The load balancer writes under no key but S3's own."""
        environment = self._environment
        name = environment.bucket("load-balancer-logs")
        delivery = let_in(
            "bucket",
            "logdelivery.elasticloadbalancing.amazonaws.com",
            sid="Delivery",
            actions="s3:PutObject",
            resources=[
                f"arn:aws:s3:::{name}/{kind}/AWSLogs/{environment.account}/*" for kind in ("access", "connections")
            ],
            account=environment.account,
        )
        return private_bucket(
            f"{self._name_prefix}-logs",
            name=name,
            key_arn=None,
            ending=Ending(old_versions=1, objects=self._settings.log_retention),
            parent=self,
            statements=[delivery],
        )

    def _balancer(self, logs: PrivateBucket) -> aws.lb.LoadBalancer:
        settings = self._settings
        return aws.lb.LoadBalancer(
            self._name_prefix,
            name=self._environment.name,
            load_balancer_type="application",
            internal=False,
            subnets=self._network.public_subnet_ids,
            security_groups=[self._network.security_groups.alb],
            enable_deletion_protection=settings.deletion_protection,
            drop_invalid_header_fields=True,
            desync_mitigation_mode="strictest",
            idle_timeout=settings.idle_timeout,
            access_logs=aws.lb.LoadBalancerAccessLogsArgs(bucket=logs.bucket.id, prefix="access", enabled=True),
            connection_logs=aws.lb.LoadBalancerConnectionLogsArgs(
                bucket=logs.bucket.id, prefix="connections", enabled=True
            ),
            # AWS tries to write there before it accepts it.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs.policy]),
        )

    def _target_group(self, port: int) -> aws.lb.TargetGroup:
        settings = self._settings
        health = settings.health
        return aws.lb.TargetGroup(
            self._name_prefix,
            target_type="ip",
            port=port,
            protocol="HTTP",
            vpc_id=self._network.vpc_id,
            slow_start=settings.slow_start,
            deregistration_delay=settings.deregistration_delay,
            health_check=aws.lb.TargetGroupHealthCheckArgs(
                enabled=True,
                protocol="HTTP",
                path=health.path,
                matcher="200",
                interval=health.interval,
                timeout=health.timeout,
                healthy_threshold=health.healthy_threshold,
                unhealthy_threshold=health.unhealthy_threshold,
            ),
            tags={"Name": self._environment.name},
            opts=self._own,
        )

    def _listener(self, balancer: aws.lb.LoadBalancer, certificate_arn: pulumi.Output[str]) -> aws.lb.Listener:
        refusal = aws.lb.ListenerDefaultActionFixedResponseArgs(
            status_code="403", content_type="text/plain", message_body="Forbidden"
        )
        return aws.lb.Listener(
            self._name_prefix,
            load_balancer_arn=balancer.arn,
            port=HTTPS,
            protocol="HTTPS",
            ssl_policy=self._settings.tls_policy,
            certificate_arn=certificate_arn,
            default_actions=[aws.lb.ListenerDefaultActionArgs(type="fixed-response", fixed_response=refusal)],
            opts=self._own,
        )


def listener_rule(
    logical: str,
    *,
    purpose: str,
    listener_arn: pulumi.Input[str],
    priority: int,
    condition: aws.lb.ListenerRuleConditionArgs,
    action: aws.lb.ListenerRuleActionArgs,
    opts: pulumi.ResourceOptions,
) -> aws.lb.ListenerRule:
    """Make a rule of a listener with one condition and one action; it has its purpose as its name."""
    return aws.lb.ListenerRule(
        logical,
        listener_arn=listener_arn,
        priority=priority,
        conditions=[condition],
        actions=[action],
        tags={"Name": purpose},
        opts=opts,
    )


def on_path(path: str) -> aws.lb.ListenerRuleConditionArgs:
    """Return the condition that a request is for this path."""
    return aws.lb.ListenerRuleConditionArgs(path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=[path]))


def _header(name: str, values: Sequence[pulumi.Input[str]]) -> aws.lb.ListenerRuleConditionArgs:
    header = aws.lb.ListenerRuleConditionHttpHeaderArgs(http_header_name=name, values=list(values))
    return aws.lb.ListenerRuleConditionArgs(http_header=header)


def fixed_answer(status: str, body: str) -> aws.lb.ListenerRuleActionArgs:
    """Return the action that answers with a status and a text, without a target."""
    response = aws.lb.ListenerRuleActionFixedResponseArgs(
        status_code=status, content_type="text/plain", message_body=body
    )
    return aws.lb.ListenerRuleActionArgs(type="fixed-response", fixed_response=response)
