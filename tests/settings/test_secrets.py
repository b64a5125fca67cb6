"""Secrets are flat encrypted keys: what is wrong with one is told with the command that mends it, never its value."""

import re

import pytest

from settings.errors import SettingsError, Unshown
from settings.secrets import SECRETS, SecretSetting
from tests.settings.support import as_data, changed, parsed, refusal, told

VALUE = "hunter2-correct-horse"
ORIGIN = SecretSetting(
    key="taskflow:originSecret", purpose="what CloudFront shows to the ALB", stacks=("production", "dr")
)
HOOK = SecretSetting(key="taskflow:pagerUrl", purpose="where alarms go", stacks=("production",), required=False)
DECLARED = (ORIGIN, HOOK)


def _values(**secrets: str) -> dict[str, str]:
    return changed(as_data("production"), {}) | {f"taskflow:{name}": value for name, value in secrets.items()}


def _nowhere(error: SettingsError) -> None:
    """A value is neither in the text, nor in what a debugger or a log would print."""
    assert VALUE not in str(error) + repr(error) + repr(error.problems) + repr(error.args)


def test_encrypted_secrets_are_accepted_and_stand_in_no_settings() -> None:
    settings = parsed(
        _values(originSecret=VALUE, pagerUrl=VALUE), {"taskflow:originSecret", "taskflow:pagerUrl"}, declared=DECLARED
    )
    assert VALUE not in repr(settings) + settings.model_dump_json()


def test_a_lacking_secret_prints_the_command_that_sets_it() -> None:
    error = refusal(_values(), declared=DECLARED)
    assert list(told(error)) == ["taskflow:originSecret"], "the one that isn't required may lack"
    assert "\n              pulumi config set --secret taskflow:originSecret --stack production" in str(error)
    assert "what CloudFront shows to the ALB" in str(error)


def test_a_secret_in_plain_text_is_refused_without_its_value() -> None:
    error = refusal(_values(originSecret=VALUE), declared=DECLARED)
    assert told(error)["taskflow:originSecret"].value is Unshown.HIDDEN
    assert "pulumi config set --secret taskflow:originSecret --stack production" in str(error)
    _nowhere(error)


def test_one_that_isnt_required_is_refused_in_plain_text_too() -> None:
    error = refusal(_values(originSecret=VALUE, pagerUrl=VALUE), {"taskflow:originSecret"}, declared=DECLARED)
    assert list(told(error)) == ["taskflow:pagerUrl"]
    _nowhere(error)


def test_an_empty_secret_is_refused() -> None:
    error = refusal(_values(originSecret=" "), {"taskflow:originSecret"}, declared=DECLARED)
    assert list(told(error)) == ["taskflow:originSecret"]


@pytest.mark.parametrize("value", ["a" * 31, "a" * 129, "a" * 31 + "*", "a" * 31 + "-", " " + "a" * 40])
def test_a_header_that_the_load_balancer_would_read_otherwise_is_refused(value: str) -> None:
    """Wildcards, case and length: it takes letters and digits, long enough for that; and the value isn't shown."""
    declared = [secret for secret in SECRETS if secret.key == "taskflow:originSecret"]
    error = refusal(_values(originSecret=value), {"taskflow:originSecret"}, declared=declared)
    problem = told(error)["taskflow:originSecret"]
    assert problem.value is Unshown.HIDDEN
    assert "32 to 128 letters and digits" in problem.allowed
    assert value not in str(error)


@pytest.mark.parametrize("value", ["a" * 32, "A1" * 64])
def test_a_header_of_letters_and_digits_is_accepted(value: str) -> None:
    declared = [secret for secret in SECRETS if secret.key == "taskflow:originSecret"]
    parsed(_values(originSecret=value), {"taskflow:originSecret"}, declared=declared)


@pytest.mark.parametrize(
    "value",
    [
        "http://events.pagerduty.com/integration/key/enqueue",
        "https://pagerduty",
        "events.pagerduty.com/integration/key/enqueue",
        "https://events.pagerduty.com/v2/enqueue",
        "https://events.pagerduty.com.example/integration/key/enqueue",
        "https://hooks.slack.com/services/key",
    ],
)
def test_pagerdutys_address_is_an_https_one(value: str) -> None:
    declared = [secret for secret in SECRETS if secret.key == "taskflow:pagerDutyUrl"]
    error = refusal(_values(pagerDutyUrl=value), {"taskflow:pagerDutyUrl"}, declared=declared)
    assert "an https address" in told(error)["taskflow:pagerDutyUrl"].allowed
    assert value not in str(error)


def test_both_stacks_have_their_secrets_and_may_have_another_origins_while_it_is_rotated() -> None:
    assert {(secret.key, secret.stacks, secret.required) for secret in SECRETS} == {
        ("taskflow:originSecret", ("production", "dr"), True),
        ("taskflow:originSecretPrevious", ("production", "dr"), False),
        ("taskflow:pagerDutyUrl", ("production", "dr"), True),
    }
    assert all(re.fullmatch(secret.pattern, secret.placeholder) for secret in SECRETS)


def test_an_unknown_secret_is_refused_with_the_nearest_name() -> None:
    """A misspelt one is told of once, not also as lacking its right name."""
    error = refusal(_values(orignSecret=VALUE), {"taskflow:orignSecret"}, declared=DECLARED)
    assert "did you mean taskflow:originSecret?" in told(error)["taskflow:orignSecret"].hint
    _nowhere(error)


def test_an_unknown_key_in_plain_text_may_be_a_secret_too() -> None:
    error = refusal(_values(password=VALUE))
    assert list(told(error)) == ["taskflow:password"]
    _nowhere(error)


def test_another_stacks_secret_is_refused() -> None:
    values = changed(as_data("dr"), {}) | {"taskflow:originSecret": VALUE, "taskflow:pagerUrl": VALUE}
    error = refusal(values, {"taskflow:originSecret", "taskflow:pagerUrl"}, stack="dr", declared=DECLARED)
    assert "a secret of production only, not of dr" in told(error)["taskflow:pagerUrl"].hint
    _nowhere(error)


@pytest.mark.parametrize(
    "key", ["taskflow:network", "taskflow:environment", "aws:defaultTags", "aws:region", "aws:profile"]
)
def test_a_secret_where_plain_values_belong_is_refused_and_nothing_of_it_is_read(key: str) -> None:
    """The block's other mistakes would have to be told by value, and so would a neighbour's."""
    values = changed(as_data("production"), {key: {"cidrBlock": VALUE, "domain": VALUE, VALUE: VALUE}})
    error = refusal(values, {key})
    assert list(told(error)) == [key], "it isn't also said to lack"
    assert "pulumi config set --secret taskflow:NAME --stack STACK" in str(error)
    _nowhere(error)


def test_a_value_under_an_unknown_name_in_a_block_isnt_shown() -> None:
    """Someone may have put a password there."""
    error = refusal(changed(as_data("production"), {"taskflow:environment.password": VALUE}))
    assert list(told(error)) == ["taskflow:environment.password"]
    _nowhere(error)


def test_the_projects_own_secrets_are_keys_of_the_project_and_of_known_stacks() -> None:
    """The commands that are printed from them must work."""
    assert len({secret.key for secret in SECRETS}) == len(SECRETS)
    for secret in SECRETS:
        assert secret.key.startswith("taskflow:")
        assert set(secret.stacks) <= {"production", "dr"}
        assert secret.purpose
