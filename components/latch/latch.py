"""OriginLatch: the recovery stack's switch of the origin's traffic.

Sections: Environment Details (DR). The health check of the origin's name requests the latch path of the load balancer,
which answers 404 before a failover and 200 after it. The 200 depends on a writable database and on the new minimum of
tasks. Pulumi can't wait for the tasks themselves: the runbook counts them before the setting changes
(docs/runbooks/fail-over.md).
"""

from collections.abc import Sequence

import pulumi

from components.ingress.load_balancer import (
    LATCH_PATH,
    LoadBalancerOutputs,
    create_listener_rule,
    fixed_response,
    path_condition,
)

# Before the forwarding rules.
PRIORITY = 10


class OriginLatch(pulumi.ComponentResource):
    """The listener rule of the latch path; `dependencies` are updated before it answers 200."""

    def __init__(
        self,
        name: str,
        *,
        load_balancer: LoadBalancerOutputs,
        takes_traffic: bool,
        dependencies: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:latch:OriginLatch", name, None, opts)
        create_listener_rule(
            name,
            purpose="latch",
            listener_arn=load_balancer.listener_arn,
            priority=PRIORITY,
            condition=path_condition(LATCH_PATH),
            action=fixed_response("200", "yes") if takes_traffic else fixed_response("404", "no"),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(dependencies) if takes_traffic else None,
                # It was once a child of the load balancer.
                aliases=[pulumi.Alias(parent=load_balancer.urn)],
            ),
        )
        self.register_outputs({})
