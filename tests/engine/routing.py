"""The path of a request to the origin's host name, by the deployed DNS records, health checks and listener rules.

Follows Route 53: of a failover pair it returns the PRIMARY while its health check is healthy, otherwise the SECONDARY.
A check is healthy if the answer is 2xx or 3xx; an inverted check if it isn't, or if there is no answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sandbox.values import Value
from tests.engine.live_stack import AwsResource
from tests.engine.wording import Object, as_list, as_object

RECORD = "aws:route53/record:Record"
CHECK = "aws:route53/healthCheck:HealthCheck"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"


@dataclass(frozen=True, kw_only=True)
class Routing:
    """The deployed resources, the regions that are lost, and the load balancers whose tasks are unhealthy (by name)."""

    resources: Sequence[AwsResource]
    lost_regions: frozenset[str] = frozenset()
    unhealthy: frozenset[str] = frozenset()

    def load_balancer_of(self, host: str) -> str | None:
        """Return the name of the load balancer that a host resolves to, None if it doesn't resolve."""
        for balancer in self._of(BALANCER):
            if balancer["outputs"]["dnsName"] == host:
                return str(balancer["inputs"]["name"])
        records = [r["inputs"] for r in self._of(RECORD) if r["inputs"]["name"] == host and "records" in r["inputs"]]
        by_role = {_role(record): record for record in records}
        primary = by_role.get("PRIMARY")
        if primary and "SECONDARY" in by_role and not self.is_healthy(str(primary["healthCheckId"])):
            primary = by_role["SECONDARY"]
        chosen = primary or by_role.get("") or by_role.get("SECONDARY")
        return self.load_balancer_of(str(as_list(chosen["records"])[0])) if chosen else None

    def is_healthy(self, check_id: str) -> bool:
        (check,) = (resource["inputs"] for resource in self._of(CHECK) if resource["id"] == check_id)
        status = self.status_of(str(check["fqdn"]), str(check["resourcePath"]))
        answered = status is not None and 200 <= status < 400
        return answered != bool(check.get("invertHealthcheck"))

    def status_of(self, host: str, path: str, headers: Mapping[str, str] | None = None) -> int | None:
        """Return the HTTP status of a request: 200 from a healthy task, 502 without one; None without an answer."""
        name = self.load_balancer_of(host)
        balancer = next((each for each in self._of(BALANCER) if each["inputs"]["name"] == name), None)
        if balancer is None or str(balancer["outputs"]["region"]) in self.lost_regions:
            return None
        listener, rules = self._listener_of(balancer)
        for rule in sorted(rules, key=lambda rule: float(str(rule["priority"]))):
            if all(_meets(as_object(condition), path, headers or {}) for condition in as_list(rule["conditions"])):
                return self._answer(rule["actions"], str(name))
        return self._answer(listener["defaultActions"], str(name))

    def sent_secrets(self) -> dict[str, str]:
        """Return the value of the secret header that each distribution sends, by alias."""
        return {
            str(as_list(distribution["inputs"]["aliases"])[0]): str(header["value"])
            for distribution in self._of(DISTRIBUTION)
            for origin in map(as_object, as_list(distribution["inputs"]["origins"]))
            for header in map(as_object, as_list(origin.get("customHeaders") or []))
        }

    def accepted_secrets(self) -> dict[str, set[str]]:
        """Return the values of the secret header that each load balancer accepts, by name."""
        found: dict[str, set[str]] = {}
        for balancer in self._of(BALANCER):
            _, rules = self._listener_of(balancer)
            headers = [header for rule in rules for header in _headers(rule)]
            found[str(balancer["inputs"]["name"])] = {str(value) for h in headers for value in as_list(h["values"])}
        return found

    def web_acl_secrets(self) -> dict[str, set[str]]:
        """Return the values by which each web ACL recognizes CloudFront's requests, by name."""
        return {
            str(acl["inputs"]["name"]): {str(match["searchString"]) for match in _matches(acl["inputs"]["rules"])}
            for acl in self._of(WEB_ACL)
        }

    def _listener_of(self, balancer: AwsResource) -> tuple[Object, list[Object]]:
        """Return the inputs of the load balancer's listener and of its rules."""
        (listener,) = (each for each in self._of(LISTENER) if each["inputs"]["loadBalancerArn"] == balancer["id"])
        rules: list[Object] = [
            rule["inputs"] for rule in self._of(RULE) if rule["inputs"]["listenerArn"] == listener["id"]
        ]
        return listener["inputs"], rules

    def _answer(self, actions: Value, name: str) -> int:
        action = as_object(as_list(actions)[0])
        if action["type"] == "forward":
            return 502 if name in self.unhealthy else 200
        return int(str(as_object(action["fixedResponse"])["statusCode"]))

    def _of(self, type_: str) -> list[AwsResource]:
        return [resource for resource in self.resources if resource["type"] == type_]


def _matches(value: Value) -> Iterator[Object]:
    """Yield every byte match statement at any depth."""
    if isinstance(value, dict):
        if "byteMatchStatement" in value:
            yield as_object(value["byteMatchStatement"])
        value = list(value.values())
    for inner in value if isinstance(value, list) else []:
        yield from _matches(inner)


def _role(record: Object) -> str:
    policies = record.get("failoverRoutingPolicies")
    return str(as_object(as_list(policies)[0])["type"]) if policies else ""


def _headers(rule: Object) -> Iterator[Object]:
    return (as_object(c["httpHeader"]) for c in map(as_object, as_list(rule["conditions"])) if "httpHeader" in c)


def _meets(condition: Object, path: str, headers: Mapping[str, str]) -> bool:
    if "pathPattern" in condition:
        return any(fnmatchcase(path, str(p)) for p in as_list(as_object(condition["pathPattern"])["values"]))
    header = as_object(condition["httpHeader"])
    return headers.get(str(header["httpHeaderName"])) in as_list(header["values"])
