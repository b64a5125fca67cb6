"""The tables of kinds and replacements agree with the SDK's types and with each other."""

import re
import string
from collections.abc import Iterator, Mapping

import pytest

from sandbox.kinds.kind import fill
from sandbox.kinds.table import KINDS
from sandbox.replacements.table import REPLACEMENTS
from sandbox.shapes import resource_shape
from sandbox.values import Value

TYPES = sorted(KINDS)
# Outputs that the provider adds: see world.outputs_of.
ADDED_BY_PROVIDER = {"region", "tags", "tagsAll"}


class AnyInput(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"in-{key}"


CONTEXT: Mapping[str, object] = {
    "hex": "0123456789abcdef0", "hex8": "01234567", "hex32": "0" * 32, "number": "12", "octet": "7", "count": "1",
    "id": "the-id", "account": "111122223333", "region": "eu-west-1", "name": "the-name", "random": "r",
    "in": AnyInput(), "half": "", "reach": "regional", "issuer": "example.com",
}  # fmt: skip


@pytest.mark.parametrize("token", TYPES)
def test_every_property_of_a_row_exists_in_the_sdk(token: str) -> None:
    kind, shape = KINDS[token], resource_shape(token)
    inputs, outputs = set(shape.inputs), set(shape.outputs)
    assert set(kind.outputs) <= outputs - inputs, "a computed output isn't an input"
    assert set(kind.aws_defaults) | set(kind.provider_defaults) <= inputs
    assert kind.empty_outputs <= outputs - inputs
    assert {p for p in (kind.autoname, kind.unique, kind.unique_within, kind.deletion_guard) if p} <= inputs
    assert set(kind.change_errors) <= inputs
    row = REPLACEMENTS[token]
    assert {p.split(".")[0] for p in row.properties | row.added_or_removed} <= inputs


@pytest.mark.parametrize("token", TYPES)
def test_every_computed_output_has_a_template_or_is_empty(token: str) -> None:
    kind, shape = KINDS[token], resource_shape(token)
    computed = set(shape.outputs) - set(shape.inputs) - ADDED_BY_PROVIDER
    assert computed == set(kind.outputs) | kind.empty_outputs
    assert kind.has_tags == ("tagsAll" in shape.outputs)
    assert kind.is_regional == ("region" in shape.inputs)


@pytest.mark.parametrize("token", TYPES)
def test_templates_are_valid_and_arns_have_awss_form(token: str) -> None:
    kind = KINDS[token]
    for text in _texts([kind.id, kind.collision_error, dict(kind.outputs), dict(kind.aws_defaults)]):
        assert not list(string.Formatter().parse(str(fill(text, CONTEXT))))[1:], text
    arn = kind.outputs.get("arn")
    # A secret's version has the secret's ARN, a subscription's ARN starts with its topic's; the ARNs of buckets and
    # health checks have neither region nor account.
    exceptions = ("{in[secretId]}", "{in[topic]}", "arn:aws:s3:::", "arn:aws:route53:::")
    if arn is not None and not str(arn).startswith(exceptions):
        region = "" if not kind.is_regional else "eu-west-1"
        assert re.match(rf"arn:aws:[a-z0-9-]+:{region}:111122223333:\S+$", str(fill(arn, CONTEXT)))


@pytest.mark.parametrize("token", TYPES)
def test_a_unique_name_has_awss_error(token: str) -> None:
    assert bool(KINDS[token].unique) == bool(KINDS[token].collision_error)


def test_every_type_has_a_row_of_replacements_and_every_row_a_source() -> None:
    assert set(REPLACEMENTS) == set(KINDS)
    for token, row in REPLACEMENTS.items():
        assert ".go" in row.source, token
        assert row.properties or "no ForceNew" in row.source, f"{token}: an empty row needs a reason"


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
