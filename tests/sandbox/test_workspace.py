"""The stack file that the sandbox generates: the settings without keys or secrets, and the owner's file only read."""

from pathlib import Path

import pytest
import yaml

from sandbox.project import PLACEHOLDER, Project, generated_settings

OWNERS = """\
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
    (tmp_path / "Pulumi.one.yaml").write_text(OWNERS)
    return Project(folder=tmp_path, secrets={"one": ("small:token", "small:unset")})


def test_the_owners_keys_and_secrets_stay_out(project: Project) -> None:
    text, hidden = generated_settings(project, "one")
    assert "wners" not in text
    assert "secure" not in text
    assert set(yaml.safe_load(text)) == {"config"}
    assert not [value for value in hidden.values() if "wners" in value]


def test_every_other_value_is_written_as_its_owner_wrote_it(project: Project) -> None:
    """A time, a country, an account with a leading zero: what YAML reads into them is the engine's to say."""
    text, _ = generated_settings(project, "one")
    for line in ("small:window: 04:00", "small:country: NO", 'small:account: "0987"', "small:count: 3"):
        assert f"  {line}\n" in text


def test_a_secret_has_a_placeholder_whether_it_was_set_or_not(project: Project) -> None:
    _, hidden = generated_settings(project, "one")
    assert hidden["small:token"] == hidden["small:unset"] == PLACEHOLDER


def test_a_secret_inside_a_block_hides_the_whole_block_as_with_the_owners_file(project: Project) -> None:
    text, hidden = generated_settings(project, "one")
    assert "small:block" not in text
    assert hidden["small:block"] == '{"depth": ["' + PLACEHOLDER + '"], "plain": 1}'


def test_the_owners_file_is_only_read(project: Project) -> None:
    generated_settings(project, "one")
    assert project.stack_file("one").read_text() == OWNERS
