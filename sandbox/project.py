"""A Pulumi project, and the stack file that the sandbox generates from its owner's."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, cast

import yaml

from sandbox.stack_file import Entry, read_settings
from sandbox.values import Value

PLACEHOLDER = "Placeholder0Placeholder0Placeholder0"
MAP = "tag:yaml.org,2002:map"


@dataclass(frozen=True, kw_only=True)
class Project:
    """A Pulumi project as it stands in its folder."""

    folder: Path
    policies: Path | None = None
    # Where the stack files stand, if not beside the program.
    stack_files: Path | None = None
    # Flat secret settings (full keys) that each stack needs, and that stand in no committed file.
    secrets: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    # What stands in for those of them for which the usual placeholder won't do.
    placeholders: Mapping[str, str] = field(default_factory=dict[str, str])
    # Modules that the program will import, to be loaded while the CLI starts.
    modules: Sequence[str] = ()

    def stack_file(self, stack: str) -> Path:
        """Give the owner's stack file."""
        return (self.stack_files or self.folder) / f"Pulumi.{stack}.yaml"


@dataclass(frozen=True, kw_only=True)
class Encrypted:
    """A stack's secret settings as the CLI encrypted them, so that it isn't asked again for the same values."""

    values: Mapping[str, str]
    nodes: Sequence[Entry]
    salt: Entry

    @classmethod
    def in_file(cls, file: Path, values: Mapping[str, str]) -> Self:
        """Take the secret settings `values` from a stack file."""
        root = cast("yaml.MappingNode", yaml.compose(file.read_text(), Loader=yaml.SafeLoader))
        config = cast("yaml.MappingNode", _entry(root, "config"))
        (salt,) = (entry for entry in root.value if entry[0].value == "encryptionsalt")
        return cls(values=values, nodes=[entry for entry in config.value if entry[0].value in values], salt=salt)

    def beside(self, text: str) -> str:
        """Give a generated stack file's text with the secret settings in it."""
        root = cast("yaml.MappingNode", yaml.compose(text, Loader=yaml.SafeLoader))
        cast("yaml.MappingNode", _entry(root, "config")).value.extend(self.nodes)
        root.value.append(self.salt)
        return yaml.serialize(root)


def generated_settings(project: Project, stack: str) -> tuple[str, dict[str, str]]:
    """Give the stack's file without its owner's secrets: (YAML text, placeholders of the secret settings).

    The owner's keys stay out, so that a file encrypted by a key far away can be read here; each secret, those that
    stand in no file yet included, has a placeholder. A secret inside a block makes the whole block secret, as it does
    with the owner's file. The text is edited as nodes: every other value is written as its owner wrote it.
    StackFileError when the owner's file can't be read as settings.
    """
    hidden: dict[str, str] = {}
    kept: list[Entry] = []
    for key, value in read_settings(project.stack_file(stack)):
        if _hides(value):
            shown = _shown(value)
            hidden[str(key.value)] = shown if isinstance(shown, str) else json.dumps(shown)
        else:
            kept.append((key, value))
    present = {str(key.value) for key, _ in kept}
    lacking = [key for key in project.secrets.get(stack, ()) if key not in present and key not in hidden]
    hidden |= {key: project.placeholders.get(key, PLACEHOLDER) for key in lacking}
    return yaml.serialize(_mapping(_scalar("config"), yaml.MappingNode(MAP, kept, flow_style=False))), hidden


def _mapping(key: yaml.Node, value: yaml.Node) -> yaml.MappingNode:
    return yaml.MappingNode(MAP, [(key, value)], flow_style=False)


def _scalar(text: str) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", text)


def _entry(node: yaml.Node | None, name: str) -> yaml.Node | None:
    entries = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in entries if key.value == name), None)


def _hides(node: yaml.Node) -> bool:
    if isinstance(node, yaml.MappingNode):
        return _entry(node, "secure") is not None or any(_hides(value) for _, value in node.value)
    return isinstance(node, yaml.SequenceNode) and any(_hides(item) for item in node.value)


def _shown(node: yaml.Node) -> Value:
    if isinstance(node, yaml.MappingNode):
        if _entry(node, "secure") is not None:
            return PLACEHOLDER
        return {str(key.value): _shown(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_shown(item) for item in node.value]
    return yaml.safe_load(yaml.serialize(node))
