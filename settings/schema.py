"""Writes what is generated from the models: the JSON Schema of a stack file, for editors, and docs/settings.md.

`python -m settings.schema [--check]` writes the files or compares them. Checks between fields aren't in the schema.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import WithDefaultSchema

from settings import reference
from settings.secrets import SECRETS, SecretSetting
from settings.shape import block_at, names
from settings.stack import PULUMI_KEYS, Settings, keys
from settings.values import JsonSchema

FILE = Path(__file__).parent / "stack.schema.json"

# Pulumi's own properties of a stack file.
PULUMI_PROPERTIES: JsonSchema = {
    "secretsprovider": {
        "type": "string",
        "description": "The key service that encrypts the secrets; written by Pulumi.",
    },
    "encryptedkey": {"type": "string", "description": "The data key, encrypted by secretsprovider; written by Pulumi."},
    "encryptionsalt": {"type": "string", "description": "The salt of the passphrase's key; written by Pulumi."},
    "environment": {"description": "Environments of Pulumi ESC that this stack imports."},
}


class _CompactSchema(GenerateJsonSchema):
    """Omits titles made from names, and null as the default of an optional setting."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002  (Pydantic's own signature)
        return False

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        generated = super().default_schema(schema)
        return {name: value for name, value in generated.items() if name != "default" or value is not None}


def schema(declared: Sequence[SecretSetting] = SECRETS) -> JsonSchema:
    """Return the schema of a whole stack file."""
    generated = Settings.model_json_schema(schema_generator=_CompactSchema)
    models = cast("dict[str, JsonSchema]", generated["$defs"])
    properties: JsonSchema = {}
    required: list[str] = []
    for key, location in keys().items():
        block, name = block_at(Settings, location[:-1]), str(location[-1])
        info = names(block)[name]
        model = generated if block is Settings else models[block.__name__]
        properties[key] = cast("JsonSchema", model["properties"])[name]
        if info.is_required():
            required.append(key)
    properties |= {secret.key: _secret(secret) for secret in declared}
    properties |= {key: {"description": description} for key, description in PULUMI_KEYS.items()}
    config: JsonSchema = {
        "type": "object",
        "description": "The stack's settings, under full keys.",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    return {
        # The draft with the best support in editors' YAML extensions.
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A stack file of TaskFlow",
        "description": "Generated from the models in settings/ by `make schema`.",
        "type": "object",
        "properties": {"config": config, **PULUMI_PROPERTIES},
        "required": ["config"],
        "additionalProperties": False,
        "$defs": {name: model for name, model in models.items() if name != "Aws"},
    }


def text() -> str:
    """Return the schema file's text."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _secret(secret: SecretSetting) -> JsonSchema:
    return {
        "type": "object",
        "description": f"Secret, encrypted: {secret.purpose}. Set by `pulumi config set --secret {secret.key}`.",
        "properties": {"secure": {"type": "string"}},
        "required": ["secure"],
        "additionalProperties": False,
    }


def main(arguments: Sequence[str]) -> int:
    """Write the generated files, or with `--check` compare them: 1 if one is out of date."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m settings.schema [--check]\n")
        return 2
    generated: Mapping[Path, Callable[[], str]] = {FILE: text, reference.FILE: reference.markdown}
    outdated = 0
    for file, content in generated.items():
        name = f"{file.parent.name}/{file.name}"
        if not arguments:
            file.write_text(content())
            sys.stdout.write(f"{name} written\n")
        elif file.exists() and file.read_text() == content():
            sys.stdout.write(f"{name} is up to date\n")
        else:
            sys.stderr.write(f"{name} is out of date: run `make schema` and review the difference\n")
            outdated = 1
    return outdated


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
