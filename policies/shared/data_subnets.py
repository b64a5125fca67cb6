"""The rule about data subnets: no route out of the VPC."""

from collections.abc import Iterator

from policies.engine.facts import Absent, Known, Unknown
from policies.engine.graph import Found, Outside, Reference, Stack
from policies.engine.rule import Finding, StackRule, report, violation
from policies.readers import routing
from policies.readers.routing import PROPAGATION, TABLES
from policies.readers.subnets import DATA, subnets

NO_EGRESS = "no route out of the VPC, except to a gateway endpoint"


def _data_isolated(stack: Stack) -> Iterator[Finding]:
    tables: set[str] = set()
    for subnet in subnets(stack, DATA):
        match routing.table_of(subnet, stack):
            case Found(resource=table):
                tables.add(table.urn)
            case Unknown() as unknown:
                yield Finding(resource=subnet, verdict=unknown)
            case Outside(text=text):
                verdict = violation(f"the subnet's route table is {text}", "a route table of this stack")
                yield Finding(resource=subnet, verdict=verdict)
            case Absent():
                missing = "the subnet has no route table: AWS uses the VPC's main one"
                yield report(subnet, missing, "a route table association")
    if subnets(stack, DATA):
        yield from _routes_out(stack, tables)
        yield from _propagations(stack, tables)


def _routes_out(stack: Stack, tables: set[str]) -> Iterator[Finding]:
    for route in routing.routes(stack):
        if isinstance(route, Finding):
            yield route
        elif isinstance(route.table, Unknown):
            yield Finding(resource=route.holder, verdict=route.table)
        elif _is_among(route.table, tables) and not route.is_local:
            yield report(route.holder, f"a data subnet has {route.describe()}", NO_EGRESS)


def _propagations(stack: Stack, tables: set[str]) -> Iterator[Finding]:
    """Report tables into which a VPN gateway would propagate routes."""
    verdict = violation("a VPN gateway propagates routes to a data subnet", NO_EGRESS)
    for table in stack.of(*TABLES):
        gateways = table.at("propagatingVgws").items()
        if table.urn in tables and gateways not in (Absent(), Known(value=())):
            yield Finding(resource=table, verdict=gateways if isinstance(gateways, Unknown) else verdict)
    for propagation in stack.of(PROPAGATION):
        table = stack.refer(propagation, propagation.at("routeTableId"), *TABLES)
        if isinstance(table, Unknown):
            yield Finding(resource=propagation, verdict=table)
        elif _is_among(table, tables):
            yield Finding(resource=propagation, verdict=verdict)


def _is_among(reference: Reference, urns: set[str]) -> bool:
    return isinstance(reference, Found) and reference.resource.urn in urns


RULES = (
    StackRule(
        id="network-data-isolated",
        section="Production Architecture",
        description="Every data subnet has its own route table, without a route out of the VPC",
        remedy="Remove the route from the data subnet's table, or associate another table with the subnet.",
        judge=_data_isolated,
        severity="high",
    ),
)
