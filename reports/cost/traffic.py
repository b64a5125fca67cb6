"""The requests and bytes of a month that follow from the assumptions, for each stack."""

from reports.cost.lines import GB, HOURS, MILLION, SECONDS, Stack, number, of_type, text

HEALTH_CHECK = "aws:route53/healthCheck:HealthCheck"
LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"


def requests(stack: Stack) -> float:
    """Return the users' API requests."""
    return stack.usage.requests_per_second * SECONDS if stack.serves else 0.0


def asset_requests(stack: Stack) -> float:
    """Return the requests for the web application's files that reach CloudFront."""
    usage = stack.usage
    loads = usage.active_users * usage.page_loads_per_user_and_hour * HOURS
    return loads * usage.files_per_page_load if stack.serves else 0.0


def probes(stack: Stack) -> float:
    """Return the requests of the Route 53 health checks of all stacks that reach this stack's load balancer."""
    balancers = {str(resource.outputs.get("dnsName")) for resource in stack.of_type(LOAD_BALANCER)}
    names = balancers | {
        text(record, "name")
        for record in of_type(stack.states, "aws:route53/record:Record")
        if set(map(str, _records(record.inputs.get("records")))) & balancers
    }
    checks = [check for check in of_type(stack.states, HEALTH_CHECK) if check.inputs.get("fqdn") in names]
    return sum(stack.usage.health_checkers * SECONDS / number(check, "requestInterval", 30) for check in checks)


def response_bytes(stack: Stack) -> float:
    """Return the mean size of an answer, with the files among them."""
    return stack.usage.response_bytes + stack.usage.file_read_share * stack.usage.file_bytes


def gigabytes(count: float, size: float) -> float:
    """Return the volume of some things of a size in bytes."""
    return count * size / GB


def millions(count: float) -> float:
    """Return a count in millions."""
    return count / MILLION


def wal_gb(stack: Stack) -> float:
    """Return the write-ahead log that PostgreSQL writes."""
    usage = stack.usage
    return gigabytes(usage.requests_per_second * SECONDS * usage.write_share, usage.wal_bytes_per_write)


def files_written(stack: Stack) -> float:
    """Return the files that users store."""
    return requests(stack) * stack.usage.file_write_share


def files_read(stack: Stack) -> float:
    """Return the files that users read."""
    return requests(stack) * stack.usage.file_read_share


def jobs(stack: Stack) -> float:
    """Return the background jobs."""
    return requests(stack) * stack.usage.job_share


def _records(value: object) -> list[object]:
    return [*value] if isinstance(value, list) else []
