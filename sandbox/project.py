"""A Pulumi project, and the stack file that the sandbox generates from the committed one."""

import importlib.util
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, cast

import yaml

from sandbox.values import Value
from settings.secrets import SecretSetting
from settings.stack_file import Entry, read_settings

PLACEHOLDER = "Placeholder0Placeholder0Placeholder0"
MAP = "tag:yaml.org,2002:map"


@dataclass(frozen=True, kw_only=True)
class Project:
    """A Pulumi project in its folder."""

    folder: Path
    policies: Path | None = None
    # The folder of the stack files, if it isn't the program's.
    stack_files: Path | None = None
    # The program's secret settings; committed files don't contain them.
    declared: Sequence[SecretSetting] = ()
    # Modules that the program imports; they are loaded while the CLI starts.
    modules: Sequence[str] = ()

    @property
    def stacks(self) -> Sequence[str]:
        """Return the names of the stacks that have a committed stack file."""
        files = (self.stack_files or self.folder).glob("Pulumi.*.yaml")
        return sorted(file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in files)

    def stack_file(self, stack: str) -> Path:
        """Return the path of a committed stack file."""
        return (self.stack_files or self.folder) / f"Pulumi.{stack}.yaml"


class ProjectError(Exception):
    """A folder has no project that the sandbox can open; the message has the reason."""


def read_project(folder: Path, *, modules: Sequence[str] = ()) -> Project:
    """Return the project in a folder: its policy pack in `policies/`, and its secrets from SECRETS in `settings.py`.

    A project needs neither. ProjectError if the folder has no project with a stack file.
    """
    if not (folder / "Pulumi.yaml").is_file():
        raise ProjectError("no such project: the folder has no Pulumi.yaml")
    policies = folder / "policies"
    project = Project(
        folder=folder,
        policies=policies if (policies / "PulumiPolicy.yaml").is_file() else None,
        declared=_declared_secrets(folder / "settings.py"),
        modules=modules,
    )
    if not project.stacks:
        raise ProjectError("the project has no stack file, such as Pulumi.demo.yaml")
    return project


def _declared_secrets(settings: Path) -> Sequence[SecretSetting]:
    if not settings.is_file():
        return ()
    # Under a name of its own: this repository's package is called settings.
    name = f"settings_of_{settings.parent.name}"
    spec = importlib.util.spec_from_file_location(name, settings)
    assert spec  # noqa: S101  # there is one for each file that ends in .py
    assert spec.loader  # noqa: S101
    # Pydantic finds the annotations of a model's fields by its module.
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, "SECRETS", ())


@dataclass(frozen=True, kw_only=True)
class EncryptedSettings:
    """A stack's secret settings as the CLI encrypted them, to reuse for the same values."""

    values: Mapping[str, str]
    nodes: Sequence[Entry]
    salt: Entry

    @classmethod
    def from_file(cls, file: Path, values: Mapping[str, str]) -> Self:
        """Read the encrypted secret settings `values` from a stack file."""
        root = cast("yaml.MappingNode", yaml.compose(file.read_text(), Loader=yaml.SafeLoader))
        config = cast("yaml.MappingNode", _entry(root, "config"))
        (salt,) = (entry for entry in root.value if entry[0].value == "encryptionsalt")
        return cls(values=values, nodes=[entry for entry in config.value if entry[0].value in values], salt=salt)

    def added_to(self, text: str) -> str:
        """Return the text of a generated stack file with the secret settings added."""
        root = cast("yaml.MappingNode", yaml.compose(text, Loader=yaml.SafeLoader))
        cast("yaml.MappingNode", _entry(root, "config")).value.extend(self.nodes)
        root.value.append(self.salt)
        return yaml.serialize(root)


def generate_settings(project: Project, stack: str) -> tuple[str, dict[str, str]]:
    """Return a stack file without secrets: (YAML text, placeholders of the secret settings).

    The encryption keys are left out, so that a file encrypted by a key in AWS can be used here. Every secret has a
    placeholder, also one that isn't set yet. A secret inside a block makes the whole block secret, as Pulumi does.
    All other values keep their YAML text. StackFileError if the committed file can't be read as settings.
    """
    placeholders = {secret.key: secret.placeholder for secret in project.declared}
    secrets: dict[str, str] = {}
    entries: list[Entry] = []
    for key, value in read_settings(project.stack_file(stack)):
        if _has_secret(value):
            plain, name = _with_placeholders(value), str(key.value)
            secrets[name] = placeholders.get(name, PLACEHOLDER) if plain == PLACEHOLDER else json.dumps(plain)
        else:
            entries.append((key, value))
    present = {str(key.value) for key, _ in entries}
    required = [secret for secret in project.declared if secret.required and stack in secret.stacks]
    secrets |= {each.key: each.placeholder for each in required if each.key not in present | secrets.keys()}
    return yaml.serialize(_mapping(_scalar("config"), yaml.MappingNode(MAP, entries, flow_style=False))), secrets


def _mapping(key: yaml.Node, value: yaml.Node) -> yaml.MappingNode:
    return yaml.MappingNode(MAP, [(key, value)], flow_style=False)


def _scalar(text: str) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", text)


def _entry(node: yaml.Node | None, name: str) -> yaml.Node | None:
    entries = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in entries if key.value == name), None)


def _has_secret(node: yaml.Node) -> bool:
    if isinstance(node, yaml.MappingNode):
        return _entry(node, "secure") is not None or any(_has_secret(value) for _, value in node.value)
    return isinstance(node, yaml.SequenceNode) and any(_has_secret(item) for item in node.value)


def _with_placeholders(node: yaml.Node) -> Value:
    if isinstance(node, yaml.MappingNode):
        if _entry(node, "secure") is not None:
            return PLACEHOLDER
        return {str(key.value): _with_placeholders(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_with_placeholders(item) for item in node.value]
    return yaml.safe_load(yaml.serialize(node))
