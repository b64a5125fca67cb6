"""What users meet: CloudFront's answers, by the distributions, header policies and web ACL that Pulumi made."""

import ssl
from dataclasses import dataclass

from operations.frame.http import Answer
from operations.smoke.checks import ATTACKS
from tests.drill.join import Inputs
from tests.drill.outside import Outside

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
HEADERS_POLICY = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"
# The rule groups of AWS that block the attacks of the smoke test.
GROUPS = {"AWSManagedRulesCommonRuleSet", "AWSManagedRulesSQLiRuleSet"}
ASSET = "/assets/app.3f9a1c.js"
PAGE = f'<!doctype html><title>TaskFlow</title><script src="{ASSET}"></script>'


@dataclass(frozen=True, kw_only=True)
class Users(Outside):
    """Answers as CloudFront does for its hosts, else as a load balancer does. The web application is one page."""

    def get(self, host: str, path: str, *, tls: ssl.TLSVersion | None = None, headers: object = None) -> Answer:
        """Answer a request from outside."""
        distribution = self._distribution(host)
        if distribution is None:
            return super().get(host, path, tls=tls, headers=headers)
        least = str(distribution["viewerCertificate"]["minimumProtocolVersion"])
        if tls and least.startswith("TLSv1.3") and tls is not ssl.TLSVersion.TLSv1_3:
            return Answer(status=0, headers={}, body="", problem="TLS: tlsv1 alert protocol version")
        if path in ATTACKS.values() and self._blocks_attacks(str(distribution["webAclId"])):
            return Answer(status=403, headers={}, body="")
        sent = self._headers(str(distribution["defaultCacheBehavior"]["responseHeadersPolicyId"]))
        if path == "/" and distribution.get("defaultRootObject"):
            return Answer(status=200, headers={**sent, "content-type": "text/html"}, body=PAGE)
        if path == ASSET:
            cached = {"x-cache": "Hit from cloudfront", "cache-control": "public, max-age=31536000, immutable"}
            return Answer(status=200, headers={**sent, **cached}, body="")
        answer = super().get(host, path, tls=tls, headers=headers)
        return Answer(status=answer.status, headers={**answer.headers, **sent}, body=answer.body)

    def _distribution(self, host: str) -> Inputs | None:
        return next((inputs for _, inputs in self._of(DISTRIBUTION) if host in inputs["aliases"]), None)

    def _blocks_attacks(self, web_acl: str) -> bool:
        rules = [rule for arn, inputs in self._of(WEB_ACL) if arn == web_acl for rule in inputs["rules"]]
        return {rule["name"] for rule in rules} >= GROUPS

    def _headers(self, policy: str) -> dict[str, str]:
        """Return the headers of a policy, as CloudFront writes them."""
        (sent,) = (inputs["securityHeadersConfig"] for key, inputs in self._of(HEADERS_POLICY) if policy == key)
        transport = sent["strictTransportSecurity"]
        domains = "; includeSubDomains" if transport["includeSubdomains"] else ""
        return {
            "strict-transport-security": f"max-age={int(transport['accessControlMaxAgeSec'])}{domains}",
            "x-content-type-options": "nosniff" if "contentTypeOptions" in sent else "",
            "x-frame-options": str(sent["frameOptions"]["frameOption"]),
            "referrer-policy": str(sent["referrerPolicy"]["referrerPolicy"]),
            "content-security-policy": str(sent["contentSecurityPolicy"]["contentSecurityPolicy"]),
        }

    def _of(self, kind: str) -> list[tuple[str, Inputs]]:
        """Return the resources of a type: by what others name them, the ARN or else the id, with their inputs."""
        found = [each for each in self.join.known.values() if each["type"] == kind]
        return [(str(each["outputs"].get("arn") if kind == WEB_ACL else each["id"]), each["inputs"]) for each in found]
