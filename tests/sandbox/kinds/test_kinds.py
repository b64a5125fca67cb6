"""The tables of what AWS answers agree with the SDK's own types, and with one another."""

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
# The provider adds these by itself: see world.outputs_of.
BY_THEMSELVES = {"region", "tags", "tagsAll"}


class AnyInput(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"in-{key}"


CONTEXT: Mapping[str, object] = {
    "hex": "0123456789abcdef0", "hex8": "01234567", "hex32": "0" * 32, "number": "12", "octet": "7", "id": "the-id",
    "account": "111122223333", "region": "eu-west-1", "name": "the-name", "random": "r", "in": AnyInput(),
    "half": "", "reach": "regional",
}  # fmt: skip


@pytest.mark.parametrize("token", TYPES)
def test_every_property_of_a_row_is_one_of_the_sdks(token: str) -> None:
    kind, shape = KINDS[token], resource_shape(token)
    inputs, outputs = set(shape.inputs), set(shape.outputs)
    assert set(kind.outputs) <= outputs - inputs, "a computed output is no input"
    assert set(kind.answers) | set(kind.defaults) <= inputs
    assert kind.absent <= outputs - inputs
    assert {p for p in (kind.autoname, kind.unique, kind.unique_within, kind.guard) if p} <= inputs
    assert set(kind.unmovable) <= inputs
    row = REPLACEMENTS[token]
    assert {p.split(".")[0] for p in row.properties | row.switched} <= inputs


@pytest.mark.parametrize("token", TYPES)
def test_every_computed_output_has_a_shape_or_is_said_to_be_absent(token: str) -> None:
    kind, shape = KINDS[token], resource_shape(token)
    computed = set(shape.outputs) - set(shape.inputs) - BY_THEMSELVES
    assert computed == set(kind.outputs) | kind.absent
    assert kind.tags == ("tagsAll" in shape.outputs)
    assert kind.regional == ("region" in shape.inputs)


@pytest.mark.parametrize("token", TYPES)
def test_templates_can_be_filled_and_arns_have_awss_form(token: str) -> None:
    kind = KINDS[token]
    for text in _texts([kind.id, kind.collision, dict(kind.outputs), dict(kind.answers)]):
        assert not list(string.Formatter().parse(str(fill(text, CONTEXT))))[1:], text
    arn = kind.outputs.get("arn")
    # A version of a secret goes by its secret's ARN, a subscription begins with its topic's; a bucket's and a health
    # check's have neither region nor account.
    apart = ("{in[secretId]}", "{in[topic]}", "arn:aws:s3:::", "arn:aws:route53:::")
    if arn is not None and not str(arn).startswith(apart):
        region = "" if not kind.regional else "eu-west-1"
        assert re.match(rf"arn:aws:[a-z0-9-]+:{region}:111122223333:\S+$", str(fill(arn, CONTEXT)))


@pytest.mark.parametrize("token", TYPES)
def test_a_unique_name_comes_with_awss_refusal(token: str) -> None:
    assert bool(KINDS[token].unique) == bool(KINDS[token].collision)


def test_every_type_has_a_row_of_replacements_and_every_row_a_source() -> None:
    assert set(REPLACEMENTS) == set(KINDS)
    for token, row in REPLACEMENTS.items():
        assert ".go" in row.source, token
        assert row.properties or "no ForceNew" in row.source, f"{token}: an empty row says what makes it empty"


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
