"""OriginFailover: the host name of CloudFront's origin, a failover pair of records over both stacks.

Sections: Environment Details (us-west-2, DR), Domain. The primary stack creates the PRIMARY record, the recovery stack
the SECONDARY. The recovery stack decides: the PRIMARY's health check requests the latch path of its load balancer and
is inverted, so traffic moves when the answer is 200 and stays when there is no answer. A failover therefore needs
neither the lost region nor Route 53's control plane, which is in us-east-1.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.load_balancer import LoadBalancerOutputs
from components.shared.environment import Environment

HTTPS = 443

# In seconds. A failover takes three checks and the TTL: a minute and a half.
CHECK_INTERVAL, RECORD_TTL = 10, 60
FAILURE_THRESHOLD = 3


@dataclass(frozen=True, kw_only=True)
class OriginHealthChecks:
    """Ids of the health checks for alarms: of both load balancers, and of the recovery stack's latch.

    `recovery_active` is healthy while the recovery stack receives production's traffic. Route 53 publishes metrics in
    us-east-1 only, so the stack there creates the checks.
    """

    load_balancer: pulumi.Output[str]
    recovery_load_balancer: pulumi.Output[str]
    recovery_active: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class OriginFailoverOutputs:
    """The origin's host name and its record; the health checks, unless this is the recovery stack."""

    host: str
    record: pulumi.Resource
    health_checks: OriginHealthChecks | None


class OriginFailover(pulumi.ComponentResource):
    """This stack's record of the pair: PRIMARY with the health checks, or the recovery stack's SECONDARY."""

    outputs: OriginFailoverOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        load_balancer: LoadBalancerOutputs,
        is_recovery: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:ingress:OriginFailover", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._balancer = load_balancer

        host, standby = environment.host_name("origin"), environment.host_name("standby")
        health_checks = None
        if is_recovery:
            self._record("standby", standby)
            record = self._record("origin", host, role="SECONDARY")
        else:
            health, latch = load_balancer.health_path, load_balancer.latch_path
            switch = self._health_check("switch", standby, latch, is_switch=True)
            record = self._record("origin", host, role="PRIMARY", health_check_id=switch)
            health_checks = OriginHealthChecks(
                load_balancer=self._health_check("health", load_balancer.dns_name, health),
                recovery_load_balancer=self._health_check("recovery-health", standby, health),
                # The switch requests the same path, but AWS doesn't document the metric of an inverted check.
                recovery_active=self._health_check("recovery-latch", standby, latch),
            )
        self.outputs = OriginFailoverOutputs(host=host, record=record, health_checks=health_checks)
        self.register_outputs({})

    def _record(
        self, logical: str, host: str, *, role: str | None = None, health_check_id: pulumi.Output[str] | None = None
    ) -> aws.route53.Record:
        """Point a host to the load balancer; with a role it is a record of the failover pair."""
        return aws.route53.Record(
            f"{self._name_prefix}-{logical}",
            zone_id=self._environment.hosted_zone,
            name=host,
            # Not an alias: in a failover pair it would follow the load balancer's health.
            type="CNAME",
            ttl=RECORD_TTL,
            records=[self._balancer.dns_name],
            set_identifier=role.lower() if role else None,
            failover_routing_policies=[aws.route53.RecordFailoverRoutingPolicyArgs(type=role)] if role else None,
            health_check_id=health_check_id,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _health_check(
        self, purpose: str, fqdn: pulumi.Input[str], path: str, *, is_switch: bool = False
    ) -> pulumi.Output[str]:
        """Create a health check; return its id. The switch is inverted: it is unhealthy while the answer is 200."""
        return aws.route53.HealthCheck(
            f"{self._name_prefix}-{purpose}",
            type="HTTPS",
            fqdn=fqdn,
            port=HTTPS,
            resource_path=path,
            invert_healthcheck=True if is_switch else None,
            enable_sni=True,
            request_interval=CHECK_INTERVAL,
            failure_threshold=FAILURE_THRESHOLD,
            tags={"Name": f"{self._environment.name}-{purpose}"},
            # A new inverted check counts as unhealthy until its first result, which would move the traffic.
            opts=pulumi.ResourceOptions(parent=self, protect=True if is_switch else None),
        ).id
