"""The JSON Schema of a stack file, for editors: `python -m settings.schema [--check]` writes or compares it.

It is made from the models, and says what a schema can say; the checks between fields are parse's alone.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import WithDefaultSchema

from settings.secrets import SECRETS, SecretSetting
from settings.shape import block_at, names
from settings.stack import PULUMIS_OWN, Settings, keys
from settings.values import JsonSchema

FILE = Path(__file__).parent / "stack.schema.json"

# What Pulumi keeps in a stack file beside the settings.
BESIDE: JsonSchema = {
    "secretsprovider": {
        "type": "string",
        "description": "The key service that encrypts the secrets; written by Pulumi.",
    },
    "encryptedkey": {"type": "string", "description": "The data key, encrypted by secretsprovider; written by Pulumi."},
    "encryptionsalt": {"type": "string", "description": "The salt of a passphrase's key; written by Pulumi."},
    "environment": {"description": "Environments of Pulumi ESC that this stack imports."},
}


class _Plain(GenerateJsonSchema):
    """Leaves out what says nothing: titles made of names, and null as the default of what may be left out."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002  (Pydantic's own signature)
        return False

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        return {name: value for name, value in made.items() if name != "default" or value is not None}


def schema(declared: Sequence[SecretSetting] = SECRETS) -> JsonSchema:
    """Give the schema of a whole stack file."""
    made = Settings.model_json_schema(schema_generator=_Plain)
    models = cast("dict[str, JsonSchema]", made["$defs"])
    properties: JsonSchema = {}
    required: list[str] = []
    for key, place in keys().items():
        block, name = block_at(Settings, place[:-1]), str(place[-1])
        info = names(block)[name]
        holder = made if block is Settings else models[block.__name__]
        properties[key] = cast("JsonSchema", holder["properties"])[name]
        if info.is_required():
            required.append(key)
    properties |= {secret.key: _secret(secret) for secret in declared}
    properties |= {key: {"description": description} for key, description in PULUMIS_OWN.items()}
    config: JsonSchema = {
        "type": "object",
        "description": "The stack's settings, under full keys.",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    return {
        # The draft that editors' YAML support knows best.
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A stack file of TaskFlow",
        "description": "Made from the settings' models; run the schema command after a change to them.",
        "type": "object",
        "properties": {"config": config, **BESIDE},
        "required": ["config"],
        "additionalProperties": False,
        "$defs": {name: model for name, model in models.items() if name != "Aws"},
    }


def text() -> str:
    """Give the schema file's text."""
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
    """Write the schema file, or with `--check` only compare it: 1 when it isn't the models' any more."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m settings.schema [--check]\n")
        return 2
    name = f"{FILE.parent.name}/{FILE.name}"
    if not arguments:
        FILE.write_text(text())
        sys.stdout.write(f"{name} is written from the models\n")
        return 0
    if FILE.exists() and FILE.read_text() == text():
        sys.stdout.write(f"{name} is current\n")
        return 0
    sys.stderr.write(f"{name} isn't the models' any more: run `make schema` and review the difference\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
