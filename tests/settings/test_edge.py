"""The stack that owns the domain has CloudFront, completely and in its region; the recovery stack has none of it."""

import pytest

from tests.settings.support import ABSENT, Change, as_data, changed, full_text, problems_by_path, settings_error

EDGE = as_data("production")["taskflow:cloudfront"]


@pytest.mark.parametrize(
    ("stack", "changes", "path", "allowed"),
    [
        ("production", {"taskflow:cloudfront": ABSENT}, "taskflow:cloudfront", "a block of priceClass"),
        ("production", {"taskflow:waf.webACL": ABSENT}, "taskflow:waf.webACL", "the name of CloudFront's web ACL"),
        ("production", {"taskflow:waf.bodyLimit": ABSENT}, "taskflow:waf.bodyLimit", "the largest body in bytes"),
        ("dr", {"taskflow:waf.webACL": "an-acl"}, "taskflow:waf.webACL", "nothing: this stack has no CloudFront"),
        ("dr", {"taskflow:waf.bodyLimit": 8192}, "taskflow:waf.bodyLimit", "nothing: this stack has no CloudFront"),
        ("dr", {"taskflow:cloudfront": EDGE}, "taskflow:cloudfront", "nothing: CloudFront stays in production"),
    ],
)
def test_a_missing_or_forbidden_edge_setting_is_reported(
    stack: str, changes: dict[str, Change], path: str, allowed: str
) -> None:
    problems = problems_by_path(settings_error(changed(as_data(stack), changes), stack=stack))
    assert path in problems
    assert allowed in full_text(problems[path])


def test_an_absent_setting_is_shown_as_not_set() -> None:
    """Not as `null`, its default."""
    error = settings_error(changed(as_data("production"), {"taskflow:cloudfront": ABSENT}))
    assert "value:   not set" in str(error)


@pytest.mark.parametrize("domain", ["taskflow.app", "tasks.taskflow.app"])
def test_a_domain_in_the_zone_is_accepted(domain: str) -> None:
    problems = problems_by_path(
        settings_error(changed(as_data("production"), {"taskflow:environment.domain": domain, "taskflow:x": 1}))
    )
    assert list(problems) == ["taskflow:x"], "only the unknown key"
