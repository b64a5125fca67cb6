"""What the network costs: NAT gateways, endpoints, addresses, and the load balancer."""

from collections.abc import Iterator, Mapping

from reports.cost.lines import HOURS, SECONDS, Line, Pricer, Stack, UnpricedError, elements, hours, text
from reports.cost.logs import origin_requests
from reports.cost.traffic import gigabytes, jobs, probes, requests, response_bytes
from reports.states import Recorded

NAT = "aws:ec2/natGateway:NatGateway"
FREE_RULES = 10


def _nat(_gateway: Recorded, stack: Stack) -> Iterator[Line]:
    count = len(stack.of_type(NAT))
    usage = stack.usage
    gb = (usage.outbound_gb if stack.serves else usage.idle_gb) / count
    yield hours("nat.hour", 1, "NAT gateway")
    how = f"a gateway's share of the outbound calls, {count} gateways"
    yield Line(price="nat.gb", quantity=gb, what="data through the NAT gateways", how=how)
    yield Line(price="transfer.internet", quantity=gb, what="transfer to the internet", how=how)


def _address(_address_resource: Recorded, _stack: Stack) -> Iterator[Line]:
    yield hours("ipv4.hour", 1, "public IPv4 addresses", "address")


def _endpoint(endpoint: Recorded, stack: Stack) -> Iterator[Line]:
    match text(endpoint, "vpcEndpointType"):
        case "Gateway":
            return
        case "Interface":
            zones = len(elements(endpoint, "subnetIds"))
        case other:
            raise UnpricedError(f"endpoints of the type {other} have no price: add it to reports/cost/network.py")
    yield hours("endpoint.hour", zones, "interface endpoints", "zones")
    service = text(endpoint, "serviceName").rpartition(".")[2]
    gb, how = _endpoint_gb(service, stack)
    yield Line(price="endpoint.gb", quantity=gb, what="data through the endpoints", how=how)


def _endpoint_gb(service: str, stack: Stack) -> tuple[float, str]:
    usage = stack.usage
    if service == "logs" and stack.serves:
        size = usage.log_bytes + usage.audit_share * usage.audit_record_bytes
        return gigabytes(requests(stack), size), f"the API's log and audit records, {size:g} B a request"
    if service == "sqs" and stack.serves:
        return gigabytes(jobs(stack) * 2, usage.job_bytes), "each job is sent and received"
    return usage.idle_gb, "an assumption for an endpoint with little traffic"


def _load_balancer(balancer: Recorded, stack: Stack) -> Iterator[Line]:
    if text(balancer, "loadBalancerType", "application") != "application":
        raise UnpricedError("only application load balancers have a price: add it to reports/cost/network.py")
    yield hours("elb.hour", 1, "load balancer")
    units, how = capacity_units(stack)
    yield Line(price="elb.lcu", quantity=units * HOURS, what="capacity units", how=f"{how} × {HOURS} h")
    zones = len(elements(balancer, "subnets"))
    yield hours("ipv4.hour", zones, "public IPv4 addresses", "addresses")


def capacity_units(stack: Stack) -> tuple[float, str]:
    """Return the load balancer capacity units, the largest of their four dimensions, and how they are computed."""
    usage = stack.usage
    users, checks = requests(stack) / SECONDS, probes(stack) / SECONDS
    connections = users / usage.edge_connection_requests + checks
    size = usage.request_bytes + response_bytes(stack)
    rules = len(stack.of_type("aws:lb/listenerRule:ListenerRule"))
    dimensions = {
        "new connections, 25 a second": connections / 25,
        "active connections, 3,000": connections * 60 / 3000,
        "processed data, 1 GB an hour": gigabytes(users * 3600, size),
        "rule evaluations, 1,000 a second": origin_requests(stack) / SECONDS * max(0, rules - FREE_RULES) / 1000,
    }
    name, units = max(dimensions.items(), key=lambda dimension: dimension[1])
    return units, f"{units:.2f} units ({name})"


PRICED: Mapping[str, Pricer] = {
    NAT: _nat,
    "aws:ec2/eip:Eip": _address,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
}
