"""What users and health checks meet from outside, by the DNS records and load balancers that Pulumi made.

A change of the latch reaches them once Route 53 and resolvers have followed: three checks of ten seconds, and a TTL of
a minute (decision 0019). That time is AWS's; here it passes on the simulated clock.
"""

import ssl
from dataclasses import dataclass, field
from datetime import datetime

from operations.database.certificates import HOST as TRUSTSTORE
from operations.frame.http import Answer, Https
from tests.drill.join import Join
from tests.engine.routing import Routing
from tests.operations.connecting import authority
from tests.operations.fake.clock import FakeClock
from tests.operations.fake.wire import Wire
from tests.operations.recovering import MOVES_AFTER

ORIGIN, HEADER = "origin.taskflow.app", "x-origin-secret"
OLD_VERSIONS = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)


def _silence(problem: str) -> Answer:
    return Answer(status=0, headers={}, body="", problem=problem)


@dataclass(frozen=True, kw_only=True)
class Outside(Https):
    """Answers requests. `seen` is the routing since each change; names resolve by the one of a while ago."""

    join: Join
    clock: FakeClock
    wire: Wire
    seen: list[tuple[datetime, Routing]] = field(default_factory=list[tuple[datetime, Routing]])

    def note(self) -> None:
        """Note the routing after a change."""
        self.seen.append((self.clock.now(), self._routing()))

    def get(
        self,
        host: str,
        path: str,
        *,
        tls: ssl.TLSVersion | None = None,
        headers: object = None,  # noqa: ARG002
    ) -> Answer:
        """Answer as CloudFront or a load balancer does; nothing answers from a region that is lost."""
        if host == TRUSTSTORE:
            return Answer(status=200, headers={}, body=authority())
        if tls in OLD_VERSIONS:
            return _silence("TLS: [SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version")
        routing = self._routing()
        secret = routing.sent_secrets().get(host)
        balancer = self._resolved(ORIGIN if secret else host)
        name = next((dns for dns, each in self._balancers().items() if each == balancer), "")
        status = routing.status_of(name, path, {HEADER: secret} if secret else None)
        if status is not None:
            return Answer(status=status, headers={}, body="")
        # CloudFront answers for an origin that doesn't.
        return Answer(status=504, headers={}, body="") if secret else _silence("no answer in time")

    def _resolved(self, host: str) -> str | None:
        """Return the load balancer that a name leads to, as resolvers know it now."""
        past = [routing for since, routing in self.seen if self.clock.now() - since >= MOVES_AFTER]
        return (past[-1] if past else self.seen[0][1]).load_balancer_of(host)

    def _balancers(self) -> dict[str, str]:
        kind = "aws:lb/loadBalancer:LoadBalancer"
        found = [each for each in self.join.known.values() if each["type"] == kind]
        return {str(each["outputs"]["dnsName"]): str(each["inputs"]["name"]) for each in found}

    def _routing(self) -> Routing:
        ill = [f"taskflow-{world.stack}" for world in self.join.worlds.values() if not world.balancer.healthy]
        return Routing(resources=list(self.join.known.values()), lost_regions=self.wire.lost, unhealthy=frozenset(ill))
