"""Secrets are flat encrypted keys: a problem has the command that solves it, never the value."""

import re

import pytest

from settings.errors import NoValue, SettingsError
from settings.secrets import SECRETS, SecretSetting
from tests.settings.support import as_data, changed, parsed, problems_by_path, settings_error

VALUE = "hunter2-correct-horse"
ORIGIN = SecretSetting(key="taskflow:originSecret", purpose="the header of CloudFront", stacks=("production", "dr"))
HOOK = SecretSetting(key="taskflow:pagerUrl", purpose="the URL for alarms", stacks=("production",), required=False)
DECLARED = (ORIGIN, HOOK)


def _values(**secrets: str) -> dict[str, str]:
    return changed(as_data("production"), {}) | {f"taskflow:{name}": value for name, value in secrets.items()}


def _assert_hidden(error: SettingsError) -> None:
    """The value is neither in the text, nor in the output of a debugger or a log."""
    assert VALUE not in str(error) + repr(error) + repr(error.problems) + repr(error.args)


def test_encrypted_secrets_are_accepted_and_not_in_the_settings() -> None:
    settings = parsed(
        _values(originSecret=VALUE, pagerUrl=VALUE), {"taskflow:originSecret", "taskflow:pagerUrl"}, declared=DECLARED
    )
    assert VALUE not in repr(settings) + settings.model_dump_json()


def test_a_missing_secret_has_the_command_that_sets_it() -> None:
    error = settings_error(_values(), declared=DECLARED)
    assert list(problems_by_path(error)) == ["taskflow:originSecret"], "the other one is optional"
    assert "\n              pulumi config set --secret taskflow:originSecret --stack production" in str(error)
    assert "the header of CloudFront" in str(error)


def test_a_secret_in_plain_text_is_rejected_without_its_value() -> None:
    error = settings_error(_values(originSecret=VALUE), declared=DECLARED)
    assert problems_by_path(error)["taskflow:originSecret"].value is NoValue.HIDDEN
    assert "pulumi config set --secret taskflow:originSecret --stack production" in str(error)
    _assert_hidden(error)


def test_an_optional_secret_is_rejected_in_plain_text_too() -> None:
    error = settings_error(_values(originSecret=VALUE, pagerUrl=VALUE), {"taskflow:originSecret"}, declared=DECLARED)
    assert list(problems_by_path(error)) == ["taskflow:pagerUrl"]
    _assert_hidden(error)


def test_an_empty_secret_is_rejected() -> None:
    error = settings_error(_values(originSecret=" "), {"taskflow:originSecret"}, declared=DECLARED)
    assert list(problems_by_path(error)) == ["taskflow:originSecret"]


@pytest.mark.parametrize("value", ["a" * 31, "a" * 129, "a" * 31 + "*", "a" * 31 + "-", " " + "a" * 40])
def test_a_header_that_the_load_balancer_interprets_is_rejected(value: str) -> None:
    """It knows wildcards and ignores case, so only letters and digits are allowed; the value isn't shown."""
    declared = [secret for secret in SECRETS if secret.key == "taskflow:originSecret"]
    error = settings_error(_values(originSecret=value), {"taskflow:originSecret"}, declared=declared)
    problem = problems_by_path(error)["taskflow:originSecret"]
    assert problem.value is NoValue.HIDDEN
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
def test_pagerdutys_url_is_https(value: str) -> None:
    declared = [secret for secret in SECRETS if secret.key == "taskflow:pagerDutyUrl"]
    error = settings_error(_values(pagerDutyUrl=value), {"taskflow:pagerDutyUrl"}, declared=declared)
    assert "an https URL" in problems_by_path(error)["taskflow:pagerDutyUrl"].allowed
    assert value not in str(error)


def test_both_stacks_have_the_same_secrets() -> None:
    assert {(secret.key, secret.stacks, secret.required) for secret in SECRETS} == {
        ("taskflow:originSecret", ("production", "dr"), True),
        ("taskflow:originSecretPrevious", ("production", "dr"), False),
        ("taskflow:pagerDutyUrl", ("production", "dr"), True),
    }
    assert all(re.fullmatch(secret.pattern, secret.placeholder) for secret in SECRETS)


def test_an_unknown_secret_is_rejected_with_the_nearest_name() -> None:
    """It is reported once, not also as missing under its right name."""
    error = settings_error(_values(orignSecret=VALUE), {"taskflow:orignSecret"}, declared=DECLARED)
    assert "did you mean taskflow:originSecret?" in problems_by_path(error)["taskflow:orignSecret"].hint
    _assert_hidden(error)


def test_an_unknown_key_in_plain_text_may_be_a_secret_too() -> None:
    error = settings_error(_values(password=VALUE))
    assert list(problems_by_path(error)) == ["taskflow:password"]
    _assert_hidden(error)


def test_another_stacks_secret_is_rejected() -> None:
    values = changed(as_data("dr"), {}) | {"taskflow:originSecret": VALUE, "taskflow:pagerUrl": VALUE}
    error = settings_error(values, {"taskflow:originSecret", "taskflow:pagerUrl"}, stack="dr", declared=DECLARED)
    assert "a secret of production, not of dr" in problems_by_path(error)["taskflow:pagerUrl"].hint
    _assert_hidden(error)


@pytest.mark.parametrize(
    "key", ["taskflow:network", "taskflow:environment", "aws:defaultTags", "aws:region", "aws:profile"]
)
def test_a_secret_in_a_block_is_rejected_and_the_block_is_not_read(key: str) -> None:
    """Other problems of the block would show its values."""
    values = changed(as_data("production"), {key: {"cidrBlock": VALUE, "domain": VALUE, VALUE: VALUE}})
    error = settings_error(values, {key})
    assert list(problems_by_path(error)) == [key], "it isn't also reported as missing"
    assert "pulumi config set --secret taskflow:NAME --stack STACK" in str(error)
    _assert_hidden(error)


def test_a_value_under_an_unknown_name_in_a_block_isnt_shown() -> None:
    """It may be a password."""
    error = settings_error(changed(as_data("production"), {"taskflow:environment.password": VALUE}))
    assert list(problems_by_path(error)) == ["taskflow:environment.password"]
    _assert_hidden(error)


def test_the_projects_own_secrets_are_keys_of_the_project_and_of_known_stacks() -> None:
    """So that the printed commands work."""
    assert len({secret.key for secret in SECRETS}) == len(SECRETS)
    for secret in SECRETS:
        assert secret.key.startswith("taskflow:")
        assert set(secret.stacks) <= {"production", "dr"}
        assert secret.purpose
