"""`taskflow smoke`: the checks of one stack and their table."""

from collections.abc import Sequence

from rich.text import Text

from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError
from operations.smoke.checks import (
    ORIGIN_TLS,
    VIEWER_TLS,
    Check,
    Result,
    Status,
    blocked,
    cached_asset,
    closed,
    health,
    page,
    security_headers,
    tls,
)

STYLES = {Status.PASSED: "green", Status.FAILED: "bold red", Status.WARNING: "yellow", Status.SKIPPED: "dim"}
SIGNS = {Status.PASSED: "✓", Status.FAILED: "✗", Status.WARNING: "!", Status.SKIPPED: "-"}


def smoke(context: Context) -> None:
    """Run all checks and print their table; OperationError if one failed."""
    results = results_of(context)
    context.report.table(
        ("", "host", "check", "result"),
        [(Text(SIGNS[each.status], style=STYLES[each.status]), each.host, each.check, each.detail) for each in results],
    )
    context.report.values["checks"] = [vars(each) for each in results]
    summary = summary_of(results)
    if any(each.status is Status.FAILED for each in results):
        raise OperationError(
            f"{context.environment.name} fails its smoke test: {summary}",
            code=ExitCode.CHECK_FAILED,
            advice="After a release: `taskflow rollback`. Otherwise docs/runbooks/outage.md.",
        )
    context.report.done(f"{context.environment.name}: {summary}")


def results_of(context: Context) -> Sequence[Result]:
    """Run the checks of a stack; return their results."""
    return [check.result(context.https, context.clock.sleep) for check in checks(context)]


def summary_of(results: Sequence[Result]) -> str:
    """Return how many checks ended in which way: `14 passed, 1 warning`."""
    counts = {status: sum(each.status is status for each in results) for status in Status}
    warnings = "warning" if counts[Status.WARNING] == 1 else "warnings"
    words = {**{status: str(status) for status in Status}, Status.WARNING: warnings}
    return ", ".join(f"{count} {words[status]}" for status, count in counts.items() if count)


def checks(context: Context) -> Sequence[Check]:
    """Return the checks of a stack: with CloudFront those of the hosts and of both origins, else of its own origin."""
    environment, path = context.environment, context.settings.load_balancer.health.path
    standby = environment.host_name("standby")
    if context.settings.cloudfront is None:
        return (health(standby, path), closed(standby), tls(standby, ORIGIN_TLS))
    web, api, origin = environment.domain, environment.host_name("api"), environment.host_name("origin")
    return (
        page(web),
        health(web, path),
        health(api, path),
        health(origin, path),
        # The other region's trouble is no reason to roll back a release of this one.
        health(standby, path, Status.WARNING),
        closed(origin),
        closed(standby, Status.WARNING),
        security_headers(web, "/"),
        security_headers(api, path),
        *blocked(web),
        *blocked(api),
        cached_asset(web),
        tls(web, VIEWER_TLS),
        tls(api, VIEWER_TLS),
        tls(origin, ORIGIN_TLS),
    )
