"""LoadBalancer: the origin of CloudFront, in front of the tasks.

Sections: Production Architecture, Security Groups (443 from 0.0.0.0/0). The listener is open to the internet. It
forwards requests that carry CloudFront's secret header, and the health path; it answers 403 to all others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.certificates import create_validated_certificate
from components.ingress.web_acl import RegionalWebAcl, TrustedHeader
from components.network.vpc import NetworkOutputs
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.service_principals import allow_service
from components.storage.buckets import Lifecycle, PrivateBucket, create_private_bucket
from settings.load_balancer import LoadBalancer as LoadBalancerSettings
from settings.waf import Waf

HTTPS = 443
SECRET_HEADER = "x-origin-secret"  # noqa: S105  (the header's name)
LATCH_PATH = "/.well-known/origin-takes-traffic"

# The priorities leave room for other rules.
HEALTH_PRIORITY, SECRET_PRIORITY = 20, 30


@dataclass(frozen=True, kw_only=True)
class LoadBalancerOutputs:
    """The load balancer's identifiers and paths, for DNS, metrics, CloudFront and the tasks.

    The ARN suffixes are CloudWatch's dimensions. The recovery stack answers on `latch_path` (components/latch);
    CloudFront sends the secret in `secret_header`. Resources that need forwarded requests depend on `forwarding_rules`.
    """

    urn: pulumi.Output[str]
    listener_arn: pulumi.Output[str]
    dns_name: pulumi.Output[str]
    arn_suffix: pulumi.Output[str]
    target_group_arn: pulumi.Output[str]
    target_group_arn_suffix: pulumi.Output[str]
    certificate_arn: pulumi.Output[str]
    health_path: str
    latch_path: str
    secret_header: str
    forwarding_rules: Sequence[pulumi.Resource]


class LoadBalancer(pulumi.ComponentResource):
    """The load balancer with its certificate, listener, target group, web ACL and logs."""

    outputs: LoadBalancerOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: LoadBalancerSettings,
        waf: Waf,
        port: int,
        network: NetworkOutputs,
        keys: KeysOutputs,
        origin_secrets: Sequence[pulumi.Output[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Create them. During a rotation there are two `origin_secrets`, and both are accepted."""
        super().__init__("taskflow:ingress:LoadBalancer", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._settings = settings
        self._network = network
        self._child_opts = pulumi.ResourceOptions(parent=self)

        balancer = self._balancer(self._logs())
        group = self._target_group(port)
        certificate_arn = create_validated_certificate(
            name, host=environment.host_name("origin"), environment=environment, parent=self
        )
        listener = self._listener(balancer, certificate_arn)
        forwarding_rules = [
            create_listener_rule(
                f"{name}-{purpose}",
                purpose=purpose,
                listener_arn=listener.arn,
                priority=priority,
                condition=condition,
                action=aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=group.arn),
                opts=self._child_opts,
            )
            for purpose, priority, condition in (
                ("health", HEALTH_PRIORITY, path_condition(settings.health.path)),
                ("secret", SECRET_PRIORITY, _header_condition(SECRET_HEADER, origin_secrets)),
            )
        ]
        RegionalWebAcl(
            f"{name}-web-acl",
            environment=environment,
            settings=waf,
            log_retention=settings.log_retention,
            logs_key_arn=keys.logs,
            load_balancer_arn=balancer.arn,
            trusted_header=TrustedHeader(name=SECRET_HEADER, values=origin_secrets),
            opts=self._child_opts,
        )
        self.outputs = LoadBalancerOutputs(
            urn=self.urn,
            listener_arn=listener.arn,
            dns_name=balancer.dns_name,
            arn_suffix=balancer.arn_suffix,
            target_group_arn=group.arn,
            target_group_arn_suffix=group.arn_suffix,
            certificate_arn=certificate_arn,
            health_path=settings.health.path,
            latch_path=LATCH_PATH,
            secret_header=SECRET_HEADER,
            forwarding_rules=forwarding_rules,
        )
        self.register_outputs({"dnsName": balancer.dns_name})

    def _logs(self) -> PrivateBucket:
        """Create the bucket for its logs. Load balancers can't write to a bucket with a customer managed key."""
        environment = self._environment
        name = environment.bucket_name("load-balancer-logs")
        delivery = allow_service(
            "bucket",
            "logdelivery.elasticloadbalancing.amazonaws.com",
            sid="Delivery",
            actions="s3:PutObject",
            resources=[
                f"arn:aws:s3:::{name}/{kind}/AWSLogs/{environment.account}/*" for kind in ("access", "connections")
            ],
            account=environment.account,
        )
        return create_private_bucket(
            f"{self._name_prefix}-logs",
            name=name,
            key_arn=None,
            lifecycle=Lifecycle(noncurrent_days=1, expiration_days=self._settings.log_retention),
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
            # AWS writes a test object before it accepts the bucket.
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
            opts=self._child_opts,
        )

    def _listener(self, balancer: aws.lb.LoadBalancer, certificate_arn: pulumi.Output[str]) -> aws.lb.Listener:
        forbidden = aws.lb.ListenerDefaultActionFixedResponseArgs(
            status_code="403", content_type="text/plain", message_body="Forbidden"
        )
        return aws.lb.Listener(
            self._name_prefix,
            load_balancer_arn=balancer.arn,
            port=HTTPS,
            protocol="HTTPS",
            ssl_policy=self._settings.tls_policy,
            certificate_arn=certificate_arn,
            default_actions=[aws.lb.ListenerDefaultActionArgs(type="fixed-response", fixed_response=forbidden)],
            opts=self._child_opts,
        )


def create_listener_rule(
    logical: str,
    *,
    purpose: str,
    listener_arn: pulumi.Input[str],
    priority: int,
    condition: aws.lb.ListenerRuleConditionArgs,
    action: aws.lb.ListenerRuleActionArgs,
    opts: pulumi.ResourceOptions,
) -> aws.lb.ListenerRule:
    """Create a listener rule with one condition and one action, named by its purpose."""
    return aws.lb.ListenerRule(
        logical,
        listener_arn=listener_arn,
        priority=priority,
        conditions=[condition],
        actions=[action],
        tags={"Name": purpose},
        opts=opts,
    )


def path_condition(path: str) -> aws.lb.ListenerRuleConditionArgs:
    """Return the condition that the request's path matches."""
    return aws.lb.ListenerRuleConditionArgs(path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=[path]))


def _header_condition(name: str, values: Sequence[pulumi.Input[str]]) -> aws.lb.ListenerRuleConditionArgs:
    header = aws.lb.ListenerRuleConditionHttpHeaderArgs(http_header_name=name, values=list(values))
    return aws.lb.ListenerRuleConditionArgs(http_header=header)


def fixed_response(status: str, body: str) -> aws.lb.ListenerRuleActionArgs:
    """Return the action that answers with a status and a text."""
    response = aws.lb.ListenerRuleActionFixedResponseArgs(
        status_code=status, content_type="text/plain", message_body=body
    )
    return aws.lb.ListenerRuleActionArgs(type="fixed-response", fixed_response=response)
