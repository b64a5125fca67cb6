"""OriginLatch: the recovery stack's answer to whether it receives production's traffic.

Sections: Environment Details (DR). The health check of the origin's name asks for a path of the load balancer: 404
before a fail-over, 200 after it. The answer waits for a database that takes writes and for the tasks' new minimum.
Pulumi can't wait for the tasks themselves: the runbook counts them before the setting is changed
(docs/runbooks/fail-over.md).
"""

from collections.abc import Sequence

import pulumi

from components.ingress.load_balancer import LATCH_PATH, LoadBalancerOutputs, fixed_answer, listener_rule, on_path

# Before the rules that forward.
PRIORITY = 10


class OriginLatch(pulumi.ComponentResource):
    """The listener rule that answers the latch path; `after` is what has to be done before it answers yes."""

    def __init__(
        self,
        name: str,
        *,
        load_balancer: LoadBalancerOutputs,
        takes_traffic: bool,
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:latch:OriginLatch", name, None, opts)
        listener_rule(
            name,
            purpose="latch",
            listener_arn=load_balancer.listener_arn,
            priority=PRIORITY,
            condition=on_path(LATCH_PATH),
            action=fixed_answer("200", "yes") if takes_traffic else fixed_answer("404", "no"),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(after) if takes_traffic else None,
                # It belonged to the load balancer once.
                aliases=[pulumi.Alias(parent=load_balancer.urn)],
            ),
        )
        self.register_outputs({})
