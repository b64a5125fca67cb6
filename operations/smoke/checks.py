"""The checks: what each host must answer, and which TLS versions it must accept or refuse.

A check returns a problem in words, or None. Sections: Deployment Checklist (smoke tests passing), CDN, WAF Rules, Data
Handling (TLS 1.3).
"""

import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from operations.frame.http import Answer, Https

# What the distributions' headers policy sends (components/ingress/cache_behaviors.py).
SECURITY_HEADERS: Mapping[str, str] = {
    "strict-transport-security": r"max-age=\d{8,}; *includeSubDomains.*",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "content-security-policy": ".+",
}
# Blocked by AWSManagedRulesCommonRuleSet and AWSManagedRulesSQLiRuleSet.
ATTACKS: Mapping[str, str] = {
    "cross-site scripting": "/api/?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "SQL injection": "/api/?id=1%27%20OR%20%271%27%3D%271%27%20UNION%20SELECT%20password%20FROM%20users--",
}
# A failed check is made so often, with so many seconds between.
ATTEMPTS, PAUSE = 3, 2.0
# A file of the web application in its page.
ASSET = re.compile(r"""(?:src|href)=["'](/assets/[^"']+)["']""")
VIEWER_TLS = (ssl.TLSVersion.TLSv1_3,)
ORIGIN_TLS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
ALL_TLS: Mapping[ssl.TLSVersion, str] = {
    ssl.TLSVersion.TLSv1: "1.0",
    ssl.TLSVersion.TLSv1_1: "1.1",
    ssl.TLSVersion.TLSv1_2: "1.2",
    ssl.TLSVersion.TLSv1_3: "1.3",
}
# What OpenSSL reports if this machine can't speak a version: then the server wasn't asked.
NOT_ASKED = re.compile("NO_PROTOCOLS_AVAILABLE|NO_CIPHERS_AVAILABLE|unsupported protocol version", re.IGNORECASE)


class Status(StrEnum):
    """The result of a check. WARNING: a problem of the other region, which doesn't fail this stack's smoke test."""

    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class Result:
    """One row of the table."""

    host: str
    check: str
    status: Status
    detail: str


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check of a host: `run` returns a detail in words, and raises CheckFailed or CheckSkipped."""

    host: str
    name: str
    run: Callable[[Https], str]
    failure: Status = Status.FAILED

    def result(self, https: Https, sleep: Callable[[float], None]) -> Result:
        """Run the check; again if it fails, since one lost request is no reason to roll back."""
        detail, status = "", self.failure
        for attempt in range(ATTEMPTS):
            if attempt:
                sleep(PAUSE)
            try:
                detail, status = self.run(https), Status.PASSED
                break
            except CheckFailed as problem:
                detail, status = str(problem), self.failure
            except CheckSkipped as reason:
                detail, status = str(reason), Status.SKIPPED
                break
        return Result(host=self.host, check=self.name, status=status, detail=detail)


class CheckFailed(Exception):  # noqa: N818  (a result, caught by Check)
    """The host didn't answer as it must."""


class CheckSkipped(Exception):  # noqa: N818  (a result, caught by Check)
    """The check can't be made from here."""


def health(host: str, path: str, failure: Status = Status.FAILED) -> Check:
    """Require 200 on the health path."""

    def run(https: Https) -> str:
        return f"status {_answered(https.get(host, path), 200).status}"

    return Check(host=host, name=f"health: {path}", run=run, failure=failure)


def tls(host: str, accepted: Sequence[ssl.TLSVersion], failure: Status = Status.FAILED) -> Check:
    """Require that the host accepts these versions of TLS and refuses all others."""

    def run(https: Https) -> str:
        problems: list[str] = []
        untested: list[str] = []
        for version, name in ALL_TLS.items():
            answer = https.get(host, "/", tls=version)
            if version in accepted:
                problems += [f"{name}: {answer.problem}"] if answer.problem else []
            elif not answer.problem:
                problems.append(f"{name} is accepted")
            elif NOT_ASKED.search(answer.problem):
                untested.append(name)
            elif not answer.problem.startswith("TLS: "):
                # No connection at all is no refusal of the version.
                problems.append(f"{name}: {answer.problem}")
        if problems:
            raise CheckFailed("; ".join(problems))
        refused = [name for version, name in ALL_TLS.items() if version not in accepted and name not in untested]
        lacking = f"; not tested, since this machine lacks it: {', '.join(untested)}" if untested else ""
        return f"{', '.join(refused)} refused{lacking}"

    names = " and ".join(name for version, name in ALL_TLS.items() if version in accepted)
    return Check(host=host, name=f"TLS {names} only", run=run, failure=failure)


def security_headers(host: str, path: str) -> Check:
    """Require the security headers."""

    def run(https: Https) -> str:
        answer = https.get(host, path)
        if answer.problem:
            raise CheckFailed(answer.problem)
        wrong = [
            f"{name}: {answer.headers.get(name, 'missing')}"
            for name, pattern in SECURITY_HEADERS.items()
            if not re.fullmatch(pattern, answer.headers.get(name, ""))
        ]
        if wrong:
            raise CheckFailed("; ".join(wrong))
        return f"all {len(SECURITY_HEADERS)} headers"

    return Check(host=host, name="security headers", run=run)


def blocked(host: str) -> Iterator[Check]:
    """Require that WAF blocks attacks."""
    for name, path in ATTACKS.items():

        def run(https: Https, path: str = path) -> str:
            return f"status {_answered(https.get(host, path), 403).status}"

        yield Check(host=host, name=f"blocked: {name}", run=run)


def closed(host: str, failure: Status = Status.FAILED) -> Check:
    """Require that the load balancer refuses requests that didn't come through CloudFront."""

    def run(https: Https) -> str:
        return f"status {_answered(https.get(host, '/api/'), 403).status}"

    return Check(host=host, name="refused without CloudFront", run=run, failure=failure)


def page(host: str) -> Check:
    """Require the web application's page."""

    def run(https: Https) -> str:
        answer = _answered(https.get(host, "/"), 200)
        kind = answer.headers.get("content-type", "no content type")
        if not kind.startswith("text/html"):
            raise CheckFailed(f"content type {kind}")
        return f"status {answer.status}, {kind}"

    return Check(host=host, name="page: /", run=run)


def cached_asset(host: str) -> Check:
    """Require that an asset of the page comes from CloudFront's cache when it is asked for again."""

    def run(https: Https) -> str:
        found = ASSET.search(_answered(https.get(host, "/"), 200).body)
        if not found:
            raise CheckSkipped("the page names no file below /assets/")
        path = found[1]
        _answered(https.get(host, path), 200)
        answer = _answered(https.get(host, path), 200)
        source, cache = answer.headers.get("x-cache", "no x-cache"), answer.headers.get("cache-control", "")
        if "hit from cloudfront" not in source.lower():
            raise CheckFailed(f"{path}: {source}")
        if "immutable" not in cache:
            raise CheckFailed(f"{path}: cache-control {cache or 'is missing'}")
        return f"{path}: {source}"

    return Check(host=host, name="cached asset", run=run)


def _answered(answer: Answer, status: int) -> Answer:
    if answer.problem:
        raise CheckFailed(answer.problem)
    if answer.status != status:
        raise CheckFailed(f"status {answer.status}, not {status}")
    return answer
