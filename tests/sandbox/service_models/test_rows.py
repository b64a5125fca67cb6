"""The tables agree with the SDK and with the installed botocore: properties, members, sentences and patterns."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import regex

from sandbox.service_models import check, models
from sandbox.service_models.documented import LIMITS
from sandbox.service_models.models import ModelError, Shape, request_shape, service_model
from sandbox.service_models.operations import ROWS, operations
from sandbox.service_models.row import NoRequest, Request
from sandbox.shapes import Field, resource_shape

REQUESTS = {token: row for token, row in ROWS.items() if isinstance(row, Request)}
every_request = pytest.mark.parametrize("token", sorted(REQUESTS))


@every_request
def test_each_property_of_a_row_is_one_of_the_sdks(token: str) -> None:
    row = REQUESTS[token]
    fields = resource_shape(token).inputs
    unknown = [name for name in (*row.names, *row.hidden, *row.unset_by_zero) if not _is_property(name, fields)]
    # What nests in itself or stands in a JSON document has no path in the SDK's types.
    assert not [name for name in unknown if not name.startswith("*.")]


def _is_property(path: str, fields: Mapping[str, Field]) -> bool:
    first, _, rest = path.partition(".")
    if first not in fields:
        return False
    shape = fields[first].shape
    while shape.of:
        shape = shape.of
    return not rest or bool(shape.fields and _is_property(rest, shape.fields))


@every_request
def test_each_member_of_a_row_is_one_of_the_models(token: str) -> None:
    row = REQUESTS[token]
    for name, target in row.names.items():
        if target and "." not in name.removeprefix("*."):
            operation, _, path = target.rpartition(":")
            root = request_shape(row.service, operation or row.operation)
            assert name.startswith("*.") or _has_member(root, path), (name, target)
    for member in row.provided:
        operation, _, path = member.rpartition(":")
        root = request_shape(row.service, operation or row.operation)
        assert member.startswith("*.") or _has_member(root, path), member


def _has_member(shape: Shape, path: str) -> bool:
    while shape.kind == "list" and shape.of:
        shape = shape.of
    first, _, rest = path.partition(".")
    if shape.kind == "map" and shape.key:
        return not rest and (not shape.key.values or first in shape.key.values)
    return first in shape.members and (not rest or _has_member(shape.members[first], rest))


def test_a_type_without_a_request_says_why() -> None:
    for token, row in ROWS.items():
        assert not isinstance(row, NoRequest) or len(row.reason) > 20, token


def test_an_operation_that_botocore_does_not_have_is_refused() -> None:
    with pytest.raises(ModelError, match="wafv2 has no operation CreateAcl"):
        models.compiled_operation(service_model("wafv2"), "CreateAcl")
    with pytest.raises(ModelError, match="no model of the service 'waf3'"):
        service_model("waf3")


# Every pattern that a member of the table's operations has.


def test_every_pattern_compiles() -> None:
    """None is left out. Those of Application Auto Scaling would be: they spell characters as UTF-16 does."""
    refused = {pattern: str(error) for pattern in sorted(_patterns()) if (error := _error(pattern))}
    assert refused == {}
    assert len(_patterns()) > 100


def test_without_the_rewriting_one_pattern_would_not_compile() -> None:
    model = service_model("application-autoscaling")
    refused = {s["pattern"] for s in model["shapes"].values() if "pattern" in s and _error(s["pattern"])}
    assert refused == {r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*"}
    (rewritten,) = map(models.readable, refused)
    assert check.matches(rewritten, "service/taskflow \N{GRINNING FACE}")
    assert not check.matches(rewritten, "a\x00")


def _error(pattern: str) -> Exception | None:
    try:
        regex.compile(pattern)
    except regex.error as error:
        return error
    return None


def _patterns() -> set[str]:
    found: set[str] = set()
    for service, operation in operations():
        compiled = models.compiled_operation(_model(service), operation)
        found |= {shape["pattern"] for shape in compiled["shapes"].values() if "pattern" in shape}
    return found | {limit.pattern for limits in LIMITS.values() for limit in limits.values() if limit.pattern}


_models: dict[str, Mapping[str, Any]] = {}


def _model(service: str) -> Mapping[str, Any]:
    if service not in _models:
        _models[service] = service_model(service)
    return _models[service]


@pytest.mark.parametrize(
    ("pattern", "text", "whole"),
    [
        (r"[a-z]+", "taskflow", True),
        (r"[a-z]+", "taskflow!", False),  # most patterns have no anchors
        (r"^[a-z]+$", "taskflow\n", False),
        (r"[\w]*", "tâches", False),  # Java's \w is ASCII
        (r"[\p{L}\w]*", "tâches", True),
        (r"(ERROR|INFO)", "INFO", True),
    ],
)
def test_a_pattern_matches_the_whole_text_as_java_would(pattern: str, text: str, *, whole: bool) -> None:
    assert check.matches(pattern, text) is whole


# Limits in words.


@pytest.mark.parametrize("service", sorted(LIMITS))
def test_each_limit_in_words_is_in_the_installed_models_documentation(service: str) -> None:
    shapes = _model(service)["shapes"]
    for name, limit in LIMITS[service].items():
        structure, member, *_ = name.split(".")
        of = shapes[structure]["members"][member]
        said = [of, shapes[of["shape"]], shapes[structure]]
        text = " ".join(_plain(str(shape.get("documentation", ""))) for shape in said)
        assert limit.sentence in text, f"{service} {name}: {text}"


def _plain(documentation: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", documentation)))


def test_each_limit_in_words_belongs_to_an_operation_of_the_table() -> None:
    used = {f"{service} {name}" for service, operation in operations() for name in _structures(service, operation)}
    for service, limits in LIMITS.items():
        for name in limits:
            assert f"{service} {name.split('.')[0]}" in used, name


def _structures(service: str, operation: str) -> Iterator[str]:
    yield from models.compiled_operation(_model(service), operation)["shapes"]


# The files in the cache.


def test_the_cache_is_made_once_and_needs_no_botocore_after(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    models.make(["sns.Subscribe", "sns.CreateTopic"])
    folder = tmp_path / "taskflow-sandbox" / f"service-models-{models.FORMAT}" / f"botocore-{models.version()}"
    assert sorted(file.name for file in folder.iterdir()) == ["sns.CreateTopic.json", "sns.Subscribe.json"]
    assert json.loads((folder / "sns.Subscribe.json").read_text())["root"] == "SubscribeInput"
