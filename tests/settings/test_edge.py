"""Who has an edge: the stack that owns the domain, whole and in its one region; the recovery stack has none of it."""

import pytest

from tests.settings.support import ABSENT, Change, as_data, changed, refusal, told, whole_text

EDGE = as_data("production")["taskflow:cloudfront"]


@pytest.mark.parametrize(
    ("stack", "changes", "path", "allowed"),
    [
        ("production", {"taskflow:cloudfront": ABSENT}, "taskflow:cloudfront", "a block of priceClass"),
        ("production", {"taskflow:waf.webACL": ABSENT}, "taskflow:waf.webACL", "the name of CloudFront's web ACL"),
        ("production", {"taskflow:waf.bodyLimit": ABSENT}, "taskflow:waf.bodyLimit", "the bytes of a body"),
        ("dr", {"taskflow:waf.webACL": "an-acl"}, "taskflow:waf.webACL", "nothing: this stack has no CloudFront"),
        ("dr", {"taskflow:waf.bodyLimit": 8192}, "taskflow:waf.bodyLimit", "nothing: this stack has no CloudFront"),
        ("dr", {"taskflow:cloudfront": EDGE}, "taskflow:cloudfront", "nothing: CloudFront is the other stack's"),
    ],
)
def test_what_belongs_to_the_other_stack_or_is_missing_is_told(
    stack: str, changes: dict[str, Change], path: str, allowed: str
) -> None:
    problems = told(refusal(changed(as_data(stack), changes), stack=stack))
    assert path in problems
    assert allowed in whole_text(problems[path])


def test_what_was_left_out_is_said_to_be_not_set() -> None:
    """Not `null`, which nobody wrote."""
    refused = refusal(changed(as_data("production"), {"taskflow:cloudfront": ABSENT}))
    assert "was:     not set" in str(refused)


@pytest.mark.parametrize("domain", ["taskflow.app", "tasks.taskflow.app"])
def test_a_domain_in_the_zone_is_accepted(domain: str) -> None:
    problems = told(refusal(changed(as_data("production"), {"taskflow:environment.domain": domain, "taskflow:x": 1})))
    assert list(problems) == ["taskflow:x"], "nothing but the key that nobody knows"
