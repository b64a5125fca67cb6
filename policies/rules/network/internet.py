"""The rule about the public subnets: users reach the load balancer there by the internet gateway."""

from collections.abc import Iterator

from policies.engine.answers import Answer, all_of, any_of
from policies.engine.facts import Absent, Unknown
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, StackRule, report
from policies.readers import routing
from policies.readers.routing import INTERNET_GATEWAY, RouteView
from policies.readers.subnets import PUBLIC, subnets

_ALLOWED = "a default route to the internet gateway"


def _public(stack: Stack) -> Iterator[Finding]:
    for subnet in subnets(stack, PUBLIC):
        match routing.table_of(subnet, stack):
            case Found(resource=table):
                answer = any_of(*(_is_to_internet(route, stack) for route in routing.routes_of(stack, table)))
                if isinstance(answer, Unknown):
                    yield Finding(resource=subnet, verdict=answer)
                elif not answer:
                    yield report(subnet, "the subnet has no default route to the internet gateway", _ALLOWED)
            case Unknown() as unknown:
                yield Finding(resource=subnet, verdict=unknown)
            case Outside() | Absent():
                yield report(subnet, "the subnet has no route table of this stack", _ALLOWED)


def _is_to_internet(route: RouteView | Finding, stack: Stack) -> Answer:
    if isinstance(route, Finding):
        return route.verdict if isinstance(route.verdict, Unknown) else False
    gateway = route.refer(stack, "gatewayId", INTERNET_GATEWAY)
    return all_of(
        route.destination if isinstance(route.destination, Unknown) else route.is_default,
        gateway if isinstance(gateway, Unknown) else isinstance(gateway, Found),
        route.table if isinstance(route.table, Unknown) else True,
    )


RULES = (
    StackRule(
        id="network-public-route",
        section="Production Architecture",
        description="Every public subnet has a default route to the internet gateway, by which users reach the load "
        "balancer",
        remedy="Set the default route of the public subnet's table to the internet gateway.",
        judge=_public,
        severity="high",
    ),
)
