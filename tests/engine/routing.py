"""Where a request to the origin's name goes, judged from what stands: Route 53's records and checks, listeners' rules.

As Route 53 does it: of a pair, the PRIMARY is given while its health check is healthy, else the SECONDARY. A check is
healthy when it is answered with 2xx or 3xx; inverted, when it isn't. Who has no answer at all gives none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeAlias, cast

from sandbox.values import Value
from tests.engine.live_stack import Thing

RECORD = "aws:route53/record:Record"
CHECK = "aws:route53/healthCheck:HealthCheck"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"

Object: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class Routing:
    """What stands, where nobody answers (`lost` regions), and whose tasks are ill (names of load balancers)."""

    things: Sequence[Thing]
    lost: frozenset[str] = frozenset()
    ill: frozenset[str] = frozenset()

    def balancer_of(self, host: str) -> str | None:
        """Give the name of the load balancer that a host leads to, None where it leads nowhere."""
        for balancer in self._of(BALANCER):
            if balancer["outputs"]["dnsName"] == host:
                return str(balancer["inputs"]["name"])
        records = [t["inputs"] for t in self._of(RECORD) if t["inputs"]["name"] == host and "records" in t["inputs"]]
        by_role = {_role(record): record for record in records}
        primary = by_role.get("PRIMARY")
        if primary and "SECONDARY" in by_role and not self.is_healthy(str(primary["healthCheckId"])):
            primary = by_role["SECONDARY"]
        chosen = primary or by_role.get("") or by_role.get("SECONDARY")
        return self.balancer_of(str(_listed(chosen["records"])[0])) if chosen else None

    def is_healthy(self, check_id: str) -> bool:
        (check,) = (thing["inputs"] for thing in self._of(CHECK) if thing["id"] == check_id)
        status = self.ask(str(check["fqdn"]), str(check["resourcePath"]))
        answered = status is not None and 200 <= status < 400
        return answered != bool(check.get("invertHealthcheck"))

    def ask(self, host: str, path: str, headers: Mapping[str, str] | None = None) -> int | None:
        """Give the status with which a request is answered: 200 by a task that is well, 502 by one that is ill."""
        name = self.balancer_of(host)
        balancer = next((t for t in self._of(BALANCER) if t["inputs"]["name"] == name), None)
        if balancer is None or str(balancer["outputs"]["region"]) in self.lost:
            return None
        (listener,) = (t for t in self._of(LISTENER) if t["inputs"]["loadBalancerArn"] == balancer["id"])
        rules = [t["inputs"] for t in self._of(RULE) if t["inputs"]["listenerArn"] == listener["id"]]
        for rule in sorted(rules, key=lambda rule: float(str(rule["priority"]))):
            if all(_meets(_object(condition), path, headers or {}) for condition in _listed(rule["conditions"])):
                return self._answer(rule["actions"], str(name))
        return self._answer(listener["inputs"]["defaultActions"], str(name))

    def sent(self) -> dict[str, str]:
        """Give the secret header's value that each distribution sends, by its alias."""
        return {
            str(_listed(thing["inputs"]["aliases"])[0]): str(header["value"])
            for thing in self._of(DISTRIBUTION)
            for origin in map(_object, _listed(thing["inputs"]["origins"]))
            for header in map(_object, _listed(origin.get("customHeaders") or []))
        }

    def accepted(self) -> dict[str, set[str]]:
        """Give the values that each load balancer forwards for, by its name."""
        found: dict[str, set[str]] = {}
        for balancer in self._of(BALANCER):
            (listener,) = (t for t in self._of(LISTENER) if t["inputs"]["loadBalancerArn"] == balancer["id"])
            rules = [t["inputs"] for t in self._of(RULE) if t["inputs"]["listenerArn"] == listener["id"]]
            headers = [header for rule in rules for header in _headers(rule)]
            found[str(balancer["inputs"]["name"])] = {str(value) for h in headers for value in _listed(h["values"])}
        return found

    def known_to_firewalls(self) -> dict[str, set[str]]:
        """Give the values of the header by which each web ACL knows CloudFront's requests, by its name."""
        return {
            str(acl["inputs"]["name"]): {str(match["searchString"]) for match in _matches(acl["inputs"]["rules"])}
            for acl in self._of(WEB_ACL)
        }

    def _answer(self, actions: Value, name: str) -> int:
        action = _object(_listed(actions)[0])
        if action["type"] == "forward":
            return 502 if name in self.ill else 200
        return int(str(_object(action["fixedResponse"])["statusCode"]))

    def _of(self, type_: str) -> list[Thing]:
        return [thing for thing in self.things if thing["type"] == type_]


def _matches(value: Value) -> Iterator[Object]:
    """Give every statement, at any depth, that compares a header."""
    if isinstance(value, dict):
        if "byteMatchStatement" in value:
            yield _object(value["byteMatchStatement"])
        value = list(value.values())
    for inner in value if isinstance(value, list) else []:
        yield from _matches(inner)


def _role(record: Object) -> str:
    policies = record.get("failoverRoutingPolicies")
    return str(_object(_listed(policies)[0])["type"]) if policies else ""


def _headers(rule: Object) -> Iterator[Object]:
    return (_object(c["httpHeader"]) for c in map(_object, _listed(rule["conditions"])) if "httpHeader" in c)


def _meets(condition: Object, path: str, headers: Mapping[str, str]) -> bool:
    if "pathPattern" in condition:
        return any(fnmatchcase(path, str(p)) for p in _listed(_object(condition["pathPattern"])["values"]))
    wanted = _object(condition["httpHeader"])
    return headers.get(str(wanted["httpHeaderName"])) in _listed(wanted["values"])


def _object(value: Value) -> Object:
    return cast("Object", value)


def _listed(value: Value) -> list[Value]:
    return cast("list[Value]", value)
