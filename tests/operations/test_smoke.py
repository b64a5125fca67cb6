"""`taskflow smoke` against a local HTTPS server: all well, and each fault is found by its check."""

import contextlib
import io
import json
import ssl
from collections.abc import Callable
from dataclasses import replace

import pytest

from operations.frame.errors import ExitCode
from operations.smoke.smoke import checks, smoke
from tests.operations.fake.world import World
from tests.operations.https_server import HEADERS, PAGE, Answered, Site, serving
from tests.operations.support import Terminal

V1, V1_1, V1_2, V1_3 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
WEB, API, ORIGIN, STANDBY = "taskflow.app", "api.taskflow.app", "origin.taskflow.app", "standby.taskflow.app"
ASSET = "/assets/app-3f2a1b4c.js"
BOTH_TLS = "TLS 1.2 and 1.3 only"


def sites() -> dict[str, Site]:
    """Return the four hosts as they should be."""
    health = (200, HEADERS, "ok")
    asset = (200, {**HEADERS, "X-Cache": "Miss, then hit", "Cache-Control": "public, max-age=31536000, immutable"}, "x")
    page = (200, {**HEADERS, "Content-Type": "text/html; charset=utf-8"}, PAGE)
    closed: dict[str, Answered] = {"/health": (200, {}, "ok"), "/api/": (403, {}, "Forbidden")}
    return {
        WEB: Site(host=WEB, answers={"/": page, "/health": health, ASSET: asset}),
        API: Site(host=API, answers={"/health": health, "/": (404, HEADERS, "")}),
        ORIGIN: Site(host=ORIGIN, versions=(V1_2, V1_3), answers=closed),
        STANDBY: Site(host=STANDBY, versions=(V1_2, V1_3), answers=closed),
    }


def run(hosts: dict[str, Site], stack: str = "production") -> tuple[ExitCode, dict[tuple[str, str], tuple[str, str]]]:
    """Run smoke; return its exit code, and status and detail by host and check."""
    output = io.StringIO()
    with serving(*hosts.values()) as https, contextlib.redirect_stdout(output):
        terminal = Terminal(world=World(), stack=stack, https=https, options={"as_json": True})
        code = terminal.run(smoke)
    results = json.loads(output.getvalue())["checks"]
    return code, {(each["host"], each["check"]): (each["status"], each["detail"]) for each in results}


def test_all_is_well() -> None:
    code, results = run(sites())
    assert {status for status, _ in results.values()} <= {"passed", "skipped"}
    assert code is ExitCode.SUCCESS
    assert results[WEB, "cached asset"] == ("passed", f"{ASSET}: Hit from cloudfront")
    assert results[ORIGIN, BOTH_TLS] == ("passed", "1.0, 1.1 refused")
    assert results[WEB, "TLS 1.3 only"] == ("passed", "1.0, 1.1, 1.2 refused")
    # Through both hosts and both origins.
    assert [host for host, check in results if check == "health: /health"] == [WEB, API, ORIGIN, STANDBY]


def _set(host: str, **changes: object) -> Callable[[dict[str, Site]], None]:
    def change(hosts: dict[str, Site]) -> None:
        hosts[host] = replace(hosts[host], **changes)  # pyright: ignore[reportArgumentType]

    return change


def _answers(
    host: str, path: str, status: int = 200, body: str = "", **headers: str
) -> Callable[[dict[str, Site]], None]:
    """Return the change of one answer; `headers` have underscores, an empty one is left out."""

    def change(hosts: dict[str, Site]) -> None:
        _, old, old_body = hosts[host].answers.get(path, (0, {}, ""))
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        merged = {name: value for name, value in {**old, **named}.items() if value}
        hosts[host] = replace(hosts[host], answers={**hosts[host].answers, path: (status, merged, body or old_body)})

    return change


FAULTS: dict[str, tuple[Callable[[dict[str, Site]], None], str, str, str]] = {
    "the API is down": (_answers(API, "/health", 503), API, "health: /health", "status 503, not 200"),
    "the page is missing": (_answers(WEB, "/", 403), WEB, "page: /", "status 403, not 200"),
    "the page is no page": (
        _answers(WEB, "/", Content_Type="application/xml"),
        WEB,
        "page: /",
        "content type application/xml",
    ),
    "CloudFront speaks TLS 1.2": (_set(API, versions=(V1_2, V1_3)), API, "TLS 1.3 only", "1.2 is accepted"),
    "the origin speaks TLS 1.1": (
        _set(ORIGIN, versions=(V1_1, V1_3)),
        ORIGIN,
        BOTH_TLS,
        "1.1 is accepted",
    ),
    "the origin speaks TLS 1.0": (_set(ORIGIN, versions=(V1, V1_3)), ORIGIN, BOTH_TLS, "1.0 is accepted"),
    "the origin lacks TLS 1.2": (_set(ORIGIN, versions=(V1_3, V1_3)), ORIGIN, BOTH_TLS, "1.2: TLS: "),
    "no HSTS": (
        _answers(WEB, "/", Strict_Transport_Security=""),
        WEB,
        "security headers",
        "strict-transport-security: missing",
    ),
    "a frame is allowed": (
        _answers(API, "/health", X_Frame_Options="SAMEORIGIN"),
        API,
        "security headers",
        "x-frame-options: SAMEORIGIN",
    ),
    "no policy of contents": (
        _answers(WEB, "/", Content_Security_Policy=""),
        WEB,
        "security headers",
        "content-security-policy: missing",
    ),
    "WAF is off": (_set(WEB, blocks=False), WEB, "blocked: SQL injection", "status 404, not 403"),
    "the origin is open": (_answers(ORIGIN, "/api/", 200), ORIGIN, "refused without CloudFront", "status 200, not 403"),
    "assets aren't cached": (
        _answers(WEB, ASSET, X_Cache="Miss from cloudfront"),
        WEB,
        "cached asset",
        "Miss from cloudfront",
    ),
    "assets aren't kept": (
        _answers(WEB, ASSET, Cache_Control="no-cache"),
        WEB,
        "cached asset",
        "cache-control no-cache",
    ),
}


@pytest.mark.parametrize(("change", "host", "check", "detail"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found(change: Callable[[dict[str, Site]], None], host: str, check: str, detail: str) -> None:
    hosts = sites()
    change(hosts)
    code, results = run(hosts)
    assert results[host, check][0] == "failed"
    assert detail in results[host, check][1]
    assert code is ExitCode.CHECK_FAILED


def test_a_host_that_is_down_is_no_refusal_of_tls() -> None:
    hosts = sites()
    del hosts[API]
    code, results = run(hosts)
    assert code is ExitCode.CHECK_FAILED
    assert {status for (host, _), (status, _) in results.items() if host == API} == {"failed"}


def test_a_certificate_for_another_host_is_refused() -> None:
    """The server for `api` answers with its certificate for requests of `origin`."""
    hosts = sites()
    with serving(hosts[API]) as https:
        to_api = https.resolve(API)

        def resolve(_host: str) -> tuple[str, int]:
            return to_api

        answer = replace(https, resolve=resolve).get(ORIGIN, "/health")
    assert answer.status == 0
    assert answer.problem.startswith("TLS: ")
    assert "doesn't match" in answer.problem


def test_trouble_in_the_other_region_is_a_warning() -> None:
    """A release of production isn't rolled back because dr is down."""
    hosts = sites()
    del hosts[STANDBY]
    code, results = run(hosts)
    assert code is ExitCode.SUCCESS
    assert results[STANDBY, "health: /health"][0] == "warning"


def test_the_recovery_stack_is_checked_on_its_own_host() -> None:
    hosts = sites()
    only = {STANDBY: hosts[STANDBY]}
    code, results = run(only, "dr")
    assert code is ExitCode.SUCCESS
    assert {host for host, _ in results} == {STANDBY}
    code, _ = run({}, "dr")
    assert code is ExitCode.CHECK_FAILED


def test_the_table_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(*sites().values()) as https:
        Terminal(world=World(), https=https).run(smoke)
    output = capsys.readouterr().out
    assert "✓  api.taskflow.app" in output
    assert output.splitlines()[-1].startswith("✓ taskflow-production: ")


def test_every_check_has_one_row() -> None:
    terminal = Terminal(world=World())
    names = [(each.host, each.name) for each in terminal.run_with(checks)]
    assert len(names) == len(set(names))
