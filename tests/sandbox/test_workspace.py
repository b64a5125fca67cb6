"""The generated stack file has the settings without keys and secrets; the committed file is only read."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from sandbox.project import PLACEHOLDER, Project, generate_settings
from settings.secrets import SecretSetting

COMMITTED = """\
secretsprovider: awskms://alias/taskflow?region=us-east-1
encryptedkey: AQICAHjOwnersOwnKey
# yaml-language-server: $schema=settings/stack.schema.json
config:
  aws:region: us-east-1
  small:window: 04:00
  small:country: NO
  small:account: "0987"
  small:count: 3
  small:token:
    secure: AAABAOwnersOwnSecret
  small:block:
    depth:
      - secure: AAABAOwnersOtherSecret
    plain: 1
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "Pulumi.one.yaml").write_text(COMMITTED)
    return Project(
        folder=tmp_path,
        declared=[SecretSetting(key=key, purpose="a test", stacks=("one",)) for key in ("small:token", "small:unset")],
    )


def test_encryption_keys_and_secrets_are_left_out(project: Project) -> None:
    text, hidden = generate_settings(project, "one")
    assert "wners" not in text
    assert "secure" not in text
    assert set(yaml.safe_load(text)) == {"config"}
    assert not [value for value in hidden.values() if "wners" in value]


def test_all_other_values_keep_their_yaml_text(project: Project) -> None:
    """A time, a country code, an account with a leading zero: the engine parses them."""
    text, _ = generate_settings(project, "one")
    for line in ("small:window: 04:00", "small:country: NO", 'small:account: "0987"', "small:count: 3"):
        assert f"  {line}\n" in text


def test_a_secret_has_a_placeholder_whether_it_was_set_or_not(project: Project) -> None:
    _, hidden = generate_settings(project, "one")
    assert hidden["small:token"] == hidden["small:unset"] == PLACEHOLDER


def test_a_secret_with_a_pattern_has_the_placeholder_that_fits_whether_it_was_set_or_not(project: Project) -> None:
    fitting = [replace(each, placeholder=f"https://{each.key}") for each in project.declared]
    _, hidden = generate_settings(replace(project, declared=fitting), "one")
    assert (hidden["small:token"], hidden["small:unset"]) == ("https://small:token", "https://small:unset")


def test_a_secret_inside_a_block_makes_the_block_secret(project: Project) -> None:
    text, hidden = generate_settings(project, "one")
    assert "small:block" not in text
    assert hidden["small:block"] == '{"depth": ["' + PLACEHOLDER + '"], "plain": 1}'


def test_the_committed_file_is_unchanged(project: Project) -> None:
    generate_settings(project, "one")
    assert project.stack_file("one").read_text() == COMMITTED
