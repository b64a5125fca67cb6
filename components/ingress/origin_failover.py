"""OriginFailover: the name under which CloudFront finds the load balancer, and by which a fail-over moves it.

Sections: Environment Details (us-west-2, DR), Domain. `origin.` is a pair of records, one made by each stack. Who gets
the traffic is decided by whoever stands by, on its own load balancer: the PRIMARY's health check asks that one whether
it takes over, and is inverted. So a switch needs neither the lost region nor Route 53's control plane, which is in it;
and as long as nobody answers there, the PRIMARY stays.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.load_balancer import LoadBalancerOutputs
from components.shared.environment import Environment

HTTPS = 443

# Seconds: between two questions of each of Route 53's checkers, and that resolvers may keep a name. With the number of
# questions they are how long a switch takes: a minute and a half.
INTERVAL, TTL = 10, 60
QUESTIONS = 3


@dataclass(frozen=True, kw_only=True)
class OriginChecks:
    """Ids of health checks, for alarms: whether this stack's load balancer is well, and the one that stands by.

    `takes_over`: healthy as soon as whoever stands by says that it takes the traffic. All measure in us-east-1 only,
    so they are made by the stack whose alarms can be there.
    """

    own: pulumi.Output[str]
    standby: pulumi.Output[str]
    takes_over: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class OriginFailoverOutputs:
    """The origin's `host`; `record` is for what has to wait for it; `checks` where this stack doesn't stand by."""

    host: str
    record: pulumi.Resource
    checks: OriginChecks | None


class OriginFailover(pulumi.ComponentResource):
    """This stack's half of the origin's name: the PRIMARY's with its switch, or that of the stack that stands by."""

    outputs: OriginFailoverOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        load_balancer: LoadBalancerOutputs,
        stands_by: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:ingress:OriginFailover", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._balancer = load_balancer

        host, standby = environment.host("origin"), environment.host("standby")
        checks = None
        if stands_by:
            self._record("standby", standby)
            record = self._record("origin", host, role="SECONDARY")
        else:
            record = self._record("origin", host, role="PRIMARY", switch=self._switch(standby))
            health, latch = load_balancer.health_path, load_balancer.latch_path
            checks = OriginChecks(
                own=self._check("health", load_balancer.dns_name, health),
                standby=self._check("recovery-health", standby, health),
                # The switch asks the same, but what an inverted check measures isn't documented.
                takes_over=self._check("recovery-active", standby, latch),
            )
        self.outputs = OriginFailoverOutputs(host=host, record=record, checks=checks)
        self.register_outputs({})

    def _record(
        self, logical: str, host: str, *, role: str | None = None, switch: aws.route53.HealthCheck | None = None
    ) -> aws.route53.Record:
        """Point a host to the load balancer, as a half of a pair where a role is given."""
        return aws.route53.Record(
            f"{self._name_prefix}-{logical}",
            zone_id=self._environment.hosted_zone,
            name=host,
            # An alias of a pair would bring the load balancer's own health in, which isn't to move anything.
            type="CNAME",
            ttl=TTL,
            records=[self._balancer.dns_name],
            set_identifier=role.lower() if role else None,
            failover_routing_policies=[aws.route53.RecordFailoverRoutingPolicyArgs(type=role)] if role else None,
            health_check_id=switch.id if switch else None,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _switch(self, standby: str) -> aws.route53.HealthCheck:
        """Ask whoever stands by whether it takes over: healthy, inverted, as long as it doesn't say so."""
        return aws.route53.HealthCheck(
            f"{self._name_prefix}-switch",
            type="HTTPS",
            fqdn=standby,
            port=HTTPS,
            resource_path=self._balancer.latch_path,
            invert_healthcheck=True,
            enable_sni=True,
            request_interval=INTERVAL,
            failure_threshold=QUESTIONS,
            tags={"Name": f"{self._environment.name}-switch"},
            # A new one counts as failed until it has asked, which would move the traffic.
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )

    def _check(self, purpose: str, fqdn: pulumi.Input[str], path: str) -> pulumi.Output[str]:
        """Ask a load balancer something for an alarm: its id. It moves nothing."""
        return aws.route53.HealthCheck(
            f"{self._name_prefix}-{purpose}",
            type="HTTPS",
            fqdn=fqdn,
            port=HTTPS,
            resource_path=path,
            enable_sni=True,
            request_interval=INTERVAL,
            failure_threshold=QUESTIONS,
            tags={"Name": f"{self._environment.name}-{purpose}"},
            opts=pulumi.ResourceOptions(parent=self),
        ).id
