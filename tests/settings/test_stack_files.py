"""The committed stack files: both are accepted, and they fit together."""

from ipaddress import IPv4Network

import pytest
import yaml

from tests.settings.as_pulumi import as_pulumi
from tests.settings.support import ROOT, STACKS, as_data, parsed, stack_file


@pytest.mark.parametrize("stack", STACKS)
def test_a_committed_stack_file_is_accepted(stack: str) -> None:
    values, secret_keys = as_pulumi(stack_file(stack))
    assert not secret_keys, "no secret is committed"
    settings = parsed(values, stack=stack)
    assert settings.aws.account == "987654321098", "the document's account"
    assert settings.environment.domain == "taskflow.app", "the document's domain"
    assert settings.network.flow_logs.retention_in_days == 90, "the document's figure for logs"
    ports = settings.network.ports
    assert (ports.service, ports.database, ports.cache) == (3001, 5432, 6379), "the document's security groups"


def test_each_stack_is_in_its_region() -> None:
    regions = {stack: parsed(as_pulumi(stack_file(stack))[0], stack=stack).aws.region for stack in STACKS}
    assert regions == {"production": "us-east-1", "dr": "us-west-2"}


def test_the_two_networks_can_be_peered() -> None:
    """Their ranges don't overlap, and each names the other's among its peers."""
    production, dr = (parsed(as_pulumi(stack_file(stack))[0], stack=stack).network for stack in STACKS)
    assert not IPv4Network(production.cidr_block).overlaps(IPv4Network(dr.cidr_block))
    assert production.peer_cidrs == (dr.cidr_block,)
    assert dr.peer_cidrs == (production.cidr_block,)


def test_the_two_files_differ_only_in_what_belongs_to_a_stack() -> None:
    """A setting added to one file and forgotten in the other shows here."""
    production, dr = as_data("production"), as_data("dr")
    assert list(production) == list(dr)
    own = {"aws:region", "aws:defaultTags", "taskflow:network"}
    assert {key for key in production if production[key] != dr[key]} == own


@pytest.mark.parametrize("stack", STACKS)
def test_the_editors_schema_is_named_directly_above_config(stack: str) -> None:
    """Only there does the line survive when Pulumi writes the file anew."""
    lines = stack_file(stack).splitlines()
    assert lines[lines.index("config:") - 1] == "# yaml-language-server: $schema=settings/stack.schema.json"
    assert (ROOT / "settings/stack.schema.json").is_file()


def test_the_project_file_is_pulumis_and_names_no_backend() -> None:
    """Each stack logs in to the backend in its own region."""
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    assert project["name"] == "taskflow"
    assert project["runtime"] == {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
    assert set(project) == {"name", "description", "runtime"}
