"""LoadBalancer: what CloudFront forwards to, and whom it lets through to the tasks.

Sections: Production Architecture, Security Groups (443 from 0.0.0.0/0). Anybody may knock, but only who has
CloudFront's secret is forwarded; everybody else is told 403, but for the health path, which people and probes ask for
directly. In the recovery region it also answers whether it takes over, for the health check that decides where the
origin's name points.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.buckets import Ending, PrivateBucket, private_bucket
from components.certificates import validated
from components.firewall import KnownBy, RegionalFirewall
from components.keys import KeysOutputs
from components.naming import Environment
from components.network import NetworkOutputs
from settings.load_balancer import LoadBalancer as LoadBalancerSettings
from settings.waf import Waf

HTTPS = 443
SECRET_HEADER = "x-origin-secret"  # noqa: S105  (the header's name)
LATCH_PATH = "/.well-known/origin-takes-traffic"

# The rules' order; between them is room.
LATCH, HEALTH, SECRET = 10, 20, 30


@dataclass(frozen=True, kw_only=True)
class Latch:
    """Whether this load balancer takes the traffic, and what it has to wait for before it says so."""

    takes_traffic: bool
    after: pulumi.Resource


@dataclass(frozen=True, kw_only=True)
class LoadBalancerOutputs:
    """What the neighbours need: names for DNS and metrics, and where tasks register.

    On `latch_path` one that stands by says whether it takes over; CloudFront says the secret in `secret_header`.
    `forwarding` is for what must not begin before requests are forwarded; the suffixes are CloudWatch's dimensions.
    """

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
        latch: Latch | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:edge:LoadBalancer", name, None, opts)
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
            self._rule("health", listener, HEALTH, _path(settings.health.path), _forward(group)),
            self._rule("secret", listener, SECRET, _header(SECRET_HEADER, secrets), _forward(group)),
        ]
        if latch:
            answer = _answer("200", "yes") if latch.takes_traffic else _answer("404", "no")
            after = [latch.after] if latch.takes_traffic else []
            self._rule("latch", listener, LATCH, _path(LATCH_PATH), answer, after=after)
        RegionalFirewall(
            f"{name}-firewall",
            environment=environment,
            settings=firewall,
            log_retention=settings.log_retention,
            logs_key_arn=keys.logs,
            load_balancer_arn=balancer.arn,
            known=KnownBy(header=SECRET_HEADER, values=secrets),
            opts=self._own,
        )
        self.outputs = LoadBalancerOutputs(
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
        balancers = f"arn:aws:elasticloadbalancing:{environment.region}:{environment.account}:loadbalancer/*"
        delivery = {
            "Sid": "Delivery",
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": [
                f"arn:aws:s3:::{name}/{kind}/AWSLogs/{environment.account}/*" for kind in ("access", "connections")
            ],
            "Condition": {
                "StringEquals": {"aws:SourceAccount": environment.account},
                "ArnLike": {"aws:SourceArn": balancers},
            },
        }
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

    def _rule(
        self,
        purpose: str,
        listener: aws.lb.Listener,
        priority: int,
        condition: aws.lb.ListenerRuleConditionArgs,
        action: aws.lb.ListenerRuleActionArgs,
        *,
        after: Sequence[pulumi.Resource] = (),
    ) -> aws.lb.ListenerRule:
        return aws.lb.ListenerRule(
            f"{self._name_prefix}-{purpose}",
            listener_arn=listener.arn,
            priority=priority,
            conditions=[condition],
            actions=[action],
            tags={"Name": purpose},
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )


def _path(path: str) -> aws.lb.ListenerRuleConditionArgs:
    return aws.lb.ListenerRuleConditionArgs(path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=[path]))


def _header(name: str, values: Sequence[pulumi.Input[str]]) -> aws.lb.ListenerRuleConditionArgs:
    header = aws.lb.ListenerRuleConditionHttpHeaderArgs(http_header_name=name, values=list(values))
    return aws.lb.ListenerRuleConditionArgs(http_header=header)


def _forward(group: aws.lb.TargetGroup) -> aws.lb.ListenerRuleActionArgs:
    return aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=group.arn)


def _answer(status: str, body: str) -> aws.lb.ListenerRuleActionArgs:
    response = aws.lb.ListenerRuleActionFixedResponseArgs(
        status_code=status, content_type="text/plain", message_body=body
    )
    return aws.lb.ListenerRuleActionArgs(type="fixed-response", fixed_response=response)
